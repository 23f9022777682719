//! DocumentReference and DiagnosticReport → notes and instructions: base64 text, or HTML that is sanitised here.

use std::collections::{HashMap, HashSet};

use app::{
    ids::new_id,
    notes::{
        entity::note,
        model::{Disclosure, Format, Kind},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{Context, insert_all, labels, of_type, summary::visit_of, words};
use crate::fhir::{
    reference::hash,
    store::{CHUNK, Row},
};

/// LOINC: Instructions, discharge instructions, hospital discharge instructions.
const INSTRUCTIONS: [&str; 3] = ["69730-0", "74213-0", "8653-8"];

pub async fn all(context: &mut Context<'_>, rows: &[&Row]) -> Result<Vec<Uuid>, DbErr> {
    let documents: Vec<&Row> = of_type(rows, "DocumentReference").chain(of_type(rows, "DiagnosticReport")).collect();
    let mut ids = stored(context, documents.iter().map(|row| row.id).collect()).await?;
    for row in &documents {
        ids.entry(row.id).or_insert_with(new_id);
    }
    let mut notes = Vec::new();
    let mut replaced = Vec::new();
    for row in documents {
        if let Some(found) = document(context, row, &mut ids, &mut replaced).await? {
            notes.push(found);
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
            note::Column::Format,
            note::Column::Body,
            note::Column::ContentHash,
            note::Column::Disclosure,
            note::Column::Sensitive,
            note::Column::AddendumTo,
            note::Column::Language,
        ])
        .to_owned();
    insert_all!(context.tx, note::Entity, notes, conflict.clone());
    for chunk in replaced.chunks(CHUNK) {
        let hidden = note::ActiveModel { disclosure: Set(Disclosure::Hidden), body: Set(String::new()), ..Default::default() };
        note::Entity::update_many().set(hidden).filter(note::Column::ResourceId.is_in(chunk.iter().copied())).exec(context.tx).await?;
    }
    Ok(notes.into_iter().map(|note| note.resource_id.unwrap()).collect())
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

async fn document(
    context: &mut Context<'_>,
    row: &Row,
    ids: &mut HashMap<Uuid, Uuid>,
    replaced: &mut Vec<Uuid>,
) -> Result<Option<note::ActiveModel>, DbErr> {
    let value = &row.value;
    let is_report = row.resource_type == "DiagnosticReport";
    let visit = visit_of(context, row);
    let mut addendum_to = None;
    for relation in words::items(&value["relatesTo"]) {
        let Some(target) = context.links.resolve(row.id, &relation["target"]) else { continue };
        match relation["code"].as_str() {
            Some("appends") => {
                if !ids.contains_key(&target) {
                    ids.extend(stored(context, vec![target]).await?);
                }
                addendum_to = ids.get(&target).copied();
            }
            Some("replaces") => replaced.push(target),
            _ => {}
        }
    }
    let author = if is_report { &value["resultsInterpreter"][0] } else { &value["author"][0] };
    let author = if author.is_object() { author } else { &value["performer"][0] };
    let author_id = context.links.resolve(row.id, author);
    let (Some(patient_id), Some((format, body))) = (row.patient, body(value, is_report)) else { return Ok(None) };
    let labels = labels::of(value);
    let disclosure = disclosure(value, is_report, labels);
    let signed_at = ["date", "issued", "effectiveDateTime"].iter().find_map(|name| words::instant(&value[*name]));
    let kind = if !is_report && words::has_code(&value["type"], &INSTRUCTIONS) { Kind::Instructions } else { Kind::Note };
    let title = if is_report { words::concept(&value["code"]) } else { words::concept(&value["type"]) };
    Ok(Some(note::ActiveModel {
        id: Set(ids[&row.id]),
        resource_id: Set(row.id),
        patient_id: Set(patient_id),
        visit_id: Set(visit.map(|visit| visit.id)),
        kind: Set(kind),
        title: Set(title.unwrap_or_else(|| "Note".into())),
        author_id: Set(author_id),
        author_name: Set(author["display"].as_str().map(str::to_owned)),
        signed_at: Set(signed_at.or_else(|| words::instant(&value["context"]["period"]["end"]))),
        format: Set(format),
        content_hash: Set(hash(&body.split_whitespace().collect::<Vec<_>>().join(" "))),
        // What is not shown is not even in the table that pages read.
        body: Set(if disclosure == Disclosure::Shown { body } else { String::new() }),
        disclosure: Set(disclosure),
        sensitive: Set(labels.sensitive || visit.is_some_and(|visit| visit.sensitive)),
        addendum_to: Set(addendum_to),
        language: Set(value["language"].as_str().and_then(|tag| tag.split('-').next()).map(str::to_owned)),
    }))
}

fn disclosure(value: &Value, is_report: bool, labels: labels::Labels) -> Disclosure {
    let status = value["status"].as_str().unwrap_or_default();
    let written = if is_report { status } else { value["docStatus"].as_str().unwrap_or("final") };
    if labels.hidden || matches!(status, "entered-in-error" | "superseded" | "cancelled") || written == "entered-in-error" {
        Disclosure::Hidden
    } else if labels.kept_back {
        Disclosure::KeptBack
    } else if matches!(written, "preliminary" | "registered" | "partial" | "unknown") {
        Disclosure::Unsigned
    } else {
        Disclosure::Shown
    }
}

/// The first attachment that is text. Documents of other kinds are kept, and not shown here.
fn body(value: &Value, is_report: bool) -> Option<(Format, String)> {
    let attachments: Vec<&Value> = if is_report {
        words::items(&value["presentedForm"]).collect()
    } else {
        words::items(&value["content"]).map(|content| &content["attachment"]).collect()
    };
    attachments.into_iter().find_map(|attachment| {
        let kind = attachment["contentType"].as_str().unwrap_or_default().to_lowercase();
        let encoded: String = attachment["data"].as_str()?.split_ascii_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        let text = decode(bytes, &kind);
        if kind.starts_with("text/html") {
            Some((Format::Html, sanitised(&text)))
        } else if kind.starts_with("text/plain") {
            Some((Format::Text, text))
        } else {
            None
        }
        .filter(|(_, text)| !text.trim().is_empty())
    })
}

/// UTF-8; what is not must be Latin-1, in which every byte is a letter.
fn decode(bytes: Vec<u8>, kind: &str) -> String {
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect();
    if kind.contains("8859-1") {
        return latin(&bytes);
    }
    String::from_utf8(bytes).unwrap_or_else(|error| latin(error.as_bytes()))
}

/// What a note may be made of: words, headings, lists and tables. No script, picture, link, style or attribute.
fn sanitised(html: &str) -> String {
    let tags = [
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "br",
        "hr",
        "div",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "sub",
        "sup",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "blockquote",
        "pre",
    ];
    ammonia::Builder::empty()
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style", "title"]))
        .clean(html)
        .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn html_keeps_its_words_and_loses_what_could_harm() {
        let html = "<h2 onclick=\"x()\" style=\"color:red\">Plan</h2><script>alert(1)</script><p>Rest <a href=\"javascript:x\">now</a><img src=x onerror=y></p>";
        assert_eq!(sanitised(html), "<h2>Plan</h2><p>Rest now</p>");
    }

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
    fn text_is_read_in_both_encodings() {
        assert_eq!(decode("año".as_bytes().to_vec(), "text/plain"), "año");
        assert_eq!(decode(vec![b'a', 0xf1, b'o'], "text/plain"), "año");
    }
}
