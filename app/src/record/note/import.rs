//! DocumentReference and DiagnosticReport → notes and instructions: what can be read of their attachments.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    addenda,
    entity::note,
    model::{Disclosure, Kind},
};
use crate::{
    base::ids::new_id,
    record::{
        fhir::{self, attachment, labels},
        import::{CHUNK, Context, Incoming, binaries, insert_all, is_of_sensitive_visit, names, of_type, visit_of},
        item::entity::health_item,
        resource::reference::hash,
    },
};

/// LOINC: Instructions, discharge instructions, hospital discharge instructions.
const INSTRUCTIONS: [&str; 3] = ["69730-0", "74213-0", "8653-8"];

/// Returns those of which a reader is told; what is hidden, or has a newer one in its place, is kept only.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let documents: Vec<Incoming<'_>> = of_type(rows, "DocumentReference").chain(of_type(rows, "DiagnosticReport")).collect();
    let mut ids = stored(context, documents.iter().map(|row| row.id).collect()).await?;
    for row in &documents {
        ids.entry(row.id).or_insert_with(new_id);
    }
    let (mut notes, mut told) = (Vec::new(), Vec::new());
    for row in documents.iter().copied() {
        if let Some((found, is_told)) = document(context, row, &mut ids).await? {
            notes.push(found);
            told.extend(is_told.then_some(row.id));
        }
    }
    let conflict = OnConflict::column(note::Column::ResourceId)
        .update_columns([
            note::Column::PatientId,
            note::Column::VisitId,
            note::Column::Kind,
            note::Column::Title,
            note::Column::AuthorId,
            note::Column::AuthorName,
            note::Column::SignedAt,
            note::Column::IsSigned,
            note::Column::Format,
            note::Column::Body,
            note::Column::ContentHash,
            note::Column::Disclosure,
            note::Column::Sensitive,
            note::Column::AddendumTo,
            note::Column::Language,
        ])
        .to_owned();
    let charts: HashSet<Uuid> = notes.iter().filter_map(|note| note.patient_id.try_as_ref().copied()).collect();
    insert_all!(context.tx, note::Entity, notes, conflict.clone());
    addenda::follow(context.tx, charts).await?;
    let mut replaced: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    context.replaced.iter().for_each(|(document, chart)| replaced.entry(*chart).or_default().push(*document));
    for (chart, documents) in &replaced {
        for chunk in documents.chunks(CHUNK) {
            let ids = || chunk.iter().copied();
            let hidden = note::ActiveModel { disclosure: Set(Disclosure::Hidden), body: Set(String::new()), ..Default::default() };
            let (of_notes, of_items) = (note::Column::PatientId.eq(*chart), health_item::Column::PatientId.eq(*chart));
            note::Entity::update_many().set(hidden).filter(note::Column::ResourceId.is_in(ids())).filter(of_notes).exec(context.tx).await?;
            health_item::Entity::delete_many().filter(health_item::Column::Id.is_in(ids())).filter(of_items).exec(context.tx).await?;
        }
    }
    let gone: HashSet<Uuid> = documents.into_iter().filter(|row| context.is_replaced(*row)).map(|row| row.id).collect();
    told.retain(|id| !gone.contains(id));
    Ok(told)
}

/// The ids that notes of these resources have already.
async fn stored(context: &Context<'_>, resources: Vec<Uuid>) -> Result<HashMap<Uuid, Uuid>, DbErr> {
    let mut ids = HashMap::new();
    for chunk in resources.chunks(CHUNK) {
        let found = note::Entity::find().filter(note::Column::ResourceId.is_in(chunk.iter().copied())).all(context.tx).await?;
        ids.extend(found.into_iter().map(|note| (note.resource_id, note.id)));
    }
    Ok(ids)
}

/// The note, and whether its reader is told of it.
async fn document(
    context: &mut Context<'_>,
    row: Incoming<'_>,
    ids: &mut HashMap<Uuid, Uuid>,
) -> Result<Option<(note::ActiveModel, bool)>, DbErr> {
    let value = row.value;
    let filled = binaries::filled(context, row).await?;
    let is_report = row.resource_type == "DiagnosticReport";
    let visit = visit_of(context, row);
    let mut addendum_to = None;
    for relation in fhir::items(&value["relatesTo"]) {
        let Some(target) = context.links.resolve(row.id, &relation["target"]) else { continue };
        match relation["code"].as_str() {
            Some("appends") => {
                if !ids.contains_key(&target) {
                    ids.extend(stored(context, vec![target]).await?);
                }
                addendum_to = ids.get(&target).copied();
            }
            Some("replaces") if is_valid(value) => {
                context.replaced.extend(row.patient.map(|chart| (target, chart)));
            }
            _ => {}
        }
    }
    let author = if is_report { &value["resultsInterpreter"][0] } else { &value["author"][0] };
    let author = if author.is_object() { author } else { &value["performer"][0] };
    let author_id = context.links.resolve(row.id, author);
    let (Some(patient_id), Some((format, body))) = (row.patient, attachment::of(&filled.value).find_map(attachment::text)) else {
        return Ok(None);
    };
    let author_name = names::of(context, row, author).await?.map(|name| fhir::person(&name));
    let labels = labels::of(value);
    let disclosure = disclosure(value, is_report, labels);
    // FHIR R4: DocumentReference.date is when it was made available, DiagnosticReport.issued when it was released.
    let released_at = ["date", "issued"].iter().find_map(|name| fhir::instant(&value[*name]));
    let about = || fhir::instant(&value["effectiveDateTime"]).or_else(|| fhir::instant(&value["context"]["period"]["end"]));
    // Instructions stand in the summary of their visit; without one they are a letter.
    let instructs = visit.is_some() && !is_report && fhir::has_code(&value["type"], &INSTRUCTIONS);
    let kind = if instructs { Kind::Instructions } else { Kind::Note };
    let title = if is_report { fhir::concept(&value["code"]) } else { fhir::concept(&value["type"]) };
    let is_told = disclosure == Disclosure::Shown || visit.is_some() && disclosure != Disclosure::Hidden;
    let note = note::ActiveModel {
        id: Set(ids[&row.id]),
        resource_id: Set(row.id),
        patient_id: Set(patient_id),
        visit_id: Set(visit.map(|visit| visit.id)),
        kind: Set(kind),
        title: Set(title.unwrap_or_else(|| "Note".into())),
        author_id: Set(author_id),
        author_name: Set(author_name),
        signed_at: Set(released_at.or_else(about)),
        is_signed: Set(released_at.is_some() && !is_draft(written(value, is_report))),
        format: Set(format),
        content_hash: Set(hash(&body.split_whitespace().collect::<Vec<_>>().join(" "))),
        // What is not shown is not even in the table that pages read.
        body: Set(if disclosure == Disclosure::Shown { body } else { String::new() }),
        disclosure: Set(disclosure),
        sensitive: Set(labels.sensitive || is_of_sensitive_visit(context, row)),
        addendum_to: Set(addendum_to),
        language: Set(value["language"].as_str().and_then(|tag| tag.split('-').next()).map(str::to_owned)),
    };
    Ok(Some((note, is_told)))
}

/// What is an error, or not signed yet, takes nobody's place.
fn is_valid(value: &Value) -> bool {
    value["status"] != "entered-in-error" && !matches!(value["docStatus"].as_str(), Some("preliminary" | "entered-in-error"))
}

/// How far the writing has come.
fn written(value: &Value, is_report: bool) -> &str {
    if is_report { value["status"].as_str().unwrap_or_default() } else { value["docStatus"].as_str().unwrap_or("final") }
}

fn is_draft(written: &str) -> bool {
    matches!(written, "preliminary" | "registered" | "partial" | "unknown")
}

fn disclosure(value: &Value, is_report: bool, labels: labels::Labels) -> Disclosure {
    let status = value["status"].as_str().unwrap_or_default();
    let written = written(value, is_report);
    if labels.hidden || matches!(status, "entered-in-error" | "superseded" | "cancelled") || written == "entered-in-error" {
        Disclosure::Hidden
    } else if labels.kept_back {
        Disclosure::KeptBack
    } else if is_draft(written) {
        Disclosure::Unsigned
    } else {
        Disclosure::Shown
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_and_status_decide_who_may_know() {
        let of = |status: &str, written: &str, labels| disclosure(&json!({"status": status, "docStatus": written}), false, labels);
        let none = labels::Labels::default();
        assert_eq!(of("current", "final", none), Disclosure::Shown);
        assert_eq!(of("current", "preliminary", none), Disclosure::Unsigned);
        assert_eq!(of("superseded", "final", none), Disclosure::Hidden);
        assert_eq!(of("current", "entered-in-error", none), Disclosure::Hidden);
        assert_eq!(of("current", "final", labels::Labels { kept_back: true, ..none }), Disclosure::KeptBack);
        assert_eq!(of("current", "final", labels::Labels { kept_back: true, hidden: true, sensitive: true }), Disclosure::Hidden);
        assert_eq!(disclosure(&json!({"status": "partial"}), true, none), Disclosure::Unsigned);
    }

    #[test]
    fn a_draft_does_not_take_the_place_of_what_was_signed() {
        let takes = |status: &str, written: &str| is_valid(&json!({"status": status, "docStatus": written}));
        assert!(takes("current", "amended") && takes("superseded", "final"));
        assert!(!takes("current", "preliminary") && !takes("entered-in-error", "final"));
    }
}
