//! Annotations as parts of a document, and the link to the form for a correction.

use super::{
    entity::amendment,
    model::{Place, Voice},
};
use crate::{
    access::{Grant, Permission},
    base::{i18n::param, ids::PatientId},
    view::{document::Part, link::Link},
};

/// The small link to the form for a correction, under each item.
pub fn correction_link<P: Permission<Scope = PatientId>>(grant: &Grant<P>, place: Place) -> Part {
    Part::Aside(Link::new(place.address(grant.patient()), grant.texts().correction_title()))
}

/// What was added to an item, a result or a note.
pub fn additions<P: Permission<Scope = PatientId>>(grant: &Grant<P>, rows: &[amendment::Model]) -> Vec<Part> {
    let t = grant.texts();
    let mut parts = Vec::new();
    for row in rows {
        let at = t.date_and_time(row.at, &grant.zone());
        parts.push(Part::small(match row.voice {
            Voice::Addendum => t.correction_added(param::At(&at), param::By(&row.by_name)),
            Voice::Disagreement => t.correction_disagreed(param::At(&at), param::By(&row.by_name)),
        }));
        parts.push(Part::Quote(row.text.clone()));
    }
    parts
}
