//! Visits as a chapter of a record that is read outside of the portal.

use std::collections::HashMap;

use crate::{
    access::{
        DelegatedAccess,
        policy::{ViewSummaries, ViewVisits},
    },
    base::{error::Error, ids::PatientId, period::Period},
    desk::video::chat::kept_at,
    record::{
        chapter::{Content, if_any, or_nothing},
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
    let rows = visits_in(&grant, period).await?;
    let written = if_any(reader.allow::<ViewSummaries>(patient))?;
    let mut written = match written {
        Some(summaries) => kept_at(&summaries, &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?,
        None => HashMap::new(),
    };
    for row in rows {
        resources.extend(row.encounter_id.or(row.appointment_id));
        let tag = match row.status {
            Status::Cancelled => Some(Tag::muted(t.visits_cancelled())),
            Status::NoShow => Some(Tag::muted(t.visits_no_show())),
            Status::Requested => Some(Tag::neutral(t.visits_requested())),
            Status::Booked => Some(Tag::neutral(t.visits_booked())),
            Status::Arrived | Status::InProgress | Status::Finished => None,
        };
        let lines = std::iter::once(when(&grant, &row)).chain(row.reason).collect();
        let chat = written.remove(&row.id).map(|lines| {
            let lines = lines.iter().flat_map(|line| [Part::Small(line.about(t, &grant.zone())), Part::Quote(line.words.clone())]);
            std::iter::once(Part::Heading(t.video_chat_title().to_owned())).chain(lines).collect()
        });
        parts.push(Part::Entry { title: row.title, tag, lines, parts: chat.unwrap_or_default() });
    }
    Ok((t.visits_title().to_owned(), or_nothing(t, parts, period), resources))
}
