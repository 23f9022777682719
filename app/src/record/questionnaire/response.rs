//! Answers as a QuestionnaireResponse. Source: FHIR R4, QuestionnaireResponse.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::{
    answers::{Answer, Answered, Answers, blank, key},
    extension::{list, text},
    form::{DEEPEST, Form, Item, Kind},
    score::settled,
    tree::Tree,
    value::{LONGEST, SHORT, Value},
};

/// How many lines of a response are read.
const LINES: usize = 5_000;

impl Answers {
    /// What would be sent: totals written in, without what is not asked, not answered or cannot be read.
    pub fn sent(&self, form: &Form) -> Answers {
        let answers = settled(form, self);
        let tree = Tree::new(form, &answers);
        let disabled: HashSet<&str> = tree.nodes.iter().filter(|node| !node.is_enabled).map(|node| node.key.as_str()).collect();
        Answers { items: keep(&form.items, &answers.items, "", &disabled) }
    }
}

fn keep(items: &[Item], answered: &[Answered], parent: &str, disabled: &HashSet<&str>) -> Vec<Answered> {
    let mut kept = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let key = |instance: usize| key(parent, index, instance);
        let is_asked = |instance: usize| !disabled.contains(key(instance).as_str());
        let own = answered.iter().filter(|other| other.link_id == item.link_id);
        if item.kind == Kind::Group {
            let instances = own.enumerate().filter(|(at, _)| is_asked(*at));
            let instances =
                instances.map(|(at, found)| Answered { items: keep(&item.items, &found.items, &key(at), disabled), ..blank(item) });
            kept.extend(instances.filter(|found| !found.items.is_empty()));
            continue;
        }
        let answers: Vec<Answer> = own
            .flat_map(|found| &found.answers)
            .enumerate()
            .filter(|(at, answer)| is_asked(if item.is_boxes() { 0 } else { *at }) && answer.value.is_some())
            .map(|(at, answer)| Answer {
                items: keep(&item.items, &answer.items, &key(at), disabled),
                raw: None,
                value: answer.value.clone(),
            })
            .collect();
        if !answers.is_empty() {
            kept.push(Answered { answers, ..blank(item) });
        }
    }
    kept
}

/// The `item` array of a QuestionnaireResponse: what was asked and answered, with the texts as they were read.
pub fn to_response(form: &Form, answers: &Answers) -> Json {
    write(&form.items, &answers.sent(form).items)
}

fn write(items: &[Item], answered: &[Answered]) -> Json {
    let written = answered.iter().filter_map(|found| {
        let item = items.iter().find(|item| item.link_id == found.link_id)?;
        let mut written = json!({"linkId": found.link_id});
        if !item.text.is_empty() {
            written["text"] = json!(item.text);
        }
        if !found.items.is_empty() {
            written["item"] = write(&item.items, &found.items);
        }
        let answers = found.answers.iter().filter_map(|answer| {
            let (name, value) = answer.value.as_ref()?.write();
            let mut written = json!({name: value});
            if !answer.items.is_empty() {
                written["item"] = write(&item.items, &answer.items);
            }
            Some(written)
        });
        let answers: Vec<Json> = answers.collect();
        if !answers.is_empty() {
            written["answer"] = Json::Array(answers);
        }
        Some(written)
    });
    Json::Array(written.collect())
}

/// The answers of a QuestionnaireResponse (or of its `item` array), as far as they fit the form.
pub fn from_response(form: &Form, response: &Json) -> Answers {
    Answers { items: read(items(response), 1) }.fitting(form)
}

fn items(response: &Json) -> &[Json] {
    response.as_array().map_or_else(|| list(response, "item"), Vec::as_slice)
}

fn read(items: &[Json], depth: usize) -> Vec<Answered> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let answer = |answer: &Json| {
        let value = Value::read(answer, "value", "");
        value.map(|value| Answer { value: Some(value), raw: None, items: read(list(answer, "item"), depth + 1) })
    };
    let item = |item: &Json| {
        let answers = list(item, "answer").iter().filter_map(answer).collect();
        Some(Answered { link_id: text(item, "linkId", SHORT)?, answers, items: read(list(item, "item"), depth + 1) })
    };
    items.iter().filter_map(item).collect()
}

/// A line of a response whose questionnaire is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct PlainLine {
    pub depth: usize,
    /// The question; where the response does not say it, its link id.
    pub text: String,
    /// See [`Value::plain`] for what a person reads.
    pub answers: Vec<Value>,
}

/// The lines of any QuestionnaireResponse, in order.
pub fn plain(response: &Json) -> Vec<PlainLine> {
    let mut lines = Vec::new();
    add(items(response), 0, &mut lines);
    lines
}

fn add(items: &[Json], depth: usize, lines: &mut Vec<PlainLine>) {
    for item in items {
        if lines.len() >= LINES || depth > 4 * DEEPEST {
            return;
        }
        let said = text(item, "text", LONGEST).or_else(|| text(item, "linkId", SHORT)).unwrap_or_default();
        let answers = list(item, "answer");
        let values = answers.iter().filter_map(|answer| Value::read(answer, "value", "")).collect();
        lines.push(PlainLine { depth, text: said, answers: values });
        add(list(item, "item"), depth + 1, lines);
        answers.iter().for_each(|answer| add(list(answer, "item"), depth + 1, lines));
    }
}
