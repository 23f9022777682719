//! The record as a FHIR R4 document, as far as the data allow an International Patient Summary.
//! Source: HL7 IPS Implementation Guide 2.0.0; FHIR R4, documents.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt::Write as _,
};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{chapters::Chapter, model::Section, screens};
use crate::{
    access::{Grant, Permission},
    base::{
        error::Error,
        i18n::Texts,
        ids::{PatientId, new_id},
        text::escaped,
    },
    people::patient,
    record::resource::{
        entity::{fhir_alias, fhir_resource},
        reference,
    },
    view::screens::model::Part,
};

/// So many values in one statement: SQLite and PostgreSQL both take more.
const CHUNK: usize = 500;
/// Resources of nobody in particular that others point at, and that a document takes along.
const ALONG: [&str; 5] = ["Medication", "Practitioner", "PractitionerRole", "Organization", "Location"];

/// A reference is followed so far: a prescription's role, the role's practitioner, the practitioner's organization.
const HOPS: usize = 4;

/// A Bundle of type document: the composition first, the person next, then whatever the sections rest on.
///
/// # Errors
/// When the database fails.
pub async fn document<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    chapters: &[Chapter],
    organisation: &str,
    title: &str,
) -> Result<Value, Error> {
    let person = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let wanted: Vec<Uuid> = chapters.iter().flat_map(|chapter| chapter.resources.iter().copied()).collect();
    let (rows, known) = gathered(grant, &wanted).await?;
    let here: HashSet<Uuid> = rows.iter().map(|row| row.id).chain([person.resource_id]).collect();
    let now = grant.now().instant;
    let (author, composition) = (new_id(), new_id());
    let mut sections: Vec<Value> = chapters.iter().map(|chapter| section(chapter, &here)).collect();
    let missing = REQUIRED.iter().filter(|section| !chapters.iter().any(|chapter| chapter.section == **section));
    sections.extend(missing.map(|section| withheld(grant.texts(), *section)));
    let composition_resource = json!({
        "resourceType": "Composition",
        "id": composition,
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"]},
        "language": grant.locale().tag(),
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": urn(person.resource_id)},
        "date": instant(now),
        "author": [{"reference": urn(author)}],
        "title": title,
        "custodian": {"reference": urn(author)},
        "section": sections,
    });
    let organization = json!({"resourceType": "Organization", "id": author, "active": true, "name": organisation});
    let entry = |id: Uuid, resource: Value| json!({"fullUrl": urn(id), "resource": resource});
    let mut entries = vec![entry(composition, composition_resource), entry(person.resource_id, who(&person)), entry(author, organization)];
    for row in &rows {
        let Ok(mut resource) = serde_json::from_str::<Value>(&row.body) else { continue };
        prepare(&mut resource, &known, &here);
        resource["id"] = json!(row.id);
        entries.push(entry(row.id, resource));
    }
    Ok(json!({
        "resourceType": "Bundle",
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(new_id())},
        "type": "document",
        "timestamp": instant(now),
        "entry": entries,
    }))
}

/// The sections that an International Patient Summary always has.
const REQUIRED: [Section; 3] = [Section::Conditions, Section::Allergies, Section::Medications];

/// A section that whoever shares the record did not choose: that it is left out is said, what it holds is not.
fn withheld(t: Texts, section: Section) -> Value {
    let words = escaped(t.portable_left_out());
    json!({
        "title": screens::name(t, section),
        "code": {"coding": [{"system": "http://loinc.org", "code": section.loinc()}]},
        "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{words}</p></div>")},
        "emptyReason": empty("withheld"),
    })
}

fn empty(reason: &str) -> Value {
    json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": reason}]})
}

/// Whose record it is, and no more: what the hospital knows of a person besides, such as numbers of papers, no section shows.
fn who(person: &patient::Model) -> Value {
    let mut resource = json!({
        "resourceType": "Patient",
        "id": person.resource_id,
        "name": [{"use": "official", "family": person.family_name, "given": [person.given_name]}],
        "birthDate": person.birth_date,
    });
    if let Some(sex) = person.sex.as_deref().filter(|sex| ["male", "female", "other", "unknown"].contains(sex)) {
        resource["gender"] = json!(sex);
    }
    resource
}

/// The resources of this person, and those of nobody in particular that they point at, step by step; and what names mean.
async fn gathered<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    wanted: &[Uuid],
) -> Result<(Vec<fhir_resource::Model>, HashMap<String, Uuid>), Error> {
    let mut rows = load(grant, wanted, false).await?;
    let mut known = aliases(grant, &rows).await?;
    let mut here: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut next: BTreeSet<Uuid> = known.values().copied().collect();
    for _ in 0..HOPS {
        let others: Vec<Uuid> = next.into_iter().filter(|id| !here.contains(id)).collect();
        let found = load(grant, &others, true).await?;
        if found.is_empty() {
            break;
        }
        here.extend(found.iter().map(|row| row.id));
        let more = aliases(grant, &found).await?;
        next = more.values().copied().collect();
        known.extend(more);
        rows.extend(found);
    }
    Ok((rows, known))
}

fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Resources in the order of `ids`: of this person, or of nobody in particular.
async fn load<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    ids: &[Uuid],
    of_nobody: bool,
) -> Result<Vec<fhir_resource::Model>, Error> {
    let mut found: HashMap<Uuid, fhir_resource::Model> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()));
        let query = if of_nobody {
            query.filter(fhir_resource::Column::PatientId.is_null()).filter(fhir_resource::Column::ResourceType.is_in(ALONG))
        } else {
            query.filter(fhir_resource::Column::PatientId.eq(grant.patient().0))
        };
        found.extend(query.all(grant.db()).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What the references in some resources mean.
async fn aliases<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    rows: &[fhir_resource::Model],
) -> Result<HashMap<String, Uuid>, Error> {
    let mut names = Vec::new();
    for row in rows {
        reference::all(&serde_json::from_str(&row.body).unwrap_or_default(), &mut names);
    }
    names.sort();
    names.dedup();
    let mut known = HashMap::new();
    for chunk in names.chunks(CHUNK) {
        let found = fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(chunk.iter().cloned())).all(grant.db()).await?;
        known.extend(found.into_iter().map(|row| (row.alias, row.resource_id)));
    }
    Ok(known)
}

/// Makes a resource one of this document: its own narrative goes, which may tell more than the reader may see.
fn prepare(resource: &mut Value, known: &HashMap<String, Uuid>, here: &HashSet<Uuid>) {
    if let Some(members) = resource.as_object_mut() {
        members.remove("text");
    }
    point(resource, known, here);
}

/// Makes references point into the document. Of those that lead out of it to what this record holds, only the kind stays: its
/// words might be what the reader is not shown. Of those that lead to nothing known, the words stay.
fn point(value: &mut Value, known: &HashMap<String, Uuid>, here: &HashSet<Uuid>) {
    match value {
        Value::Object(members) => {
            let written = members.get("reference").and_then(Value::as_str).filter(|name| !name.starts_with('#')).map(str::to_owned);
            if let Some(written) = written {
                let name = reference::name(&json!({"reference": written})).unwrap_or_else(|| written.clone());
                let kind = name.split(['/', '?']).next().filter(|kind| !kind.contains(':')).unwrap_or("?").to_owned();
                match known.get(&name) {
                    Some(id) if here.contains(id) => {
                        members.insert("reference".to_owned(), json!(urn(*id)));
                    }
                    Some(_) => {
                        members.remove("reference");
                        members.remove("identifier");
                        members.insert("display".to_owned(), json!(kind));
                    }
                    None => {
                        members.remove("reference");
                        members.entry("display").or_insert_with(|| json!(kind));
                    }
                }
            }
            // A file that lies with the hospital's system cannot be fetched from elsewhere.
            let is_file = members.contains_key("contentType") || members.contains_key("hash");
            if is_file && members.get("url").and_then(Value::as_str).is_some_and(|url| !url.contains(':')) {
                members.remove("url");
            }
            members.values_mut().for_each(|member| point(member, known, here));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, known, here)),
        _ => {}
    }
}

fn section(chapter: &Chapter, here: &HashSet<Uuid>) -> Value {
    let mut html = String::new();
    chapter.parts.iter().for_each(|part| narrative(part, &mut html));
    let mut seen = HashSet::new();
    let entries: Vec<Value> =
        chapter.resources.iter().filter(|id| here.contains(*id) && seen.insert(**id)).map(|id| json!({"reference": urn(*id)})).collect();
    let mut section = json!({
        "title": chapter.heading,
        "code": {"coding": [{"system": "http://loinc.org", "code": chapter.section.loinc()}]},
        "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{html}</div>")},
    });
    if entries.is_empty() {
        section["emptyReason"] = empty("unavailable");
    } else {
        section["entry"] = json!(entries);
    }
    section
}

/// The words of a part as XHTML.
pub fn narrative(part: &Part, html: &mut String) {
    let list = |lines: &[String]| lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect::<String>();
    let _ = match part {
        Part::Text(text) | Part::Small(text) => write!(html, "<p>{}</p>", escaped(text)),
        Part::Quote(text) => write!(html, "<blockquote>{}</blockquote>", escaped(text)),
        Part::Heading(text) => write!(html, "<h3>{}</h3>", escaped(text)),
        Part::Bullets(lines) | Part::Lines(lines) => write!(html, "<ul>{}</ul>", list(lines)),
        Part::Facts(facts) => {
            let rows: String =
                facts.iter().map(|(label, value)| format!("<tr><th>{}</th><td>{}</td></tr>", escaped(label), escaped(value))).collect();
            write!(html, "<table><tbody>{rows}</tbody></table>")
        }
        Part::Table { head, rows, .. } => {
            let head: String = head.iter().map(|cell| format!("<th>{}</th>", escaped(cell))).collect();
            let row = |row: &Vec<String>| row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect::<String>();
            let rows: String = rows.iter().map(|cells| format!("<tr>{}</tr>", row(cells))).collect();
            write!(html, "<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        }
        Part::Entry { title, tag, lines, parts } => {
            let tag = tag.as_ref().map_or_else(String::new, |tag| format!(" ({})", escaped(&tag.text)));
            let lines: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
            let _ = write!(html, "<h4>{}{tag}</h4>{lines}", escaped(title));
            parts.iter().for_each(|part| narrative(part, html));
            Ok(())
        }
        // Sanitised when it came in, as HTML and not as XML: its words are enough for a narrative.
        Part::Html(found) => {
            let words = crate::record::note::model::paragraphs(crate::record::note::model::Format::Html, found);
            words.iter().try_for_each(|words| write!(html, "<p>{}</p>", escaped(words)))
        }
        _ => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_point_into_the_document_or_tell_no_more_than_the_kind() {
        let (inside, outside) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let names = [("Practitioner/1", inside), ("Encounter/9", outside), ("Observation/8", outside)];
        let known = HashMap::from(names.map(|(name, id)| (name.to_owned(), id)));
        let mut resource = json!({
            "text": {"status": "additional", "div": "<div>more</div>"},
            "performer": [{"reference": "https://ehr.example/fhir/Practitioner/1/_history/2", "display": "Dr. Chen"}],
            "encounter": {"reference": "Encounter/9"},
            "result": [{"reference": "Observation/8", "display": "HIV-1 antibody"}],
            "device": {"reference": "#d"},
            "focus": {"reference": "urn:uuid:x"},
            "requester": {"reference": "Practitioner/7", "display": "Dr. Lee"},
            "content": [{"attachment": {"contentType": "application/pdf", "url": "/Binary/1"}}],
        });
        prepare(&mut resource, &known, &HashSet::from([inside]));
        assert_eq!(resource["performer"][0], json!({"reference": urn(inside), "display": "Dr. Chen"}));
        assert_eq!(resource["encounter"], json!({"display": "Encounter"}));
        assert_eq!(resource["result"][0], json!({"display": "Observation"}), "its name might be what is not shown");
        assert_eq!((&resource["device"], &resource["focus"]), (&json!({"reference": "#d"}), &json!({"display": "?"})));
        assert_eq!(resource["requester"], json!({"display": "Dr. Lee"}), "nobody this record knows");
        assert_eq!((&resource["text"], &resource["content"][0]["attachment"]["url"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn narratives_hold_no_markup_of_others() {
        let mut html = String::new();
        let entry = Part::Entry {
            title: "<b>".into(),
            tag: None,
            lines: vec!["a & b\u{1}".into()],
            parts: vec![Part::Html("<p>x<br>y</p>".into())],
        };
        narrative(&entry, &mut html);
        assert_eq!(html, "<h4>&lt;b&gt;</h4><p>a &amp; b</p><p>x</p><p>y</p>");
    }
}
