//! Reading what somebody typed. Numbers, dates and times are read leniently; what cannot be read is kept as it was typed.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{
    answers::{Answer, Answered, Answers, Raw, blank, key},
    check::{Fault, faults},
    extension::cut,
    form::{Form, Item, Kind},
    scalar::{is_date, number},
    value::{Code, LONGEST, SHORT, Value},
};

/// What came from a form, and what reading it needs.
pub struct Typing<'a> {
    /// The fields by the key in `a[<key>]`.
    pub fields: &'a HashMap<String, String>,
    /// `en` or `es`.
    pub language: &'a str,
    /// The offset from UTC (`-05:00`) of a local `YYYY-MM-DDTHH:MM`; nothing, where the clock skips that time.
    pub offset: &'a dyn Fn(&str) -> Option<String>,
    /// What was kept before: uploaded files, and answers to what nobody can answer here, are taken from it.
    pub earlier: &'a Answers,
}

impl Answers {
    /// The answers in a form's fields, and what is wrong with them; what is not answered is no fault here (see [`super::check::missing`]).
    pub fn typed(form: &Form, typing: &Typing) -> (Answers, Vec<(String, Fault)>) {
        let earlier = typing.earlier.fitting(form);
        let mut files = HashMap::new();
        attachments(&earlier.items, &mut files);
        let mut names: Vec<&str> = typing.fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        let answers = Answers { items: Reading { typing, names, files }.items(&form.items, &earlier.items, "") };
        let faults = faults(form, &answers);
        (answers, faults)
    }
}

fn attachments<'a>(answered: &'a [Answered], all: &mut HashMap<&'a str, &'a Value>) {
    for found in answered {
        attachments(&found.items, all);
        for answer in &found.answers {
            attachments(&answer.items, all);
            if let Some(value @ Value::Attachment { id, .. }) = &answer.value {
                all.insert(id, value);
            }
        }
    }
}

struct Reading<'a> {
    typing: &'a Typing<'a>,
    /// The names of the fields, sorted.
    names: Vec<&'a str>,
    files: HashMap<&'a str, &'a Value>,
}

impl Reading<'_> {
    /// Whether there is a field of this key or below it.
    fn has(&self, key: &str) -> bool {
        let below = format!("{key}_");
        let from = self.names.partition_point(|name| *name < below.as_str());
        self.typing.fields.contains_key(key) || self.names.get(from).is_some_and(|name| name.starts_with(&below))
    }

    fn items(&self, items: &[Item], earlier: &[Answered], parent: &str) -> Vec<Answered> {
        let mut all = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let key = |instance: usize| key(parent, index, instance);
            let own: Vec<&Answered> = earlier.iter().filter(|other| other.link_id == item.link_id).collect();
            let posted = (0..item.most()).rev().find(|instance| self.has(&key(*instance))).map(|last| last + 1);
            if item.kind == Kind::Group {
                for instance in 0..posted.unwrap_or(own.len()) {
                    let before = own.get(instance).map_or(&[][..], |found| &found.items);
                    all.push(Answered { items: self.items(&item.items, before, &key(instance)), ..blank(item) });
                }
                continue;
            }
            let before = own.first().map_or(&[][..], |found| &found.answers);
            let mut answers = Vec::new();
            if !item.kind.is_question() {
                continue;
            } else if !item.is_answerable() {
                answers = before.to_vec();
            } else if item.is_boxes() {
                answers = self.boxes(item, &key(0));
            } else {
                let kept = if item.kind == Kind::Attachment { before.len() } else { 0 };
                for instance in 0..posted.unwrap_or_default().max(kept) {
                    answers.push(self.answer(item, &key(instance), before.get(instance)));
                }
            }
            let below = |instance: usize| {
                let before = before.get(instance).map_or(&[][..], |answer| &answer.items);
                self.items(&item.items, before, &key(instance))
            };
            let needs = if item.is_boxes() { 1 } else { posted.unwrap_or_default() };
            if !item.items.is_empty() {
                answers.resize(answers.len().max(needs), Answer::default());
                for (instance, answer) in answers.iter_mut().enumerate().take(if item.is_boxes() { 1 } else { usize::MAX }) {
                    answer.items = below(instance);
                }
            }
            let is_blank = |answer: &Answer| *answer == Answer::default();
            if !(answers.is_empty() || answers.len() == 1 && answers.iter().all(is_blank)) {
                all.push(Answered { answers, ..blank(item) });
            }
        }
        all
    }

    fn field(&self, key: &str) -> &str {
        self.typing.fields.get(key).map_or("", |text| text.trim())
    }

    fn boxes(&self, item: &Item, key: &str) -> Vec<Answer> {
        let is_checked = |index: usize| !matches!(self.field(&format!("{key}_o{index}")), "" | "off" | "false");
        let checked = item.options.iter().enumerate().filter(|(index, _)| is_checked(*index));
        let mut answers: Vec<Answer> = checked.map(|(_, option)| Answer::from(option.value.clone())).collect();
        answers.extend(self.other(item, key).map(Answer::from));
        answers
    }

    /// The other answer that somebody wrote to an open choice.
    fn other(&self, item: &Item, key: &str) -> Option<Value> {
        let text = cut(self.field(&format!("{key}_other")), LONGEST + 1);
        (item.kind == Kind::OpenChoice && !text.is_empty()).then_some(Value::Text(text))
    }

    fn answer(&self, item: &Item, key: &str, before: Option<&Answer>) -> Answer {
        let text = cut(self.field(key), LONGEST + 1);
        let unit = self.field(&format!("{key}_unit"));
        let earlier = before.and_then(|answer| answer.value.as_ref());
        let value = match (item.kind, text.as_str()) {
            (Kind::Attachment, _) if !self.typing.fields.contains_key(key) => {
                return earlier.cloned().map(Answer::from).unwrap_or_default();
            }
            (Kind::OpenChoice, "" | "other") => return self.other(item, key).map(Answer::from).unwrap_or_default(),
            (_, "") => return Answer::default(),
            (Kind::Attachment, id) => self.files.get(id).map(|file| (*file).clone()),
            (Kind::Boolean, "true" | "yes" | "on" | "1") => Some(Value::Boolean(true)),
            (Kind::Boolean, "false" | "no" | "off" | "0") => Some(Value::Boolean(false)),
            (Kind::Decimal, text) => number(text, self.typing.language).map(Value::Decimal),
            (Kind::Integer, text) => number(text, self.typing.language).and_then(|number| whole(&number)).map(Value::Integer),
            (Kind::Quantity, text) => {
                let unit = match (unit.parse().ok().and_then(|index: usize| item.units.get(index)), item.units.as_slice()) {
                    (Some(unit), _) | (None, [unit]) => Some(unit.clone()),
                    (None, []) if !unit.is_empty() => Some(Code { display: Some(cut(unit, 100)), ..Code::default() }),
                    _ => None,
                };
                number(text, self.typing.language).map(|value| Value::Quantity { value, unit })
            }
            (Kind::Date, text) => date(text).map(Value::Date),
            (Kind::DateTime, text) => match earlier {
                Some(Value::DateTime(instant)) if cut(instant, 16) == text => earlier.cloned(),
                _ => self.date_time(text).map(Value::DateTime),
            },
            (Kind::Time, text) => time(text).map(|time| Value::Time(time.format("%H:%M:%S").to_string())),
            (Kind::String | Kind::Text, text) => Some(Value::Text(text.to_owned())),
            (Kind::Url, text) => url(text).map(Value::Url),
            (Kind::Reference, text) => match earlier {
                Some(Value::Reference { reference, display }) if display.as_ref().or(reference.as_ref()).is_some_and(|own| own == text) => {
                    earlier.cloned()
                }
                _ => Some(Value::Reference { reference: None, display: Some(cut(text, SHORT)) }),
            },
            (Kind::Choice | Kind::OpenChoice, text) => {
                text.parse().ok().and_then(|index: usize| item.options.get(index)).map(|option| option.value.clone())
            }
            _ => None,
        };
        let raw = value.is_none().then(|| Raw { text, unit: (!unit.is_empty()).then(|| cut(unit, 100)) });
        Answer { value, raw, items: Vec::new() }
    }

    fn date_time(&self, text: &str) -> Option<String> {
        let text = text.replace(' ', "T");
        let Some((day, clock)) = text.split_once('T') else { return date(&text) };
        let local = NaiveDateTime::new(NaiveDate::parse_from_str(&date(day)?, "%Y-%m-%d").ok()?, time(clock)?);
        let instant =
            format!("{}{}", local.format("%Y-%m-%dT%H:%M:%S"), (self.typing.offset)(&local.format("%Y-%m-%dT%H:%M").to_string())?);
        super::scalar::is_date_time(&instant).then_some(instant)
    }
}

/// A whole number, in the range of FHIR's integers.
pub fn whole(number: &str) -> Option<i64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: i32 = whole.parse().ok().filter(|_| part.bytes().all(|byte| byte == b'0'))?;
    Some(whole.into())
}

/// `2024`, `2024-02`, `2024-2-9`, `2/9/2024`; month first, as in the United States.
fn date(text: &str) -> Option<String> {
    // FHIR knows no year 0.
    if is_date(text) {
        return Some(text.to_owned()).filter(|text| !text.starts_with("0000"));
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty() || part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let date = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [month, day, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [year, month] if year.len() == 4 => format!("{year}-{month:0>2}"),
        [month, year] if year.len() == 4 => format!("{year}-{month:0>2}"),
        _ => return None,
    };
    is_date(&date).then_some(date)
}

/// `15:30`, `15:30:00`, `3:30 pm`.
fn time(text: &str) -> Option<NaiveTime> {
    let text: String = text.to_lowercase().chars().filter(|character| !character.is_whitespace() && *character != '.').collect();
    ["%H:%M", "%H:%M:%S", "%I:%M%p"].into_iter().find_map(|format| NaiveTime::parse_from_str(&text, format).ok())
}

/// An address that a reader may open: no scripts. Without scheme it is one of the web.
fn url(text: &str) -> Option<String> {
    let has_scheme = text.split_once(':').filter(|(scheme, _)| !scheme.contains(['.', '/']));
    let known = has_scheme.is_some_and(|(scheme, rest)| {
        ["http", "https", "mailto", "tel", "urn"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
            && !rest.trim_matches('/').is_empty()
    });
    let url = if has_scheme.is_none() && text.contains('.') { format!("https://{text}") } else { text.to_owned() };
    let is_clean = !url.contains(|character: char| character.is_whitespace() || character.is_control()) && url.chars().count() <= SHORT;
    ((known || has_scheme.is_none() && text.contains('.')) && is_clean).then_some(url)
}
