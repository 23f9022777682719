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

use super::chapters::Chapter;
use crate::{
    access::{Grant, Permission},
    error::Error,
    ids::{PatientId, new_id},
    personal_information::entity::patient,
    records::entity::{fhir_alias, fhir_resource},
    screens::model::Part,
};

/// So many values in one statement: SQLite and PostgreSQL both take more.
const CHUNK: usize = 500;
/// Resources of nobody in particular that others point at, and that a document takes along.
const ALONG: [&str; 5] = ["Medication", "Practitioner", "PractitionerRole", "Organization", "Location"];

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
    let db = grant.db();
    let person = patient::Entity::find_by_id(grant.patient().0).one(db).await?.ok_or(Error::NotFound)?;
    let mut wanted: Vec<Uuid> = vec![person.resource_id];
    wanted.extend(chapters.iter().flat_map(|chapter| chapter.resources.iter().copied()));
    let mut rows = load(grant, &wanted, false).await?;
    let mut known = aliases(grant, &rows).await?;
    let here: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let others: Vec<Uuid> = known.values().copied().filter(|id| !here.contains(id)).collect::<BTreeSet<_>>().into_iter().collect();
    rows.extend(load(grant, &others, true).await?);
    known.extend(aliases(grant, &rows).await?);
    let here: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut entries: Vec<Value> = Vec::new();
    for row in &rows {
        let Ok(mut resource) = serde_json::from_str::<Value>(&row.body) else { continue };
        point(&mut resource, &known, &here);
        resource["id"] = json!(row.id);
        entries.push(json!({"fullUrl": urn(row.id), "resource": resource}));
    }
    let now = grant.now().instant;
    let (author, composition) = (new_id(), new_id());
    let sections: Vec<Value> = chapters.iter().map(|chapter| section(chapter, &here)).collect();
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
    let first =
        [json!({"fullUrl": urn(composition), "resource": composition_resource}), json!({"fullUrl": urn(author), "resource": organization})];
    entries.splice(0..0, first);
    // The person stands right behind the composition.
    if let Some(place) = entries.iter().position(|entry| entry["resource"]["resourceType"] == "Patient") {
        entries[1..=place].rotate_right(1);
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
    let mut names = BTreeSet::new();
    for row in rows {
        collect(&serde_json::from_str(&row.body).unwrap_or_default(), &mut names);
    }
    let names: Vec<String> = names.into_iter().collect();
    let mut known = HashMap::new();
    for chunk in names.chunks(CHUNK) {
        let found = fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(chunk.iter().cloned())).all(grant.db()).await?;
        known.extend(found.into_iter().map(|row| (row.alias, row.resource_id)));
    }
    Ok(known)
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            names.extend(members.get("reference").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

/// Makes references point into the document; of those that lead out of it, only the words stay.
fn point(value: &mut Value, known: &HashMap<String, Uuid>, here: &HashSet<Uuid>) {
    match value {
        Value::Object(members) => {
            let target = members.get("reference").and_then(Value::as_str).filter(|name| !name.starts_with('#')).map(str::to_owned);
            if let Some(name) = target {
                match known.get(&name).filter(|id| here.contains(*id)) {
                    Some(id) => {
                        members.insert("reference".to_owned(), json!(urn(*id)));
                    }
                    None => {
                        members.remove("reference");
                        let kind = name.split(['/', '?']).next().filter(|kind| kind.chars().all(char::is_alphabetic));
                        members.entry("display").or_insert_with(|| json!(kind.unwrap_or("?")));
                    }
                }
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
        let reason = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
        section["emptyReason"] = json!({"coding": [{"system": reason, "code": "unavailable"}]});
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
            let words = crate::notes::model::paragraphs(crate::notes::model::Format::Html, found);
            words.iter().try_for_each(|words| write!(html, "<p>{}</p>", escaped(words)))
        }
        _ => Ok(()),
    };
}

/// For XML; control characters, which it cannot hold, fall away.
pub fn escaped(text: &str) -> String {
    let allowed = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    allowed.fold(String::with_capacity(text.len()), |mut all, letter| {
        match letter {
            '&' => all.push_str("&amp;"),
            '<' => all.push_str("&lt;"),
            '>' => all.push_str("&gt;"),
            '"' => all.push_str("&quot;"),
            letter => all.push(letter),
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_point_into_the_document_or_keep_their_words() {
        let inside = Uuid::from_u128(1);
        let known = HashMap::from([("Practitioner/1".to_owned(), inside), ("Encounter/9".to_owned(), Uuid::from_u128(2))]);
        let mut resource = json!({"performer": [{"reference": "Practitioner/1", "display": "Dr. Chen"}],
            "encounter": {"reference": "Encounter/9"}, "device": {"reference": "#d"}, "focus": {"reference": "urn:uuid:x"}});
        point(&mut resource, &known, &HashSet::from([inside]));
        assert_eq!(resource["performer"][0], json!({"reference": urn(inside), "display": "Dr. Chen"}));
        assert_eq!(resource["encounter"], json!({"display": "Encounter"}));
        assert_eq!((&resource["device"], &resource["focus"]), (&json!({"reference": "#d"}), &json!({"display": "?"})));
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
