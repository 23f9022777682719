//! The words of results, where a value lies in its range, what a flag says, and which units are one.

use crate::base::stored::stored_as_text;

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

/// The reason of a value of which its source says nothing at all.
pub const NONE_SENT: &str = "none-sent";

/// Where a value lies in the range that its source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    FarBelow,
    Below,
    Within,
    Above,
    FarAbove,
}

/// What the source says of a value beside its range. Source: HL7 v3-ObservationInterpretation, and v2-0078 before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    Normal,
    High,
    VeryHigh,
    CriticallyHigh,
    Low,
    VeryLow,
    CriticallyLow,
    NotNormal,
    CriticallyNotNormal,
    Positive,
    Negative,
}

impl Flag {
    /// Nothing for codes that say something else, such as resistant or indeterminate.
    pub fn of(code: &str) -> Option<Self> {
        Some(match code {
            "N" => Flag::Normal,
            "H" | "HX" | ">" => Flag::High,
            "HU" => Flag::VeryHigh,
            "HH" => Flag::CriticallyHigh,
            "L" | "LX" | "<" => Flag::Low,
            "LU" => Flag::VeryLow,
            "LL" => Flag::CriticallyLow,
            "A" => Flag::NotNormal,
            "AA" => Flag::CriticallyNotNormal,
            "POS" | "DET" | "RR" => Flag::Positive,
            "NEG" | "ND" | "NR" => Flag::Negative,
            _ => return None,
        })
    }

    /// Whether it says that the value is not where it should be. What was found or not found may be either.
    pub fn is_outside(self) -> bool {
        !matches!(self, Flag::Normal | Flag::Positive | Flag::Negative)
    }

    /// Whether nobody may call the value slightly outside.
    fn is_grave(self) -> bool {
        matches!(self, Flag::VeryHigh | Flag::CriticallyHigh | Flag::VeryLow | Flag::CriticallyLow | Flag::CriticallyNotNormal)
    }

    /// Whether it says something that the place in the range does not.
    pub fn says_more_than(self, position: Position) -> bool {
        match self {
            Flag::Normal => position != Position::Within,
            Flag::NotNormal => position == Position::Within,
            Flag::High => !matches!(position, Position::Above | Position::FarAbove),
            Flag::Low => !matches!(position, Position::Below | Position::FarBelow),
            _ => true,
        }
    }
}

/// "Slightly" outside is at most so much of the range's width beyond its end: sodium 146 of 135 to 145, and not 158.
const SLIGHTLY: f64 = 0.15;
/// A range with one end has no width: there it is at most so much of the end.
const SLIGHTLY_OF_END: f64 = 0.05;

/// Compares a value with a range as given; nothing without one.
///
/// "Slightly" is a word about distance, not about health; where the source's flag is a grave one, nothing is slight.
pub fn position(value: f64, low: Option<f64>, high: Option<f64>, flag: Option<Flag>) -> Option<Position> {
    let slight = match (low, high) {
        _ if flag.is_some_and(Flag::is_grave) => 0.0,
        (Some(low), Some(high)) => (high - low).max(0.0) * SLIGHTLY,
        (Some(end), None) | (None, Some(end)) => end.abs() * SLIGHTLY_OF_END,
        (None, None) => return None,
    };
    match (low, high) {
        (Some(low), _) if value < low => Some(if low - value > slight { Position::FarBelow } else { Position::Below }),
        (_, Some(high)) if value > high => Some(if value - high > slight { Position::FarAbove } else { Position::Above }),
        (None, None) => None,
        _ => Some(Position::Within),
    }
}

/// A value of which only a bound is known: below it, or above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenEnd {
    pub bound: f64,
    pub is_above: bool,
    /// It may be the bound itself.
    pub or_equal: bool,
}

impl OpenEnd {
    /// "<3", ">=640": FHIR's comparators before a number, whether it was sent as a quantity or as words.
    pub fn of(shown: &str) -> Option<Self> {
        let is_above = shown.starts_with(['>', '≥']);
        let rest = shown.strip_prefix(['<', '>', '≤', '≥'])?;
        let or_equal = rest.starts_with('=') || shown.starts_with(['≤', '≥']);
        let bound = rest.strip_prefix('=').unwrap_or(rest).trim().parse().ok().filter(|bound: &f64| bound.is_finite())?;
        Some(Self { bound, is_above, or_equal })
    }

    /// Compares with a range as given; nothing where the value may be inside as well as outside. How far outside nobody knows: it
    /// is never called slight.
    pub fn position(self, low: Option<f64>, high: Option<f64>) -> Option<Position> {
        let passes = |end: f64, beyond: bool| beyond || (self.bound == end && !self.or_equal);
        match (self.is_above, low, high) {
            (true, _, Some(high)) if passes(high, self.bound > high) => Some(Position::FarAbove),
            (true, Some(low), None) if self.bound >= low => Some(Position::Within),
            (false, Some(low), _) if passes(low, self.bound < low) => Some(Position::FarBelow),
            (false, None, Some(high)) if self.bound <= high => Some(Position::Within),
            _ => None,
        }
    }
}

/// A unit as it is shown, and its code in UCUM where the source gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit<'a> {
    pub shown: &'a str,
    pub code: Option<&'a str>,
}

impl Unit<'_> {
    /// Whether numbers in both may stand on one line. Codes decide where both have one; kilograms and pounds are two units.
    pub fn is_same(self, other: Unit<'_>) -> bool {
        match (self.code, other.code) {
            (Some(one), Some(other)) => litres(one) == litres(other),
            (Some(code), None) if litres(code) == litres(other.shown) => true,
            (None, Some(code)) if litres(code) == litres(self.shown) => true,
            _ => self.shown.eq_ignore_ascii_case(other.shown),
        }
    }
}

/// UCUM has two codes for the litre: l and L.
fn litres(unit: &str) -> String {
    const SMALL: [&str; 9] = ["l", "dl", "cl", "ml", "ul", "µl", "nl", "pl", "fl"];
    unit.split('/').map(|part| if SMALL.contains(&part) { part.replace('l', "L") } else { part.to_owned() }).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_placed_in_the_range_that_its_source_gives() {
        let position = |value, low, high| position(value, low, high, None);
        assert_eq!(position(5.0, None, None), None);
        assert_eq!(position(4.0, Some(4.0), Some(6.0)), Some(Position::Within));
        assert_eq!(position(6.0, Some(4.0), Some(6.0)), Some(Position::Within));
        assert_eq!(position(6.2, Some(4.0), Some(6.0)), Some(Position::Above));
        assert_eq!(position(6.5, Some(4.0), Some(6.0)), Some(Position::FarAbove));
        assert_eq!(position(3.8, Some(4.0), Some(6.0)), Some(Position::Below));
        assert_eq!(position(3.0, Some(4.0), None), Some(Position::FarBelow));
        assert_eq!(position(3.9, Some(4.0), None), Some(Position::Below));
        assert_eq!(position(3.0, None, Some(6.0)), Some(Position::Within));
        assert_eq!(position(-2.7, Some(-2.0), Some(2.0)), Some(Position::FarBelow));
    }

    #[test]
    fn of_an_open_end_the_place_is_told_where_it_is_sure() {
        let of = |shown: &str, low, high| OpenEnd::of(shown).and_then(|end| end.position(low, high));
        assert_eq!(OpenEnd::of(">=640"), Some(OpenEnd { bound: 640.0, is_above: true, or_equal: true }));
        assert_eq!(OpenEnd::of("<0.03"), Some(OpenEnd { bound: 0.03, is_above: false, or_equal: false }));
        assert_eq!((OpenEnd::of("5"), OpenEnd::of("< detection"), OpenEnd::of("1:>=640")), (None, None, None));
        assert_eq!(of(">25000", None, Some(14.0)), Some(Position::FarAbove));
        assert_eq!(of(">14", None, Some(14.0)), Some(Position::FarAbove), "nobody knows how far");
        assert_eq!((of(">=14", None, Some(14.0)), of("≥14.1", None, Some(14.0))), (None, Some(Position::FarAbove)));
        assert_eq!((of("<=95", Some(95.0), None), of("<95", Some(95.0), None)), (None, Some(Position::FarBelow)));
        assert_eq!(of("<3", None, Some(14.0)), Some(Position::Within));
        assert_eq!(of("<3", Some(2.0), Some(14.0)), None, "it may be below");
        assert_eq!(of("<70", Some(95.0), Some(100.0)), Some(Position::FarBelow));
        assert_eq!(of(">60", Some(60.0), None), Some(Position::Within));
        assert_eq!(of(">60", Some(90.0), None), None);
    }

    #[test]
    fn what_is_far_outside_for_a_body_is_never_slightly_outside() {
        for (value, low, high, name) in
            [(158.0, 135.0, 145.0, "sodium"), (7.0, 7.35, 7.45, "pH"), (41.0, 36.1, 37.2, "temperature"), (86.0, 95.0, 100.0, "oxygen")]
        {
            let found = position(value, Some(low), Some(high), None);
            assert!(matches!(found, Some(Position::FarAbove | Position::FarBelow)), "{name}: {found:?}");
        }
        assert_eq!(position(86.0, Some(95.0), None, None), Some(Position::FarBelow), "oxygen with one end");
        assert_eq!(position(41.0, None, Some(37.5), None), Some(Position::FarAbove), "temperature with one end");
        assert_eq!(position(5.7, Some(4.0), Some(5.6), None), Some(Position::Above), "a hemoglobin A1c that is slightly above");
        assert_eq!(position(134.0, Some(135.0), Some(145.0), None), Some(Position::Below), "a sodium that is slightly below");
    }

    #[test]
    fn nothing_is_slight_that_its_source_calls_critical() {
        let flagged = |code| position(146.0, Some(135.0), Some(145.0), Flag::of(code));
        assert_eq!(
            (flagged("H"), flagged("HH"), flagged("AA")),
            (Some(Position::Above), Some(Position::FarAbove), Some(Position::FarAbove))
        );
        assert_eq!(position(134.0, Some(135.0), Some(145.0), Flag::of("LL")), Some(Position::FarBelow));
    }

    #[test]
    fn flags_that_say_where_count_as_outside_and_others_do_not() {
        for code in ["H", "HH", "HU", "L", "LL", "LU", "A", "AA", ">", "<"] {
            assert!(Flag::of(code).is_some_and(Flag::is_outside), "{code}");
        }
        for code in ["N", "POS", "NEG", "DET", "IND", "E", "U", "D", "B", "S", "R"] {
            assert!(!Flag::of(code).is_some_and(Flag::is_outside), "{code}");
        }
    }

    #[test]
    fn a_flag_is_told_where_it_says_something_else_than_the_range() {
        for (flag, position, more) in [
            (Flag::High, Position::Above, false),
            (Flag::High, Position::Within, true),
            (Flag::CriticallyHigh, Position::FarAbove, true),
            (Flag::NotNormal, Position::Within, true),
            (Flag::NotNormal, Position::Below, false),
            (Flag::Normal, Position::Within, false),
            (Flag::Normal, Position::Above, true),
            (Flag::Positive, Position::Within, true),
        ] {
            assert_eq!(flag.says_more_than(position), more, "{flag:?} {position:?}");
        }
    }

    #[test]
    fn units_are_one_by_their_codes_and_kilograms_are_not_pounds() {
        let unit = |shown, code| Unit { shown, code };
        assert!(unit("mmol/l", Some("mmol/l")).is_same(unit("mmol/L", Some("mmol/L"))));
        assert!(unit("mmol/l", None).is_same(unit("mmol/L", Some("mmol/L"))));
        assert!(unit("per minute", Some("/min")).is_same(unit("beats per minute", Some("/min"))));
        assert!(!unit("kg", Some("kg")).is_same(unit("lb", Some("[lb_av]"))));
        assert!(!unit("mg/dL", None).is_same(unit("mmol/L", Some("mmol/L"))));
        assert!(unit("", None).is_same(unit("", None)));
    }
}
