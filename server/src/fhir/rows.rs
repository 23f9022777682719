//! From what a file holds to rows that can be kept.

use std::collections::HashMap;

use app::base::ids::new_id;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Refusal, check, layout, read::Received, reference, store::Row};

/// Checks every resource of a file before anything is written. Each comes from its source.
///
/// # Errors
/// The first resource that is no FHIR, by its place.
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
        check::resource(&resource_type, &value).map_err(|fault| refusal(Some(name.clone()), Some(fault.path), fault.reason))?;
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
    Ok(rows)
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}
