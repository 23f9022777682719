//! Visits as a chapter of a record that is read outside of the portal.

use crate::{
    access::{DelegatedAccess, policy::ViewVisits},
    base::{error::Error, ids::PatientId, period::Period},
    record::{
        chapter::{Content, or_nothing},
        visit::{
            model::Status,
            store::{visits_in, when},
        },
    },
    view::{document::Part, sections::Tag},
};

/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let t = grant.texts();
    let (mut parts, mut resources) = (Vec::new(), Vec::new());
    for row in visits_in(&grant, period).await? {
        resources.extend(row.encounter_id.or(row.appointment_id));
        let tag = match row.status {
            Status::Cancelled => Some(Tag::muted(t.visits_cancelled())),
            Status::NoShow => Some(Tag::muted(t.visits_no_show())),
            Status::Requested => Some(Tag::neutral(t.visits_requested())),
            Status::Booked => Some(Tag::neutral(t.visits_booked())),
            Status::Arrived | Status::InProgress | Status::Finished => None,
        };
        let lines = std::iter::once(when(&grant, &row)).chain(row.reason).collect();
        parts.push(Part::Entry { title: row.title, tag, lines, parts: Vec::new() });
    }
    Ok((t.visits_title().to_owned(), or_nothing(t, parts, period), resources))
}
