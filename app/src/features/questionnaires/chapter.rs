//! What was answered, as a chapter of a record that is read outside of the portal.

use super::in_words::{contents, when_and_who};
use crate::{
    access::{DelegatedAccess, policy::ViewQuestionnaires},
    base::{error::Error, ids::PatientId, period::Period},
    desk::questionnaires::{model::State, store::of_chart},
    record::chapter::{Content, or_nothing},
    view::document::Part,
};

/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = &reader.allow::<ViewQuestionnaires>(patient)?;
    let (t, zone) = (grant.texts(), grant.zone());
    let whose = &grant.person()?.given_name;
    let (mut entries, mut resources) = (Vec::new(), Vec::new());
    for row in of_chart(grant).await? {
        if row.state != State::Completed || !row.authored_at.is_none_or(|at| period.holds(at, zone)) {
            continue;
        }
        // The page shows files; here their names stand among the answers.
        let (totals, parts) = contents(grant, &row, "").await?;
        let (title, lines) = (row.title(t).to_owned(), vec![when_and_who(t, &zone, &row, whose)]);
        entries.push(Part::Entry { title, tag: None, lines, parts: totals.into_iter().map(Part::Text).chain(parts).collect() });
        resources.extend(row.resource_id);
    }
    Ok((t.questionnaires_title().to_owned(), or_nothing(t, entries, period), resources))
}
