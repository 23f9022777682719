//! After Visit Summaries as a chapter of a record that is read outside of the portal.

use super::store;
use crate::{
    access::{
        DelegatedAccess,
        policy::{ViewSummaries, ViewVisits},
    },
    base::{
        error::Error,
        i18n::Texts,
        ids::{PatientId, VisitId},
        period::Period,
    },
    record::{
        chapter::{Content, if_any, or_nothing},
        note::parts::body,
        summary::wire::{Line, Summary},
        visit::{
            model::Status,
            store::{visits_in, when},
        },
    },
    view::document::Part,
};

/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let summaries = reader.allow::<ViewSummaries>(patient)?;
    let t = grant.texts();
    let mut parts = Vec::new();
    for row in visits_in(&grant, period).await?.into_iter().filter(|row| row.status == Status::Finished) {
        let Some(summary) = if_any(store::of_visit(&summaries, VisitId(row.id)).await)? else { continue };
        let found = in_words(t, summary);
        if !found.is_empty() {
            parts.push(Part::Entry { title: row.title.clone(), tag: None, lines: vec![when(&grant, &row)], parts: found });
        }
    }
    Ok((t.portable_summaries().to_owned(), or_nothing(t, parts, period), Vec::new()))
}

fn in_words(t: Texts, summary: Summary) -> Vec<Part> {
    let line =
        |line: Line| [Some(line.text), line.detail, line.due.map(|day| t.summary_by(&day))].into_iter().flatten().collect::<Vec<_>>();
    let mut parts = Vec::new();
    let mut group = |title: &str, lines: Vec<Line>| {
        if !lines.is_empty() {
            parts.push(Part::Text(title.to_owned()));
            parts.push(Part::Lines(lines.into_iter().map(|found| line(found).join(" · ")).collect()));
        }
    };
    group(t.summary_start(), summary.started);
    group(t.summary_change(), summary.changed);
    group(t.summary_stop(), summary.stopped);
    group(t.summary_diagnoses(), summary.diagnoses);
    group(t.summary_vitals(), summary.vitals);
    group(t.summary_tests(), summary.tests);
    group(t.summary_follow_ups(), summary.follow_ups);
    if !summary.instructions.is_empty() {
        parts.push(Part::Text(t.summary_next().to_owned()));
        parts.extend(summary.instructions.into_iter().filter_map(body).flatten());
    }
    parts
}
