//! What needs somebody.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::{
    dates::Day,
    end_reason::EndReason,
    ids::{PatientId, VisitId},
};

/// Everything that waits for the account holder, soonest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    pub items: Vec<Need>,
    /// The newest messages and results that need nobody, newest first.
    pub news: Vec<News>,
    pub ended: Vec<EndedAccess>,
    /// What is due, account by account.
    pub due: Vec<Due>,
    /// How many answers of patients staff must hear of at once.
    pub answers: u64,
    /// Signing in without a password is offered: they typed it here for the second time.
    pub passkey: bool,
}

/// What somebody is asked to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Of whom; nobody's name where it is the reader's own.
    pub whose: Option<String>,
    /// As people read them.
    pub amount: String,
    pub day: String,
    /// That day is over.
    pub past: bool,
}

/// One thing that waits, tagged with its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub patient: PatientId,
    pub given_name: String,
    pub hue: u8,
    pub day: Day,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A visit in the next two weeks; of its check-in, while it is open, whether everything is said, and how far it is in words.
    Visit {
        id: VisitId,
        title: String,
        time: String,
        place: Option<String>,
        instruction: Option<String>,
        check_in: Option<(bool, String, String)>,
    },
    /// A visit in the next two weeks that will not take place.
    CalledOff { title: String, time: String, phone: Option<String> },
    /// A follow-up that a clinician asked for and that is due soon or overdue.
    FollowUp {
        text: String,
        /// The visit in whose summary it stands.
        visit: VisitId,
    },
    /// An office answered something that was not read yet.
    Answer { subject: String, thread: Uuid },
    /// Times are held for an answer: for a visit that was asked for, or an earlier one.
    Times { title: String, at: String, until: String, path: String, earlier: bool },
    /// A visit by message was offered, with a price, and nobody has decided.
    EVisit { subject: String, thread: Uuid },
    /// A questionnaire that staff ask for.
    Questionnaire { title: String, id: Uuid, over: bool },
    /// A medicine of which there is soon none left, or none any more, and that nobody asked for.
    Supply { medicine: String, id: Uuid, over: bool },
    /// What became of a request for medicine.
    Decided { medicine: String, id: Uuid, said: Decided },
    /// A child's 13th birthday: from then on the parent sees demographics only.
    TurnsThirteen,
    /// A teen's 18th birthday: the parent's access ends.
    TurnsEighteen,
    /// Access that was given until a day.
    AccessExpires,
}

/// A message or a result of the last weeks, tagged with its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    pub patient: PatientId,
    pub given_name: String,
    pub hue: u8,
    /// The thread or the result.
    pub id: Uuid,
    pub kind: NewsKind,
    pub title: String,
    /// In RFC 3339 and UTC.
    pub at: String,
    /// As people read it.
    pub day: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NewsKind {
    Message,
    Result,
}

/// So many messages and results stand on home.
pub const MOST_NEWS: usize = 6;

/// The newest messages and results of all people.
pub fn newest_first(mut news: Vec<News>) -> Vec<News> {
    news.sort_by(|one, other| (&other.at, other.id).cmp(&(&one.at, one.id)));
    news.truncate(MOST_NEWS);
    news
}

/// What an office said to a request for medicine, or the pharmacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decided {
    Declined,
    NeedsVisit,
    Ready,
}

/// Soonest first, an answer as of `today`; a follow-up that is booked for its very day is told by its visit.
pub fn in_order(mut items: Vec<Need>, today: &str) -> Vec<Need> {
    let booked: Vec<(PatientId, String)> =
        items.iter().filter(|need| matches!(need.what, What::Visit { .. })).map(|need| (need.patient, need.day.iso.clone())).collect();
    items.retain(|need| !matches!(need.what, What::FollowUp { .. }) || !booked.contains(&(need.patient, need.day.iso.clone())));
    let due = |need: &Need| match need.what {
        // It is held for minutes or hours.
        What::Times { .. } => String::new(),
        What::Answer { .. } | What::EVisit { .. } | What::Decided { .. } => today.to_owned(),
        _ => need.day.iso.clone(),
    };
    items.sort_by_key(due);
    items
}

/// A chart that was open to the account holder once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedAccess {
    pub given_name: String,
    pub reason: EndReason,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(patient: u128, iso: &str, what: What) -> Need {
        let day = Day { iso: iso.into(), month: String::new(), day: String::new(), below: String::new(), long: String::new() };
        Need { patient: PatientId(Uuid::from_u128(patient)), given_name: String::new(), hue: 0, day, what }
    }

    #[test]
    fn of_messages_and_results_the_newest_few_are_told() {
        let news = |id: u128, at: &str| News {
            patient: PatientId(Uuid::nil()),
            given_name: String::new(),
            hue: 0,
            id: Uuid::from_u128(id),
            kind: if id.is_multiple_of(2) { NewsKind::Message } else { NewsKind::Result },
            title: String::new(),
            at: at.into(),
            day: String::new(),
        };
        let all = (1..=8).map(|day| news(day, &format!("2026-11-{day:02}T08:00:00+00:00"))).collect();
        let told: Vec<u128> = newest_first(all).iter().map(|news| news.id.as_u128()).collect();
        assert_eq!(told, [8, 7, 6, 5, 4, 3]);
    }

    #[test]
    fn what_is_booked_is_told_once_and_everything_by_date() {
        let visit = || What::Visit {
            id: VisitId(Uuid::nil()),
            title: String::new(),
            time: String::new(),
            place: None,
            instruction: None,
            check_in: None,
        };
        let follow_up = || What::FollowUp { text: String::new(), visit: VisitId(Uuid::nil()) };
        let answer = || What::Answer { subject: String::new(), thread: Uuid::nil() };
        let found = in_order(
            vec![
                need(1, "2026-09-01", answer()),
                need(1, "2026-12-03", visit()),
                need(1, "2026-12-03", follow_up()),
                need(2, "2026-12-03", follow_up()),
                need(1, "2026-11-28", follow_up()),
            ],
            "2026-11-30",
        );
        let told: Vec<(&str, bool)> = found.iter().map(|need| (need.day.iso.as_str(), matches!(need.what, What::Visit { .. }))).collect();
        assert_eq!(told, [("2026-11-28", false), ("2026-09-01", false), ("2026-12-03", true), ("2026-12-03", false)]);
    }
}
