//! From text to resources: bundles, NDJSON, bare resources.

use std::{fs, path::PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Refusal, hidden::without_controls};

/// One resource as it stands in a file.
pub struct Received {
    /// Where it comes from, when a step of an import was written down.
    pub source: Option<String>,
    pub full_url: Option<String>,
    /// Byte for byte.
    pub raw: Box<RawValue>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "resourceType")]
    resource_type: Option<String>,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    entry: Vec<Entry>,
    total: Option<u64>,
    #[serde(default)]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "fullUrl")]
    full_url: Option<String>,
    resource: Option<Box<RawValue>>,
    search: Option<Search>,
    /// Of a step of an import, which only this server writes.
    source: Option<String>,
    request: Option<Request>,
}

#[derive(Deserialize)]
struct Request {
    method: Option<String>,
}

#[derive(Deserialize)]
struct Search {
    mode: Option<String>,
}

/// What a file holds.
#[derive(Default)]
pub struct Content {
    pub resources: Vec<Received>,
    /// What the file says is missing in it.
    pub missing: Vec<String>,
}

/// Bundles may hold bundles, so many in each other at most.
const DEPTH: usize = 8;

/// The bundle types that carry resources as they are.
const KINDS: &[&str] = &["transaction", "batch", "collection", "document", "searchset"];

/// The resources of a file's text, by the file's name.
///
/// # Errors
/// A refusal with line and column when it is no JSON, or when it is no FHIR.
pub fn resources(name: &str, text: &str) -> Result<Content, Refusal> {
    let text = &*without_controls(text);
    let mut content = Content::default();
    if name.to_lowercase().ends_with(".ndjson") {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let raw = serde_json::from_str::<Box<RawValue>>(line)
                .map_err(|error| refusal(name, format!("line {}: {}", index + 1, not_json(&error))))?;
            take(name, Received { source: None, full_url: None, raw }, 0, &mut content)?;
        }
        return Ok(content);
    }
    let head: Head = serde_json::from_str(text).map_err(|error| refusal(name, not_json(&error)))?;
    match head.resource_type.as_deref() {
        None => return Err(refusal(name, "no resourceType: this is not FHIR".into())),
        Some("Bundle") => bundle(name, text, 0, &mut content)?,
        Some(_) => {
            let raw = serde_json::from_str(text).map_err(|error| refusal(name, not_json(&error)))?;
            content.resources.push(Received { source: None, full_url: None, raw });
        }
    }
    Ok(content)
}

/// Takes a resource, or what is in it when it is a Bundle.
fn take(name: &str, received: Received, depth: usize, content: &mut Content) -> Result<(), Refusal> {
    let is_bundle = serde_json::from_str::<Head>(received.raw.get()).is_ok_and(|head| head.resource_type.as_deref() == Some("Bundle"));
    if is_bundle {
        return bundle(name, received.raw.get(), depth, content);
    }
    content.resources.push(received);
    Ok(())
}

fn bundle(name: &str, text: &str, depth: usize, content: &mut Content) -> Result<(), Refusal> {
    if depth == DEPTH {
        return Err(refusal(name, format!("Bundles in each other, more than {DEPTH}")));
    }
    let bundle: Bundle = serde_json::from_str(text).map_err(|error| refusal(name, not_json(&error)))?;
    match bundle.kind.as_deref() {
        Some(kind) if KINDS.contains(&kind) => {}
        Some(_) => return Err(refusal(name, format!("Bundle.type: only {} can be imported", KINDS.join(", ")))),
        None => return Err(refusal(name, "Bundle.type: is missing".into())),
    }
    content.missing.extend(incomplete(&bundle));
    let deleted = bundle
        .entry
        .iter()
        .filter(|entry| entry.request.as_ref().is_some_and(|request| request.method.as_deref() == Some("DELETE")))
        .count();
    if deleted > 0 {
        content.missing.push(format!("entries that delete a resource, which is not done here: {deleted}; what they name stays"));
    }
    for entry in bundle.entry {
        let Some(raw) = entry.resource else { continue };
        // What a server says about its search is nothing of the record.
        if entry.search.is_some_and(|search| search.mode.as_deref() == Some("outcome")) || is_outcome(&raw) {
            if is_fault(&raw) {
                content.missing.push("the server says that its answer has a fault (OperationOutcome)".into());
            }
            continue;
        }
        take(name, Received { source: entry.source, full_url: entry.full_url, raw }, depth + 1, content)?;
    }
    Ok(())
}

fn is_outcome(raw: &RawValue) -> bool {
    serde_json::from_str::<Head>(raw.get()).is_ok_and(|head| head.resource_type.as_deref() == Some("OperationOutcome"))
}

/// Whether an OperationOutcome tells of an error.
fn is_fault(raw: &RawValue) -> bool {
    serde_json::from_str::<serde_json::Value>(raw.get()).is_ok_and(|outcome| {
        let issues = outcome["issue"].as_array().into_iter().flatten();
        issues.into_iter().any(|issue| matches!(issue["severity"].as_str(), Some("fatal" | "error")))
    })
}

/// Whether the answer to a search is one page of several, or shorter than it says.
fn incomplete(bundle: &Bundle) -> Option<String> {
    let is_search = bundle.kind.as_deref() == Some("searchset");
    let is_match = |entry: &&Entry| {
        entry.resource.is_some()
            && entry.search.as_ref().is_none_or(|search| !matches!(search.mode.as_deref(), Some("include" | "outcome")))
    };
    let found = bundle.entry.iter().filter(is_match).count() as u64;
    let is_page = |relation: &str| bundle.link.iter().any(|link| link.relation.as_deref() == Some(relation));
    let total = bundle.total.filter(|total| *total > found && (is_search || found > 0));
    match (is_page("next"), total) {
        (true, Some(total)) if found > 0 && !is_page("previous") && !is_page("prev") => {
            Some(format!("page 1 of {}: {found} of {total} entries, the server has more (Bundle.link next)", total.div_ceil(found)))
        }
        (true, Some(total)) => Some(format!("one page: {found} of {total} entries, the server has more (Bundle.link next)")),
        (true, None) => Some("one page: the server has more (Bundle.link next)".into()),
        (false, Some(total)) if is_page("previous") || is_page("prev") => Some(format!("the last page: {found} of {total} entries")),
        (false, Some(total)) => Some(format!("{found} of {total} entries")),
        (false, None) => None,
    }
}

/// The parser's words quote what it found; only the place is repeated.
fn not_json(error: &serde_json::Error) -> String {
    let what = if error.is_eof() {
        "the file ends in the middle"
    } else if error.is_data() {
        "a member has the wrong type"
    } else {
        "not valid JSON"
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

fn refusal(name: &str, reason: String) -> Refusal {
    Refusal { file: name.into(), resource: None, path: None, reason, accepted: false }
}

/// A file to read, and whether somebody named it or a folder held it.
pub struct File {
    pub path: PathBuf,
    pub named: bool,
}

/// The files that these paths mean; folders with all that is below them, in order.
///
/// # Errors
/// The path that cannot be read.
pub fn files(paths: &[PathBuf]) -> Result<Vec<File>, (PathBuf, std::io::Error)> {
    let mut files = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|error| (path.clone(), error))?;
        if kind.is_dir() { folder(path, &mut files)? } else { files.push(File { path: path.clone(), named: true }) }
    }
    Ok(files)
}

fn folder(path: &PathBuf, files: &mut Vec<File>) -> Result<(), (PathBuf, std::io::Error)> {
    let unreadable = |error| (path.clone(), error);
    let mut entries = fs::read_dir(path).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        if entry.file_type().map_err(unreadable)?.is_dir() {
            folder(&entry.path(), files)?;
        } else {
            files.push(File { path: entry.path(), named: false });
        }
    }
    Ok(())
}

/// Whether a file in a folder is worth a look.
pub fn may_be_fhir(path: &std::path::Path) -> bool {
    let is = |wanted: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted));
    ["json", "ndjson", "xml"].into_iter().any(is)
}

/// Whether JSON in a folder says that it is no FHIR resource: keys, cards, settings.
pub fn is_other_json(text: &str) -> bool {
    serde_json::from_str::<Head>(text).is_ok_and(|head| head.resource_type.is_none()) || !text.trim_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_file_is_read() {
        let bundle = r#"{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","x":1.0}},{"request":{}}]}"#;
        let found = resources("a.json", bundle).expect("a bundle");
        let found = found.resources;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].raw.get(), r#"{"resourceType":"Patient","x":1.0}"#);
        let count = |name: &str, text: &str| resources(name, text).expect("resources").resources.len();
        assert_eq!(count("a.ndjson", "{\"resourceType\":\"A\"}\n\n{\"resourceType\":\"B\"}\n"), 2);
        assert_eq!(count("a.json", "{\"resourceType\":\"A\"}"), 1);
        let inside = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"A"}},{"resource":{"resourceType":"B"}}]}"#;
        assert_eq!(count("a.ndjson", inside), 2);
        assert_eq!(count("a.json", &format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"resource":{inside}}}]}}"#)), 2);
    }

    #[test]
    fn a_page_of_a_search_says_so() {
        let page = |total: &str, links: &[&str]| {
            let links: Vec<String> = links.iter().map(|name| format!(r#"{{"relation":"{name}","url":"x"}}"#)).collect();
            let entries = r#"{"resource":{"resourceType":"A"},"search":{"mode":"match"}},{"resource":{"resourceType":"B"},"search":{"mode":"include"}},
                {"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}}"#;
            let text = format!(r#"{{"resourceType":"Bundle","type":"searchset",{total}"link":[{}],"entry":[{entries}]}}"#, links.join(","));
            let found = resources("a.json", &text).expect("a page");
            assert_eq!(found.resources.len(), 2);
            found.missing.concat()
        };
        assert_eq!(page(r#""total":1,"#, &["self"]), "");
        assert!(page(r#""total":3,"#, &["self", "next"]).starts_with("page 1 of 3: 1 of 3 entries"));
        assert_eq!(page(r#""total":3,"#, &["self"]), "1 of 3 entries");
        assert!(page("", &["next"]).starts_with("one page"));
        let missing = |text: &str| resources("a.json", text).expect("a file").missing.concat();
        let collection = r#"{"resourceType":"Bundle","type":"collection","total":50,"link":[{"relation":"next"}],"entry":[{"resource":{"resourceType":"A"}}]}"#;
        assert!(missing(collection).contains("1 of 50 entries"));
        let deleted = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Condition/1"}}]}"#;
        assert!(missing(deleted).starts_with("entries that delete a resource, which is not done here: 1"));
        let fault = r#"{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}}]}"#;
        assert!(missing(fault).contains("OperationOutcome"));
    }

    #[test]
    fn what_is_cut_or_no_fhir_is_refused_with_its_place() {
        let reason = |name, text| resources(name, text).err().expect("a refusal").reason;
        assert_eq!(
            reason("a.json", "{\"resourceType\":\"Bundle\",\n\"type\":\"batch\",\"ent"),
            "the file ends in the middle (line 2, column 19)"
        );
        assert_eq!(reason("a.json", "{}"), "no resourceType: this is not FHIR");
        assert!(reason("a.json", "{\"resourceType\":\"Bundle\",\"type\":\"history\"}").starts_with("Bundle.type"));
        assert!(
            reason("a.json", "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":{}}").starts_with("a member has the wrong type")
        );
        assert!(reason("a.ndjson", "{\"a\":1}\n{\"b\"").starts_with("line 2: the file ends"));
    }
}
