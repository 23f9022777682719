//! Answers to a questionnaire, whole or begun. They mirror FHIR's QuestionnaireResponse: a repeating group is there several times, a
//! question once with all its answers, and an answer has the items below it.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    extension::cut,
    form::{Form, Item, Kind},
    value::{LONGEST, Value},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    #[serde(default)]
    pub items: Vec<Answered>,
}

/// An instance of a group with its items, or a question with its answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub link_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Answered>,
}

/// One answer; without value it is still blank, or what was typed cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Raw>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Answered>,
}

/// What somebody typed that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Answer { value: Some(value), ..Answer::default() }
    }
}

/// The key of an instance of an item: `i3r0_i2r1` is the second instance of the third item in the first instance of the fourth one.
pub fn key(parent: &str, index: usize, instance: usize) -> String {
    let separator = if parent.is_empty() { "" } else { "_" };
    format!("{parent}{separator}i{index}r{instance}")
}

/// The numbers of a key.
fn steps(key: &str) -> Option<Vec<(usize, usize)>> {
    let step = |part: &str| {
        let (index, instance) = part.strip_prefix('i')?.split_once('r')?;
        Some((index.parse().ok()?, instance.parse().ok()?))
    };
    key.split('_').map(step).collect()
}

impl Answers {
    /// What was stored as JSON, as far as it still fits the form; nothing of what cannot be read.
    pub fn stored(stored: &Json, form: &Form) -> Answers {
        Answers::deserialize(stored).unwrap_or_default().fitting(form)
    }

    /// What fits the form, in its order: items that it does not have, values of other types and more repetitions than allowed are dropped.
    pub fn fitting(&self, form: &Form) -> Answers {
        Answers { items: fit(&form.items, &self.items) }
    }

    /// Adds a blank instance of a repeating question or group; nothing, where there may be no more. The key is that of any of its instances.
    pub fn add(&mut self, form: &Form, key: &str) {
        let Some((item, siblings)) = self.place(form, key) else { return };
        if !item.repeats || item.is_boxes() {
            return;
        }
        let blank = || Answered { link_id: item.link_id.clone(), ..Answered::default() };
        let count = siblings.iter().filter(|other| other.link_id == item.link_id).count();
        if item.kind == Kind::Group {
            // Where there is none, a blank one is drawn already.
            let more = if count == 0 { 2 } else { 1 };
            siblings.extend((count..(count + more).min(item.most_wanted())).map(|_| blank()));
        } else if let Some(question) = question_mut(siblings, &item.link_id) {
            let more = if question.answers.is_empty() { 2 } else { 1 };
            let count = question.answers.len();
            question.answers.resize((count + more).min(item.most_wanted()).max(count), Answer::default());
        }
    }

    /// Takes an instance of a repeating question or group away.
    pub fn remove(&mut self, form: &Form, key: &str) {
        let instance = steps(key).and_then(|steps| steps.last().map(|(_, instance)| *instance));
        let (Some(instance), Some((item, siblings))) = (instance, self.place(form, key)) else { return };
        if item.kind == Kind::Group {
            let nth = siblings.iter().enumerate().filter(|(_, other)| other.link_id == item.link_id).nth(instance).map(|(at, _)| at);
            if let Some(at) = nth {
                siblings.remove(at);
            }
        } else if let Some(question) = question_mut(siblings, &item.link_id)
            && instance < question.answers.len()
        {
            question.answers.remove(instance);
        }
    }

    /// Sets the answer with this key (all answers, where they are boxes), or takes it away; what is below stays. For what the form post does
    /// not hold: uploaded files, calculated values. Does nothing, where the key or the type of the value does not fit the form.
    pub fn set(&mut self, form: &Form, key: &str, value: Option<Value>) {
        let instance = steps(key).and_then(|steps| steps.last().map(|(_, instance)| *instance));
        let (Some(instance), Some((item, siblings))) = (instance, self.place(form, key)) else { return };
        let fits = value.as_ref().is_none_or(|value| fitted(item, value).is_some());
        if !item.kind.is_question() || instance >= item.most() || !fits {
            return;
        }
        if let Some(question) = question_mut(siblings, &item.link_id) {
            if question.answers.len() <= instance {
                question.answers.resize(instance + 1, Answer::default());
            }
            if let Some(answer) = question.answers.get_mut(instance) {
                *answer =
                    Answer { value: value.and_then(|value| fitted(item, &value)), raw: None, items: std::mem::take(&mut answer.items) };
            }
        }
    }

    /// The item of a key and the items beside it, made where they are not there yet.
    fn place<'f>(&mut self, form: &'f Form, key: &str) -> Option<(&'f Item, &mut Vec<Answered>)> {
        let steps = steps(key)?;
        let (&(last, _), above) = steps.split_last()?;
        let (mut items, mut siblings) = (&form.items, &mut self.items);
        for &(index, instance) in above {
            let item = items.get(index).filter(|item| instance < item.most())?;
            items = &item.items;
            siblings = if item.kind == Kind::Group {
                let count = siblings.iter().filter(|other| other.link_id == item.link_id).count();
                siblings.extend((count..=instance).map(|_| Answered { link_id: item.link_id.clone(), ..Answered::default() }));
                &mut siblings.iter_mut().filter(|other| other.link_id == item.link_id).nth(instance)?.items
            } else {
                let question = question_mut(siblings, &item.link_id)?;
                if question.answers.len() <= instance {
                    question.answers.resize(instance + 1, Answer::default());
                }
                &mut question.answers.get_mut(instance)?.items
            };
        }
        Some((items.get(last)?, siblings))
    }
}

fn question_mut<'a>(siblings: &'a mut Vec<Answered>, link_id: &str) -> Option<&'a mut Answered> {
    let at = siblings.iter().position(|other| other.link_id == link_id).unwrap_or_else(|| {
        siblings.push(Answered { link_id: link_id.to_owned(), ..Answered::default() });
        siblings.len() - 1
    });
    siblings.get_mut(at)
}

fn fit(items: &[Item], answered: &[Answered]) -> Vec<Answered> {
    let mut fitting = Vec::new();
    for item in items {
        let mut own = answered.iter().filter(|other| other.link_id == item.link_id).peekable();
        if item.kind == Kind::Group {
            let instance = |found: &Answered| Answered { items: fit(&item.items, &found.items), ..blank(item) };
            fitting.extend(own.take(item.most()).map(instance));
        } else if item.kind.is_question() && own.peek().is_some() {
            // Some systems put the items below a question beside its answers instead of into the answer: those are the first answer's.
            let beside: Vec<Answered> = own.clone().flat_map(|found| found.items.clone()).collect();
            let all = own.flat_map(|found| &found.answers).filter_map(|answer| {
                let value = answer.value.as_ref().map(|value| fitted(item, value));
                (value != Some(None)).then_some((answer, value.flatten()))
            });
            let answers: Vec<Answer> = all
                .take(item.most())
                .enumerate()
                .map(|(at, (answer, value))| {
                    let below = if at == 0 { [answer.items.as_slice(), beside.as_slice()].concat() } else { answer.items.clone() };
                    let raw = answer.raw.as_ref().filter(|_| value.is_none());
                    let raw = raw.map(|raw| Raw { text: cut(&raw.text, LONGEST + 1), unit: raw.unit.as_ref().map(|unit| cut(unit, 100)) });
                    Answer { value, raw, items: fit(&item.items, &below) }
                })
                .collect();
            if !answers.is_empty() {
                fitting.push(Answered { answers, ..blank(item) });
            }
        }
    }
    fitting
}

/// An item without anything in it.
pub fn blank(item: &Item) -> Answered {
    Answered { link_id: item.link_id.clone(), ..Answered::default() }
}

/// A value as an item takes it; nothing, where it is of another type or no option of a closed choice.
pub fn fitted(item: &Item, value: &Value) -> Option<Value> {
    let fits = match (item.kind, value) {
        (Kind::Decimal, Value::Integer(whole)) => return Some(Value::Decimal(whole.to_string())),
        (Kind::Integer, Value::Decimal(text)) => {
            let (whole, part) = text.split_once('.').unwrap_or((text, ""));
            return whole.parse().ok().filter(|_| part.bytes().all(|byte| byte == b'0')).map(Value::Integer);
        }
        (Kind::Date, Value::DateTime(instant)) => return Some(Value::Date(cut(instant, 10))),
        (Kind::DateTime, Value::Date(day)) => return Some(Value::DateTime(day.clone())),
        (Kind::String | Kind::Text, Value::Text(text)) => return Some(Value::Text(cut(text, LONGEST + 1))),
        (Kind::Choice, _) if !item.options.is_empty() => return item.option(value).map(|(_, option)| option.value.clone()),
        (Kind::OpenChoice, Value::Text(_) | Value::Coding(_)) => {
            return Some(item.option(value).map_or_else(|| value.clone(), |(_, option)| option.value.clone()));
        }
        (Kind::OpenChoice, _) => return item.option(value).map(|(_, option)| option.value.clone()),
        (Kind::Boolean, Value::Boolean(_)) | (Kind::Decimal, Value::Decimal(_)) | (Kind::Integer, Value::Integer(_)) => true,
        (Kind::Date, Value::Date(_)) | (Kind::DateTime, Value::DateTime(_)) | (Kind::Time, Value::Time(_)) => true,
        (Kind::Url, Value::Url(_)) | (Kind::Choice, Value::Coding(_)) | (Kind::Quantity, Value::Quantity { .. }) => true,
        (Kind::Reference, Value::Reference { .. }) | (Kind::Attachment, Value::Attachment { .. }) => true,
        _ => false,
    };
    fits.then(|| value.clone())
}
