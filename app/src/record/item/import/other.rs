//! Resources of every other type.

use serde_json::Value;

use super::item::{Item, base};
use crate::record::{
    fhir::{self},
    item::model::{Kind, State, What},
};

/// What no page of its own shows: by its type, with a word and a day where it has them. What was refuted is not named.
pub(super) fn anything(resource_type: &str, value: &Value) -> Item {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let person = || fhir::name(&value["name"], fhir::today()).map(|(given, family)| format!("{given} {family}").trim().to_owned());
    let named = fhir::named(&value["code"])
        .or_else(|| fhir::concept(&value["type"]))
        .or_else(|| fhir::concepts(&value["type"]))
        .or_else(|| text("title"))
        .or_else(|| text("name"))
        .or_else(person)
        .or_else(|| fhir::named(&value["vaccineCode"]))
        .or_else(|| fhir::concepts(&value["serviceType"]))
        .or_else(|| fhir::concepts(&value["category"]))
        .or_else(|| text("description"));
    let dates = [
        &value["created"],
        &value["date"],
        &value["authored"],
        &value["authoredOn"],
        &value["recorded"],
        &value["dateTime"],
        &value["whenHandedOver"],
        &value["whenPrepared"],
        &value["billablePeriod"]["start"],
        &value["period"]["start"],
        &value["receivedTime"],
        &value["started"],
        &value["createdDateTime"],
        &value["effectiveDateTime"],
        &value["effectivePeriod"]["start"],
        &value["occurrenceDateTime"],
        &value["performedDateTime"],
        &value["performedPeriod"]["start"],
        &value["onsetDateTime"],
        &value["recordedDate"],
        &value["start"],
        &value["issued"],
    ];
    let refuted = fhir::has_code(&value["verificationStatus"], &["refuted"]);
    let mut item = base(Kind::Other, State::Unstated, named.filter(|_| !refuted), &dates);
    item.say(What::Category, Some(resource_type));
    item
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    use crate::record::item::model::Fact;

    fn coded(code: &str) -> Value {
        json!({"coding": [{"code": code}]})
    }

    #[test]
    fn what_is_refuted_is_listed_without_its_name() {
        let item = anything("Condition", &json!({"code": {"text": "Flu"}, "verificationStatus": coded("refuted")}));
        assert_eq!((item.title.as_str(), item.facts), ("", vec![Fact::new(What::Category, "Condition")]));
        assert_eq!(anything("Observation", &json!({"code": {"text": "PHQ-9"}})).title, "PHQ-9");
        assert_eq!(anything("Encounter", &json!({"type": [{"text": "Check-up"}]})).title, "Check-up");
    }
}
