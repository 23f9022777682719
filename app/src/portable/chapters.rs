//! The sections of a record as they are read outside of the portal: words for people, resources for machines.

use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::model::{Period, Section};
use crate::{
    access::{
        OnBehalf,
        policy::{ViewHealthSummary, ViewNotes, ViewResults, ViewVisits},
    },
    error::Error,
    health,
    ids::{PatientId, VisitId},
    notes::{
        self,
        wire::{Body, Note},
    },
    results,
    screens::model::Part,
    visits::entity::visit,
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
            Section::Visits | Section::Notes => visits(reader, patient, section, period).await?,
            _ => {
                let grant = reader.allow::<ViewHealthSummary>(patient)?;
                health::screens::chapter(&grant, section.as_str(), period).await?
            }
        };
        chapters.push(Chapter { section, heading, parts: plain(parts), resources });
    }
    Ok(chapters)
}

/// Without buttons, links and pictures: they lead nowhere outside of the portal.
fn plain(parts: Vec<Part>) -> Vec<Part> {
    let keeps =
        |part: &Part| !matches!(part, Part::Aside(_) | Part::Buttons { .. } | Part::Form(_) | Part::Print { .. } | Part::Chart { .. });
    parts
        .into_iter()
        .filter(keeps)
        .map(|part| match part {
            Part::Entry { title, tag, lines, parts } => Part::Entry { title, tag, lines, parts: plain(parts) },
            part => part,
        })
        .collect()
}

async fn visits(reader: &OnBehalf, patient: PatientId, section: Section, period: Period) -> Result<(String, Vec<Part>, Vec<Uuid>), Error> {
    let grant = reader.allow::<ViewVisits>(patient)?;
    let (t, zone): (_, Tz) = (grant.texts(), grant.zone());
    let query = visit::Entity::find().filter(visit::Column::PatientId.eq(patient.0)).filter(visit::Column::StartsAt.is_not_null());
    let query = if grant.sees_sensitive() { query } else { query.filter(visit::Column::Sensitive.eq(false)) };
    let found: Vec<visit::Model> = query.order_by_desc(visit::Column::StartsAt).all(grant.db()).await?;
    let found = found.into_iter().filter(|row| row.starts_at.is_some_and(|at| period.holds(at, zone)));
    let (mut parts, mut resources) = (Vec::new(), Vec::new());
    for row in found {
        let when = row.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
        if section == Section::Visits {
            resources.extend(row.encounter_id.or(row.appointment_id));
            let lines = std::iter::once(when).chain(row.reason).collect();
            parts.push(Part::Entry { title: row.title, tag: None, lines, parts: Vec::new() });
            continue;
        }
        let notes = reader.allow::<ViewNotes>(patient)?;
        let Ok(written) = notes::store::of_visit(&notes, VisitId(row.id)).await else { continue };
        for note in written.notes {
            parts.push(in_words(&row.title, &when, note));
        }
        resources.extend(notes::store::resources_of_visit(&notes, VisitId(row.id)).await?);
    }
    if parts.is_empty() {
        parts.push(Part::text(t.health_nothing()));
    }
    Ok((if section == Section::Visits { t.visits_title() } else { t.notes_title() }.to_owned(), parts, resources))
}

fn in_words(visit: &str, when: &str, note: Note) -> Part {
    let by: Vec<String> = [note.author, note.role].into_iter().flatten().collect();
    let lines = [format!("{visit} · {when}"), by.join(", "), note.signed.unwrap_or_default()];
    let parts = match note.body {
        Body::Html(html) => vec![Part::Html(html)],
        Body::Blocks(blocks) => health::screens::in_parts(blocks),
        Body::KeptBack | Body::Unsigned => Vec::new(),
    };
    Part::Entry { title: note.title, tag: None, lines: lines.into_iter().filter(|line| !line.is_empty()).collect(), parts }
}
