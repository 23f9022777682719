//! Who is asking: nobody, or an account holder with the people they act for. Facts only, loaded once per request.

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
    pub strong: bool,
    pub staff: Option<StaffRole>,
    pub own_chart: Option<Person>,
    pub proxies: Vec<Proxy>,
    pub looks: Vec<Look>,
}

/// How an account holder wants to see one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub patient: PatientId,
    /// Which of the eight colours, 0-7.
    pub hue: Option<u8>,
    pub nickname: Option<String>,
    pub has_photo: bool,
}

/// What the person bar needs of somebody whose chart may be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub patient: PatientId,
    pub given_name: String,
    pub full_name: String,
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
}

/// How a caller stands to one chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
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

    /// The best standing that this caller has: of two grants for one person, an open one wins over an ended one.
    pub fn standing(&self, patient: PatientId, now: Now) -> Standing {
        let Some(holder) = self.holder() else { return Standing::Nobody };
        if holder.own_chart.as_ref().is_some_and(|own| own.patient == patient) {
            return Standing::Own;
        }
        let mut standing = Standing::Stranger;
        for found in holder.proxies.iter().filter(|found| found.person.patient == patient) {
            match proxy::level(&found.facts, now) {
                Ok(level) => return Standing::Proxy(level),
                Err(reason) => standing = Standing::Ended(reason),
            }
        }
        standing
    }
}
