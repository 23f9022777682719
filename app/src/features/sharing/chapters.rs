//! The sections of a record as they are read outside of the portal: words for people, resources for machines.

use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::model::Section;
use crate::{
    access::{
        Grant, OnBehalf,
        policy::{ViewHealthSummary, ViewNotes, ViewResults, ViewSummaries, ViewVisits},
    },
    base::{
        clock::local_date,
        error::Error,
        i18n::Texts,
        ids::{PatientId, VisitId},
        period::Period,
    },
    features::{health, notes, results, summaries, visits},
    record::{
        note::wire::{Body, Note},
        summary::wire::{Line, Summary},
        visit::{entity::visit, model::Status},
    },
    view::screens::{model::Part, off, plain},
};

/// One section: its heading, what it says, and the resources it rests on.
pub struct Chapter {
    pub section: Section,
    pub heading: String,
    /// Nothing in it that leads anywhere.
    pub parts: Vec<Part>,
    pub resources: Vec<Uuid>,
}

/// Gathers sections as far as their reader may see them.
///
/// # Errors
/// What the policy refuses; when the database fails.
pub async fn gather(reader: &OnBehalf, patient: PatientId, sections: &[Section], period: Period) -> Result<Vec<Chapter>, Error> {
    let mut chapters = Vec::new();
    for section in sections.iter().copied() {
        let (heading, parts, resources) = match section {
            Section::Results | Section::Vitals => {
                let grant = reader.allow::<ViewResults>(patient)?;
                results::screens::chapter(&grant, section == Section::Vitals, period).await?
            }
            Section::Visits => visits(reader, patient, period).await?,
            Section::Summaries => summaries(reader, patient, period).await?,
            Section::Notes => notes(reader, patient, period).await?,
            Section::Documents => documents(reader, patient, period).await?,
            _ => {
                let grant = reader.allow::<ViewHealthSummary>(patient)?;
                health::screens::chapter(&grant, section.as_str(), period).await?
            }
        };
        chapters.push(Chapter { section, heading, parts: without_ways(parts), resources });
    }
    Ok(chapters)
}

/// Without buttons, links and pictures: they lead nowhere outside of the portal.
fn without_ways(parts: Vec<Part>) -> Vec<Part> {
    let keeps =
        |part: &Part| !matches!(part, Part::Aside(_) | Part::Buttons { .. } | Part::Form(_) | Part::Print { .. } | Part::Chart { .. });
    parts
        .into_iter()
        .filter(keeps)
        .map(|part| match part {
            Part::Entry { title, tag, lines, parts } => Part::Entry { title, tag, lines, parts: without_ways(parts) },
            part => part,
        })
        .collect()
}

type Told = (String, Vec<Part>, Vec<Uuid>);

/// What a visit has nothing of, or its reader may not see, is left out. Any other fault ends the whole: a chapter with a gap looks
/// like all there is.
fn if_any<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound | Error::NotAllowed) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The visits of a period, newest first.
async fn visits_in(grant: &Grant<ViewVisits>, period: Period) -> Result<Vec<visit::Model>, Error> {
    let found = visits::store::visible(grant)
        .filter(visit::Column::StartsAt.is_not_null())
        .order_by_desc(visit::Column::StartsAt)
        .all(grant.db())
        .await?;
    Ok(found.into_iter().filter(|row| row.starts_at.is_some_and(|at| period.holds(at, grant.zone()))).collect())
}

fn when(grant: &Grant<ViewVisits>, row: &visit::Model) -> String {
    row.starts_at.map(|at| grant.texts().date_and_time(at, &grant.zone())).unwrap_or_default()
}

async fn visits(reader: &OnBehalf, patient: PatientId, period: Period) -> Result<Told, Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let t = grant.texts();
    let (mut parts, mut resources) = (Vec::new(), Vec::new());
    for row in visits_in(&grant, period).await? {
        resources.extend(row.encounter_id.or(row.appointment_id));
        let tag = match row.status {
            Status::Cancelled => off(t.visits_cancelled()),
            Status::NoShow => off(t.visits_no_show()),
            Status::Requested => plain(t.visits_requested()),
            Status::Booked => plain(t.visits_booked()),
            Status::Arrived | Status::InProgress | Status::Finished => None,
        };
        let lines = std::iter::once(when(&grant, &row)).chain(row.reason).collect();
        parts.push(Part::Entry { title: row.title, tag, lines, parts: Vec::new() });
    }
    Ok((t.visits_title().to_owned(), or_nothing(t, parts), resources))
}

/// What the After Visit Summaries say.
async fn summaries(reader: &OnBehalf, patient: PatientId, period: Period) -> Result<Told, Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let summaries = reader.allow::<ViewSummaries>(patient)?;
    let t = grant.texts();
    let mut parts = Vec::new();
    for row in visits_in(&grant, period).await?.into_iter().filter(|row| row.status == Status::Finished) {
        let Some(summary) = if_any(summaries::store::of_visit(&summaries, VisitId(row.id)).await)? else { continue };
        let found = summary_in_words(t, summary);
        if !found.is_empty() {
            parts.push(Part::Entry { title: row.title.clone(), tag: None, lines: vec![when(&grant, &row)], parts: found });
        }
    }
    Ok((t.portable_summaries().to_owned(), or_nothing(t, parts), Vec::new()))
}

fn summary_in_words(t: Texts, summary: Summary) -> Vec<Part> {
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
        parts.extend(summary.instructions.into_iter().filter_map(body_in_words).flatten());
    }
    parts
}

async fn notes(reader: &OnBehalf, patient: PatientId, period: Period) -> Result<Told, Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let notes = reader.allow::<ViewNotes>(patient)?;
    let t = grant.texts();
    let (mut parts, mut resources) = (Vec::new(), Vec::new());
    for row in visits_in(&grant, period).await? {
        let Some(written) = if_any(notes::store::of_visit(&notes, VisitId(row.id)).await)? else { continue };
        let visit = format!("{} · {}", row.title, when(&grant, &row));
        parts.extend(written.notes.into_iter().filter_map(|note| in_words(&visit, note)));
        resources.extend(notes::store::resources_of_visit(&notes, VisitId(row.id)).await?);
    }
    Ok((t.notes_title().to_owned(), or_nothing(t, parts), resources))
}

/// Letters and other texts that belong to no visit, word for word; of files, what they are.
async fn documents(reader: &OnBehalf, patient: PatientId, period: Period) -> Result<Told, Error> {
    let grant = reader.allow::<ViewHealthSummary>(patient)?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (heading, files, mut resources) = health::screens::chapter(&grant, Section::Documents.as_str(), period).await?;
    let mut parts = Vec::new();
    for letter in health::store::letters(&grant).await? {
        if letter.signed_at.is_some_and(|at| !period.holds(at, zone)) {
            continue;
        }
        let lines = [letter.signed_at.map(|at| t.date(local_date(at, &zone))), letter.author_name.clone()];
        resources.push(letter.resource_id);
        parts.push(Part::Entry {
            title: letter.title.clone(),
            tag: None,
            lines: lines.into_iter().flatten().collect(),
            parts: health::screens::text(&letter),
        });
    }
    if parts.is_empty() || files.iter().any(|part| matches!(part, Part::Entry { .. })) {
        parts.extend(files);
    }
    Ok((heading, parts, resources))
}

fn or_nothing(t: Texts, parts: Vec<Part>) -> Vec<Part> {
    if parts.is_empty() { vec![Part::text(t.health_nothing())] } else { parts }
}

/// A note as far as its reader may read it. That one is kept back or unsigned is said to the patient in the portal, and to
/// nobody else.
fn in_words(visit: &str, note: Note) -> Option<Part> {
    let parts = body_in_words(note.body)?;
    let by: Vec<String> = [note.author, note.role].into_iter().flatten().collect();
    let lines = [visit.to_owned(), by.join(", "), note.signed.unwrap_or_default()];
    Some(Part::Entry { title: note.title, tag: None, lines: lines.into_iter().filter(|line| !line.is_empty()).collect(), parts })
}

fn body_in_words(body: Body) -> Option<Vec<Part>> {
    match body {
        Body::Html(html) => Some(vec![Part::Html(html)]),
        Body::Blocks(blocks) => Some(health::screens::in_parts(blocks)),
        Body::KeptBack | Body::Unsigned => None,
    }
}
