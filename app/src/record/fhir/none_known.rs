//! Entries that say that there is nothing: "No known allergy" stands in a list of allergies and is none.

use serde_json::Value;

use super::codeable_concept::{codings, concept};
use crate::record::item::model::Nothing;

/// SNOMED CT: situations in which something is known to be absent. Source: HL7 IPS, value set Absent or Unknown SNOMED, and the
/// codes of allergies that are narrower.
const SNOMED: [(&str, Nothing); 12] = [
    ("716186003", Nothing::Allergies),
    ("160244002", Nothing::Allergies),
    ("409137002", Nothing::DrugAllergies),
    ("429625007", Nothing::FoodAllergies),
    ("428607008", Nothing::EnvironmentAllergies),
    ("716184000", Nothing::LatexAllergy),
    ("1003774007", Nothing::LatexAllergy),
    ("160245001", Nothing::Problems),
    ("787481004", Nothing::Medications),
    ("787480003", Nothing::Procedures),
    ("787483001", Nothing::Devices),
    ("787482006", Nothing::Immunizations),
];

/// HL7 IPS, code system Absent and Unknown Data.
const ABSENT_OR_UNKNOWN: [(&str, Nothing); 15] = [
    ("no-known-allergies", Nothing::Allergies),
    ("no-known-medication-allergies", Nothing::DrugAllergies),
    ("no-known-food-allergies", Nothing::FoodAllergies),
    ("no-known-environmental-allergies", Nothing::EnvironmentAllergies),
    ("no-known-problems", Nothing::Problems),
    ("no-known-medications", Nothing::Medications),
    ("no-known-procedures", Nothing::Procedures),
    ("no-known-devices", Nothing::Devices),
    ("no-known-immunizations", Nothing::Immunizations),
    ("no-allergy-info", Nothing::AllergyInformation),
    ("no-problem-info", Nothing::ProblemInformation),
    ("no-medication-info", Nothing::MedicationInformation),
    ("no-procedure-info", Nothing::ProcedureInformation),
    ("no-device-info", Nothing::DeviceInformation),
    ("no-immunization-info", Nothing::ImmunizationInformation),
];

/// Texts without a code, in small letters without a full stop.
const WORDS: [(&str, Nothing); 20] = [
    ("no known allergy", Nothing::Allergies),
    ("no known allergies", Nothing::Allergies),
    ("no allergies", Nothing::Allergies),
    ("nka", Nothing::Allergies),
    ("no known drug allergy", Nothing::DrugAllergies),
    ("no known drug allergies", Nothing::DrugAllergies),
    ("no known medication allergies", Nothing::DrugAllergies),
    ("nkda", Nothing::DrugAllergies),
    ("no known food allergy", Nothing::FoodAllergies),
    ("no known food allergies", Nothing::FoodAllergies),
    ("no known environmental allergy", Nothing::EnvironmentAllergies),
    ("no known environmental allergies", Nothing::EnvironmentAllergies),
    ("no known latex allergy", Nothing::LatexAllergy),
    ("no known problem", Nothing::Problems),
    ("no known problems", Nothing::Problems),
    ("no current problems", Nothing::Problems),
    ("no current problems or disability", Nothing::Problems),
    ("no known medications", Nothing::Medications),
    ("no current medications", Nothing::Medications),
    ("sin alergias conocidas", Nothing::Allergies),
];

/// What a code of an entry says that there is not; nothing of an entry that says that there is something.
pub fn none_known(code: &Value) -> Option<Nothing> {
    let coded = codings(code).find_map(|coding| {
        let table: &[(&str, Nothing)] = match coding["system"].as_str()? {
            "http://snomed.info/sct" => &SNOMED,
            system if system.ends_with("/CodeSystem/absent-unknown-uv-ips") => &ABSENT_OR_UNKNOWN,
            _ => return None,
        };
        let said = coding["code"].as_str()?;
        table.iter().find(|(code, _)| *code == said).map(|(_, nothing)| *nothing)
    });
    // Another code beside words such as these says what the words mean.
    let in_words = || {
        let said = concept(code).filter(|_| codings(code).all(|coding| coding["code"].is_null()))?;
        let said = said.trim().trim_end_matches('.').to_lowercase();
        WORDS.iter().find(|(words, _)| *words == said).map(|(_, nothing)| *nothing)
    };
    coded.or_else(in_words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_and_words_for_nothing_are_known() {
        let snomed = |code: &str| none_known(&json!({"text": "x", "coding": [{"system": "http://snomed.info/sct", "code": code}]}));
        assert_eq!((snomed("716186003"), snomed("160244002")), (Some(Nothing::Allergies), Some(Nothing::Allergies)));
        assert_eq!((snomed("160245001"), snomed("762952008")), (Some(Nothing::Problems), None));
        let ips = json!({"coding": [{"system": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "code": "no-allergy-info"}]});
        assert_eq!(none_known(&ips), Some(Nothing::AllergyInformation));
        assert_eq!(none_known(&json!({"text": "NKDA"})), Some(Nothing::DrugAllergies));
        assert_eq!(none_known(&json!({"text": "No known allergies."})), Some(Nothing::Allergies));
        assert_eq!(
            none_known(&json!({"text": "NKDA", "coding": [{"system": "urn:x", "code": "1"}]})),
            None,
            "another code means something"
        );
        assert_eq!((none_known(&json!({"text": "Peanut"})), none_known(&json!({}))), (None, None));
    }
}
