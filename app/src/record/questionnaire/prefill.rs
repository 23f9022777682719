//! Answers that are there before anybody answers. Source: FHIR R4, Questionnaire.item.initial and answerOption.initialSelected; SDC,
//! `initialExpression`, `observationLinkPeriod`, and the definitions of elements of Patient.

use super::{
    answers::{Answer, Answered, Answers, blank, fitted},
    form::{Form, Item, Kind},
    value::{Code, Value},
};

/// What the record knows of the patient.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub birth_date: Option<String>,
    /// FHIR's administrative gender.
    pub gender: Option<String>,
    pub given: Option<String>,
    pub family: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub line: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    /// By the place's calendar, `YYYY-MM-DD`.
    pub today: String,
    pub observations: Vec<Observed>,
}

/// An observation of the patient.
#[derive(Clone, Debug)]
pub struct Observed {
    pub code: Code,
    /// How many whole months ago it was made.
    pub months: u32,
    pub value: Value,
}

/// The answers with which a form begins, and the link ids of what is from the record.
pub fn prefilled(form: &Form, known: &Known) -> (Answers, Vec<String>) {
    let mut from_record = Vec::new();
    let items = begin(&form.items, known, &mut from_record);
    (Answers { items }.fitting(form), from_record)
}

/// The codes of the observations that would answer a question, with how many months old they may be.
pub fn wanted(form: &Form) -> Vec<Code> {
    form.all().into_iter().filter(|item| item.link_months.is_some()).flat_map(|item| item.codes.clone()).collect()
}

fn begin(items: &[Item], known: &Known, from_record: &mut Vec<String>) -> Vec<Answered> {
    let mut all = Vec::new();
    for item in items {
        let below = begin(&item.items, known, from_record);
        if item.kind == Kind::Group {
            if !below.is_empty() {
                all.push(Answered { items: below, ..blank(item) });
            }
            continue;
        }
        if !item.kind.is_question() || item.calculated.is_some() {
            continue;
        }
        let of_record = recorded(item, known);
        if of_record.is_some() {
            from_record.push(item.link_id.clone());
        }
        let selected = item.options.iter().filter(|option| option.initially_selected).map(|option| option.value.clone());
        let values: Vec<Value> = match of_record {
            Some(value) => vec![value],
            None => item.initial.iter().filter_map(|value| fitted(item, value)).chain(selected).collect(),
        };
        let mut answers: Vec<Answer> = values.into_iter().map(Answer::from).collect();
        if let (Some(first), false) = (answers.first_mut(), below.is_empty()) {
            first.items = below;
        }
        if !answers.is_empty() {
            all.push(Answered { answers, ..blank(item) });
        }
    }
    all
}

/// What the record answers.
fn recorded(item: &Item, known: &Known) -> Option<Value> {
    let definition = item.definition.as_deref().and_then(|definition| definition.split_once("#Patient.")).map(|(_, path)| path);
    let expression = item.initial_expression.as_deref().map(str::trim);
    let of_patient = expression.and_then(|text| ["%patient.", "%subject."].iter().find_map(|name| text.strip_prefix(name))).or(definition);
    if expression == Some("today()") {
        return fitted(item, &Value::Date(known.today.clone()));
    }
    if let Some(text) = of_patient.and_then(|path| element(path, known)) {
        return of_text(item, text);
    }
    let most = item.link_months?;
    let newest = known.observations.iter().filter(|found| found.months <= most && item.codes.iter().any(|code| code.same(&found.code)));
    let value = &newest.min_by_key(|found| found.months)?.value;
    match (item.kind, value) {
        (Kind::Decimal | Kind::Integer, Value::Quantity { value, .. }) => fitted(item, &Value::Decimal(value.clone())),
        _ => fitted(item, value),
    }
}

/// The value of an element of Patient by its path, such as `name.where(use='official').given.first()`.
fn element<'a>(path: &str, known: &'a Known) -> Option<&'a String> {
    let is_of = |system: &str| path.contains(&format!("system='{system}'")) || path.contains(&format!("system = '{system}'"));
    let mut names = Vec::new();
    let (mut depth, mut name) = (0usize, String::new());
    for character in path.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => names.push(std::mem::take(&mut name)),
            _ if depth == 0 => name.push(character),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !matches!(name.trim(), "" | "first" | "where" | "last" | "toString"));
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    match names.as_slice() {
        ["birthDate"] => known.birth_date.as_ref(),
        ["gender"] => known.gender.as_ref(),
        ["name", "given"] => known.given.as_ref(),
        ["name", "family"] => known.family.as_ref(),
        ["telecom", "value"] if is_of("phone") => known.phone.as_ref(),
        ["telecom", "value"] if is_of("email") => known.email.as_ref(),
        ["address", "line"] => known.line.as_ref(),
        ["address", "city"] => known.city.as_ref(),
        ["address", "state"] => known.state.as_ref(),
        ["address", "postalCode"] => known.postal_code.as_ref(),
        _ => None,
    }
}

fn of_text(item: &Item, text: &str) -> Option<Value> {
    match item.kind {
        Kind::Date | Kind::DateTime => fitted(item, &Value::Date(text.to_owned())),
        Kind::Choice | Kind::OpenChoice => {
            let is_it = |value: &Value| match value {
                Value::Coding(code) => code.code.as_deref() == Some(text),
                Value::Text(own) => own == text,
                _ => false,
            };
            item.options.iter().find(|option| is_it(&option.value)).map(|option| option.value.clone())
        }
        _ => fitted(item, &Value::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_record_answers_what_a_form_asks_of_it() {
        let expression = |text: &str| json!([{"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression", "valueExpression": {"language": "text/fhirpath", "expression": text}}]);
        let link = json!([{"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationLinkPeriod", "valueDuration": {"value": 1, "unit": "year", "system": "http://unitsofmeasure.org", "code": "a"}}]);
        let weight = json!([{"system": "http://loinc.org", "code": "29463-7"}]);
        let form = Form::read(
            &json!({"resourceType": "Questionnaire", "status": "active", "item": [
                {"linkId": "a", "type": "string", "text": "Name", "extension": expression("%patient.name.where(use = 'official').given.first()")},
                {"linkId": "g", "type": "group", "item": [
                    {"linkId": "b", "type": "date", "text": "Born", "extension": expression("%patient.birthDate")},
                    {"linkId": "c", "type": "string", "text": "Phone", "extension": expression("%patient.telecom.where(system='phone').value.first()")},
                ]},
                {"linkId": "d", "type": "decimal", "text": "Weight", "code": weight, "extension": link},
                {"linkId": "e", "type": "integer", "text": "Cups", "initial": [{"valueInteger": 2}]},
                {"linkId": "f", "type": "string", "text": "Other", "extension": expression("%patient.contact.name.family")},
            ]}),
            "en",
        )
        .expect("a form");
        let observed = |months: u32, value: &str| Observed {
            code: Code { system: Some("http://loinc.org".into()), code: Some("29463-7".into()), display: None },
            months,
            value: Value::Quantity { value: value.into(), unit: None },
        };
        let known = Known {
            given: Some("Ana".into()),
            birth_date: Some("1980-02-03".into()),
            observations: vec![observed(13, "90"), observed(2, "71.5"), observed(5, "80")],
            ..Known::default()
        };
        let (answers, from_record) = prefilled(&form, &known);
        assert_eq!(from_record, ["a", "b", "d"]);
        assert_eq!(
            serde_json::to_value(&answers).expect("JSON"),
            json!({"items": [
                {"link_id": "a", "answers": [{"value": {"Text": "Ana"}}]},
                {"link_id": "g", "items": [{"link_id": "b", "answers": [{"value": {"Date": "1980-02-03"}}]}]},
                {"link_id": "d", "answers": [{"value": {"Decimal": "71.5"}}]},
                {"link_id": "e", "answers": [{"value": {"Integer": 2}}]},
            ]})
        );
        let old = Known { observations: vec![observed(13, "90")], ..Known::default() };
        assert!(prefilled(&form, &old).1.is_empty(), "what is older than the form wants is not taken");
    }
}
