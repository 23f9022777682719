//! What somebody says of the medicines and allergies that the record has: each as it is, or else; what is missing. What differs is
//! reviewed by a clinician: nothing in the record changes by it.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    access::{
        Grant,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{
        error::{Error, Problem},
        i18n::Texts,
        why::Why,
    },
    desk::check_in::{self, model::Step},
    features::{
        health::{
            store::{Item, current},
            words::in_words,
        },
        medications::{
            model::{MOST, ProposalKind, ProposalState},
            problem, proposals,
        },
    },
    record::item::model::{Fact, Kind, State, What},
};

/// The name of a field about one item. A key that begins with a digit would be read as a place in a list.
pub fn field(name: &str, item: Uuid) -> String {
    format!("{name}[i{item}]")
}

/// What is asked about in a step.
///
/// # Errors
/// When the database fails.
pub async fn asked(chart: &Grant<ViewHealthSummary>, step: Step) -> Result<Vec<Item>, Error> {
    let kind = if step == Step::Allergies { Kind::Allergy } else { Kind::Medication };
    let items = current(chart, &[kind]).await?;
    Ok(items.into_iter().filter(|item| item.state != State::Planned).collect())
}

/// What somebody typed.
pub struct Typed<'a> {
    pub said: &'a HashMap<String, String>,
    pub words: &'a HashMap<String, String>,
    pub new_title: &'a str,
    pub new_words: &'a str,
}

/// Tells the office what differs: the one that looks after a medicine, or that of the visit (`fallback`). Returns whether anything does. What was told before and nobody has reviewed is not told again.
///
/// # Errors
/// `NotFound` for an item that is not in the chart; `Invalid` with everything that is wrong: then nothing was told.
pub async fn tell(
    grant: &Grant<RequestMedicine>,
    chart: &Grant<ViewHealthSummary>,
    step: Step,
    typed: &Typed<'_>,
    fallback: Option<Uuid>,
) -> Result<bool, Error> {
    let items = asked(chart, step).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: String, why: Why| problems.push(Problem { field, why });
    let mut differs: Vec<(Option<Uuid>, ProposalKind, &str, &str)> = Vec::new();
    // The record may have changed while somebody looked at it.
    let is_known = |key: &String| items.iter().any(|item| *key == format!("i{}", item.id));
    if !typed.said.keys().all(is_known) {
        return Err(Error::form(check_in::problem::OTHER_LIST));
    }
    for item in &items {
        let key = format!("i{}", item.id);
        let words = typed.words.get(&key).map_or("", |words| words.trim());
        let kind = match (typed.said.get(&key).map_or("", String::as_str), step) {
            // They wrote what is different, and did not choose how.
            ("same", _) if !words.is_empty() => {
                refuse(field("said", item.id), check_in::problem::CHOOSE);
                continue;
            }
            ("same", _) => continue,
            ("differently", Step::Medications) => ProposalKind::Differently,
            ("stopped", Step::Medications) => ProposalKind::Stopped,
            ("not", Step::Allergies) => ProposalKind::NoAllergy,
            _ => {
                refuse(field("said", item.id), Why::MISSING);
                continue;
            }
        };
        if words.is_empty() && kind != ProposalKind::Stopped {
            refuse(field("words", item.id), Why::MISSING);
        } else if words.chars().count() > MOST {
            refuse(field("words", item.id), problem::COMMENT_LONG);
        }
        differs.push((Some(item.id), kind, "", words));
    }
    let (title, words) = (typed.new_title.trim(), typed.new_words.trim());
    let new = if step == Step::Allergies { ProposalKind::Allergy } else { ProposalKind::Another };
    match (title, words) {
        ("", "") => {}
        ("", _) => refuse("new_title".into(), Why::MISSING),
        (_, "") => refuse("new_words".into(), Why::MISSING),
        (title, words) => {
            if title.chars().count() > proposals::TITLE {
                refuse("new_title".into(), Why::TOO_LONG);
            }
            if words.chars().count() > MOST {
                refuse("new_words".into(), problem::COMMENT_LONG);
            }
            differs.push((None, new, title, words));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let before = proposals::told(chart).await?;
    let known = |item: Option<Uuid>, kind: ProposalKind, title: &str, words: &str| {
        before.iter().any(|told| {
            let same = told.item_id == item && told.kind == kind && told.words == words;
            told.state == ProposalState::Unreviewed && same && (item.is_some() || told.title == title)
        })
    };
    // What waits to be looked at is told, also where it is not said once more.
    let waits =
        before.iter().any(|told| told.state == ProposalState::Unreviewed && (told.kind.is_medicine() == (step == Step::Medications)));
    let any = !differs.is_empty() || waits;
    for (item, kind, title, words) in differs {
        if !known(item, kind, title, words) {
            let id = item.map(|id| id.to_string()).unwrap_or_default();
            let told = proposals::tell(grant, chart, &id, kind.as_str(), title, words, fallback).await;
            // There is no office that reviews it, or too much was told: a problem of the whole form.
            told.map_err(|error| match error {
                Error::Invalid(problems) => Error::form(problems.first().map_or(Why::MISSING, |problem| problem.why)),
                error => error,
            })?;
        }
    }
    Ok(any)
}

/// How a medicine is taken, or how an allergy shows.
pub fn in_a_line(t: Texts, step: Step, facts: &[Fact]) -> Option<String> {
    let told: &[What] = if step == Step::Allergies {
        &[What::Reaction, What::Criticality, What::Severity]
    } else {
        &[What::Dose, What::Route, What::Frequency, What::When, What::AsNeeded, What::Instruction]
    };
    let words: Vec<String> = facts.iter().filter(|fact| told.contains(&fact.what)).map(|fact| in_words(t, fact)).collect();
    Some(words.join(", ")).filter(|words| !words.is_empty())
}
