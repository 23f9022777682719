//! Levels, relationships and ends of access in words.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{
    access::Level,
    base::{clock::local_date, end_reason::EndReason, i18n::Texts},
    people::relation::{AdultLevel, Relationship},
};

pub(crate) fn level_in_words(t: Texts, level: Level) -> String {
    match level {
        Level::Full | Level::Adult(AdultLevel::All) => t.staff_level_all(),
        Level::Demographics => t.staff_level_demographics(),
        Level::Adult(AdultLevel::ScheduleMessages) => t.staff_level_schedule(),
        Level::Adult(AdultLevel::ScheduleMessagesBilling) => t.staff_level_billing(),
        Level::Adult(AdultLevel::AllButSensitive) => t.staff_level_all_but_sensitive(),
    }
    .to_owned()
}

pub(crate) fn ended_in_words(t: Texts, reason: EndReason) -> &'static str {
    match reason {
        EndReason::TurnedEighteen => t.staff_ended_eighteen(),
        EndReason::Emancipated => t.staff_ended_emancipated(),
        EndReason::Expired => t.staff_ended_expired(),
        EndReason::Revoked => t.staff_ended_revoked(),
        EndReason::Deceased => t.staff_ended_deceased(),
    }
}

/// What the patient is to the reader, who is `relationship` to the patient.
pub(super) fn relation_of(t: Texts, relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Parent => t.people_your_child(),
        Relationship::Child => t.people_your_parent(),
        Relationship::Spouse => t.people_your_spouse(),
        Relationship::Caregiver => t.people_you_care_for(),
        Relationship::Guardian => t.people_your_ward(),
    }
}

pub(crate) fn relationship_in_words(t: Texts, relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Parent => t.family_parent(),
        Relationship::Child => t.family_adult_child(),
        Relationship::Spouse => t.family_spouse(),
        Relationship::Caregiver => t.family_caregiver(),
        Relationship::Guardian => t.family_guardian(),
    }
}

/// The last day on which access that ends at a midnight is open.
pub(super) fn last_day(until: DateTime<Utc>, zone: &Tz) -> String {
    local_date(until - TimeDelta::seconds(1), zone).to_string()
}

pub(super) fn last_day_in_words(t: Texts, until: DateTime<Utc>, zone: &Tz) -> String {
    t.date(local_date(until - TimeDelta::seconds(1), zone))
}
