//! The rules of checking in and arriving. They know neither database nor clock: times come in, as instants of the server, so that the
//! clock and the zone of somebody's phone do not matter.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    base::{clock::local_date, stored::stored_as_text},
    desk::scheduling::hours::instant,
    record::visit::model::{Kind, Status},
};

/// What was confirmed within so long is not asked again, also for another visit (the practice of VA's pre-check-in).
pub const STILL_HOLDS: TimeDelta = TimeDelta::days(7);

/// A step of checking in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Address and phone.
    Personal,
    Insurance,
    Medications,
    Allergies,
    /// Health questions: the questionnaires that are asked before the visit.
    Forms,
    /// Documents to be signed.
    Consents,
    /// What is due, paid before the visit.
    Payment,
    /// The phone number to text, and what somebody needs there.
    Plan,
}

stored_as_text!(Step {
    Personal = "personal",
    Insurance = "insurance",
    Medications = "medications",
    Allergies = "allergies",
    Forms = "forms",
    Consents = "consents",
    Payment = "payment",
    Plan = "plan",
});

impl Step {
    /// The steps of a department that says nothing.
    pub const USUAL: [Step; 7] =
        [Step::Personal, Step::Insurance, Step::Medications, Step::Allergies, Step::Forms, Step::Consents, Step::Plan];

    /// What was said of it holds for other visits too; a plan is for one visit.
    pub fn is_shared(self) -> bool {
        !matches!(self, Step::Plan | Step::Payment)
    }

    /// It is done when each of its questionnaires or documents is: nothing is written down for the step itself.
    pub fn has_parts(self) -> bool {
        matches!(self, Step::Forms | Step::Consents)
    }
}

/// The steps of a department as they are stored, in the order in which they are asked.
pub fn steps(stored: &str) -> Vec<Step> {
    Step::ALL.iter().copied().filter(|step| stored.split_whitespace().any(|word| word == step.as_str())).collect()
}

/// What the rules look at of a visit.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub status: Status,
    pub kind: Kind,
    pub starts_at: Option<DateTime<Utc>>,
    /// When somebody said that they are there for this very time.
    pub arrived_at: Option<DateTime<Utc>>,
}

/// How a department wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub is_on: bool,
    pub opens_days: i32,
    /// Minutes before the visit.
    pub arrive_from: i32,
    /// Minutes after its time.
    pub arrive_until: i32,
}

impl Rules {
    /// Where a department says nothing (the hospital's rule: 7 days before; from 30 minutes before until 15 after).
    pub const USUAL: Rules = Rules { is_on: true, opens_days: 7, arrive_from: 30, arrive_until: 15 };
}

/// Whether somebody may check in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Not before then.
    Opens(DateTime<Utc>),
    /// Until then.
    Open(DateTime<Utc>),
    Closed(Closed),
}

/// Why it is too late, or never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The department takes no check-ins, or the visit has no time.
    NotHere,
    /// Nobody has booked it yet.
    NotBooked,
    Cancelled,
    /// The person is there.
    Arrived,
    Over,
}

/// From the beginning of the day that is so many days before, by the calendar of the place, until the visit begins or the person is there.
pub fn window(facts: &Facts, rules: &Rules, now: DateTime<Utc>, zone: &Tz) -> Window {
    if let Some(why) = closed(facts) {
        return Window::Closed(why);
    }
    let Some(starts_at) = facts.starts_at.filter(|_| rules.is_on) else { return Window::Closed(Closed::NotHere) };
    let until = starts_at + TimeDelta::minutes(rules.arrive_until.into());
    let day = local_date(starts_at, zone) - Days::new(u64::try_from(rules.opens_days).unwrap_or_default());
    let opens = instant(day, 0, zone).unwrap_or(starts_at);
    if now >= until {
        Window::Closed(Closed::Over)
    } else if now < opens {
        Window::Opens(opens)
    } else {
        Window::Open(until)
    }
}

/// Whether somebody may say that they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arriving {
    /// From then on.
    TooEarly(DateTime<Utc>),
    Open,
    /// The time is over: they call.
    TooLate,
    /// By phone or video nobody comes.
    NotInPerson,
    Closed(Closed),
}

pub fn arriving(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Arriving {
    if let Some(why) = closed(facts) {
        return Arriving::Closed(why);
    }
    let Some(starts_at) = facts.starts_at.filter(|_| rules.is_on) else { return Arriving::Closed(Closed::NotHere) };
    if !matches!(facts.kind, Kind::Office) {
        return Arriving::NotInPerson;
    }
    let from = starts_at - TimeDelta::minutes(rules.arrive_from.into());
    let until = starts_at + TimeDelta::minutes(rules.arrive_until.into());
    if now < from {
        Arriving::TooEarly(from)
    } else if now < until {
        Arriving::Open
    } else {
        Arriving::TooLate
    }
}

/// What the visit itself says, whatever a department wants.
fn closed(facts: &Facts) -> Option<Closed> {
    match facts.status {
        Status::Cancelled => Some(Closed::Cancelled),
        Status::Requested => Some(Closed::NotBooked),
        Status::Finished | Status::NoShow => Some(Closed::Over),
        Status::Arrived | Status::InProgress => Some(Closed::Arrived),
        Status::Booked => facts.arrived_at.map(|_| Closed::Arrived),
    }
}

/// A step that was done, for this visit or another one of the same person.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    pub at: DateTime<Utc>,
    pub for_this: bool,
    /// For the very time that the visit has now.
    pub same_time: bool,
}

/// Whether a step need not be asked. What was done for this visit counts while it is not moved, what was said in the last days also when it
/// was, and what holds for other visits for them; none of it, when the office asked again since.
pub fn holds(step: Step, done: Done, now: DateTime<Utc>, reopened: Option<DateTime<Utc>>) -> bool {
    let asked_again = reopened.is_some_and(|again| done.at <= again);
    let lately = now - done.at < STILL_HOLDS && (done.for_this || step.is_shared());
    !asked_again && (lately || done.for_this && done.same_time)
}

/// How far a check-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    Open,
    /// So many steps of so many.
    Begun(usize, usize),
    Done,
}

impl Progress {
    /// Where nothing is asked, nothing is done.
    pub fn of(done: usize, all: usize) -> Self {
        match done {
            0 => Progress::Open,
            done if done >= all => Progress::Done,
            done => Progress::Begun(done, all),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn booked(starts_at: &str) -> Facts {
        Facts { status: Status::Booked, kind: Kind::Office, starts_at: Some(at(starts_at)), arrived_at: None }
    }

    #[test]
    fn it_opens_with_the_day_of_the_place_and_closes_when_the_visit_is_over_or_the_person_there() {
        // Tuesday, December 8 at 9 in the morning.
        let visit = booked("2026-12-08T14:00:00Z");
        let opens = at("2026-12-01T05:00:00Z");
        let of = |now: &str| window(&visit, &Rules::USUAL, at(now), &New_York);
        assert_eq!(of("2026-12-01T04:59:59Z"), Window::Opens(opens), "11:59 pm of the day before, whatever the phone's zone says");
        assert_eq!(of("2026-12-01T05:00:00Z"), Window::Open(at("2026-12-08T14:15:00Z")));
        assert_eq!(of("2026-12-08T14:14:59Z"), Window::Open(at("2026-12-08T14:15:00Z")));
        assert_eq!(of("2026-12-08T14:15:00Z"), Window::Closed(Closed::Over));
        for (status, why) in [
            (Status::Cancelled, Closed::Cancelled),
            (Status::Requested, Closed::NotBooked),
            (Status::Arrived, Closed::Arrived),
            (Status::InProgress, Closed::Arrived),
            (Status::Finished, Closed::Over),
            (Status::NoShow, Closed::Over),
        ] {
            let other = Facts { status, ..visit };
            assert_eq!(window(&other, &Rules::USUAL, at("2026-12-07T12:00:00Z"), &New_York), Window::Closed(why), "{status:?}");
            assert_eq!(arriving(&other, &Rules::USUAL, at("2026-12-08T14:00:00Z")), Arriving::Closed(why), "{status:?}");
        }
        let there = Facts { arrived_at: Some(at("2026-12-08T13:50:00Z")), ..visit };
        assert_eq!(window(&there, &Rules::USUAL, at("2026-12-08T13:55:00Z"), &New_York), Window::Closed(Closed::Arrived));
        let off = Rules { is_on: false, ..Rules::USUAL };
        assert_eq!(window(&visit, &off, at("2026-12-07T12:00:00Z"), &New_York), Window::Closed(Closed::NotHere));
    }

    #[test]
    fn it_opens_at_midnight_also_when_the_clocks_change_in_between() {
        // Clocks go back on November 1, 2026: the week before has 7 days and an hour.
        let visit = booked("2026-11-04T14:00:00Z");
        assert_eq!(window(&visit, &Rules::USUAL, at("2026-10-27T12:00:00Z"), &New_York), Window::Opens(at("2026-10-28T04:00:00Z")));
        // And forward on March 14, 2027.
        let visit = booked("2027-03-16T13:00:00Z");
        assert_eq!(window(&visit, &Rules::USUAL, at("2027-03-08T12:00:00Z"), &New_York), Window::Opens(at("2027-03-09T05:00:00Z")));
    }

    #[test]
    fn one_is_there_from_half_an_hour_before_until_a_quarter_after() {
        let visit = booked("2026-12-08T14:00:00Z");
        let of = |now: &str| arriving(&visit, &Rules::USUAL, at(now));
        assert_eq!(of("2026-12-08T13:29:59Z"), Arriving::TooEarly(at("2026-12-08T13:30:00Z")));
        assert_eq!(of("2026-12-08T13:30:00Z"), Arriving::Open);
        assert_eq!(of("2026-12-08T14:14:59Z"), Arriving::Open);
        assert_eq!(of("2026-12-08T14:15:00Z"), Arriving::TooLate);
        let by_video = Facts { kind: Kind::Video, ..visit };
        assert_eq!(arriving(&by_video, &Rules::USUAL, at("2026-12-08T14:00:00Z")), Arriving::NotInPerson);
    }

    #[test]
    fn what_was_confirmed_lately_holds_for_the_next_visit_and_what_the_office_asks_again_does_not() {
        let now = at("2026-12-08T12:00:00Z");
        let done = |text: &str, for_this: bool| Done { at: at(text), for_this, same_time: for_this };
        assert!(holds(Step::Personal, done("2026-12-02T12:00:00Z", false), now, None), "six days ago, for another visit");
        assert!(!holds(Step::Personal, done("2026-12-01T12:00:00Z", false), now, None), "seven days ago, for another visit");
        assert!(holds(Step::Personal, done("2026-12-01T12:00:00Z", true), now, None), "seven days ago, for this one");
        let before = |text: &str| Done { at: at(text), for_this: true, same_time: false };
        assert!(!holds(Step::Plan, before("2026-11-20T12:00:00Z"), now, None), "for this one, long before, and it was moved");
        assert!(holds(Step::Plan, before("2026-12-07T12:00:00Z"), now, None), "for this one, yesterday, and it was moved");
        assert!(!holds(Step::Plan, done("2026-12-07T12:00:00Z", false), now, None), "a plan is for one visit");
        let again = Some(at("2026-12-07T12:00:00Z"));
        assert!(!holds(Step::Personal, done("2026-12-06T12:00:00Z", true), now, again));
        assert!(!holds(Step::Personal, done("2026-12-06T12:00:00Z", false), now, again), "nor what was said for another visit");
        assert!(holds(Step::Personal, done("2026-12-07T12:00:01Z", true), now, again), "answered since");
    }

    #[test]
    fn steps_are_read_in_their_order_and_what_is_unknown_is_left_out() {
        assert_eq!(steps("plan  personal nonsense"), [Step::Personal, Step::Plan]);
        assert_eq!((Progress::of(0, 3), Progress::of(2, 3), Progress::of(3, 3)), (Progress::Open, Progress::Begun(2, 3), Progress::Done));
    }
}
