//! Condition and AllergyIntolerance.

use serde_json::Value;

use super::item::{Item, base};
use crate::record::{
    fhir::{self, code, notes},
    item::model::{Kind, State, What},
};

/// FHIR R4 condition-ver-status: refuted and entered-in-error are no facts; unconfirmed, provisional and differential are
/// said to be so.
fn verified(value: &Value) -> Option<bool> {
    let status = &value["verificationStatus"];
    (!fhir::has_code(status, &["refuted", "entered-in-error"]))
        .then(|| fhir::has_code(status, &["unconfirmed", "provisional", "differential"]))
}

/// Active, recurrence and relapse hold today.
fn clinical_state(value: &Value, ended: bool) -> State {
    let status = &value["clinicalStatus"];
    if ended || fhir::has_code(status, &["inactive", "remission", "resolved"]) {
        State::Past
    } else if fhir::has_code(status, &["active", "recurrence", "relapse"]) {
        State::Active
    } else {
        State::Unstated
    }
}

pub(super) fn condition(value: &Value) -> Option<Item> {
    let tentative = verified(value)?;
    let abated = [&value["abatementDateTime"], &value["abatementPeriod"]["end"]];
    let in_words = value["abatementString"].as_str().map(str::to_owned).or_else(|| age(value, "abatement"));
    let ended = abated.iter().any(|found| fhir::date(found).is_some()) || in_words.is_some() || value["abatementBoolean"] == true;
    let mut item = base(Kind::Condition, clinical_state(value, ended), fhir::named(&value["code"]), &[]);
    began(&mut item, value);
    item.ended(&abated);
    item.say(What::Until, in_words);
    (item.tentative, item.code) = (tentative, Some(code(&value["code"])));
    item.say(What::Severity, fhir::concept(&value["severity"]));
    item.say(What::BodySite, fhir::concepts(&value["bodySite"]));
    item.say(What::Note, notes(value));
    Some(item)
}

/// When a condition or an allergy began: in words where its source has only those; else no later than it was recorded.
fn began(item: &mut Item, value: &Value) {
    match value["onsetString"].as_str().map(str::to_owned).or_else(|| age(value, "onset")) {
        Some(words) => item.say(What::Since, Some(words)),
        None => item.began(&[&value["onsetDateTime"], &value["onsetPeriod"]["start"], &value["recordedDate"]]),
    }
}

/// An age at which something began or ended, as [`What::Since`] and [`What::Until`] keep it: `age 12/a`, `age 3–5/a`.
fn age(value: &Value, what: &str) -> Option<String> {
    let one = &value[format!("{what}Age")];
    let range = &value[format!("{what}Range")];
    let unit = |quantity: &Value| quantity["code"].as_str().or_else(|| quantity["unit"].as_str()).unwrap_or("a").to_owned();
    let number = |quantity: &Value| fhir::number(&quantity["value"]);
    if let Some(years) = number(one) {
        return Some(format!("age {years}/{}", unit(one)));
    }
    let (low, high) = (number(&range["low"]), number(&range["high"]));
    let said = match (low, high) {
        (Some(low), Some(high)) => format!("{low}–{high}"),
        (Some(low), None) => format!("≥{low}"),
        (None, Some(high)) => format!("≤{high}"),
        (None, None) => return None,
    };
    Some(format!("age {said}/{}", unit(if range["low"].is_object() { &range["low"] } else { &range["high"] })))
}

pub(super) fn allergy(value: &Value) -> Option<Item> {
    let tentative = verified(value)?;
    let substance = || fhir::items(&value["reaction"]).find_map(|reaction| fhir::named(&reaction["substance"]));
    let title = fhir::named(&value["code"]).or_else(substance);
    let mut item = base(Kind::Allergy, clinical_state(value, false), title, &[]);
    began(&mut item, value);
    (item.tentative, item.code) = (tentative, Some(code(&value["code"])));
    for reaction in fhir::items(&value["reaction"]) {
        item.say(
            What::Reaction,
            fhir::concepts(&reaction["manifestation"]).or_else(|| reaction["description"].as_str().map(str::to_owned)),
        );
        item.say(What::Severity, reaction["severity"].as_str());
    }
    item.say(What::Criticality, value["criticality"].as_str().filter(|word| *word != "unable-to-assess"));
    for category in fhir::items(&value["category"]) {
        item.say(What::Category, category.as_str());
    }
    item.say(What::Note, notes(value));
    item.facts.dedup();
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
    fn ages_tell_when_something_began_and_that_it_is_over() {
        let age = |years: u32| json!({"value": years, "unit": "a", "code": "a"});
        let over = condition(&json!({"code": {"text": "Asthma"}, "onsetAge": age(3), "abatementAge": age(14)})).expect("an item");
        assert_eq!((over.state, over.facts), (State::Past, vec![Fact::new(What::Since, "age 3/a"), Fact::new(What::Until, "age 14/a")]));
        let range = json!({"code": {"text": "Asthma"}, "onsetRange": {"low": age(3), "high": age(5)}});
        assert_eq!(condition(&range).expect("an item").facts, [Fact::new(What::Since, "age 3–5/a")]);
    }

    #[test]
    fn what_is_refuted_or_an_error_is_no_fact_and_what_is_provisional_says_so() {
        let with = |status: &str| condition(&json!({"code": {"text": "Asthma"}, "verificationStatus": coded(status)}));
        assert!(with("refuted").is_none() && with("entered-in-error").is_none());
        assert!(with("provisional").is_some_and(|item| item.tentative));
        assert!(with("confirmed").is_some_and(|item| !item.tentative));
        let with = |status: &str| allergy(&json!({"code": {"text": "Penicillin"}, "verificationStatus": coded(status)}));
        assert!(with("refuted").is_none() && with("unconfirmed").is_some_and(|item| item.tentative));
    }

    #[test]
    fn a_condition_with_an_end_is_past_whatever_else_it_says() {
        let item = condition(&json!({"code": {"text": "Flu"}, "clinicalStatus": coded("active"), "abatementDateTime": "2021-03"}))
            .expect("an item");
        assert_eq!((item.state, item.until, item.facts), (State::Past, None, vec![Fact::new(What::Until, "2021-03")]));
    }
}
