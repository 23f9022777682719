//! What a card says of a FHIR resource, as small as the specification demands.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::values::{coded, items, part, quantities, value};
use crate::{
    base::clock::local_date,
    record::{
        fhir::modifier,
        resource::reference,
        result::range::{self, Person},
    },
};

/// How a card is made of resources: in which zone days are counted, and what the resources are called that others name.
pub struct Making<'a> {
    pub zone: Tz,
    /// Of the resources.
    pub source: &'a str,
    /// Whose resource it is: of several ranges, a card has the person's.
    pub person: Option<Person>,
    /// By the names of references, with their source.
    pub names: &'a HashMap<String, String>,
}

/// What the references of a resource to whoever did it, and to where, mean that say no name by themselves.
pub fn nameless(source: &str, resource: &Value) -> impl Iterator<Item = String> {
    let doers = items(&resource["performer"]).map(|found| if found["actor"].is_object() { &found["actor"] } else { found });
    doers.chain([&resource["location"]]).filter(|found| found["display"].is_null()).flat_map(|found| reference::names(source, found))
}

/// What a Practitioner, an Organization, or a Location is called.
pub fn called(resource: &Value) -> Option<String> {
    let name = match &resource["name"] {
        Value::String(name) => name.clone(),
        names => {
            let name = &names[0];
            let spelt = items(&name["prefix"]).chain(items(&name["given"])).chain([&name["family"]]).filter_map(Value::as_str);
            name["text"].as_str().map_or_else(|| spelt.collect::<Vec<_>>().join(" "), str::to_owned)
        }
    };
    (!name.trim().is_empty()).then_some(name)
}

impl Making<'_> {
    /// The name behind a reference: its display, or what it leads to is called.
    fn name(&self, resource: &Value, reference: &Value) -> Option<String> {
        if let Some(display) = reference["display"].as_str() {
            return Some(display.to_owned());
        }
        match reference["reference"].as_str().and_then(|name| name.strip_prefix('#')) {
            Some(id) => items(&resource["contained"]).find(|found| found["id"] == id).and_then(called),
            None => reference::names(self.source, reference).iter().find_map(|name| self.names.get(name)).cloned(),
        }
    }

    /// The day of a FHIR date or moment, where the organisation is. A moment without a zone is one on the wall there.
    fn day(&self, text: &str) -> Option<NaiveDate> {
        match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Some(local_date(at.with_timezone(&Utc), &self.zone)),
            Err(_) => text.get(..10)?.parse().ok(),
        }
    }

    /// A FHIR date as it is, a moment as the organisation's clocks showed it: readers take the day from its beginning.
    fn moment(&self, text: &str) -> String {
        match DateTime::parse_from_rfc3339(text) {
            Ok(at) => at.with_timezone(&self.zone).to_rfc3339_opts(SecondsFormat::Secs, false),
            Err(_) => text.to_owned(),
        }
    }

    /// What a card says of a resource; nothing of one that cannot be signed.
    pub fn says(&self, resource: &Value) -> Option<Value> {
        // A card has no place for what changes the meaning of a resource.
        if modifier::is_changed(resource) {
            return None;
        }
        match resource["resourceType"].as_str()? {
            "Immunization" => self.immunization(resource),
            "Observation" => self.observation(resource),
            _ => None,
        }
    }

    /// An immunization that was given, strong enough to count, and recorded by those who saw it. Nothing without a code or a day.
    fn immunization(&self, resource: &Value) -> Option<Value> {
        if resource["status"] != "completed" || resource["primarySource"] == false || resource["isSubpotent"] == true {
            return None;
        }
        let mut card = json!({
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": coded(&resource["vaccineCode"])?,
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": self.day(resource["occurrenceDateTime"].as_str()?)?,
        });
        let mut doers = items(&resource["performer"]).map(|found| &found["actor"]).chain([&resource["location"]]);
        if let Some(name) = doers.find_map(|found| self.name(resource, found)) {
            card["performer"] = json!([{"actor": {"display": name}}]);
        }
        if let Some(lot) = resource["lotNumber"].as_str() {
            card["lotNumber"] = json!(lot);
        }
        Some(card)
    }

    /// A laboratory value that is final. Nothing without a LOINC code, a moment or a value.
    fn observation(&self, resource: &Value) -> Option<Value> {
        let status = resource["status"].as_str().filter(|status| matches!(*status, "final" | "amended" | "corrected"))?;
        let code = coded(&resource["code"])?;
        if !items(&code["coding"]).any(|coding| coding["system"] == "http://loinc.org") {
            return None;
        }
        let taken = [&resource["effectiveDateTime"], &resource["effectivePeriod"]["start"], &resource["effectiveInstant"]];
        let taken = taken.into_iter().find_map(Value::as_str)?;
        let mut card = json!({
            "resourceType": "Observation",
            "status": status,
            "code": code,
            "subject": {"reference": "resource:0"},
            "effectiveDateTime": self.moment(taken),
        });
        if let Some(name) = items(&resource["performer"]).find_map(|found| self.name(resource, found)) {
            card["performer"] = json!([{"display": name}]);
        }
        let parts: Vec<Value> = items(&resource["component"]).filter_map(part).collect();
        match value(resource) {
            Some((key, found)) => card[key] = found,
            None if parts.is_empty() => return None,
            None => {}
        }
        if !parts.is_empty() {
            card["component"] = json!(parts);
        }
        let own = range::own(resource, self.person, self.day(taken));
        if let Some(range) = own.filter(|range| range["low"]["value"].is_number() || range["high"]["value"].is_number()) {
            card["referenceRange"] = json!([quantities(range, ["low", "high"])]);
        }
        Some(card)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    fn making() -> Making<'static> {
        static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
            let names = [("ehr|Organization/1", "Downtown Clinic"), ("ehr|Practitioner/2", "Ann Lee")];
            names.into_iter().map(|(reference, name)| (reference.to_owned(), name.to_owned())).collect()
        });
        Making { zone: chrono_tz::America::New_York, source: "ehr", person: None, names: &NAMES }
    }

    fn dose() -> Value {
        json!({"status": "completed", "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207",
            "display": "Moderna"}], "text": "Moderna"}, "occurrenceDateTime": "2021-04-20T10:00:00-04:00", "lotNumber": "A1"})
    }

    fn with(mut resource: Value, key: &str, value: Value) -> Value {
        resource[key] = value;
        resource
    }

    #[test]
    fn a_card_holds_codes_and_no_words() {
        let card = making().immunization(&dose()).expect("a card");
        assert_eq!(card["vaccineCode"], json!({"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]}));
        assert_eq!((card["occurrenceDateTime"].as_str(), card["lotNumber"].as_str()), (Some("2021-04-20"), Some("A1")));
        assert_eq!(making().immunization(&with(dose(), "status", json!("not-done"))), None);
        assert_eq!(making().immunization(&with(dose(), "isSubpotent", json!(true))), None, "too weak to count");
        assert!(making().immunization(&with(dose(), "isSubpotent", json!(false))).is_some());
        assert_eq!(making().immunization(&json!({"status": "completed", "vaccineCode": {"text": "A flu shot"}})), None);
    }

    #[test]
    fn what_only_its_source_understands_is_not_signed() {
        let dose = with(dose(), "resourceType", json!("Immunization"));
        assert!(making().says(&dose).is_some());
        assert_eq!(making().says(&with(dose, "modifierExtension", json!([{"url": "urn:x", "valueBoolean": true}]))), None);
    }

    #[test]
    fn nobody_is_said_to_have_given_what_others_gave() {
        let by = |key: &str, value: Value| making().immunization(&with(dose(), key, value)).expect("a card")["performer"].clone();
        let named = |name: &str| json!([{"actor": {"display": name}}]);
        assert_eq!(by("note", json!([])), Value::Null);
        assert_eq!(by("performer", json!([{"actor": {"reference": "Practitioner/9"}}, {"actor": {"display": "A. Lee"}}])), named("A. Lee"));
        assert_eq!(by("performer", json!([{"actor": {"reference": "Practitioner/2"}}])), named("Ann Lee"));
        assert_eq!(by("location", json!({"display": "A pharmacy"})), named("A pharmacy"));
        let inside = with(dose(), "contained", json!([{"resourceType": "Organization", "id": "o", "name": "A school"}]));
        let card = making().immunization(&with(inside, "performer", json!([{"actor": {"reference": "#o"}}]))).expect("a card");
        assert_eq!(card["performer"], named("A school"));
        // What somebody told is not what the hospital knows.
        assert_eq!(making().immunization(&with(dose(), "primarySource", json!(false))), None);
        assert!(making().immunization(&with(dose(), "primarySource", json!(true))).is_some());
    }

    #[test]
    fn references_without_a_name_are_looked_up() {
        let resource = json!({"performer": [{"actor": {"reference": "Practitioner/2"}}, {"reference": "Organization/1"},
            {"actor": {"reference": "Practitioner/3", "display": "B"}}], "location": {"reference": "Location/4"}});
        assert_eq!(nameless("ehr", &resource).collect::<Vec<_>>(), ["ehr|Practitioner/2", "ehr|Organization/1", "ehr|Location/4"]);
        assert_eq!(called(&json!({"name": [{"prefix": ["Dr."], "given": ["Ann"], "family": "Lee"}]})).as_deref(), Some("Dr. Ann Lee"));
        assert_eq!(called(&json!({"name": "A clinic"})).as_deref(), Some("A clinic"));
        assert_eq!(called(&json!({})), None);
    }

    #[test]
    fn days_are_those_of_the_organisation() {
        let given =
            |at: &str| making().immunization(&with(dose(), "occurrenceDateTime", json!(at))).map(|card| card["occurrenceDateTime"].clone());
        for (at, day) in [
            ("2021-08-22T00:12:17+00:00", Some("2021-08-21")),
            ("2021-08-22T23:30:00-04:00", Some("2021-08-22")),
            ("2021-01-02T04:59:59.5Z", Some("2021-01-01")),
            ("2021-08-22T00:12:17", Some("2021-08-22")),
            ("2021-08-22", Some("2021-08-22")),
            ("2021-08", None),
        ] {
            assert_eq!(given(at), day.map(|day| json!(day)), "{at}");
        }
        assert_eq!(making().moment("2021-08-22T00:12:17Z"), "2021-08-21T20:12:17-04:00");
        assert_eq!(making().moment("2021-08-22"), "2021-08-22");
    }

    fn value_of_a_test() -> Value {
        json!({"status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
            "effectiveDateTime": "2021-01-01", "valueQuantity": {"value": 1, "unit": "x", "extension": []}})
    }

    #[test]
    fn only_final_values_with_a_loinc_code_are_signed() {
        let card = making().observation(&value_of_a_test()).expect("a card");
        assert_eq!(card["valueQuantity"], json!({"value": 1, "unit": "x"}));
        assert_eq!(card["performer"], Value::Null);
        let by = making().observation(&with(value_of_a_test(), "performer", json!([{"reference": "Organization/1"}]))).expect("a card");
        assert_eq!(by["performer"], json!([{"display": "Downtown Clinic"}]));
        for (key, other) in [("status", json!("preliminary")), ("code", json!({"text": "x"})), ("valueQuantity", json!(null))] {
            assert_eq!(making().observation(&with(value_of_a_test(), key, other)), None, "{key}");
        }
    }

    #[test]
    fn a_card_has_the_range_of_the_person_on_the_day() {
        let age = |low: u32, high: u32| json!({"low": {"value": low, "code": "a"}, "high": {"value": high, "code": "a"}});
        let ranges = json!([{"age": age(0, 11), "low": {"value": 140}, "high": {"value": 420}},
            {"age": age(12, 17), "low": {"value": 60}, "high": {"value": 300}},
            {"type": {"coding": [{"code": "treatment"}]}, "low": {"value": 1}}]);
        let value = with(value_of_a_test(), "referenceRange", ranges);
        let born = |day: &str| Some(Person { sex: None, born: day.parse().ok() });
        let range = |making: Making<'_>| making.observation(&value).expect("a card")["referenceRange"].clone();
        let young = range(Making { person: born("2012-01-01"), ..making() });
        assert_eq!(young, json!([{"low": {"value": 140}, "high": {"value": 420}}]));
        let older = range(Making { person: born("2008-01-01"), ..making() });
        assert_eq!(older, json!([{"low": {"value": 60}, "high": {"value": 300}}]));
        assert_eq!(range(making()), Value::Null, "which one is the person's is not known");
    }

    #[test]
    fn values_of_every_form_that_pages_show_are_signed() {
        let without = with(value_of_a_test(), "valueQuantity", Value::Null);
        for (key, of) in [
            ("valueInteger", json!(3)),
            ("valueBoolean", json!(false)),
            ("valueString", json!("yellow")),
            ("valueDateTime", json!("2021-01-01")),
            ("valueRatio", json!({"numerator": {"value": 1}, "denominator": {"value": 128}})),
            ("valueRange", json!({"low": {"value": 1}, "high": {"value": 2}})),
        ] {
            let card = making().observation(&with(without.clone(), key, of.clone())).expect("a card");
            assert_eq!(card[key], of, "{key}");
        }
        let worded =
            making().observation(&with(without, "valueCodeableConcept", json!({"coding": [{"display": "Clear"}]}))).expect("a card");
        assert_eq!(worded["valueString"], "Clear");
    }

    #[test]
    fn a_result_of_parts_is_signed_with_its_parts() {
        let coded = |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code, "display": "words"}]});
        let result = json!({"status": "final", "code": coded("24331-1"), "effectiveDateTime": "2021-01-01", "component": [
            {"code": coded("2093-3"), "valueQuantity": {"value": 181, "unit": "mg/dL"}}, {"code": coded("2571-8")}]});
        let card = making().observation(&result).expect("a card");
        let code = json!({"coding": [{"system": "http://loinc.org", "code": "2093-3"}]});
        assert_eq!(card["component"], json!([{"code": code, "valueQuantity": {"value": 181, "unit": "mg/dL"}}]));
    }
}
