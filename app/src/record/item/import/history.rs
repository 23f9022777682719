//! FamilyMemberHistory, and Observations about life and habits.

use serde_json::Value;

use super::item::{Item, base};
use crate::record::result::import::class::{Class, class};
use crate::record::{
    fhir::{self, code, notes, value_in_words},
    item::model::{Kind, State, What, remark},
};

pub(super) fn family_history(value: &Value) -> Item {
    let mut item = base(Kind::FamilyHistory, State::Unstated, fhir::named(&value["relationship"]), &[&value["date"]]);
    item.tentative = value["status"] == "partial";
    item.say(What::Remark, (value["status"] == "health-unknown").then_some(remark::HEALTH_UNKNOWN));
    let told = ["deceasedAge", "deceasedRange", "deceasedDate", "deceasedString"].iter().any(|name| !value[*name].is_null());
    let has_died = value["deceasedBoolean"] == true || told;
    item.say(What::Remark, has_died.then_some(remark::HAS_DIED));
    for found in fhir::items(&value["condition"]) {
        let age = fhir::number(&found["onsetAge"]["value"]).or_else(|| found["onsetString"].as_str().map(str::to_owned));
        let said = [fhir::named(&found["code"]), age.map(|age| format!("({age})"))].into_iter().flatten().collect::<Vec<_>>().join(" ");
        item.say(What::Condition, Some(said));
    }
    item.say(What::Note, notes(value));
    item
}

pub(super) fn social(value: &Value) -> Option<Item> {
    if class(value)? != Class::Social {
        return None;
    }
    let parts =
        fhir::items(&value["component"]).filter_map(|part| Some(format!("{}: {}", fhir::named(&part["code"])?, value_in_words(part)?)));
    let said: Vec<String> = value_in_words(value).into_iter().chain(parts).collect();
    if said.is_empty() {
        return None;
    }
    let when = [&value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["issued"]];
    let mut item = base(Kind::SocialHistory, State::Unstated, fhir::named(&value["code"]), &when);
    item.code = Some(code(&value["code"]));
    for answer in said {
        item.say(What::Value, Some(answer));
    }
    item.say(What::Note, notes(value));
    Some(item)
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
    fn of_a_relative_it_is_told_that_they_have_died() {
        let facts = |more: Value| family_history(&more).facts;
        assert_eq!(facts(json!({"status": "completed", "deceasedBoolean": true})), [Fact::new(What::Remark, remark::HAS_DIED)]);
        assert_eq!(facts(json!({"status": "completed", "deceasedAge": {"value": 70}})), [Fact::new(What::Remark, remark::HAS_DIED)]);
        assert_eq!(facts(json!({"status": "completed", "deceasedBoolean": false})), []);
    }

    #[test]
    fn an_answer_is_told_with_its_parts() {
        let answer = json!({"status": "final", "category": [coded("social-history")], "code": {"text": "Occupation"},
            "valueCodeableConcept": {"text": "Nurse"}, "component": [{"code": {"text": "Industry"}, "valueString": "Hospitals"}]});
        let facts = social(&answer).expect("an item").facts;
        assert_eq!(facts, [Fact::new(What::Value, "Nurse"), Fact::new(What::Value, "Industry: Hospitals")]);
    }
}
