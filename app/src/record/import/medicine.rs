//! What a medicine is called.

use sea_orm::DbErr;
use serde_json::Value;

use super::{Context, Incoming};
use crate::record::fhir;

/// By its code, else by the Medication that is meant, else by the display of the reference.
pub async fn name(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<String>, DbErr> {
    let value = row.value;
    if let Some(name) = fhir::named(&value["medicationCodeableConcept"]) {
        return Ok(Some(name));
    }
    let reference = &value["medicationReference"];
    if let Some(inside) = reference["reference"].as_str().and_then(|text| text.strip_prefix('#')) {
        let found = fhir::items(&value["contained"]).find(|found| found["id"] == inside);
        return Ok(found.and_then(called));
    }
    context.links.depend(row.id, reference);
    let found = match context.links.resolve(row.id, reference) {
        Some(id) => context.value(id).await?,
        None => None,
    };
    match found {
        Some(found) if found["status"] == "entered-in-error" => Ok(None),
        found => Ok(found.as_ref().and_then(called).or_else(|| reference["display"].as_str().map(str::to_owned))),
    }
}

/// A Medication by its code, else by what it is made of: "Amoxicillin 250 mg/5 mL".
fn called(medication: &Value) -> Option<String> {
    if medication["status"] == "entered-in-error" {
        return None;
    }
    let ingredient = |part: &Value| {
        let name = fhir::named(&part["itemCodeableConcept"]).or_else(|| part["itemReference"]["display"].as_str().map(str::to_owned))?;
        Some(fhir::ratio(&part["strength"]).map_or_else(|| name.clone(), |strength| format!("{name} {strength}")))
    };
    let made_of: Vec<String> = fhir::items(&medication["ingredient"]).filter_map(ingredient).collect();
    fhir::named(&medication["code"]).or_else(|| (!made_of.is_empty()).then(|| made_of.join(" + ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_medicine_without_a_name_is_called_by_what_it_is_made_of() {
        let strength = json!({"numerator": {"value": 250, "unit": "mg"}, "denominator": {"value": 5, "unit": "mL"}});
        let part = |name: &str| json!({"itemCodeableConcept": {"text": name}, "strength": strength});
        assert_eq!(called(&json!({"ingredient": [part("Amoxicillin")]})).as_deref(), Some("Amoxicillin 250 mg/5 mL"));
        let two = json!({"ingredient": [{"itemCodeableConcept": {"text": "A"}}, {"itemReference": {"display": "B"}}]});
        assert_eq!(called(&two).as_deref(), Some("A + B"));
        assert_eq!(called(&json!({"code": {"text": "Aspirin"}, "ingredient": [part("X")]})).as_deref(), Some("Aspirin"));
        assert_eq!(called(&json!({"status": "entered-in-error", "code": {"text": "Aspirin"}})), None);
    }
}
