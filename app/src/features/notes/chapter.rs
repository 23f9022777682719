//! Visit notes as a chapter of a record that is read outside of the portal.

use super::store;
use crate::{
    access::{
        DelegatedAccess,
        policy::{ViewNotes, ViewVisits},
    },
    base::{
        error::Error,
        ids::{PatientId, VisitId},
        period::Period,
    },
    record::{
        chapter::{Content, if_any, or_nothing},
        note::{parts::body, wire::Note},
        visit::store::{visits_in, when},
    },
    view::document::Part,
};

/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let notes = reader.allow::<ViewNotes>(patient)?;
    let t = grant.texts();
    let (mut parts, mut resources) = (Vec::new(), Vec::new());
    for row in visits_in(&grant, period).await? {
        let Some((written, behind)) = if_any(store::with_resources(&notes, VisitId(row.id)).await)? else { continue };
        let visit = format!("{} · {}", row.title, when(&grant, &row));
        parts.extend(written.notes.into_iter().filter_map(|note| in_words(&visit, note)));
        resources.extend(behind);
    }
    Ok((t.notes_title().to_owned(), or_nothing(t, parts, period), resources))
}

/// A note as far as its reader may read it. That one is kept back or unsigned is said to the patient in the portal, and to
/// nobody else.
fn in_words(visit: &str, note: Note) -> Option<Part> {
    let parts = body(note.body)?;
    let by: Vec<String> = [note.author, note.role].into_iter().flatten().collect();
    let lines = [visit.to_owned(), by.join(", "), note.signed.unwrap_or_default()];
    Some(Part::Entry { title: note.title, tag: None, lines: lines.into_iter().filter(|line| !line.is_empty()).collect(), parts })
}
