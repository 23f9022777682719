//! The values of a code through the years: by unit, and against the person's own values before.

use super::words::{name, shown_unit, unit};
use crate::{
    base::i18n::{Texts, param},
    record::result::{entity::measurement, model::OpenEnd},
};

/// The values in the unit of the newest number, and then those in each other unit; all oldest first. Words without a unit
/// stand with the first.
pub(super) fn by_unit(values: Vec<measurement::Model>) -> Vec<Vec<measurement::Model>> {
    let mut lines: Vec<Vec<measurement::Model>> = Vec::new();
    let mut rest = values;
    while let Some(newest) = newest(&rest) {
        let bare = |value: &measurement::Model| lines.is_empty() && value.value.is_none() && value.unit.is_none();
        let (line, other): (Vec<_>, Vec<_>) = rest.into_iter().partition(|value| bare(value) || unit(value).is_same(unit(&newest)));
        lines.push(line);
        rest = other;
    }
    lines
}

/// The newest number, else the newest words.
fn newest(values: &[measurement::Model]) -> Option<measurement::Model> {
    values.iter().rev().find(|value| value.value.is_some()).or(values.last()).cloned()
}

/// "Body weight, in lb".
pub(super) fn named_unit(t: Texts, line: &[measurement::Model]) -> String {
    let Some(newest) = line.last() else { return String::new() };
    let name = name(t, newest);
    if newest.unit.is_none() {
        t.results_name_without_unit(&name)
    } else {
        t.results_name_in_unit(param::Name(&name), param::Unit(shown_unit(t, newest)))
    }
}

pub(super) fn other_unit(t: Texts, line: &[measurement::Model]) -> String {
    let unit = line.last().filter(|value| value.unit.is_some()).map_or("–", |value| shown_unit(t, value));
    if line.len() == 1 {
        t.results_other_units_one(unit)
    } else {
        t.results_other_units(param::Count(&line.len().to_string()), param::Unit(unit))
    }
}

/// "Your own 3 earlier values: 5.8 to 6.1, the middle one 5.9. The newest is below all of them": the person's own values, in
/// one unit; nothing of fewer than three.
pub(super) fn baseline(t: Texts, values: &[measurement::Model], name: Option<&str>) -> Option<String> {
    // Of an open end nobody knows where it lies among the others.
    if values.iter().any(|value| value.value.is_none() && OpenEnd::of(&value.shown).is_some()) {
        return None;
    }
    let latest = values.iter().rfind(|value| !value.shown.is_empty())?.value?;
    let mut numbers: Vec<f64> = values.iter().filter_map(|value| value.value).collect();
    if numbers.len() < 3 {
        return None;
    }
    numbers.pop();
    numbers.sort_by(f64::total_cmp);
    let (low, high) = (numbers[0], numbers[numbers.len() - 1]);
    let middle = if numbers.len() % 2 == 1 {
        numbers[numbers.len() / 2]
    } else {
        f64::midpoint(numbers[numbers.len() / 2 - 1], numbers[numbers.len() / 2])
    };
    let short = |number: f64| {
        let text = format!("{number:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let place = if latest < low {
        t.results_own_below()
    } else if latest > high {
        t.results_own_above()
    } else {
        t.results_own_within()
    };
    let (count, high, low, middle) = (numbers.len().to_string(), short(high), short(low), short(middle));
    Some(match name {
        None => t.results_own(param::Count(&count), param::High(&high), param::Low(&low), param::Middle(&middle), param::Place(place)),
        Some(name) => t.results_own_of(
            param::Count(&count),
            param::High(&high),
            param::Low(&low),
            param::Middle(&middle),
            param::Name(name),
            param::Place(place),
        ),
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        base::i18n::Locale,
        record::result::model::{Kind, Status},
    };

    fn weight(day: i64, number: f64, unit: &str, code: &str) -> measurement::Model {
        measurement::Model {
            id: Uuid::nil(),
            resource_id: Uuid::nil(),
            patient_id: Uuid::nil(),
            result_id: None,
            position: 0,
            kind: Kind::Vital,
            code: "http://loinc.org|29463-7".into(),
            name: "Body weight".into(),
            value: Some(number),
            shown: number.to_string(),
            absent: None,
            unit: Some(unit.into()),
            ucum: Some(code.into()),
            low: None,
            high: None,
            low_sent: None,
            high_sent: None,
            range_text: None,
            flag: None,
            status: Status::Final,
            taken_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day),
            taken: None,
            timed: true,
            available_at: DateTime::UNIX_EPOCH,
            comment: None,
            sensitive: false,
        }
    }

    #[test]
    fn kilograms_and_pounds_are_two_lines_and_two_baselines() {
        let found = by_unit(vec![
            weight(1, 70.0, "kg", "kg"),
            weight(2, 154.0, "lb", "[lb_av]"),
            weight(3, 71.0, "kg", "kg"),
            weight(4, 156.0, "lb", "[lb_av]"),
            weight(5, 72.0, "Kg", "kg"),
            weight(6, 70.5, "kg", "kg"),
        ]);
        let numbers: Vec<Vec<f64>> = found.iter().map(|line| line.iter().filter_map(|value| value.value).collect()).collect();
        assert_eq!(numbers, [vec![70.0, 71.0, 72.0, 70.5], vec![154.0, 156.0]]);
        let said = baseline(Texts(Locale::En), &found[0], None).expect("a baseline");
        assert!(said.starts_with("Your own 3 earlier values: 70 to 72") && said.ends_with("The newest is in that range."), "{said}");
        let said = baseline(Texts(Locale::En), &found[0], Some("Emma")).expect("a baseline");
        assert!(said.starts_with("Emma’s own 3 earlier values"), "{said}");
        assert_eq!(baseline(Texts(Locale::En), &found[1], None), None, "two are no baseline");
        assert_eq!(other_unit(Texts(Locale::En), &found[1]), "2 values in lb have a table of their own: a line never mixes units.");
    }
}
