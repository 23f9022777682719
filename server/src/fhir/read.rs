//! From text to resources: bundles, NDJSON, bare resources.

use std::{fs, path::PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Refusal;

/// One resource as it stands in a file.
pub struct Received {
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
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "fullUrl")]
    full_url: Option<String>,
    resource: Option<Box<RawValue>>,
}

/// The bundle types that carry resources as they are.
const KINDS: &[&str] = &["transaction", "batch", "collection", "document", "searchset"];

/// The resources of a file's text, by the file's name.
///
/// # Errors
/// A refusal with line and column when it is no JSON, or when it is no FHIR.
pub fn resources(name: &str, text: &str) -> Result<Vec<Received>, Refusal> {
    if name.to_lowercase().ends_with(".ndjson") {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        return lines
            .map(|(index, line)| {
                let raw = serde_json::from_str::<Box<RawValue>>(line)
                    .map_err(|error| refusal(name, format!("line {}: {}", index + 1, not_json(&error))))?;
                Ok(Received { full_url: None, raw })
            })
            .collect();
    }
    let head: Head = serde_json::from_str(text).map_err(|error| refusal(name, not_json(&error)))?;
    match head.resource_type.as_deref() {
        None => Err(refusal(name, "no resourceType: this is not FHIR".into())),
        Some("Bundle") => bundle(name, text),
        Some(_) => {
            let raw = serde_json::from_str(text).map_err(|error| refusal(name, not_json(&error)))?;
            Ok(vec![Received { full_url: None, raw }])
        }
    }
}

fn bundle(name: &str, text: &str) -> Result<Vec<Received>, Refusal> {
    let bundle: Bundle = serde_json::from_str(text).map_err(|error| refusal(name, not_json(&error)))?;
    match bundle.kind.as_deref() {
        Some(kind) if KINDS.contains(&kind) => {}
        Some(_) => return Err(refusal(name, format!("Bundle.type: only {} can be imported", KINDS.join(", ")))),
        None => return Err(refusal(name, "Bundle.type: is missing".into())),
    }
    let resources = bundle.entry.into_iter().filter_map(|entry| Some(Received { full_url: entry.full_url, raw: entry.resource? }));
    Ok(resources.collect())
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
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json") || extension.eq_ignore_ascii_case("ndjson"))
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
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].raw.get(), r#"{"resourceType":"Patient","x":1.0}"#);
        assert_eq!(resources("a.ndjson", "{\"resourceType\":\"A\"}\n\n{\"resourceType\":\"B\"}\n").expect("lines").len(), 2);
        assert_eq!(resources("a.json", "{\"resourceType\":\"A\"}").expect("a resource").len(), 1);
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
