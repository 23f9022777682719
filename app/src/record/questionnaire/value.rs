//! Values of answers. Source: FHIR R4, QuestionnaireResponse.item.answer.value and the data types.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::{
    extension::{cut, text, translated},
    scalar::{compare_instants, decimal, digits, is_date, is_date_time, is_time, parse_time},
};

/// The longest text that is read or kept, in characters; longer ones are cut, and faulty when somebody types them.
pub const LONGEST: usize = 10_000;
/// The longest code, link id, address and label.
pub const SHORT: usize = 2_000;

/// A coding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    pub system: Option<String>,
    pub code: Option<String>,
    pub display: Option<String>,
}

impl Code {
    /// A coding with anything in it; its display in a language, where it is there so.
    pub fn read(coding: &Json, language: &str) -> Option<Code> {
        let of = |name: &str| text(coding, name, SHORT);
        let code = Code { system: of("system"), code: of("code"), display: translated(coding, "display", language, SHORT) };
        (code != Code::default()).then_some(code)
    }

    /// Whether two codings mean the same: the code, and the system where both say it; without codes, the display.
    pub fn same(&self, other: &Code) -> bool {
        match (&self.code, &other.code) {
            (Some(one), Some(two)) => one == two && (self.system.is_none() || other.system.is_none() || self.system == other.system),
            (None, None) => self.display.is_some() && self.display == other.display,
            _ => false,
        }
    }

    pub fn is(&self, system: &str, code: &str) -> bool {
        self.system.as_deref() == Some(system) && self.code.as_deref() == Some(code)
    }

    /// What a person reads.
    pub fn label(&self) -> &str {
        self.display.as_deref().or(self.code.as_deref()).unwrap_or_default()
    }

    pub fn write(&self) -> Json {
        object([("system", &self.system), ("code", &self.code), ("display", &self.display)])
    }
}

/// One value. Decimals are kept as digits (`7.50` stays `7.50`), dates and times as FHIR writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    Boolean(bool),
    Decimal(String),
    Integer(i64),
    Date(String),
    DateTime(String),
    Time(String),
    Text(String),
    Url(String),
    Coding(Code),
    /// The unit's `display` is what people read.
    Quantity {
        value: String,
        unit: Option<Code>,
    },
    Reference {
        reference: Option<String>,
        display: Option<String>,
    },
    /// The `id` is the application's own, or the attachment's address.
    Attachment {
        id: String,
        title: Option<String>,
        content_type: Option<String>,
    },
}

impl Value {
    /// The value of an element that has it as `valueBoolean`, `answerBoolean` and so on (the prefix says which); nothing, where there is none
    /// or it is not readable.
    pub fn read(element: &Json, prefix: &str, language: &str) -> Option<Value> {
        let of = |kind: &str| element.get(format!("{prefix}{kind}"));
        let string = |kind: &str| of(kind).and_then(Json::as_str);
        if let Some(found) = of("Boolean") {
            return found.as_bool().map(Value::Boolean);
        }
        if let Some(found) = of("Integer") {
            return whole(found).map(Value::Integer);
        }
        if let Some(found) = of("Decimal") {
            return number(found).map(Value::Decimal);
        }
        if let Some(coding) = of("Coding") {
            return Code::read(coding, language).map(Value::Coding);
        }
        if let Some(quantity) = of("Quantity") {
            let of = |name: &str| text(quantity, name, SHORT);
            let unit = Code { system: of("system"), code: of("code"), display: of("unit") };
            let value = number(quantity.get("value")?)?;
            return Some(Value::Quantity { value, unit: (unit != Code::default()).then_some(unit) });
        }
        if let Some(found) = of("Reference") {
            let of = |name: &str| text(found, name, SHORT);
            let (reference, display) = (of("reference"), of("display"));
            return (reference.is_some() || display.is_some()).then_some(Value::Reference { reference, display });
        }
        if let Some(found) = of("Attachment") {
            let of = |name: &str| text(found, name, SHORT);
            let id = of("url").or_else(|| of("id"))?;
            return Some(Value::Attachment { id, title: of("title"), content_type: of("contentType") });
        }
        if of("String").is_some() {
            return translated(element, &format!("{prefix}String"), language, LONGEST).map(Value::Text);
        }
        if let Some(url) = string("Uri").or_else(|| string("Url")) {
            return Some(cut(url.trim(), SHORT)).filter(|url| !url.is_empty()).map(Value::Url);
        }
        if let Some(date) = string("Date") {
            return is_date(date).then(|| Value::Date(date.to_owned()));
        }
        if let Some(instant) = string("DateTime") {
            return is_date_time(instant).then(|| Value::DateTime(instant.to_owned()));
        }
        string("Time").filter(|time| is_time(time)).map(|time| Value::Time(time.to_owned()))
    }

    /// The name and the JSON of `value[x]`.
    pub fn write(&self) -> (&'static str, Json) {
        match self {
            Value::Boolean(value) => ("valueBoolean", json!(value)),
            Value::Decimal(value) => ("valueDecimal", digits(value)),
            Value::Integer(value) => ("valueInteger", json!(value)),
            Value::Date(value) => ("valueDate", json!(value)),
            Value::DateTime(value) => ("valueDateTime", json!(value)),
            Value::Time(value) => ("valueTime", json!(value)),
            Value::Text(value) => ("valueString", json!(value)),
            Value::Url(value) => ("valueUri", json!(value)),
            Value::Coding(code) => ("valueCoding", code.write()),
            Value::Quantity { value, unit } => {
                let unit = unit.clone().unwrap_or_default();
                let mut quantity = object([("unit", &unit.display), ("system", &unit.system), ("code", &unit.code)]);
                quantity["value"] = digits(value);
                ("valueQuantity", quantity)
            }
            Value::Reference { reference, display } => ("valueReference", object([("reference", reference), ("display", display)])),
            Value::Attachment { id, title, content_type } => {
                ("valueAttachment", object([("url", &Some(id.clone())), ("title", title), ("contentType", content_type)]))
            }
        }
    }

    /// What a person reads; dates and times as they are written.
    pub fn plain(&self, language: &str) -> String {
        match self {
            Value::Boolean(true) => if language == "es" { "Sí" } else { "Yes" }.to_owned(),
            Value::Boolean(false) => "No".to_owned(),
            Value::Integer(value) => value.to_string(),
            Value::Decimal(text) | Value::Date(text) | Value::DateTime(text) => text.clone(),
            Value::Time(text) | Value::Text(text) | Value::Url(text) => text.clone(),
            Value::Coding(code) => code.label().to_owned(),
            Value::Quantity { value, unit } => format!("{value} {}", unit.as_ref().map_or("", Code::label)).trim_end().to_owned(),
            Value::Reference { reference, display } => display.clone().or_else(|| reference.clone()).unwrap_or_default(),
            Value::Attachment { id, title, .. } => title.clone().unwrap_or_else(|| id.clone()),
        }
    }

    /// The number of a whole number, decimal or quantity.
    pub fn amount(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => value.to_string().parse().ok(),
            Value::Decimal(text) | Value::Quantity { value: text, .. } => text.parse().ok(),
            _ => None,
        }
    }

    /// How two values are ordered; nothing, where they cannot be compared (other types, other units, a year and a day of it).
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        let equal = |equal: bool| equal.then_some(Ordering::Equal);
        match (self, other) {
            (Value::Quantity { unit: Some(one), .. }, Value::Quantity { unit: Some(two), .. })
                if !one.same(two) && one.label() != two.label() =>
            {
                None
            }
            (Value::Date(one) | Value::DateTime(one), Value::Date(two) | Value::DateTime(two)) => compare_instants(one, two),
            (Value::Time(one), Value::Time(two)) => Some(parse_time(one)?.cmp(&parse_time(two)?)),
            (Value::Text(one) | Value::Url(one), Value::Text(two) | Value::Url(two)) => Some(one.cmp(two)),
            (Value::Boolean(one), Value::Boolean(two)) => equal(one == two),
            (Value::Coding(one), Value::Coding(two)) => equal(one.same(two)),
            (Value::Reference { reference: one, .. }, Value::Reference { reference: two, .. }) => equal(one.is_some() && one == two),
            _ => self.amount()?.partial_cmp(&other.amount()?),
        }
    }
}

/// An object of the texts that are there.
fn object<const N: usize>(fields: [(&str, &Option<String>); N]) -> Json {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
    Json::Object(fields.collect::<Map<_, _>>())
}

fn number(value: &Json) -> Option<String> {
    match value {
        Json::Number(number) => decimal(&number.to_string()),
        _ => None,
    }
}

fn whole(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| number(value)?.strip_suffix(".0")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same() {
        let unit = Code { system: Some("http://unitsofmeasure.org".into()), code: Some("kg".into()), display: Some("kilo".into()) };
        for value in [
            Value::Boolean(false),
            Value::Decimal("7.5".into()),
            Value::Integer(-3),
            Value::Date("2024-02".into()),
            Value::DateTime("2024-02-03T04:05:00-05:00".into()),
            Value::Time("04:05:00".into()),
            Value::Text("a".into()),
            Value::Url("https://a.example".into()),
            Value::Coding(unit.clone()),
            Value::Quantity { value: "70".into(), unit: Some(unit) },
            Value::Reference { reference: None, display: Some("Dr. A".into()) },
            Value::Attachment { id: "a1".into(), title: Some("Card".into()), content_type: Some("image/png".into()) },
        ] {
            let (name, json) = value.write();
            assert_eq!(Value::read(&json!({name: json}), "value", "en"), Some(value));
        }
        assert_eq!(Value::read(&json!({"valueDate": "2024-02-30"}), "value", "en"), None);
        assert_eq!(Value::read(&json!({"valueInteger": 2.0}), "value", "en"), Some(Value::Integer(2)));
        assert_eq!(Value::read(&json!({"valueInteger": 2.5}), "value", "en"), None);
    }

    #[test]
    fn numbers_and_dates_compare_and_what_is_not_known_does_not() {
        let date = |text: &str| Value::Date(text.into());
        assert_eq!(Value::Integer(2).compare(&Value::Decimal("2.50".into())), Some(Ordering::Less));
        assert_eq!(date("2024-02-01").compare(&date("2025")), Some(Ordering::Less));
        assert_eq!(date("2024-02-01").compare(&date("2024")), None);
        let instant = |text: &str| Value::DateTime(text.into());
        assert_eq!(instant("2024-02-01T10:00:00-05:00").compare(&instant("2024-02-01T15:00:00Z")), Some(Ordering::Equal));
        let quantity = |unit: &str| Value::Quantity { value: "1".into(), unit: Some(Code { code: Some(unit.into()), ..Code::default() }) };
        assert_eq!(quantity("kg").compare(&quantity("[lb_av]")), None);
        assert_eq!(quantity("kg").compare(&Value::Integer(1)), Some(Ordering::Equal));
        assert_eq!(Value::Boolean(true).compare(&Value::Text("true".into())), None);
    }
}
