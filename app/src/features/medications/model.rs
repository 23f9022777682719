//! What may be asked for more: one rule that every door asks. Pure, no database, no clock.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::schedule::Schedule;
use crate::{
    base::stored::stored_as_text,
    record::{
        item::model::{Kind as ItemKind, State},
        prescription::supply::Supply,
    },
};

/// Letters of a comment, and of an answer.
pub const MOST: usize = 1000;
/// The most refills that are approved at once: a year of months. Source: 21 CFR 1306.22 allows 5 in six months for schedules III
/// to V; most states end other prescriptions after a year.
pub const MOST_REFILLS: i32 = 11;
/// Of a controlled substance. Source: 21 CFR 1306.22(a).
pub const MOST_REFILLS_CONTROLLED: i32 = 5;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// More of a prescription that has refills left.
    Refill,
    /// A new prescription of the same.
    Renewal,
}

stored_as_text!(Kind { Refill = "refill", Renewal = "renewal" });

/// Where a request stands, as far as somebody here moved it. What pharmacies did is in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Looked over by whoever will ask for it: nothing was requested yet.
    Prepared,
    Requested,
    Approved,
    /// The office wants to see the patient first.
    NeedsVisit,
    Declined,
    Withdrawn,
    /// The patient has it.
    Done,
}

stored_as_text!(RequestState {
    Prepared = "prepared",
    Requested = "requested",
    Approved = "approved",
    NeedsVisit = "needs_visit",
    Declined = "declined",
    Withdrawn = "withdrawn",
    Done = "done",
});

impl RequestState {
    /// While it is open the same medicine is not asked for again.
    pub fn is_open(self) -> bool {
        matches!(self, RequestState::Requested | RequestState::Approved)
    }
}

/// What the rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Of the medicine in the record.
    pub state: State,
    /// It was prescribed, and not only told.
    pub is_prescribed: bool,
    /// An office whose staff answer here looks after it.
    pub is_of_this_house: bool,
    pub schedule: Option<Schedule>,
    pub supply: Supply,
    /// Of what was given last so many percent must be used before there is more.
    pub refill_percent: i32,
    pub valid_until: Option<NaiveDate>,
    /// When it was asked for, where that is open.
    pub asked_at: Option<DateTime<Utc>>,
}

/// Why there is no more of something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not taken any more, or not yet.
    NotCurrent,
    /// Nobody prescribed it, or somebody whose office does not answer here.
    NotOfThisHouse,
    /// It is asked for already.
    Asked(DateTime<Utc>),
    /// The law wants a new prescription each time. Source: 21 CFR 1306.12(a), schedule II.
    Controlled,
    /// There is enough of it: more from this day on.
    TooEarly(NaiveDate),
}

/// Whether more of a medicine may be asked for, and as what.
///
/// # Errors
/// Why it may not.
pub fn may_ask(facts: &Facts, today: NaiveDate) -> Result<Kind, Refused> {
    if facts.state != State::Active {
        return Err(Refused::NotCurrent);
    }
    if !facts.is_prescribed || !facts.is_of_this_house {
        return Err(Refused::NotOfThisHouse);
    }
    if let Some(at) = facts.asked_at {
        return Err(Refused::Asked(at));
    }
    if facts.schedule == Some(Schedule::Two) {
        return Err(Refused::Controlled);
    }
    if let Some(day) = facts.supply.used_on(facts.refill_percent).filter(|day| *day > today) {
        return Err(Refused::TooEarly(day));
    }
    let has_refills = facts.supply.refills_left.is_some_and(|left| left > 0);
    let is_valid = facts.valid_until.is_none_or(|until| until >= today);
    Ok(if has_refills && is_valid { Kind::Refill } else { Kind::Renewal })
}

/// What somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// A medicine of the record, in another way.
    Differently,
    /// A medicine of the record, not any more.
    Stopped,
    /// A medicine that is not in the record.
    Another,
    /// An allergy that is not in the record.
    Allergy,
    /// An allergy of the record that is none.
    NoAllergy,
}

stored_as_text!(ProposalKind {
    Differently = "differently",
    Stopped = "stopped",
    Another = "another",
    Allergy = "allergy",
    NoAllergy = "no_allergy",
});

impl ProposalKind {
    /// Whether it is about something that the record has.
    /// About a medicine, and not an allergy.
    pub fn is_medicine(self) -> bool {
        matches!(self, ProposalKind::Differently | ProposalKind::Stopped | ProposalKind::Another)
    }

    pub fn is_about_item(self) -> bool {
        matches!(self, ProposalKind::Differently | ProposalKind::Stopped | ProposalKind::NoAllergy)
    }

    /// Of what kind that is.
    pub fn item_kind(self) -> ItemKind {
        match self {
            ProposalKind::Differently | ProposalKind::Stopped | ProposalKind::Another => ItemKind::Medication,
            ProposalKind::Allergy | ProposalKind::NoAllergy => ItemKind::Allergy,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    Unreviewed,
    /// The clinician changes the record.
    Accepted,
    Declined,
}

stored_as_text!(ProposalState { Unreviewed = "unreviewed", Accepted = "accepted", Declined = "declined" });

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn facts() -> Facts {
        let supply = Supply { refills_left: Some(2), given_on: Some(day("2026-01-01")), days: Some(30), computed: false };
        Facts {
            state: State::Active,
            is_prescribed: true,
            is_of_this_house: true,
            schedule: None,
            supply,
            refill_percent: 75,
            valid_until: Some(day("2026-12-31")),
            asked_at: None,
        }
    }

    #[test]
    fn refills_while_there_are_some_and_renewals_afterwards() {
        let today = day("2026-01-25");
        assert_eq!(may_ask(&facts(), today), Ok(Kind::Refill));
        let none = Supply { refills_left: Some(0), ..facts().supply };
        assert_eq!(may_ask(&Facts { supply: none, ..facts() }, today), Ok(Kind::Renewal));
        let unknown = Supply { refills_left: None, ..facts().supply };
        assert_eq!(may_ask(&Facts { supply: unknown, ..facts() }, today), Ok(Kind::Renewal));
        assert_eq!(may_ask(&Facts { valid_until: Some(day("2026-01-24")), ..facts() }, today), Ok(Kind::Renewal));
        assert_eq!(may_ask(&Facts { valid_until: Some(today), ..facts() }, today), Ok(Kind::Refill));
    }

    #[test]
    fn each_refusal_says_why() {
        let today = day("2026-01-25");
        for state in State::ALL.iter().filter(|state| **state != State::Active) {
            assert_eq!(may_ask(&Facts { state: *state, ..facts() }, today), Err(Refused::NotCurrent));
        }
        assert_eq!(may_ask(&Facts { is_prescribed: false, ..facts() }, today), Err(Refused::NotOfThisHouse));
        assert_eq!(may_ask(&Facts { is_of_this_house: false, ..facts() }, today), Err(Refused::NotOfThisHouse));
        let at = "2026-01-20T12:00:00Z".parse().expect("an instant");
        assert_eq!(may_ask(&Facts { asked_at: Some(at), ..facts() }, today), Err(Refused::Asked(at)));
        assert_eq!(may_ask(&Facts { schedule: Some(Schedule::Two), ..facts() }, today), Err(Refused::Controlled));
        assert_eq!(may_ask(&Facts { schedule: Some(Schedule::ThreeToFive), ..facts() }, today), Ok(Kind::Refill));
        assert_eq!(may_ask(&facts(), day("2026-01-23")), Err(Refused::TooEarly(day("2026-01-24"))));
        assert_eq!(may_ask(&facts(), day("2026-01-24")), Ok(Kind::Refill));
    }
}
