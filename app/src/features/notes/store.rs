//! Reads notes, from a grant for one chart.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    access::{Grant, policy::ViewNotes},
    base::{error::Error, ids::VisitId, terms::document_type},
    record::{
        annotation::{
            added,
            entity::amendment,
            model::{Place, Voice},
        },
        care_team::entity::clinician,
        note::{
            addenda,
            entity::note,
            model::{Block, Disclosure, Format, Kind, blocks},
            wire::{Body, Note, Notes},
        },
        release,
        resource::store::sources,
        summary::head,
    },
};

/// # Errors
/// `NotFound` when the visit is not in this chart or nothing of it may be known.
pub async fn of_visit(grant: &Grant<ViewNotes>, visit: VisitId) -> Result<Notes, Error> {
    Ok(with_resources(grant, visit).await?.0)
}

/// The notes of a visit, and the resources behind those that are shown.
///
/// # Errors
/// As [`of_visit`].
pub async fn with_resources(grant: &Grant<ViewNotes>, visit: VisitId) -> Result<(Notes, Vec<Uuid>), Error> {
    let (_, head) = head::of(grant, visit).await?;
    let mut query = note::Entity::find()
        .filter(note::Column::PatientId.eq(grant.patient().0))
        .filter(note::Column::VisitId.eq(visit.0))
        .filter(note::Column::Kind.eq(Kind::Note))
        .filter(note::Column::Disclosure.ne(Disclosure::Hidden))
        // The text of a result that waits, waits with it.
        .filter(release::notes_for(grant));
    if !grant.sees_sensitive() {
        query = query.filter(note::Column::Sensitive.eq(false));
    }
    let query = query.find_also_related(clinician::Entity).order_by_asc(note::Column::SignedAt).order_by_asc(note::Column::Id);
    let (found, authors): (Vec<_>, Vec<_>) = query.all(grant.db()).await?.into_iter().unzip();
    let resources: Vec<Uuid> = found.iter().filter(|note| note.disclosure == Disclosure::Shown).map(|note| note.resource_id).collect();
    let authors: Vec<clinician::Model> = authors.into_iter().flatten().collect();
    let added = added(grant, found.iter().map(|note| note.id)).await?;
    let sources = sources(grant, &resources).await?;
    let notes: Vec<Note> = in_order(found)
        .into_iter()
        .flat_map(|note| {
            let added: Vec<Note> = added.get(&note.id).into_iter().flatten().map(|row| addition(grant, row)).collect();
            let author = authors.iter().find(|author| Some(author.id) == note.author_id);
            let shown = note.disclosure == Disclosure::Shown;
            let note = Note {
                author: author.map(|author| author.name.clone()).or(note.author_name),
                role: author.and_then(|author| author.specialty.clone()),
                signed: note.signed_at.filter(|_| note.is_signed).map(|at| grant.texts().date_and_time(at, &grant.zone())),
                is_addendum: note.addendum_to.is_some(),
                language: note.language,
                body: match (note.disclosure, note.format) {
                    (Disclosure::Shown, Format::Text) => Body::Blocks(blocks(&note.body)),
                    (Disclosure::Shown, Format::Html) => Body::Html(note.body),
                    (Disclosure::Unsigned, _) => Body::Unsigned,
                    (Disclosure::KeptBack | Disclosure::Hidden, _) => Body::KeptBack,
                },
                source: sources.get(&note.resource_id).map(|source| grant.texts().health_from_source(source)),
                correction: shown.then(|| Place::note(note.id).address(grant.patient())),
                title: document_type(grant.texts(), &note.title),
            };
            std::iter::once(note).chain(added)
        })
        .collect();
    if notes.is_empty() { Err(Error::NotFound) } else { Ok((Notes { visit: head, notes }, resources)) }
}

/// What was added because somebody asked for a correction, as a note behind the note.
fn addition(grant: &Grant<ViewNotes>, row: &amendment::Model) -> Note {
    let t = grant.texts();
    Note {
        title: match row.voice {
            Voice::Addendum => t.correction_addendum().to_owned(),
            Voice::Disagreement => t.correction_disagreement().to_owned(),
        },
        author: Some(row.by_name.clone()),
        role: None,
        signed: Some(t.date_and_time(row.at, &grant.zone())),
        is_addendum: true,
        language: None,
        body: Body::Blocks(vec![Block::Paragraph(row.text.clone())]),
        source: None,
        correction: None,
    }
}

/// Each note once, though it may have come as two resources, and each addendum behind the note it adds to.
fn in_order(found: Vec<note::Model>) -> Vec<note::Model> {
    let mut seen = HashSet::new();
    let once = found.into_iter().filter(|note| note.disclosure != Disclosure::Shown || seen.insert(note.content_hash.clone()));
    addenda::grouped(once.collect()).into_iter().flat_map(|(note, behind)| std::iter::once(note).chain(behind)).collect()
}
