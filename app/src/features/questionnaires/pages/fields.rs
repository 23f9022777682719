//! The questions of a form as fields. `public/questions.js` shows and hides what depends on answers.

use std::collections::HashSet;

use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;
use uuid::Uuid;

use crate::{
    base::{
        i18n::{Texts, param},
        ids::PatientId,
    },
    desk::questionnaires::{answering::field, heard::calls_for_help},
    features::questionnaires::{api, in_words::words_of, reading::page_of},
    record::questionnaire::{
        form::{Control, Item, Kind},
        line::Line,
        value::Value,
    },
    view::{
        fields::{Checkboxes, Field, Input, Radios, Select},
        form::OtherButton,
        sections::QuietButton,
    },
};

/// So many answers are all in view; more are a list.
const RADIOS: usize = 12;

pub struct Drawing {
    pub t: Texts,
    pub zone: Tz,
    /// The link ids of what was filled in from the record.
    pub from_record: Vec<String>,
    /// The link ids of the questions that ask whether somebody wants to harm themselves.
    pub asking: HashSet<String>,
    pub patient: PatientId,
    pub id: Uuid,
    pub visit: Option<Uuid>,
}

/// The lines of a form, each with what is below it.
pub fn draw(drawing: &Drawing, lines: &[Line<'_>]) -> Vec<AnyView> {
    let mut drawn = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let below = after.iter().position(|other| other.depth <= line.depth).unwrap_or(after.len());
        let (children, next) = after.split_at(below);
        drawn.push(one(drawing, line, draw(drawing, children)));
        rest = next;
    }
    drawn
}

fn one(drawing: &Drawing, line: &Line<'_>, below: Vec<AnyView>) -> AnyView {
    let (t, item) = (drawing.t, line.item);
    let conditions: Vec<_> = line
        .conditions
        .iter()
        .map(|condition| {
            let operator = condition.operator.as_str();
            json!({"keys": condition.keys, "given": condition.given, "boxes": condition.boxes, "operator": operator, "value": condition.value})
        })
        .collect();
    let when = (!conditions.is_empty()).then(|| json!(conditions).to_string());
    let alerts = alerting(item, drawing.asking.contains(&item.link_id)).join(" ");
    let alerts = (!alerts.is_empty()).then_some(alerts);
    let label = label(t, line);
    let adds = line.may_add.then(|| {
        let what = t.questionnaires_add(&text_of(item));
        view! { <OtherButton action=api::KeepAnswers::PATH name="add" value=line.key.clone() label=what/> }
    });
    let removes = line.may_remove.then(|| {
        let what = t.questionnaires_remove(&label);
        view! { <OtherButton action=api::KeepAnswers::PATH name="remove" value=line.key.clone() label=what/> }
    });
    let buttons = (line.may_add || line.may_remove).then(|| view! { <div class="acts">{removes}{adds}</div> });
    let inner = match item.kind {
        Kind::Group => {
            let help = item.help.clone().map(|words| view! { <p class="hint">{words}</p> });
            view! { <fieldset class="questions"><legend>{label}</legend>{help}{below}{buttons}</fieldset> }.into_any()
        }
        Kind::Display => view! { <p class="text">{label}</p>{below} }.into_any(),
        _ => view! { {question(drawing, line, label)}{buttons}{below} }.into_any(),
    };
    view! {
        <div class="question" id=format!("q-{}", line.key) hidden=!line.enabled data-when=when data-any=line.any.then_some("")
            data-needs=line.needs.clone() data-alerts=alerts>{inner}</div>
    }
    .into_any()
}

fn text_of(item: &Item) -> String {
    [item.prefix.as_deref(), Some(item.text.as_str())].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is asked; of several, which one it is; and whether it may stay without answer.
fn label(t: Texts, line: &Line<'_>) -> String {
    let what = match line.instances {
        1 => text_of(line.item),
        _ => t.questionnaires_number_of(param::Number(&(line.instance + 1).to_string()), param::What(&text_of(line.item))),
    };
    let may_stay = line.item.is_answerable() && !line.item.required && line.item.min_occurs.unwrap_or_default() == 0;
    if may_stay { format!("{what} ({})", t.questionnaires_optional()) } else { what }
}

/// The values of the fields that call for help at once.
fn alerting(item: &Item, asks: bool) -> Vec<String> {
    if item.kind == Kind::Boolean {
        let heard = [true, false].into_iter().filter(|is| calls_for_help(item, &Value::Boolean(*is), asks));
        return heard.map(|is| is.to_string()).collect();
    }
    let options = item.options.iter().enumerate().filter(|(_, option)| calls_for_help(item, &option.value, asks));
    options.map(|(index, _)| index.to_string()).collect()
}

fn question(drawing: &Drawing, line: &Line<'_>, label: String) -> AnyView {
    let (t, item) = (drawing.t, line.item);
    let of = |suffix: &str| {
        let key = format!("{}{suffix}", line.key);
        line.current.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    if !item.is_answerable() {
        return not_answerable(drawing, line, label);
    }
    let name = field(&line.key);
    let id = format!("f-{}", line.key);
    let hint = hint(drawing, item);
    let text = |input: Input| {
        view! { <Field name=name.clone() label=label.clone() input hint=hint.clone() value=of("") id=id.clone() optional=true/> }.into_any()
    };
    match item.kind {
        Kind::Boolean => {
            let choices = vec![
                ("true".to_owned(), t.questionnaires_yes().to_owned(), String::new()),
                ("false".to_owned(), t.questionnaires_no().to_owned(), String::new()),
            ];
            view! { <Radios name label choices hint value=of("") id optional=true/> }.into_any()
        }
        Kind::Decimal => text(Input::Money),
        Kind::Integer => text(Input::Digits),
        Kind::Date if matches!(of("").len(), 0 | 10) => text(Input::Date),
        Kind::DateTime if matches!(of("").len(), 0 | 16) => text(Input::DateTime),
        Kind::Time => text(Input::Time),
        Kind::Text => text(Input::Area),
        Kind::Quantity => {
            let units = unit(t, line, of("_unit"));
            view! { <div class="together">{text(Input::Money)}{units}</div> }.into_any()
        }
        Kind::Choice | Kind::OpenChoice => choice(t, line, label, hint),
        Kind::Attachment => file(drawing, line, label, of("")),
        _ => text(Input::Text),
    }
}

fn choice(t: Texts, line: &Line<'_>, label: String, hint: String) -> AnyView {
    let item = line.item;
    let of = |key: &str| line.current.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let (name, id) = (field(&line.key), format!("f-{}", line.key));
    let labels = item.options.iter().map(|option| option.value.plain(t.0.tag()));
    let other_key = format!("{}_other", line.key);
    let other = (item.kind == Kind::OpenChoice).then(|| {
        let words = if item.options.is_empty() { label.clone() } else { t.questionnaires_other_words().to_owned() };
        let condition = json!([{"keys": [line.key], "boxes": false, "operator": "=", "value": "other"}]).to_string();
        // Without a script it is always in view.
        let shown_with = (!item.options.is_empty() && !item.is_boxes()).then_some(condition);
        let value = of(&other_key).unwrap_or_default();
        view! {
            <div data-when=shown_with><Field name=field(&other_key) label=words value id=format!("f-{other_key}") optional=true/></div>
        }
    });
    if item.options.is_empty() {
        return view! { {other} }.into_any();
    }
    let own = if item.is_boxes() {
        let boxes = labels.enumerate().map(|(index, words)| {
            let key = format!("{}_o{index}", line.key);
            (field(&key), words, of(&key).is_some())
        });
        let boxes: Vec<_> = boxes.collect();
        view! { <Checkboxes name label boxes hint id/> }.into_any()
    } else {
        let mut choices: Vec<(String, String)> = labels.enumerate().map(|(index, words)| (index.to_string(), words)).collect();
        if item.kind == Kind::OpenChoice {
            choices.push(("other".to_owned(), t.questionnaires_other().to_owned()));
        }
        let value = of(&line.key).unwrap_or_default();
        if choices.len() > RADIOS || item.control == Some(Control::DropDown) {
            choices.insert(0, (String::new(), t.questionnaires_choose().to_owned()));
            view! { <Select name label choices hint value id optional=true/> }.into_any()
        } else {
            let choices = choices.into_iter().map(|(value, words)| (value, words, String::new())).collect();
            view! { <Radios name label choices hint value id optional=true/> }.into_any()
        }
    };
    view! { {own}{other} }.into_any()
}

fn unit(t: Texts, line: &Line<'_>, current: String) -> AnyView {
    let key = format!("{}_unit", line.key);
    let (name, id) = (field(&key), format!("f-{key}"));
    match line.item.units.as_slice() {
        [only] => view! { <p class="meta">{only.label().to_owned()}</p> }.into_any(),
        [] => view! { <Field name label=t.questionnaires_unit() value=current id optional=true/> }.into_any(),
        units => {
            let choices = units.iter().enumerate().map(|(index, unit)| (index.to_string(), unit.label().to_owned())).collect::<Vec<_>>();
            view! { <Select name label=t.questionnaires_unit() choices value=current id optional=true/> }.into_any()
        }
    }
}

/// A file is added on a page of its own, which works without scripts and keeps what was typed.
fn file(drawing: &Drawing, line: &Line<'_>, label: String, current: String) -> AnyView {
    let t = drawing.t;
    let href = page_of(drawing.patient, drawing.id, &format!("/file/{}", line.key), drawing.visit, "");
    let inner = if current.is_empty() {
        let words = t.questionnaires_file_add(&text_of(line.item));
        view! { <OtherButton action=api::KeepAnswers::PATH name="file" value=line.key.clone() label=words/> }.into_any()
    } else {
        view! { <p class="text">{t.questionnaires_file_there()}</p><QuietButton href label=t.questionnaires_file_change()/> }.into_any()
    };
    view! { <div class="field"><p class="label">{label}</p>{inner}</div> }.into_any()
}

/// What nobody answers here: totals, what is read only, and what is asked in a way that is not known.
fn not_answerable(drawing: &Drawing, line: &Line<'_>, label: String) -> AnyView {
    let (t, item) = (drawing.t, line.item);
    let value = line.values.iter().map(|value| words_of(t, &drawing.zone, value)).collect::<Vec<_>>().join(", ");
    let words = match value.as_str() {
        "" if item.calculated.is_some() => t.questionnaires_calculated().to_owned(),
        "" if item.read_only => String::new(),
        "" => t.questionnaires_cannot().to_owned(),
        value => value.to_owned(),
    };
    let total = item.calculated.is_some().then(|| t.questionnaires_calculated());
    view! { <div class="field"><p class="label">{label}</p><p class="text" data-total=total>{words}</p></div> }.into_any()
}

/// Help of the questionnaire, the range of what can be answered, and where the answer is from.
fn hint(drawing: &Drawing, item: &Item) -> String {
    let t = drawing.t;
    let plain = |value: &Value| words_of(t, &drawing.zone, value);
    let range = match (&item.min_value, &item.max_value) {
        (Some(least), Some(most)) => Some(t.questionnaires_range(param::Least(&plain(least)), param::Most(&plain(most)))),
        (Some(least), None) => Some(t.questionnaires_least(&plain(least))),
        (None, Some(most)) => Some(t.questionnaires_most(&plain(most))),
        (None, None) => None,
    };
    let known = drawing.from_record.contains(&item.link_id).then(|| t.questionnaires_from_record().to_owned());
    [item.help.clone(), range, known].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
