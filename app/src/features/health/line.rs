//! An item of the summary in one line.

use super::store::Item;
use super::words::{in_words, label, type_in_words};
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    base::i18n::Texts,
    record::item::model::{Kind, State, What},
};

/// Check-ups and screenings that were coded as diagnoses are why somebody came, not what they have.
/// Source: ICD-10-CM, block Z00-Z13, persons encountering health services for examinations.
pub(super) fn is_reason_for_visit(item: &Item) -> bool {
    let block =
        item.code.as_deref().and_then(|code| code.strip_prefix("http://hl7.org/fhir/sid/icd-10-cm|Z")?.get(..2)?.parse::<u8>().ok());
    item.kind == Kind::Condition && block.is_some_and(|block| block <= 13)
}

/// Nothing recorded is not the same as nothing there.
pub(super) fn nothing(t: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Allergy => t.health_no_allergies(),
        Kind::Medication => t.health_no_medications(),
        _ => t.health_nothing(),
    }
}

/// "Lisinopril 10 mg: 1 tablet once a day".
pub(super) fn in_one_line(grant: &Grant<ViewHealthSummary>, item: &Item) -> String {
    let t = grant.texts();
    let said = |what: What| item.facts.iter().find(|fact| fact.what == what).map(|fact| in_words(t, fact));
    let detail = match item.kind {
        Kind::Medication => {
            let needed = item.facts.iter().find(|fact| fact.what == What::AsNeeded).map(|fact| {
                let label = label(t, What::AsNeeded).to_lowercase();
                if fact.said == "yes" { label } else { format!("{label} ({})", in_words(t, fact)) }
            });
            Some([said(What::Dose), said(What::Frequency), needed].into_iter().flatten().collect::<Vec<_>>().join(", "))
                .filter(|words| !words.is_empty())
        }
        Kind::Allergy => reactions(t, item),
        Kind::Immunization => item.at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive())).or_else(|| said(What::Day)),
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
    if item.tentative { format!(" ({})", t.health_tentative().to_lowercase()) } else { String::new() }
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
        .filter(|fact| fact.what != What::File)
        .map(|fact| match fact.what {
            What::Member | What::Activity | What::Condition | What::Dose | What::Value | What::Frequency => in_words(t, fact),
            _ => format!("{}: {}", label(t, fact.what), in_words(t, fact)),
        })
        .collect();
    said.extend(item.at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive())));
    // What is only planned is not printed as if it were done.
    let unsure = if item.state == State::Planned { format!(" ({})", t.health_planned().to_lowercase()) } else { unsure(t, item) };
    if said.is_empty() { format!("{}{unsure}", name(t, item)) } else { format!("{}{unsure}: {}", name(t, item), said.join("; ")) }
}
