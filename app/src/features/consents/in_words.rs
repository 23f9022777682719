//! Decisions about documents in words: on pages, and where the record is read outside of the portal.

use chrono_tz::Tz;

use crate::{
    base::i18n::Texts,
    desk::{consents::entity::consent_signature, office::words::author},
    view::{document::Part, sections::Tag},
};

pub fn tag(t: Texts, row: &consent_signature::Model) -> Tag {
    if row.agreed { Tag::good(t.consents_tag_signed()) } else { Tag::warning(t.consents_tag_refused()) }
}

/// Who decided what, and when.
pub fn facts(t: Texts, zone: &Tz, row: &consent_signature::Model, patient: &str) -> Part {
    Part::facts([
        (t.consents_decision(), Some(if row.agreed { t.consents_tag_signed() } else { t.consents_tag_refused() }.to_owned())),
        (t.consents_name_typed(), row.typed_name.clone()),
        (t.consents_who(), Some(author(t, &row.author, row.role.as_deref(), patient))),
        (t.consents_when(), Some(t.date_and_time(row.at, zone))),
        (t.consents_reason_given(), row.words.clone()),
        (t.consents_version_name(), Some(row.version.to_string())),
        (t.consents_hash(), Some(row.hash.clone())),
    ])
}
