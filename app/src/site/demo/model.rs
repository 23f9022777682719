//! The people of the demo, and its clock.

/// Everybody on the desk. The server of the demo provides it; no other server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    pub people: Vec<DemoPerson>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    /// Who has no account yet cannot sign in.
    pub username: Option<String>,
    pub name: String,
    pub staff: bool,
    /// One sentence on what the account shows.
    pub says: String,
}

/// The desk in both languages, provided by the demo's server only.
#[derive(Clone)]
pub struct Desks {
    pub en: std::sync::Arc<Desk>,
    pub es: std::sync::Arc<Desk>,
}

/// The clock of the demo, as its bar shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoClock {
    /// For people: "Monday, November 23, 2026, 4:20 pm".
    pub text: String,
    /// For `<input type="datetime-local">`.
    pub input: String,
    pub moved: bool,
    pub moments: Vec<Moment>,
}

/// A moment worth a look, such as the minute before a birthday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub words: String,
    /// Local time, as `<input type="datetime-local">` has it.
    pub at: String,
}

/// The minute before a birthday and the minute it begins, for the clock.
pub fn moments(t: crate::base::i18n::Texts, given_name: &str, turns: i32, on: chrono::NaiveDate) -> [Moment; 2] {
    use crate::base::i18n::param;
    let turns = turns.to_string();
    let eve = on.pred_opt().unwrap_or(on);
    [
        Moment { words: t.demo_turns(param::Age(&turns), param::Name(given_name)), at: format!("{eve}T23:59") },
        Moment { words: t.demo_turned(param::Age(&turns), param::Name(given_name)), at: format!("{on}T00:00") },
    ]
}
