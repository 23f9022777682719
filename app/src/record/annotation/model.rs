//! What a correction is about.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::{ids::PatientId, stored::stored_as_text};

/// A place in the record, as it stands in an address: `item:ID`, `result:ID`, `note:ID` or `note:ID:PARAGRAPH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub kind: PlaceKind,
    /// Of the item, the result or the note.
    pub id: Uuid,
    /// Counted from 0, in a note.
    pub paragraph: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaceKind {
    Item,
    Result,
    Note,
}

stored_as_text!(PlaceKind { Item = "item", Result = "result", Note = "note" });

/// What stands beside the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Voice {
    /// The hospital accepted a correction.
    Addendum,
    /// A correction was declined, and whoever asked disagrees.
    Disagreement,
}

stored_as_text!(Voice { Addendum = "addendum", Disagreement = "disagreement" });

impl Place {
    pub fn item(id: Uuid) -> Self {
        Self { kind: PlaceKind::Item, id, paragraph: None }
    }

    pub fn result(id: Uuid) -> Self {
        Self { kind: PlaceKind::Result, id, paragraph: None }
    }

    pub fn note(id: Uuid) -> Self {
        Self { kind: PlaceKind::Note, id, paragraph: None }
    }

    /// Where a correction of this place is asked for.
    pub fn address(self, patient: PatientId) -> String {
        format!("/p/{patient}/correction?about={self}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.id)?;
        self.paragraph.map_or(Ok(()), |paragraph| write!(f, ":{paragraph}"))
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split(':');
        let kind = parts.next().and_then(|name| PlaceKind::ALL.iter().find(|kind| kind.as_str() == name)).copied().ok_or(())?;
        let id = parts.next().and_then(|id| id.parse().ok()).ok_or(())?;
        let paragraph = parts.next().map(|number| number.parse().map_err(|_| ())).transpose()?;
        if parts.next().is_some() || (paragraph.is_some() && kind != PlaceKind::Note) {
            return Err(());
        }
        Ok(Self { kind, id, paragraph })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let id = Uuid::from_u128(7);
        for place in [Place::item(id), Place::result(id), Place { paragraph: Some(3), ..Place::note(id) }] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "item", "item:x", "item:00000000-0000-0000-0000-000000000007:1", "visit:00000000-0000-0000-0000-000000000007"] {
            assert_eq!(text.parse::<Place>(), Err(()), "{text}");
        }
    }
}
