//! The people of the demo.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::base::boot::Moment;

/// Everybody on the desk. The server of the demo provides it; no other server has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    pub people: Vec<DemoPerson>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoPerson {
    /// Who has no account yet cannot sign in.
    pub username: Option<String>,
    pub name: String,
    pub staff: bool,
    /// One sentence on what the account shows.
    pub says: String,
}

/// The minute before a birthday and the minute it begins, for the clock.
#[cfg(feature = "ssr")]
pub fn moments(t: crate::base::i18n::Texts, given_name: &str, turns: i32, on: chrono::NaiveDate) -> [Moment; 2] {
    let turns = turns.to_string();
    let eve = on.pred_opt().unwrap_or(on);
    [
        Moment { words: t.demo_turns(&turns, given_name), at: format!("{eve}T23:59") },
        Moment { words: t.demo_turned(&turns, given_name), at: format!("{on}T00:00") },
    ]
}
