//! From what a file holds to rows that can be kept.

use std::collections::HashMap;

use app::base::ids::new_id;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Refusal, check, layout, read::Received, reference, store::Row};

/// Checks every resource of a file before anything is written. Each comes from its source.
///
/// # Errors
/// What is no FHIR, by its place; all that is wrong with the resources, at once.
pub fn checked(file: &str, received: Vec<Received>, sources: Vec<String>) -> Result<Vec<Row>, Refusal> {
    let refusal = |resource: Option<String>, path: Option<String>, reason: &str| Refusal {
        file: file.into(),
        resource,
        path,
        reason: reason.into(),
        accepted: false,
    };
    let mut rows: Vec<Row> = Vec::with_capacity(received.len());
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut faults = Vec::new();
    for (index, (Received { full_url, raw, .. }, source)) in received.into_iter().zip(sources).enumerate() {
        let value: Value = serde_json::from_str(raw.get()).map_err(|_| refusal(None, Some(format!("entry[{index}]")), "not valid JSON"))?;
        if !value.is_object() {
            return Err(refusal(None, Some(format!("entry[{index}].resource")), "must be an object"));
        }
        let Some(resource_type) = value["resourceType"].as_str().filter(|name| !name.is_empty()).map(str::to_owned) else {
            return Err(refusal(None, Some(format!("entry[{index}].resource.resourceType")), "is missing"));
        };
        let hash = reference::hash(&layout::canonical(&value));
        let name = reference::local(&resource_type, &value, full_url.as_deref(), &hash);
        faults.extend(check::resource(&resource_type, &value).into_iter().map(|fault| (name.clone(), fault)));
        let row = Row {
            id: new_id(),
            aliases: reference::aliases(&source, &resource_type, &value, full_url.as_deref(), &name),
            version_id: value["meta"]["versionId"].as_str().map(str::to_owned),
            last_updated: value["meta"]["lastUpdated"].as_str().and_then(instant),
            body: raw.get().to_owned(),
            full_url,
            source,
            local: name,
            resource_type,
            hash,
            value,
            stored: None,
            patient: None,
            stood_in: None,
        };
        // Twice in one file: the later one is the newer version.
        let place = (row.source.clone(), row.local.clone());
        match places.get(&place) {
            Some(place) => rows[*place] = row,
            None => {
                places.insert(place, rows.len());
                rows.push(row);
            }
        }
    }
    match together(faults) {
        Some((resource, path, reason)) => Err(refusal(Some(resource), Some(path), &reason)),
        None => Ok(rows),
    }
}

/// So many faults of a file are told.
const MOST: usize = 100;

/// The first fault with the resource and the path, and in its words all others, a line each.
fn together(faults: Vec<(String, check::Fault)>) -> Option<(String, String, String)> {
    let more = faults.len().saturating_sub(MOST);
    let mut faults = faults.into_iter();
    let (resource, first) = faults.next()?;
    let mut reason = first.reason.to_owned();
    for (resource, fault) in faults.take(MOST - 1) {
        reason.push_str(&format!("\n  {resource}: {}: {}", fault.path, fault.reason));
    }
    if more > 0 {
        reason.push_str(&format!("\n  and {more} more"));
    }
    Some((resource, first.path, reason))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}
