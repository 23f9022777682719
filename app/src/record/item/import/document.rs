//! DocumentReference, DiagnosticReport and Communication with files.

use serde_json::Value;
use uuid::Uuid;

use super::item::{Item, base, person};
use crate::record::{
    fhir::{self, attachment, code},
    item::model::{Kind, State, What, remark},
};

/// Documents and reports whose content is no note: letters as PDF, pictures, other files, and files that stay where they are.
pub(super) fn document(value: &Value) -> Option<Item> {
    let about = match value["resourceType"].as_str() {
        Some("DiagnosticReport") => &value["code"],
        Some("Communication") => &value["topic"],
        _ => &value["type"],
    };
    if !matches!(value["status"].as_str()?, "current" | "final" | "amended" | "corrected" | "appended" | "completed") {
        return None;
    }
    let files: Vec<&Value> = attachment::files(value).map(|(file, _)| file).collect();
    let is_note = attachment::of(value).any(|found| attachment::text(found).is_some());
    let elsewhere = attachment::of(value).find(|found| attachment::is_elsewhere(found)).filter(|_| !is_note);
    let first = files.first().copied().or(elsewhere)?;
    let title = first["title"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| value["description"].as_str().map(str::to_owned))
        .or_else(|| fhir::named(about));
    let when = [
        &value["date"],
        &value["context"]["period"]["start"],
        &value["effectiveDateTime"],
        &value["effectivePeriod"]["start"],
        &value["issued"],
        &value["sent"],
    ];
    let mut item = base(Kind::Document, State::Unstated, title, &when);
    item.code = Some(code(about));
    item.say(What::Category, fhir::concept(about));
    let authors = [&value["author"][0], &value["resultsInterpreter"][0], &value["performer"][0], &value["sender"]];
    item.say(What::Author, authors.into_iter().find_map(person));
    item.say(What::Remark, elsewhere.map(|_| remark::KEPT_ELSEWHERE));
    for file in files {
        let ending = attachment::kind(file).1.to_uppercase();
        item.say(What::File, Some(file["title"].as_str().map_or(ending, str::to_owned)));
    }
    Some(item)
}

/// With the places of the Binaries that hold its files.
pub(super) fn with_stored(mut item: Item, from: &[(usize, Uuid)]) -> Item {
    for (place, binary) in from {
        item.say(What::Stored, Some(format!("{place}:{binary}")));
    }
    item
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    use crate::record::item::model::Fact;

    #[test]
    fn a_pdf_is_a_document_and_a_text_is_a_note() {
        let with = |kind: &str| {
            document(
                &json!({"status": "current", "type": {"text": "Letter"}, "content": [{"attachment": {"contentType": kind, "data": "QQ=="}}]}),
            )
        };
        assert!(with("application/pdf").is_some() && with("text/plain").is_none() && with("text/rtf").is_some());
    }

    #[test]
    fn a_report_is_a_document_by_its_files_and_one_that_stays_elsewhere_says_so() {
        let report = |forms: Value| {
            document(
                &json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Bone density"}, "presentedForm": forms}),
            )
        };
        let found = report(
            json!([{"contentType": "application/pdf", "data": "QQ=="}, {"contentType": "image/png", "data": "AA==", "title": "Picture"}]),
        );
        let files: Vec<String> =
            found.expect("an item").facts.into_iter().filter(|fact| fact.what == What::File).map(|fact| fact.said).collect();
        assert_eq!(files, ["PDF", "Picture"]);
        let elsewhere = report(json!([{"contentType": "application/pdf", "url": "http://example.org/1.pdf"}])).expect("an item");
        let remarks: Vec<&Fact> = elsewhere.facts.iter().filter(|fact| matches!(fact.what, What::Remark | What::File)).collect();
        assert_eq!(remarks, [&Fact::new(What::Remark, remark::KEPT_ELSEWHERE)]);
        assert!(report(json!([{"contentType": "application/xhtml", "data": "PHA+QTwvcD4="}])).is_none(), "that is a note");
        assert!(report(json!([])).is_none());
    }
}
