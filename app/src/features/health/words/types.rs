//! What a record is, in the reader's language.

use crate::base::i18n::Texts;

/// FHIR's categories and resource types as people call them.
pub fn type_in_words(t: Texts, said: &str) -> String {
    let words = match said {
        "food" => t.health_type_food(),
        "medication" | "MedicationRequest" | "MedicationStatement" => t.health_type_medication(),
        "environment" => t.health_type_environment(),
        "biologic" => t.health_type_biologic(),
        "AllergyIntolerance" => t.health_type_allergy(),
        "Appointment" => t.health_type_appointment(),
        "CarePlan" => t.health_plan(),
        "CareTeam" => t.health_care_team(),
        "Claim" => t.health_type_claim(),
        "Condition" => t.health_type_condition(),
        "Consent" => t.health_type_consent(),
        "Coverage" => t.health_type_coverage(),
        "Device" => t.health_type_device(),
        "DiagnosticReport" => t.health_type_report(),
        "DocumentReference" => t.health_type_document(),
        "Encounter" => t.health_type_visit(),
        "ExplanationOfBenefit" => t.health_type_benefit(),
        "FamilyMemberHistory" => t.health_family(),
        "Goal" => t.health_type_goal(),
        "ImagingStudy" => t.health_type_imaging(),
        "Immunization" | "ImmunizationRecommendation" => t.health_type_vaccine(),
        "MedicationDispense" | "MedicationAdministration" => t.health_type_dispense(),
        "Observation" => t.health_type_observation(),
        "Procedure" => t.health_type_procedure(),
        "QuestionnaireResponse" | "Questionnaire" => t.health_type_questionnaire(),
        "ServiceRequest" => t.health_type_order(),
        "Specimen" => t.health_type_specimen(),
        _ => return spaced(said),
    };
    words.to_owned()
}

/// "Risk assessment" of "RiskAssessment"; words stay as they are.
fn spaced(name: &str) -> String {
    if name.contains(' ') {
        return name.to_owned();
    }
    let mut text = String::new();
    for (index, letter) in name.chars().enumerate() {
        if index > 0 && letter.is_uppercase() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Locale;

    const ES: Texts = Texts(Locale::Es);

    #[test]
    fn types_without_a_word_are_spaced() {
        assert_eq!(spaced("RiskAssessment"), "Risk assessment");
        assert_eq!(spaced("Progress note"), "Progress note");
        assert_eq!(type_in_words(ES, "DiagnosticReport"), "Informe");
    }
}
