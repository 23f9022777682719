//! Reading the items of a questionnaire.

use std::collections::HashSet;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{
    extension::{FHIR, SDC, count, expression, extension, extensions, is, is_language, is_modified, list, text, translated},
    form::{AnswerOption, Control, DEEPEST, Form, ITEMS, Item, Kind, OPTIONS, Unreadable},
    scalar::thousandths,
    total::{Calculation, LOINC},
    value::{Code, LONGEST, SHORT, Value},
    when::When,
};

/// How many conditions, codes, units and first values of an item are read.
const SOME: usize = 100;

impl Form {
    /// Reads a questionnaire, with its texts in a language (`en`, `es`) where it has them so.
    ///
    /// # Errors
    /// When it is none, is larger than the limits here, or says something that must not be ignored and is not known here.
    pub fn read(questionnaire: &Json, language: &str) -> Result<Form, Unreadable> {
        if questionnaire.get("resourceType").and_then(Json::as_str) != Some("Questionnaire") {
            return Err(Unreadable::NotOne);
        }
        if is_modified(questionnaire) || questionnaire.get("implicitRules").is_some() {
            return Err(Unreadable::Modified(None));
        }
        let items = Reader::new(questionnaire, language).items(questionnaire, 1)?;
        if items.is_empty() {
            return Err(Unreadable::NoItems);
        }
        let of = |name: &str, longest: usize| translated(questionnaire, name, language, longest);
        let codes = list(questionnaire, "code").iter().take(100).filter_map(|code| Code::read(code, language)).collect();
        Ok(Form {
            url: text(questionnaire, "url", SHORT),
            version: text(questionnaire, "version", SHORT),
            mark: mark(questionnaire),
            title: of("title", SHORT).or_else(|| text(questionnaire, "name", SHORT)).unwrap_or_default(),
            description: of("description", LONGEST),
            copyright: of("copyright", LONGEST),
            codes,
            items,
        })
    }
}

fn mark(questionnaire: &Json) -> String {
    let digest = Sha256::digest(questionnaire.to_string().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Where the reading stands.
pub struct Reader<'a> {
    questionnaire: &'a Json,
    language: &'a str,
    seen: HashSet<String>,
}

impl<'a> Reader<'a> {
    pub fn new(questionnaire: &'a Json, language: &'a str) -> Self {
        Reader { questionnaire, language, seen: HashSet::new() }
    }

    /// The items of a questionnaire or an item.
    ///
    /// # Errors
    /// As [`super::form::Form::read`] says.
    pub fn items(&mut self, parent: &Json, depth: usize) -> Result<Vec<Item>, Unreadable> {
        list(parent, "item").iter().map(|item| self.item(item, depth)).collect()
    }

    fn item(&mut self, item: &Json, depth: usize) -> Result<Item, Unreadable> {
        let link_id = text(item, "linkId", SHORT).ok_or(Unreadable::NoLinkId)?;
        if depth > DEEPEST {
            return Err(Unreadable::TooDeep(link_id));
        }
        if self.seen.len() >= ITEMS {
            return Err(Unreadable::TooManyItems);
        }
        if !self.seen.insert(link_id.clone()) {
            return Err(Unreadable::SameLinkId(link_id));
        }
        let parts = ["answerOption", "initial", "enableWhen"].into_iter().flat_map(|name| list(item, name));
        if std::iter::once(item).chain(parts).any(is_modified) {
            return Err(Unreadable::Modified(Some(link_id)));
        }
        let kind = kind(item.get("type").and_then(Json::as_str).unwrap_or_default());
        let (help, rest): (Vec<Item>, Vec<Item>) = {
            let children = list(item, "item");
            let helps: HashSet<_> =
                children.iter().filter(|child| has_control(child, "help")).filter_map(|child| text(child, "linkId", SHORT)).collect();
            let read = self.items(item, depth + 1)?;
            read.into_iter().partition(|child| child.kind == Kind::Display && helps.contains(&child.link_id))
        };
        let help: Vec<String> = help.into_iter().map(|child| child.text).filter(|text| !text.is_empty()).collect();
        let flag = |name: &str| item.get(name).and_then(Json::as_bool).unwrap_or_default();
        let value = |name: &'static str| extension(item, FHIR, name).and_then(|found| Value::read(found, "value", self.language));
        let codes: Vec<Code> = list(item, "code").iter().take(SOME).filter_map(|code| Code::read(code, self.language)).collect();
        let words = translated(item, "text", self.language, LONGEST);
        let mut read = Item {
            kind,
            text: words.or_else(|| codes.iter().find_map(|code| code.display.clone())).unwrap_or_default(),
            prefix: translated(item, "prefix", self.language, SHORT),
            help: (!help.is_empty()).then(|| help.join(" ")),
            required: flag("required"),
            repeats: flag("repeats"),
            read_only: flag("readOnly"),
            hidden: is(item, FHIR, "questionnaire-hidden"),
            min_length: count(item, FHIR, "minLength"),
            max_length: item
                .get("maxLength")
                .and_then(Json::as_u64)
                .and_then(|length| usize::try_from(length).ok())
                .filter(|length| *length > 0),
            min_value: value("minValue"),
            max_value: value("maxValue"),
            max_decimal_places: count(item, FHIR, "maxDecimalPlaces"),
            min_occurs: count(item, FHIR, "questionnaire-minOccurs"),
            max_occurs: count(item, FHIR, "questionnaire-maxOccurs"),
            control: control(item),
            units: self.units(item),
            options: self.options(item, &link_id)?,
            elsewhere: None,
            when: self.conditions(item, &link_id)?,
            any: item.get("enableBehavior").and_then(Json::as_str) == Some("any"),
            initial: list(item, "initial").iter().take(SOME).filter_map(|first| Value::read(first, "value", self.language)).collect(),
            codes,
            definition: text(item, "definition", SHORT),
            calculated: None,
            initial_expression: expression(item, "initialExpression"),
            link_months: extension(item, SDC, "observationLinkPeriod").and_then(months),
            items: rest,
            link_id,
        };
        read.elsewhere = text(item, "answerValueSet", SHORT).filter(|_| read.options.is_empty());
        read.calculated = Calculation::of(&read, expression(item, "calculatedExpression").as_deref());
        Ok(read)
    }

    fn conditions(&self, item: &Json, link_id: &str) -> Result<Vec<When>, Unreadable> {
        let wrong = || Unreadable::Condition(link_id.to_owned());
        let conditions = list(item, "enableWhen");
        if conditions.len() > SOME || extension(item, SDC, "enableWhenExpression").is_some() {
            return Err(wrong());
        }
        conditions.iter().map(|condition| When::read(condition, self.language).ok_or_else(wrong)).collect()
    }

    fn units(&self, item: &Json) -> Vec<Code> {
        let units = extensions(item, FHIR, "questionnaire-unitOption").chain(extensions(item, FHIR, "questionnaire-unit"));
        units.take(SOME).filter_map(|unit| Code::read(unit.get("valueCoding")?, self.language)).collect()
    }

    fn options(&self, item: &Json, link_id: &str) -> Result<Vec<AnswerOption>, Unreadable> {
        let own = list(item, "answerOption");
        if own.len() > OPTIONS {
            return Err(Unreadable::TooManyOptions(link_id.to_owned()));
        }
        if !own.is_empty() {
            let option = |option: &Json| {
                let value = Value::read(option, "value", self.language)?;
                Some(AnswerOption {
                    score: score(option).or_else(|| score(option.get("valueCoding")?)).or_else(|| usual_score(&value)),
                    exclusive: is(option, FHIR, "questionnaire-optionExclusive"),
                    initially_selected: option.get("initialSelected").and_then(Json::as_bool).unwrap_or_default(),
                    value,
                })
            };
            return Ok(own.iter().filter_map(option).collect());
        }
        let found = item
            .get("answerValueSet")
            .and_then(Json::as_str)
            .and_then(|address| address.strip_prefix('#'))
            .and_then(|id| self.value_set(id));
        let options = found.unwrap_or_default();
        if options.len() > OPTIONS { Err(Unreadable::TooManyOptions(link_id.to_owned())) } else { Ok(options) }
    }

    /// The options of a value set in the questionnaire. Nothing, where it does not list them all itself: some of the options would mislead.
    fn value_set(&self, id: &str) -> Option<Vec<AnswerOption>> {
        let is_it = |set: &&Json| {
            set.get("resourceType").and_then(Json::as_str) == Some("ValueSet") && set.get("id").and_then(Json::as_str) == Some(id)
        };
        let set = list(self.questionnaire, "contained").iter().take(SOME).find(is_it)?;
        let option = |concept: &Json, system: Option<String>| {
            let designation = list(concept, "designation")
                .iter()
                .take(SOME)
                .find(|found| found.get("language").and_then(Json::as_str).is_some_and(|tag| is_language(tag, self.language)));
            let display =
                designation.and_then(|found| text(found, "value", SHORT)).or_else(|| translated(concept, "display", self.language, SHORT));
            let value = Value::Coding(Code { system, code: Some(text(concept, "code", SHORT)?), display });
            let score = score(concept).or_else(|| usual_score(&value));
            Some(AnswerOption { score, exclusive: false, initially_selected: false, value })
        };
        if let Some(expansion) = set.get("expansion") {
            let contains = list(expansion, "contains");
            let is_flat = contains.iter().all(|concept| list(concept, "contains").is_empty() && concept.get("abstract").is_none());
            return is_flat.then(|| {
                contains.iter().take(OPTIONS + 1).filter_map(|concept| option(concept, text(concept, "system", SHORT))).collect()
            });
        }
        let compose = set.get("compose")?;
        let mut options = Vec::new();
        for include in list(compose, "include") {
            let is_listed = include.get("concept").is_some() && include.get("filter").is_none() && include.get("valueSet").is_none();
            if !is_listed || compose.get("exclude").is_some() || is_modified(set) {
                return None;
            }
            let concepts = list(include, "concept").iter().take(OPTIONS + 1);
            options.extend(concepts.filter_map(|concept| option(concept, text(include, "system", SHORT))));
            if options.len() > OPTIONS {
                break;
            }
        }
        Some(options)
    }
}

/// What an option counts, by the extensions `ordinalValue` and `itemWeight`.
fn score(element: &Json) -> Option<i64> {
    let found = extension(element, FHIR, "ordinalValue").or_else(|| extension(element, FHIR, "itemWeight"))?;
    found
        .get("valueDecimal")
        .or_else(|| found.get("valueInteger"))
        .and_then(|value| thousandths(&super::scalar::decimal(&value.to_string())?))
}

/// What the answers of LOINC's list LL358-3 ("Not at all" to "Nearly every day") count in the panels of the PHQ.
fn usual_score(value: &Value) -> Option<i64> {
    let Value::Coding(code) = value else { return None };
    let codes = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"];
    let at = codes.into_iter().position(|known| code.is(LOINC, known))?;
    i64::try_from(at).ok().map(|score| score * 1_000)
}

fn kind(text: &str) -> Kind {
    match text {
        "group" => Kind::Group,
        "display" => Kind::Display,
        "boolean" => Kind::Boolean,
        "decimal" => Kind::Decimal,
        "integer" => Kind::Integer,
        "date" => Kind::Date,
        "dateTime" => Kind::DateTime,
        "time" => Kind::Time,
        "string" => Kind::String,
        "text" => Kind::Text,
        "url" => Kind::Url,
        "choice" => Kind::Choice,
        "open-choice" => Kind::OpenChoice,
        "attachment" => Kind::Attachment,
        "reference" => Kind::Reference,
        "quantity" => Kind::Quantity,
        _ => Kind::Unknown,
    }
}

fn has_control(item: &Json, code: &str) -> bool {
    let control = extension(item, FHIR, "questionnaire-itemControl").and_then(|found| found.get("valueCodeableConcept"));
    control.is_some_and(|control| list(control, "coding").iter().any(|coding| coding.get("code").and_then(Json::as_str) == Some(code)))
}

fn control(item: &Json) -> Option<Control> {
    let known = [
        ("drop-down", Control::DropDown),
        ("autocomplete", Control::DropDown),
        ("check-box", Control::CheckBox),
        ("radio-button", Control::RadioButton),
        ("slider", Control::Slider),
    ];
    known.into_iter().find_map(|(code, control)| has_control(item, code).then_some(control))
}

/// A duration in months, begun ones too.
fn months(extension: &Json) -> Option<u32> {
    let duration = extension.get("valueDuration").or_else(|| extension.get("valueQuantity"))?;
    let value = duration.get("value").and_then(Json::as_f64).filter(|value| *value > 0.0)?;
    let unit = duration.get("code").or_else(|| duration.get("unit")).and_then(Json::as_str)?;
    let months = match unit {
        "a" | "year" | "years" => value * 12.0,
        "mo" | "month" | "months" => value,
        "wk" | "week" | "weeks" => value / 4.0,
        "d" | "day" | "days" => value / 30.0,
        _ => return None,
    };
    (1..=1_200).find(|count| f64::from(*count) >= months)
}
