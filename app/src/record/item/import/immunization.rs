//! Immunization and ImmunizationRecommendation.

use serde_json::Value;

use super::item::{Item, base, display, person};
use crate::record::{
    fhir::{self, notes},
    item::model::{Kind, State, What, remark},
};

pub(super) fn immunization(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "completed" => State::Done,
        "not-done" => State::NotDone,
        _ => return None,
    };
    let mut item = base(Kind::Immunization, state, fhir::named(&value["vaccineCode"]), &[]);
    match value["occurrenceString"].as_str() {
        Some(words) => item.say(What::Day, Some(words)),
        None => item.began(&[&value["occurrenceDateTime"], &value["recorded"]]),
    }
    let cvx = fhir::codings(&value["vaccineCode"]).find(|coding| coding["system"] == "http://hl7.org/fhir/sid/cvx");
    item.code = cvx.and_then(|coding| coding["code"].as_str()).map(|found| format!("http://hl7.org/fhir/sid/cvx|{found}"));
    item.say(What::Remark, (value["isSubpotent"] == true).then_some(remark::SUBPOTENT));
    let protocol = &value["protocolApplied"][0];
    let dose = protocol["doseNumberPositiveInt"].as_u64().map(|number| number.to_string());
    item.say(What::DoseNumber, dose.or_else(|| protocol["doseNumberString"].as_str().map(str::to_owned)));
    item.say(What::Manufacturer, display(&value["manufacturer"]));
    item.say(What::LotNumber, value["lotNumber"].as_str());
    item.say(What::BodySite, fhir::concept(&value["site"]));
    item.say(What::Performer, fhir::items(&value["performer"]).find_map(|performer| person(&performer["actor"])));
    item.say(What::Place, display(&value["location"]));
    item.say(What::Reason, fhir::concept(&value["statusReason"]));
    item.say(What::Note, notes(value));
    Some(item)
}

/// Each vaccine, with the day when it is due. LOINC 30980-7: date vaccine due.
pub(super) fn recommended(value: &Value) -> Vec<Item> {
    let one = |found: &Value| {
        let title = fhir::concepts(&found["vaccineCode"])
            .or_else(|| fhir::concept(&found["targetDisease"]))
            .or_else(|| fhir::items(&found["vaccineCode"]).find_map(fhir::named))
            .or_else(|| fhir::named(&found["targetDisease"]));
        let dates = || fhir::items(&found["dateCriterion"]);
        let due = dates().find(|date| fhir::has_code(&date["code"], &["30980-7"])).or_else(|| dates().next());
        let status = &found["forecastStatus"];
        let state = if fhir::has_code(status, &["complete", "immune"]) {
            State::Done
        } else if fhir::has_code(status, &["contraindicated", "agedout"]) {
            State::NotDone
        } else {
            State::Planned
        };
        let mut item = base(Kind::Preventive, state, title, &[due.map_or(&Value::Null, |due| &due["value"])]);
        item.say(What::Reason, fhir::concepts(&found["forecastReason"]));
        item
    };
    fhir::items(&value["recommendation"]).map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn coded(code: &str) -> Value {
        json!({"coding": [{"code": code}]})
    }

    #[test]
    fn each_recommended_vaccine_is_an_item() {
        let items = recommended(&json!({"date": "2026-01-02", "recommendation": [
            {"vaccineCode": [{"text": "Influenza"}], "forecastStatus": coded("due"),
                "dateCriterion": [{"code": coded("30981-5"), "value": "2026-09-01"}, {"code": coded("30980-7"), "value": "2026-10-01"}]},
            {"vaccineCode": [{"text": "MMR"}], "forecastStatus": coded("complete")},
        ]}));
        let told: Vec<(&str, State, Option<String>)> =
            items.iter().map(|item| (item.title.as_str(), item.state, item.at.map(|at| at.date_naive().to_string()))).collect();
        assert_eq!(told, [("Influenza", State::Planned, Some("2026-10-01".into())), ("MMR", State::Done, None)]);
    }
}
