//! Results and vital signs as chapters of a record that is read outside of the portal.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    entry::{amended, concluded, earlier},
    store,
    words::{in_words, measured, name, range_in_words},
};
use crate::{
    access::{DelegatedAccess, policy::ViewResults},
    base::{error::Error, ids::PatientId, period::Period, when::When},
    record::{
        annotation::{self, additions},
        chapter::{Content, or_nothing},
        note::parts::text,
    },
    view::document::Part,
};

/// All results, or all vital signs, as a chapter of a record that is read outside of the portal.
///
/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period, vitals: bool) -> Result<Content, Error> {
    let grant = &reader.allow::<ViewResults>(patient)?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (results, values) = store::all(grant, vitals).await?;
    let results: Vec<_> = results.into_iter().filter(|result| result.when().day(zone).is_none_or(|day| period.holds_day(day))).collect();
    let values: Vec<_> = values.into_iter().filter(|value| value.when().day(zone).is_none_or(|day| period.holds_day(day))).collect();
    let mut resources: Vec<Uuid> = results.iter().map(|result| result.id).chain(values.iter().map(|value| value.resource_id)).collect();
    let mut seen = HashSet::new();
    resources.retain(|id| seen.insert(*id));
    let texts = store::texts(grant, &results).await?;
    let before = store::before(grant, &values).await?;
    let added = annotation::added(grant, resources.iter().copied().chain(texts.keys().copied())).await?;
    let additions = |id: Uuid| additions(grant, added.get(&id).map_or(&[], Vec::as_slice));
    let day = |when: When| t.when_day(&when, zone);
    let mut parts: Vec<Part> = Vec::new();
    // Of a result that is one observation, what was added stands with the result.
    let mut told: HashSet<Uuid> = results.iter().map(|result| result.id).collect();
    for result in &results {
        let mut inside = concluded(t, result);
        inside.extend(additions(result.id));
        if let Some(report) = result.note_id.and_then(|id| texts.get(&id)) {
            inside.extend(text(report));
            inside.extend(additions(report.id));
        }
        if !inside.is_empty() {
            let (title, tag) = (result.title.clone(), amended(t, result.status));
            parts.push(Part::Entry { title, tag, lines: vec![day(result.when())], parts: inside });
        }
    }
    for value in &values {
        let mut inside: Vec<Part> = earlier(t, &before, value).map(|fact| Part::Facts(vec![fact])).into_iter().collect();
        if told.insert(value.resource_id) {
            inside.extend(additions(value.resource_id));
        }
        if !inside.is_empty() {
            let (title, lines) = (format!("{}: {}", name(t, value), measured(t, value)), vec![day(value.when())]);
            parts.push(Part::Entry { title, tag: amended(t, value.status), lines, parts: inside });
        }
    }
    let rows: Vec<Vec<String>> = values
        .iter()
        .map(|value| {
            let said = [in_words(t, value), value.comment.clone()].into_iter().flatten().collect::<Vec<_>>().join(". ");
            vec![day(value.when()), name(t, value), measured(t, value), range_in_words(t, value).unwrap_or_default(), said]
        })
        .collect();
    let heading = if vitals { t.health_vitals() } else { t.results_title() }.to_owned();
    if !rows.is_empty() {
        let head = [t.results_day(), t.results_name(), t.results_value(), t.results_range(), t.results_says()].map(str::to_owned).into();
        parts.push(Part::Table { caption: heading.clone(), head, rows });
    }
    Ok((heading, or_nothing(t, parts, period), resources))
}
