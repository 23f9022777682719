//! How a value is told: with its unit, where it lies in its range, what its source's flag says.

use super::told::absence;
use crate::{
    base::{
        i18n::{Texts, param},
        terms::{self, vital_sign},
    },
    record::{
        result::{
            entity::measurement,
            model::{Flag, Kind, OpenEnd, Position, Unit, position},
        },
        told::told,
    },
};

/// What is known of a value's place.
pub struct Judged {
    position: Option<Position>,
    flag: Option<Flag>,
}

impl Judged {
    pub fn of(value: &measurement::Model) -> Self {
        let flag = value.flag.as_deref().and_then(Flag::of);
        let open = || OpenEnd::of(&value.shown).and_then(|end| end.position(value.low, value.high));
        let position = value.value.map_or_else(open, |number| position(number, value.low, value.high, flag));
        Self { position, flag }
    }

    /// Whether the source said enough to tell inside from outside: who says "none outside" of less invents reassurance.
    pub fn is_known(&self) -> bool {
        self.position.is_some() || self.flag.is_some_and(|flag| flag == Flag::Normal || flag.is_outside())
    }

    pub fn is_outside(&self) -> bool {
        self.position.is_some_and(|found| found != Position::Within) || self.flag.is_some_and(Flag::is_outside)
    }
}

/// "12 values, 2 outside their usual range": as much as their sources say.
pub fn of_panel(t: Texts, values: &[&measurement::Model]) -> String {
    let judged: Vec<Judged> = values.iter().map(|value| Judged::of(value)).collect();
    let count = values.len().to_string();
    match judged.iter().filter(|found| found.is_outside()).count() {
        0 if judged.iter().all(Judged::is_known) => t.results_values_none_outside(&count),
        0 => t.results_values(&count),
        1 => t.results_values_one_outside(&count),
        outside => t.results_values_outside(param::Count(&count), param::Outside(&outside.to_string())),
    }
}

/// The name of a value; of a vital sign in the reader's language.
pub fn name(t: Texts, value: &measurement::Model) -> String {
    if value.kind == Kind::Vital { vital_sign(t, &value.code, &value.name) } else { value.name.clone() }
}

/// The unit of a value as its reader reads it; empty without one.
pub fn shown_unit(t: Texts, value: &measurement::Model) -> &str {
    terms::unit(t, value.unit.as_deref().unwrap_or_default())
}

/// "5.7 %"; "No value: specimen unsatisfactory"; nothing of an observation that is a comment only.
pub fn measured(t: Texts, value: &measurement::Model) -> String {
    match &value.absent {
        Some(reason) if value.shown.is_empty() => match absence(t, reason) {
            Some(sentence) => sentence.to_owned(),
            None => t.results_no_value(reason),
        },
        _ => format!("{} {}", told(t, &value.shown), shown_unit(t, value)).trim().to_owned(),
    }
}

/// "5.7 %, slightly above the usual range".
pub fn with_words(t: Texts, value: &measurement::Model) -> String {
    match in_words(t, value) {
        Some(words) => format!("{}, {words}", measured(t, value)),
        None => measured(t, value),
    }
}

/// What the range says, and what the flag says beyond it; nothing when the source gave neither.
pub fn in_words(t: Texts, value: &measurement::Model) -> Option<String> {
    let Judged { position, flag } = Judged::of(value);
    let flag = flag.filter(|flag| position.is_none_or(|position| flag.says_more_than(position))).map(|flag| flagged(t, flag, value.kind));
    let said: Vec<String> = position.map(|position| placed(t, position).to_owned()).into_iter().chain(flag).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn placed(t: Texts, position: Position) -> &'static str {
    match position {
        Position::Within => t.results_within(),
        Position::Above => t.results_slightly_above(),
        Position::FarAbove => t.results_above(),
        Position::Below => t.results_slightly_below(),
        Position::FarBelow => t.results_below(),
    }
}

fn flagged(t: Texts, flag: Flag, kind: Kind) -> String {
    let by = source(t, kind);
    match flag {
        Flag::Normal => t.results_flag_normal(by),
        Flag::High => t.results_flag_high(by),
        Flag::VeryHigh => t.results_flag_very_high(by),
        Flag::CriticallyHigh => t.results_flag_critically_high(by),
        Flag::Low => t.results_flag_low(by),
        Flag::VeryLow => t.results_flag_very_low(by),
        Flag::CriticallyLow => t.results_flag_critically_low(by),
        Flag::NotNormal => t.results_flag_not_normal(by),
        Flag::CriticallyNotNormal => t.results_flag_critically_not_normal(by),
        Flag::Positive => t.results_flag_positive(by),
        Flag::Negative => t.results_flag_negative(by),
    }
}

/// Who said it: pictures and blood pressures come from no laboratory.
pub fn source(t: Texts, kind: Kind) -> &'static str {
    if kind == Kind::Laboratory { t.results_by_laboratory() } else { t.results_by_source() }
}

/// "4–5.6 %", and the source's own words where they say more.
pub fn range_in_words(t: Texts, value: &measurement::Model) -> Option<String> {
    let unit = shown_unit(t, value);
    let own = value.range_text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let told = match (value.low, value.high) {
        (Some(_), Some(_)) => format!("{}–{} {unit}", low(value), high(value)),
        (Some(_), None) => t.results_at_least(&format!("{} {unit}", low(value))),
        (None, Some(_)) => t.results_at_most(&format!("{} {unit}", high(value))),
        (None, None) => return own.map(str::to_owned),
    };
    let told = told.trim();
    let own = own.filter(|text| says_more(text, value));
    Some(own.map_or_else(|| told.to_owned(), |text| format!("{told} ({text})")))
}

/// Whether the words of a range are more than its own numbers and unit.
fn says_more(text: &str, value: &measurement::Model) -> bool {
    let units = [value.unit.as_deref(), value.ucum.as_deref()].into_iter().flatten().filter(|unit| !unit.is_empty());
    let bare = units.fold(text.to_owned(), |text, unit| text.replace(unit, " "));
    let numbers: Vec<f64> = bare.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|part| part.parse().ok()).collect();
    let limits: Vec<f64> = [value.low, value.high].into_iter().flatten().map(f64::abs).collect();
    bare.chars().any(char::is_alphabetic) || numbers != limits
}

/// As it was sent.
fn low(value: &measurement::Model) -> String {
    value.low_sent.clone().or(value.low.map(short)).unwrap_or_default()
}

fn high(value: &measurement::Model) -> String {
    value.high_sent.clone().or(value.high.map(short)).unwrap_or_default()
}

/// As short as it can be.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The unit of a value.
pub fn unit(value: &measurement::Model) -> Unit<'_> {
    Unit { shown: value.unit.as_deref().unwrap_or_default(), code: value.ucum.as_deref() }
}

pub fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        base::i18n::Locale,
        record::result::model::{NONE_SENT, Status},
    };

    fn value(number: f64, low: Option<f64>, high: Option<f64>, flag: Option<&str>) -> measurement::Model {
        measurement::Model {
            id: Uuid::nil(),
            resource_id: Uuid::nil(),
            patient_id: Uuid::nil(),
            result_id: None,
            position: 0,
            kind: Kind::Laboratory,
            code: "http://loinc.org|2951-2".into(),
            name: "Sodium".into(),
            value: Some(number),
            shown: number.to_string(),
            absent: None,
            unit: Some("mmol/L".into()),
            ucum: None,
            low,
            high,
            low_sent: None,
            high_sent: None,
            range_text: None,
            flag: flag.map(str::to_owned),
            status: Status::Final,
            taken_at: DateTime::UNIX_EPOCH,
            taken: None,
            timed: true,
            available_at: DateTime::UNIX_EPOCH,
            comment: None,
            sensitive: false,
        }
    }

    #[test]
    fn a_panel_says_none_outside_only_where_its_sources_say_so() {
        let t = Texts(Locale::En);
        let (bare, fine, high) = (
            value(140.0, None, None, None),
            value(140.0, Some(135.0), Some(145.0), None),
            value(150.0, Some(135.0), Some(145.0), Some("H")),
        );
        let found = value(1.0, None, None, Some("POS"));
        assert_eq!(of_panel(t, &[&bare, &fine]), "2 values");
        assert_eq!(of_panel(t, &[&fine, &found]), "2 values", "what was found is neither inside nor outside");
        assert_eq!(of_panel(t, &[&fine, &fine]), "2 values, none outside its usual range");
        assert_eq!(of_panel(t, &[&bare, &high]), "2 values, 1 outside its usual range");
        assert_eq!(of_panel(t, &[&fine, &value(140.0, None, None, Some("N"))]), "2 values, none outside its usual range");
    }

    #[test]
    fn the_flag_is_told_beside_the_range_where_it_says_more() {
        let t = Texts(Locale::En);
        let words = |number, flag| in_words(t, &value(number, Some(135.0), Some(145.0), flag));
        assert_eq!(words(146.0, Some("H")).as_deref(), Some("slightly above the usual range"));
        assert_eq!(words(170.0, Some("HH")).as_deref(), Some("above the usual range, marked critically high by the laboratory"));
        assert_eq!(words(140.0, Some("A")).as_deref(), Some("within the usual range, marked not normal by the laboratory"));
        assert_eq!(words(140.0, Some("N")).as_deref(), Some("within the usual range"));
        assert_eq!(in_words(t, &value(140.0, None, None, None)), None);
        let imaging = measurement::Model { kind: Kind::Imaging, ..value(1.0, None, None, Some("A")) };
        assert_eq!(in_words(t, &imaging).as_deref(), Some("marked not normal by its source"));
    }

    #[test]
    fn the_words_of_a_range_stand_beside_its_numbers_where_they_say_more() {
        let t = Texts(Locale::En);
        let with = |text: &str| {
            range_in_words(t, &measurement::Model { range_text: Some(text.into()), ..value(1.0, Some(135.0), Some(145.0), None) })
        };
        assert_eq!(with("135 - 145 mmol/L").as_deref(), Some("135–145 mmol/L"));
        assert_eq!(with("135.0-145.0").as_deref(), Some("135–145 mmol/L"));
        assert_eq!(with("fasting").as_deref(), Some("135–145 mmol/L (fasting)"));
        let bare = measurement::Model { range_text: Some("negative".into()), ..value(1.0, None, None, None) };
        assert_eq!(range_in_words(t, &bare).as_deref(), Some("negative"));
    }

    #[test]
    fn what_has_no_value_says_why() {
        let absent =
            measurement::Model { shown: String::new(), value: None, absent: Some("Clotted".into()), ..value(0.0, None, None, None) };
        assert_eq!(measured(Texts(Locale::En), &absent), "No value: Clotted");
        for (reason, words) in [
            ("not-performed", "No value: the test was not done"),
            ("not performed", "No value: the test was not done"),
            (NONE_SENT, "No value was sent"),
        ] {
            assert_eq!(measured(Texts(Locale::En), &measurement::Model { absent: Some(reason.into()), ..absent.clone() }), words);
        }
    }

    #[test]
    fn open_ends_are_judged_and_limits_keep_their_digits() {
        let t = Texts(Locale::En);
        let above = measurement::Model { value: None, shown: ">25000".into(), ..value(0.0, None, Some(14.0), None) };
        assert_eq!(with_words(t, &above), ">25000 mmol/L, above the usual range");
        let ends =
            measurement::Model { low_sent: Some("3.50".into()), high_sent: Some("5.0".into()), ..value(5.0, Some(3.5), Some(5.0), None) };
        assert_eq!(range_in_words(t, &ends).as_deref(), Some("3.50–5.0 mmol/L"));
    }
}
