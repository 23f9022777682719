//! Names as staff look for them: each word of a name from each of its letters on. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_name_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub patient_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// So many letters of a word are kept.
const LONGEST: usize = 40;

/// The parts of a name in small letters: "roe", "oe", "e". Each piece of a word is the beginning of a part.
pub fn parts(search_name: &str) -> Vec<String> {
    let words = search_name.split_whitespace();
    let mut parts: Vec<String> =
        words.flat_map(|word| word.char_indices().map(|(from, _)| word[from..].chars().take(LONGEST).collect())).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The parts that begin with a piece of a word: from the first on, and before the second.
pub fn range(piece: &str) -> (String, String) {
    let from: String = piece.chars().take(LONGEST).collect();
    // No name has the last character of all.
    let before = format!("{from}{}", char::MAX);
    (from, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_a_name_is_the_beginning_of_a_part() {
        let parts = parts("josé o'brien-roe");
        for piece in ["josé", "osé", "é", "o'b", "brien", "-roe", "oe"] {
            let (from, before) = range(piece);
            assert!(parts.iter().any(|part| *part >= from && *part < before && part.starts_with(piece)), "{piece}");
        }
        assert!(!parts.iter().any(|part| part.contains(' ')));
    }
}
