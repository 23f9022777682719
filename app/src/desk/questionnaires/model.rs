//! The words of questionnaires that are filled in.

use chrono::{DateTime, TimeDelta, Utc};

use crate::base::stored::stored_as_text;

/// How far somebody is with a questionnaire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Staff ask for it, and nobody has begun.
    Asked,
    Begun,
    Completed,
    /// Staff ask for it no more.
    Withdrawn,
    /// Whoever sent it says that it was a mistake.
    Mistake,
}

stored_as_text!(State {
    Asked = "asked",
    Begun = "begun",
    Completed = "completed",
    Withdrawn = "withdrawn",
    Mistake = "mistake",
});

impl State {
    /// It waits for somebody's answers.
    pub fn is_open(self) -> bool {
        matches!(self, State::Asked | State::Begun)
    }
}

/// What was answered within so long before a visit is not asked again for it.
pub const STILL_HOLDS: TimeDelta = TimeDelta::days(7);

/// Whether a completed questionnaire counts for a visit: it was answered for it, or within the days before, also elsewhere; and not before
/// the office asked again.
pub fn counts(for_this: bool, authored: DateTime<Utc>, now: DateTime<Utc>, reopened: Option<DateTime<Utc>>) -> bool {
    let asked_again = reopened.is_some_and(|again| authored <= again);
    !asked_again && authored <= now && (for_this || now - authored < STILL_HOLDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_count_for_their_visit_and_for_those_of_the_next_days() {
        let now: DateTime<Utc> = "2026-12-08T12:00:00Z".parse().expect("an instant");
        let days = |days: i64| now - TimeDelta::days(days);
        assert!(counts(true, days(30), now, None));
        assert!(counts(false, days(6), now, None) && !counts(false, days(7), now, None));
        assert!(!counts(true, days(2), now, Some(days(1))) && counts(true, days(1), now, Some(days(2))));
        assert!(!counts(true, now + TimeDelta::minutes(1), now, None), "not yet answered then");
    }
}
