//! Who somebody is, and whether two are one.

use std::collections::HashSet;

use app::{features::personal::import::record_number, people::folding::number_key, record::fhir::items};
use serde_json::Value;

use super::reference;

/// Who a Patient resource says that somebody is.
pub struct Person {
    identifiers: Vec<(String, String)>,
    birth_date: Option<String>,
    /// Given names and family name of each name, as they are compared.
    names: Vec<(String, String)>,
    record_number: Option<String>,
}

/// How two of them compare: what both say alike, and what they say otherwise.
#[derive(Clone, Copy, Default)]
struct Comparison {
    identifier: Option<bool>,
    birth_date: Option<bool>,
    given: Option<bool>,
    family: Option<bool>,
}

impl Comparison {
    fn count(self, wanted: bool) -> usize {
        [self.identifier, self.birth_date, self.given, self.family].into_iter().filter(|found| *found == Some(wanted)).count()
    }
}

impl Person {
    pub fn of(patient: &Value) -> Person {
        let owned = |(system, value): (&str, &str)| (system.to_owned(), value.to_owned());
        let names = items(&patient["name"]).map(|name| {
            let given = items(&name["given"]).filter_map(Value::as_str).next().unwrap_or_default();
            match name["family"].as_str() {
                None if given.is_empty() => (String::new(), number_key(name["text"].as_str().unwrap_or_default())),
                family => (number_key(given), number_key(family.unwrap_or_default())),
            }
        });
        Person {
            identifiers: reference::identities("Patient", patient).map(owned).collect(),
            birth_date: patient["birthDate"].as_str().map(str::to_owned),
            names: names.filter(|(given, family)| !given.is_empty() || !family.is_empty()).collect(),
            record_number: record_number(patient),
        }
    }

    fn compare(&self, other: &Person) -> Comparison {
        let systems: HashSet<&str> = self.identifiers.iter().map(|(system, _)| system.as_str()).collect();
        let is_comparable = other.identifiers.iter().any(|(system, _)| systems.contains(system.as_str()));
        let dates = self.birth_date.as_deref().zip(other.birth_date.as_deref());
        let part = |of: fn(&(String, String)) -> &str| {
            let (one, two): (HashSet<&str>, HashSet<&str>) = (self.names.iter().map(of).collect(), other.names.iter().map(of).collect());
            let told = |names: &HashSet<&str>| names.iter().any(|name| !name.is_empty());
            (told(&one) && told(&two)).then(|| one.intersection(&two).any(|name| !name.is_empty()))
        };
        Comparison {
            identifier: is_comparable.then(|| self.identifiers.iter().any(|identifier| other.identifiers.contains(identifier))),
            // A year agrees with a day of it.
            birth_date: dates.map(|(one, two)| one.starts_with(two) || two.starts_with(one)),
            given: part(|(given, _)| given),
            family: part(|(_, family)| family),
        }
    }

    /// Whether both are one person: more of identifier, birth date, given and family name agrees than differs. Father and son may have
    /// one name: another birth date is another person, unless the identifier is the same.
    pub fn agrees(&self, other: &Person) -> bool {
        let found = self.compare(other);
        let (equal, different) = (found.count(true), found.count(false));
        equal > different && (found.birth_date != Some(false) || found.identifier == Some(true))
    }

    /// Whether both cannot be one person: nothing agrees of what both say.
    pub fn contradicts(&self, other: &Person) -> bool {
        let found = self.compare(other);
        found.count(true) == 0 && found.count(false) >= 2
    }

    pub fn record(&self) -> String {
        self.record_number.as_ref().map_or_else(|| "a record without a number".into(), |number| format!("record {number}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(number: &str, birth_date: &str, given: &str, family: &str) -> Person {
        Person::of(&json!({"birthDate": birth_date, "name": [{"given": [given], "family": family}],
            "identifier": [{"system": "mrn", "value": number}]}))
    }

    #[test]
    fn what_agrees_tells_who_somebody_is() {
        let rosa = person("1", "1956-04-11", "Rosa", "Whitfield");
        assert!(rosa.agrees(&person("1", "1956-04-11", "Rosa", "Okafor")), "married");
        assert!(rosa.agrees(&person("2", "1956-04-11", "ROSA", "Whit-field")), "another number");
        assert!(rosa.agrees(&person("1", "1956", "Rosa", "Whitfield")), "a year");
        assert!(person("2", "1956-04-11", "José", "Łukasz").agrees(&person("1", "1956-04-11", "Jose", "Lukasz")), "accents");
        assert!(!rosa.agrees(&person("2", "1956-04-11", "Rita", "Whitfield")), "a twin");
        assert!(!rosa.agrees(&person("1", "1988-09-30", "Dmitri", "Okafor")), "a number given twice");
        assert!(!rosa.agrees(&person("2", "1988-09-30", "Rosa", "Whitfield")), "a daughter");
        let nameless = |birth_date: &str, given: &str| {
            Person::of(&json!({"birthDate": birth_date, "name": [{"given": [given], "family": "Whitfield"}]}))
        };
        assert!(nameless("1956-04-11", "Rosa").agrees(&nameless("1956-04-11", "Rosie")), "a correction");
        assert!(!nameless("1956-04-11", "Rosa").agrees(&nameless("1988-09-30", "Rosa")), "a daughter without a number");
        assert!(rosa.agrees(&Person::of(&json!({"identifier": [{"system": "mrn", "value": "1"}]}))), "nothing but the number");
        assert!(!rosa.agrees(&Person::of(&json!({}))), "nobody at all");
        assert!(rosa.contradicts(&person("2", "1988-09-30", "Dmitri", "Okafor")));
        assert!(!rosa.contradicts(&person("2", "1956-04-11", "Dmitri", "Okafor")));
    }

    #[test]
    fn a_policy_number_is_nobody() {
        let of = |birth_date: &str| {
            Person::of(
                &json!({"birthDate": birth_date, "identifier": [{"type": {"coding": [{"code": "SN"}]}, "system": "i", "value": "1"}]}),
            )
        };
        assert!(!of("1979-01-20").agrees(&of("1977-06-02")));
    }
}
