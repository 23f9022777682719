//! Which answers are heard of at once: those that may mean that somebody wants to harm themselves.

use std::collections::HashSet;

use crate::{
    desk::danger::{self, Help},
    people::folding::folded,
    record::questionnaire::{
        Answers, Form,
        calculation::is_loinc,
        form::{Item, Kind},
        line::answered,
        score::score_of,
        value::Value,
    },
};

/// An answer that is heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The question, whatever language it is read in.
    pub link_id: String,
    /// Question and answer, in words.
    pub question: String,
    pub answer: String,
}

/// Codes of LOINC for questions about harming oneself: the ninth of the PHQ-9, and the first six of the Columbia screener.
const CODES: [&str; 7] = ["44260-8", "93246-7", "93247-5", "93248-3", "93249-1", "93250-9", "93267-3"];
/// Words of questions that ask for it, folded, in both languages.
const WORDS: [&str; 40] = [
    "suicid",
    "better off dead",
    "hurting yourself",
    "hurt yourself",
    "harming yourself",
    "harm yourself",
    "harming myself",
    "hurting myself",
    "self harm",
    "self injury",
    "kill yourself",
    "killing yourself",
    "killing myself",
    "end your life",
    "ending your life",
    "take your own life",
    "taking your own life",
    "take your life",
    "taking your life",
    "wished you were dead",
    "wish you were dead",
    "to be dead",
    "want to die",
    "wanted to die",
    "wished to die",
    "lastimarse",
    "lastimarte",
    "hacerse dano",
    "hacerse algun dano",
    "hacerte dano",
    "hacerme dano",
    "estar muert",
    "quitarse la vida",
    "quitarte la vida",
    "matarse",
    "matarte",
    "deseado morir",
    "desear morir",
    "querido morir",
    "ganas de morir",
];
/// Words of such questions to which "no" is what must be heard.
const SAFE: [&str; 6] = ["keep yourself safe", "stay safe", "feel safe", "mantenerse a salvo", "mantenerte a salvo", "se siente a salvo"];
/// Answers, folded, that say that there is nothing of it. Whatever else is said is heard of: "hardly ever" is not nothing.
const NONE: [&str; 16] = [
    "no",
    "none",
    "never",
    "no never",
    "not at all",
    "no not at all",
    "no thoughts",
    "nothing",
    "nunca",
    "no nunca",
    "jamas",
    "nada",
    "para nada",
    "ninguna",
    "ninguno",
    "ningun dia",
];
/// Answers, folded, of whoever is safe.
const YES: [&str; 8] = ["yes", "yes always", "always", "i can", "yes i can", "si", "si siempre", "siempre"];
/// Answers, folded, of whoever does not answer.
const NO_ANSWER: [&str; 16] = [
    "prefer not to say",
    "prefer not to answer",
    "i prefer not to say",
    "i prefer not to answer",
    "i would rather not say",
    "declined",
    "declined to answer",
    "i decline to answer",
    "decline to answer",
    "prefiero no decirlo",
    "prefiero no decir",
    "prefiero no responder",
    "prefiero no contestar",
    "no contesta",
    "no responde",
    "no quiero responder",
];

/// What must be heard at once: answers to the questions that ask for it, and words of crisis in what was written or chosen.
pub fn found(form: &Form, answers: &Answers) -> Vec<Alert> {
    let asking = asking(form);
    let mut all: Vec<Alert> = Vec::new();
    for (item, values) in answered(form, answers) {
        for value in values.into_iter().filter(|value| calls_for_help(item, value, asking.contains(item.link_id.as_str()))) {
            let answer = value.plain("en");
            match all.iter_mut().find(|alert| alert.link_id == item.link_id) {
                Some(alert) => alert.answer = format!("{}, {answer}", alert.answer),
                None => all.push(Alert { link_id: item.link_id.clone(), question: item.text.clone(), answer }),
            }
        }
    }
    all
}

/// The link ids of the questions that ask for it: by their codes, their words, or those of the question that their group asks.
pub fn asking(form: &Form) -> HashSet<&str> {
    let mut found = HashSet::new();
    gather(&form.items, false, &mut found);
    found
}

fn gather<'f>(items: &'f [Item], is_asked_above: bool, found: &mut HashSet<&'f str>) {
    for item in items {
        let asks = is_about(&item.text) || CODES.iter().any(|code| is_loinc(item, code));
        if item.kind.is_question() && item.calculated.is_none() && (asks || is_asked_above) {
            found.insert(&item.link_id);
        }
        let asks_below = item.kind == Kind::Group && (is_asked_above || asks && item.text.trim_end().ends_with('?'));
        gather(&item.items, asks_below, found);
    }
}

fn is_about(text: &str) -> bool {
    let text = folded(text);
    WORDS.iter().any(|word| text.contains(word))
}

/// Whether this answer says that somebody may want to harm themselves; `asks` is whether the question asks for it.
pub fn calls_for_help(item: &Item, value: &Value, asks: bool) -> bool {
    let says = || danger::found(&value.plain("en")).contains(&Help::Crisis);
    asks && is_positive(item, value) || matches!(value, Value::Text(_) | Value::Coding(_)) && says()
}

/// Anything but what says that there is nothing of it: where an answer has a score, more than none.
fn is_positive(item: &Item, value: &Value) -> bool {
    let question = folded(&item.text);
    let asks_if_safe = SAFE.iter().any(|word| question.contains(word));
    match value {
        Value::Boolean(is) => *is != asks_if_safe,
        Value::Text(_) | Value::Coding(_) if asks_if_safe => !says(&value.plain("en"), &[&YES, &NO_ANSWER]),
        Value::Text(text) => !says(text, &[&NONE, &NO_ANSWER]),
        Value::Coding(_) => match score_of(item, value) {
            Some(score) => score > 0,
            None => !says(&value.plain("en"), &[&NONE, &NO_ANSWER]),
        },
        // A day or a time, a file: something was.
        _ => value.amount().is_none_or(|amount| amount > 0.0),
    }
}

/// Whether a text is one of these and nothing more.
fn says(text: &str, any: &[&[&str]]) -> bool {
    any.iter().any(|list| list.contains(&folded(text).as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form() -> Form {
        let option = |code: &str, text: &str, score: i64| json!({"valueCoding": {"system": "http://loinc.org", "code": code, "display": text}, "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": score}]});
        let plain = |text: &str| json!({"valueString": text});
        Form::read(
            &json!({"resourceType": "Questionnaire", "status": "active", "item": [
                {"linkId": "9", "type": "choice", "text": "Thoughts", "code": [{"system": "http://loinc.org", "code": "44260-8"}],
                 "answerOption": [option("LA6568-5", "Not at all", 0), option("LA6569-3", "Several days", 1)]},
                {"linkId": "w", "type": "boolean", "text": "¿Ha pensado en hacerse daño?"},
                {"linkId": "e", "type": "choice", "text": "The thought of harming myself has occurred to me", "answerOption": [plain("Yes, quite often"), plain("Hardly ever"), plain("Never")]},
                {"linkId": "s", "type": "text", "text": "Have you thought of suicide?"},
                {"linkId": "t", "type": "text", "text": "Anything else"},
                {"linkId": "k", "type": "boolean", "text": "Do you smoke?"},
                {"linkId": "safe", "type": "boolean", "text": "Can you keep yourself safe from suicide?"},
                {"linkId": "stay", "type": "choice", "text": "Can you stay safe from hurting yourself?", "answerOption": [plain("Yes"), plain("Not sure"), plain("No")]},
                {"linkId": "when", "type": "date", "text": "When did you last think of taking your own life?"},
                {"linkId": "box", "type": "choice", "repeats": true, "text": "What troubles you?",
                 "answerOption": [plain("Sleep"), plain("Thoughts of suicide"), plain("No thoughts of suicide")]},
                {"linkId": "g", "type": "group", "text": "Have you thought of killing yourself?", "item": [
                    {"linkId": "g1", "type": "boolean", "text": "In the last month"}]},
                {"linkId": "h", "type": "group", "text": "PHQ-9, with suicide risk", "item": [
                    {"linkId": "h1", "type": "boolean", "text": "Do you sleep badly?"}]},
            ]}),
            "en",
        )
        .expect("a form")
    }

    fn alerts(items: serde_json::Value) -> Vec<String> {
        let form = form();
        let answers = Answers::stored(&json!({"items": items}), &form);
        found(&form, &answers).into_iter().map(|alert| alert.answer).collect()
    }

    #[test]
    fn a_positive_answer_on_self_harm_is_found_and_no_other() {
        let coded = |code: &str| json!([{"link_id": "9", "answers": [{"value": {"Coding": {"system": "http://loinc.org", "code": code, "display": null}}}]}]);
        assert_eq!(alerts(coded("LA6569-3")), ["Several days"]);
        assert!(alerts(coded("LA6568-5")).is_empty());
        let is = |link: &str, value: bool| json!([{"link_id": link, "answers": [{"value": {"Boolean": value}}]}]);
        assert_eq!(alerts(is("w", true)), ["Yes"]);
        assert!(alerts(is("w", false)).is_empty() && alerts(is("k", true)).is_empty());
        let text = |link: &str, value: &str| json!([{"link_id": link, "answers": [{"value": {"Text": value}}]}]);
        assert_eq!(alerts(text("e", "Yes, quite often")), ["Yes, quite often"]);
        assert!(alerts(text("e", "Never")).is_empty());
        assert_eq!(alerts(text("e", "Hardly ever")), ["Hardly ever"], "rarely is not never");
        for nothing in ["No.", "no, never", "Nunca", "Para nada", "Prefer not to say"] {
            assert!(alerts(text("s", nothing)).is_empty(), "{nothing}");
        }
        let something = [
            "No, but I have thought of it",
            "Not any more",
            "No lo sé",
            "A veces",
            "Prefer not to live any more",
            "Prefiero no vivir",
            "I prefer not to be alive",
            "Declined to say before, but every night I plan it",
        ];
        for something in something {
            assert_eq!(alerts(text("s", something)).len(), 1, "{something}");
        }
        for crisis in ["Sometimes I want to die", "I would be better off dead", "Quisiera estar muerta", "I want to.die"] {
            assert_eq!(alerts(text("t", crisis)).len(), 1, "{crisis}");
        }
        assert_eq!(alerts(is("safe", false)), ["No"]);
        assert!(alerts(is("safe", true)).is_empty() && alerts(text("stay", "Yes")).is_empty());
        assert_eq!((alerts(text("stay", "No")).len(), alerts(text("stay", "Not sure")).len()), (1, 1));
        assert_eq!(alerts(json!([{"link_id": "when", "answers": [{"value": {"Date": "2026-11-01"}}]}])), ["2026-11-01"]);
        assert_eq!(alerts(text("box", "Thoughts of suicide")).len(), 1);
        assert!(alerts(text("box", "Sleep")).is_empty() && alerts(text("box", "No thoughts of suicide")).is_empty());
        assert_eq!(alerts(json!([{"link_id": "g", "items": [{"link_id": "g1", "answers": [{"value": {"Boolean": true}}]}]}])), ["Yes"]);
        assert!(alerts(json!([{"link_id": "h", "items": [{"link_id": "h1", "answers": [{"value": {"Boolean": true}}]}]}])).is_empty());
        assert!(alerts(text("t", "My knee hurts")).is_empty());
    }
}
