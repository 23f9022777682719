//! The words of results, and where a value lies in its range.

use crate::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Laboratory,
    Imaging,
    Pathology,
    Vital,
    Other,
}

stored_as_text!(Kind {
    Laboratory = "laboratory",
    Imaging = "imaging",
    Pathology = "pathology",
    Vital = "vital",
    Other = "other",
});

impl Kind {
    /// For which somebody may choose when they are shown; vital signs are taken before one's eyes.
    pub const RELEASED: [Kind; 4] = [Kind::Laboratory, Kind::Imaging, Kind::Pathology, Kind::Other];
}

/// When results of a kind are shown. Nobody but the person chooses (21st Century Cures Act, information blocking).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The moment they are final.
    Now,
    /// When a clinician has written something about them, and after five days at the latest.
    Comment,
    /// What comes between 9 pm and 7 am is shown at 7 am.
    Day,
}

stored_as_text!(Choice { Now = "now", Comment = "comment", Day = "day" });

/// Preliminary values are not shown at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Final,
    Amended,
}

stored_as_text!(Status { Final = "final", Amended = "amended" });

/// Where a value lies in the range that its source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    FarBelow,
    Below,
    Within,
    Above,
    FarAbove,
}

/// Compares a value with a range as given; nothing without one.
///
/// "Slightly" outside is at most a tenth of the limit beyond it: a word about distance, not about health.
pub fn position(value: f64, low: Option<f64>, high: Option<f64>) -> Option<Position> {
    match (low, high) {
        (None, None) => None,
        (Some(low), _) if value < low => Some(if low - value > low.abs() / 10.0 { Position::FarBelow } else { Position::Below }),
        (_, Some(high)) if value > high => Some(if value - high > high.abs() / 10.0 { Position::FarAbove } else { Position::Above }),
        _ => Some(Position::Within),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_placed_in_the_range_that_its_source_gives() {
        assert_eq!(position(5.0, None, None), None);
        assert_eq!(position(4.0, Some(4.0), Some(6.0)), Some(Position::Within));
        assert_eq!(position(6.0, Some(4.0), Some(6.0)), Some(Position::Within));
        assert_eq!(position(6.5, Some(4.0), Some(6.0)), Some(Position::Above));
        assert_eq!(position(6.7, Some(4.0), Some(6.0)), Some(Position::FarAbove));
        assert_eq!(position(3.7, Some(4.0), Some(6.0)), Some(Position::Below));
        assert_eq!(position(3.0, Some(4.0), None), Some(Position::FarBelow));
        assert_eq!(position(3.0, None, Some(6.0)), Some(Position::Within));
        assert_eq!(position(-2.5, Some(-2.0), Some(2.0)), Some(Position::FarBelow));
    }
}
