//! The files of a record, such as letters as PDF and pictures, under names by which people find them.

use std::collections::{HashMap, HashSet};

use app::record::fhir::{attachment, concept, date, named};
use serde_json::Value;

/// Letters of a name.
const MOST: usize = 80;

/// The files that the documents and reports of a FHIR document carry, each with its name: "2026-10-05 Discharge letter.pdf".
pub fn of(bundle: &Value) -> Vec<(String, Vec<u8>)> {
    let entries = || bundle["entry"].as_array().into_iter().flatten();
    let binaries: HashMap<&str, &Value> = entries()
        .filter(|entry| entry["resource"]["resourceType"] == "Binary")
        .filter_map(|entry| Some((entry["fullUrl"].as_str()?, &entry["resource"])))
        .collect();
    let mut taken = HashSet::new();
    let mut files = Vec::new();
    for resource in entries().map(|entry| &entry["resource"]) {
        if !matches!(resource["resourceType"].as_str(), Some("DocumentReference" | "DiagnosticReport")) {
            continue;
        }
        let mut whole = resource.clone();
        for file in attachment::of_mut(&mut whole) {
            if let Some(binary) = file["url"].as_str().and_then(|url| binaries.get(url)) {
                attachment::fill(file, binary);
            }
        }
        for (file, content) in attachment::files(&whole) {
            let title = file["title"].as_str().map(str::to_owned);
            let title = title.or_else(|| named(&resource["type"])).or_else(|| concept(&resource["code"])).unwrap_or_else(|| "file".into());
            let day = ["date", "issued", "effectiveDateTime"].iter().find_map(|name| date(&resource[*name]));
            let name = [day.map(|day| day.to_string()), Some(title)].into_iter().flatten().collect::<Vec<_>>().join(" ");
            files.push((unique(&name, attachment::kind(file).1, &mut taken), content));
        }
    }
    files
}

/// Of letters and digits that every system takes, and no name twice.
fn unique(name: &str, ending: &str, taken: &mut HashSet<String>) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { ' ' }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain: String = plain.chars().take(MOST).collect();
    let names = std::iter::once(format!("files/{plain}.{ending}")).chain((2..).map(|number| format!("files/{plain} ({number}).{ending}")));
    let free = names.into_iter().find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default();
    taken.insert(free.to_lowercase());
    free
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_have_names_and_none_is_lost() {
        let letter = |title: &str| {
            json!({"resource": {"resourceType": "DocumentReference", "date": "2026-10-05T11:00:00-04:00", "type": {"text": "Letter"},
                "content": [{"attachment": {"contentType": "application/pdf", "title": title, "data": "JVBERi0xLjQ="}}]}})
        };
        let by_address = json!({"resource": {"resourceType": "DiagnosticReport", "issued": "2026-10-06T11:00:00Z", "code": {"text": "X-ray/knee"},
            "presentedForm": [{"contentType": "image/png", "url": "urn:uuid:1"}]}});
        let binary =
            json!({"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Binary", "contentType": "image/png", "data": "iVBORw0KGgo="}});
        let bundle = json!({"entry": [letter("../../etc: passwd"), letter("Discharge"), letter("discharge"), by_address, binary]});
        let names: Vec<String> = of(&bundle).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "files/2026-10-05 etc passwd.pdf",
                "files/2026-10-05 Discharge.pdf",
                "files/2026-10-05 discharge (2).pdf",
                "files/2026-10-06 X-ray knee.png"
            ]
        );
    }
}
