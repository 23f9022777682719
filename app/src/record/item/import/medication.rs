//! MedicationRequest and MedicationStatement.

use serde_json::Value;

use super::dosage;
use super::item::{Item, base, display, is_proposed, person};
use crate::record::{
    fhir::{self, code, notes},
    item::model::{Kind, State, What, remark},
};

pub(super) fn medication(value: &Value, name: String) -> Option<Item> {
    let must_not = value["doNotPerform"] == true;
    let state = match value["status"].as_str()? {
        "active" | "intended" if must_not => State::Past,
        "active" if is_proposed(value) => State::Planned,
        "intended" => State::Planned,
        "active" => State::Active,
        "not-taken" => State::NotDone,
        "on-hold" | "stopped" | "completed" | "cancelled" => State::Past,
        _ => return None,
    };
    let when = [&value["authoredOn"], &value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["dateAsserted"]];
    let mut item = base(Kind::Medication, state, Some(name), &when);
    item.code = Some(code(&value["medicationCodeableConcept"]));
    item.ended(&[&value["effectivePeriod"]["end"]]);
    item.say(What::Remark, must_not.then_some(remark::DO_NOT));
    item.say(What::Remark, (is_proposed(value) && !must_not).then_some(remark::PROPOSED));
    for dosage in fhir::items(&value["dosageInstruction"]).chain(fhir::items(&value["dosage"])) {
        item.facts.extend(dosage::facts(dosage));
    }
    item.say(What::Remark, (value["status"] == "on-hold").then_some(remark::ON_HOLD));
    item.say(What::StatusReason, fhir::concept(&value["statusReason"]).or_else(|| fhir::concepts(&value["statusReason"])));
    let reasons = fhir::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0]));
    item.say(What::Reason, reasons);
    item.say(What::Prescriber, person(&value["requester"]));
    item.say(What::RefillsLeft, value["dispenseRequest"]["numberOfRepeatsAllowed"].as_u64().map(|left| left.to_string()));
    item.say(What::Note, notes(value));
    Some(item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    use crate::record::item::model::Fact;

    #[test]
    fn doses_are_as_written_and_otherwise_told_from_their_parts() {
        let written =
            medication(&json!({"status": "active", "dosageInstruction": [{"text": "1 tablet at night"}]}), "X".into()).expect("an item");
        assert_eq!(written.facts, [Fact::new(What::Dose, "1 tablet at night")]);
        let parts = json!({"status": "active", "dosageInstruction": [{
            "timing": {"repeat": {"frequency": 2, "period": 1.0, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "tablet"}}],
        }]});
        let told = medication(&parts, "X".into()).expect("an item");
        assert_eq!(told.facts, [Fact::new(What::Dose, "1 tablet"), Fact::new(What::Frequency, "2/1/d")]);
    }

    #[test]
    fn medicines_that_nobody_takes_are_not_current() {
        let state = |status: &str| medication(&json!({"status": status}), "X".into()).map(|item| item.state);
        assert_eq!((state("stopped"), state("draft"), state("entered-in-error")), (Some(State::Past), None, None));
        assert_eq!((state("not-taken"), state("intended")), (Some(State::NotDone), Some(State::Planned)));
        let told = |more: Value| medication(&more, "X".into()).expect("an item").facts;
        assert_eq!(told(json!({"status": "on-hold"})), [Fact::new(What::Remark, remark::ON_HOLD)]);
        assert_eq!(told(json!({"status": "stopped", "statusReason": [{"text": "Rash"}]})), [Fact::new(What::StatusReason, "Rash")]);
    }
}
