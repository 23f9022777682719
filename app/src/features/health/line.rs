//! An item of the summary in one line, and what is said where there is none.

use std::collections::HashSet;

use uuid::Uuid;

use super::item::{Item, is_untold, uncontradicted};
use super::words::{in_words, label, type_in_words};
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    base::i18n::Texts,
    record::item::model::{Kind, Nothing, State, What},
};

/// The sentences where nothing is listed: what the record says that there is not, as far as none of the items says otherwise.
/// Nothing recorded is not the same as nothing there.
pub(super) fn absent(t: Texts, kind: Kind, items: &[&Item], absences: &[(Uuid, Nothing)]) -> Vec<&'static str> {
    let mut said: Vec<&str> =
        uncontradicted(items, absences).filter(|(_, found)| found.kind() == kind).map(|(_, found)| nothing(t, found)).collect();
    let mut seen = HashSet::new();
    said.retain(|sentence| seen.insert(*sentence));
    if said.is_empty() && items.is_empty() {
        said.push(nothing_recorded(t, kind));
    }
    said
}

pub(super) fn nothing_recorded(t: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Allergy => t.health_no_allergies(),
        Kind::Medication => t.health_no_medications(),
        _ => t.health_nothing(),
    }
}

fn nothing(t: Texts, nothing: Nothing) -> &'static str {
    match nothing {
        Nothing::Allergies => t.health_nothing_allergies(),
        Nothing::DrugAllergies => t.health_nothing_drug_allergies(),
        Nothing::FoodAllergies => t.health_nothing_food_allergies(),
        Nothing::EnvironmentAllergies => t.health_nothing_environment_allergies(),
        Nothing::LatexAllergy => t.health_nothing_latex_allergy(),
        Nothing::Problems => t.health_nothing_problems(),
        Nothing::Medications => t.health_nothing_medications(),
        Nothing::Procedures => t.health_nothing_procedures(),
        Nothing::Devices => t.health_nothing_devices(),
        Nothing::Immunizations => t.health_nothing_immunizations(),
        Nothing::AllergyInformation => t.health_nothing_allergy_information(),
        Nothing::ProblemInformation => t.health_nothing_problem_information(),
        Nothing::MedicationInformation => t.health_nothing_medication_information(),
        Nothing::ProcedureInformation => t.health_nothing_procedure_information(),
        Nothing::DeviceInformation => t.health_nothing_device_information(),
        Nothing::ImmunizationInformation => t.health_nothing_immunization_information(),
    }
}

/// "Lisinopril 10 mg: 1 tablet once a day".
pub(super) fn in_one_line(grant: &Grant<ViewHealthSummary>, item: &Item) -> String {
    let t = grant.texts();
    let said = |what: What| item.facts.iter().find(|fact| fact.what == what).map(|fact| in_words(t, fact));
    let detail = match item.kind {
        _ if is_untold(item) => said(What::Remark),
        Kind::Medication => {
            let needed = item.facts.iter().find(|fact| fact.what == What::AsNeeded).map(|fact| {
                let label = label(t, What::AsNeeded).to_lowercase();
                if fact.said == "yes" { label } else { format!("{label} ({})", in_words(t, fact)) }
            });
            Some([said(What::Dose), said(What::Frequency), needed].into_iter().flatten().collect::<Vec<_>>().join(", "))
                .filter(|words| !words.is_empty())
        }
        Kind::Allergy => reactions(t, item),
        Kind::Immunization => item.at.as_ref().map(|at| t.when_day(at, grant.zone())).or_else(|| said(What::Day)),
        _ => None,
    };
    let unsure = unsure(t, item);
    let title = name(t, item);
    detail.map_or_else(|| format!("{title}{unsure}"), |detail| format!("{title}{unsure}: {detail}"))
}

/// "Hives, swelling (severe); risk: high", as far as it is known.
fn reactions(t: Texts, item: &Item) -> Option<String> {
    let of = |what: What| item.facts.iter().filter(move |fact| fact.what == what).map(|fact| in_words(t, fact)).collect::<Vec<_>>();
    let severity = of(What::Severity).first().map_or_else(String::new, |words| format!(" ({})", words.to_lowercase()));
    let reactions = Some(of(What::Reaction).join(", ")).filter(|words| !words.is_empty()).map(|words| format!("{words}{severity}"));
    let risk = of(What::Criticality).first().map(|words| format!("{}: {}", t.health_criticality(), words.to_lowercase()));
    let said: Vec<String> = reactions.into_iter().chain(risk).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// " (not confirmed)", where that is so.
fn unsure(t: Texts, item: &Item) -> String {
    match (item.tentative, item.kind, item.state) {
        (true, ..) => format!(" ({})", t.health_tentative().to_lowercase()),
        // What is only proposed is not told as if it were taken.
        (_, Kind::Medication, State::Planned) => format!(" ({})", t.health_planned().to_lowercase()),
        _ => String::new(),
    }
}

/// The words of an item; of one that has none, what it is.
pub(super) fn name(t: Texts, item: &Item) -> String {
    match (item.title.as_str(), item.kind) {
        ("", Kind::CareTeam) => t.health_care_team().to_owned(),
        ("", Kind::CarePlan) => t.health_plan().to_owned(),
        ("", _) => item.facts.iter().find(|fact| fact.what == What::Category).map_or_else(String::new, |fact| type_in_words(t, &fact.said)),
        (title, _) => title.to_owned(),
    }
}

/// One item with all that is known of it, in one line.
pub(super) fn printed(grant: &Grant<ViewHealthSummary>, item: &Item) -> String {
    let t = grant.texts();
    let mut said: Vec<String> = item
        .facts
        .iter()
        .filter(|fact| !matches!(fact.what, What::File | What::Stored))
        .map(|fact| match fact.what {
            What::Member | What::Activity | What::Condition | What::Dose | What::Value | What::Frequency => in_words(t, fact),
            _ => format!("{}: {}", label(t, fact.what), in_words(t, fact)),
        })
        .collect();
    said.extend(item.at.as_ref().map(|at| t.when_day(at, grant.zone())));
    // What is only planned is not printed as if it were done.
    let unsure = if item.state == State::Planned { format!(" ({})", t.health_planned().to_lowercase()) } else { unsure(t, item) };
    if said.is_empty() { format!("{}{unsure}", name(t, item)) } else { format!("{}{unsure}: {}", name(t, item), said.join("; ")) }
}
