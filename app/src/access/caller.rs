//! Who is asking: nobody, or an account holder with the people they act for. Facts only, loaded once per request.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::proxy::{self, Facts, Level};
use crate::{
    base::{
        clock::Now,
        end_reason::EndReason,
        ids::{AccountId, PatientId},
    },
    people::relation::{Relationship, StaffRole},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    Nobody,
    Holder(Holder),
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub account: AccountId,
    /// The row of this sign-in, to end it.
    pub session: Uuid,
    pub name: String,
    /// A second step was passed in this session, or a passkey used.
    pub second_step_passed: bool,
    pub staff: Option<StaffRole>,
    pub own_chart: Option<Person>,
    pub proxies: Vec<Proxy>,
    pub appearances: Vec<Appearance>,
}

/// How an account holder wants to see one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appearance {
    pub patient: PatientId,
    /// Which of the eight colours, 0-7.
    pub hue: Option<u8>,
    pub nickname: Option<String>,
    pub has_photo: bool,
}

/// Whose chart it is: what the heads of pages say of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub patient: PatientId,
    pub given_name: String,
    pub full_name: String,
    pub birth_date: NaiveDate,
    /// The last day that it may be, where the record does not say the day.
    pub born_by: Option<NaiveDate>,
    /// What is in the chart comes from several sources.
    pub several_sources: bool,
}

#[cfg(feature = "ssr")]
impl Person {
    /// The birth date as exact as the record says it.
    pub fn born(&self) -> crate::base::when::When {
        crate::base::when::When::between(self.birth_date, self.born_by)
    }
}

/// One person somebody acts, or acted, for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// The row of the grant.
    pub id: Uuid,
    pub person: Person,
    pub relationship: Relationship,
    /// Which of the eight colours, 0-7.
    pub hue: u8,
    pub facts: Facts,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// How a caller stands to one chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    Nobody,
    Stranger,
    Own,
    Proxy(Level),
    Ended(EndReason),
}

impl Caller {
    pub fn holder(&self) -> Option<&Holder> {
        match self {
            Caller::Nobody => None,
            Caller::Holder(holder) => Some(holder),
        }
    }

    /// How this caller may come to a chart: of several grants for one person, an open one wins over an ended one.
    pub fn access_kind(&self, patient: PatientId, now: Now) -> AccessKind {
        let Some(holder) = self.holder() else { return AccessKind::Nobody };
        if holder.own_chart.as_ref().is_some_and(|own| own.patient == patient) {
            return AccessKind::Own;
        }
        match holder.proxy(patient, now) {
            None => AccessKind::Stranger,
            Some((_, Ok(level))) => AccessKind::Proxy(level),
            Some((_, Err(reason))) => AccessKind::Ended(reason),
        }
    }
}

impl Caller {
    /// What decides about this caller's access to somebody else's chart.
    pub fn proxy(&self, patient: PatientId, now: Now) -> Option<&Facts> {
        self.holder()?.proxy(patient, now).map(|(found, _)| &found.facts)
    }
}

impl Holder {
    /// Name and birth date of whoever's chart this caller may have open.
    pub fn person(&self, patient: PatientId) -> Option<&Person> {
        let others = self.proxies.iter().map(|found| &found.person);
        self.own_chart.iter().chain(others).find(|person| person.patient == patient)
    }

    /// The grant that counts for one person: the newest that is open, else the newest that has ended.
    pub fn proxy(&self, patient: PatientId, now: Now) -> Option<(&Proxy, Result<Level, EndReason>)> {
        let mut newest = None;
        for found in self.proxies.iter().rev().filter(|found| found.person.patient == patient) {
            let level = proxy::level(&found.facts, now);
            if level.is_ok() {
                return Some((found, level));
            }
            newest = newest.or(Some((found, level)));
        }
        newest
    }

    /// Everybody this caller acts or acted for, each once, in the order in which access was given.
    pub fn acts_for(&self, now: Now) -> Vec<(&Proxy, Result<Level, EndReason>)> {
        let counts = |found: &&Proxy| self.proxy(found.person.patient, now).is_some_and(|(counting, _)| counting.id == found.id);
        self.proxies.iter().filter(counts).map(|found| (found, proxy::level(&found.facts, now))).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::people::relation::{AdultLevel, Basis};

    fn given(id: u128, ended: bool) -> Proxy {
        let (patient, birth_date) = (PatientId(Uuid::from_u128(9)), NaiveDate::default());
        Proxy {
            id: Uuid::from_u128(id),
            person: Person {
                patient,
                given_name: "Emma".into(),
                full_name: "Emma Rivera".into(),
                birth_date,
                born_by: None,
                several_sources: false,
            },
            relationship: Relationship::Parent,
            hue: 0,
            facts: Facts {
                basis: Basis::AdultAdult,
                birth_date,
                born_by: None,
                emancipated_on: None,
                may_share: false,
                level: Some(AdultLevel::All),
                expires_at: None,
                ended_at: ended.then_some(DateTime::UNIX_EPOCH),
                end_reason: ended.then_some(EndReason::Revoked),
                died: None,
            },
            last_used_at: None,
        }
    }

    #[test]
    fn of_several_grants_the_newest_open_one_counts_and_each_person_stands_once() {
        let now = Now::at(Utc.with_ymd_and_hms(2026, 11, 26, 12, 0, 0).single().expect("an instant"), &Utc);
        let acts_for = |proxies: Vec<Proxy>| {
            let holder = Holder {
                account: AccountId(Uuid::nil()),
                session: Uuid::nil(),
                name: String::new(),
                second_step_passed: false,
                staff: None,
                own_chart: None,
                proxies,
                appearances: Vec::new(),
            };
            holder.acts_for(now).iter().map(|(found, level)| (found.id.as_u128(), level.is_ok())).collect::<Vec<_>>()
        };
        assert_eq!(acts_for(vec![given(1, true), given(2, false), given(3, true)]), [(2, true)]);
        assert_eq!(acts_for(vec![given(1, false), given(2, false)]), [(2, true)]);
        assert_eq!(acts_for(vec![given(1, true), given(2, true)]), [(2, false)]);
    }
}
