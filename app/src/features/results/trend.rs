//! A value through the years: its chart, alone or with others of its unit, the tables behind it, and a file.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, TimeZone, Utc};

use super::{
    beside::beside,
    screens::{in_address, open},
    store::{self, ReadsValues},
    words::{in_words, measured, range_in_words, unit, with_words},
};
use crate::{
    access::{AccessKind, Grant, allow, policy::ViewResults},
    base::{error::Error, i18n::Texts, ids::PatientId},
    record::result::{entity::measurement, model::Kind},
    view::{
        charts::{Point, Series, days, line_chart},
        screens::{
            link,
            model::{Field, Form, Part, Screen},
            query_value, query_values,
        },
    },
};

/// So many others stand in one chart with a value: more lines than that cannot be told apart.
const MOST_OTHERS: usize = 3;

/// A value through the years, alone or with others of its unit.
///
/// # Errors
/// `NotFound` when nothing of that code is in the chart.
pub async fn trend(patient: &str, query: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let code = query_value(query, "code").ok_or(Error::NotFound)?;
    let mut by_unit = by_unit(store::series(&grant, &code).await?).into_iter();
    let values = by_unit.next().ok_or(Error::NotFound)?;
    let last = values.last().ok_or(Error::NotFound)?;
    let in_other_units: Vec<Vec<measurement::Model>> = by_unit.collect();
    let shown_unit = values.iter().rev().find_map(|value| value.unit.clone());
    let choices: Vec<(String, String)> = match &shown_unit {
        Some(unit) => store::in_unit(&grant, unit).await?.into_iter().filter(|(found, _)| *found != code).collect(),
        None => Vec::new(),
    };
    let mut chosen: Vec<String> = query_values(query, "with");
    let mut seen = HashSet::new();
    chosen.retain(|code| choices.iter().any(|(found, _)| found == code) && seen.insert(code.clone()));
    chosen.truncate(MOST_OTHERS);
    let others = others(&grant, &chosen, &values).await?;
    let lines: Vec<&[measurement::Model]> = std::iter::once(&values).chain(&others).map(Vec::as_slice).collect();
    let names: Vec<String> = lines.iter().filter_map(|line| line.last()).map(|value| value.name.clone()).collect();
    let back = if last.kind == Kind::Vital {
        (format!("/p/{patient}/health/vitals"), t.health_vitals())
    } else {
        (format!("/p/{patient}/results"), t.results_title())
    };
    let in_unit = shown_unit.as_deref().map(|unit| t.results_in_unit(unit)).unwrap_or_default();
    let title = names.join(" · ");
    let mut parts: Vec<Part> = chart(&grant, &title, &lines).map(|svg| Part::Chart { svg }).into_iter().collect();
    if others.is_empty() {
        parts.extend(last.low.or(last.high).map(|_| Part::small(t.results_band())));
    } else {
        parts.push(Part::Legend(names));
    }
    parts.extend(baseline(t, &values, whose(&grant).await?.as_deref()).map(Part::Text));
    parts.extend(in_other_units.iter().map(|line| Part::small(other_unit(t, line))));
    if !choices.is_empty() {
        parts.push(compare(t, &code, &chosen, &choices));
    }
    let mut screen = Screen::new(title.clone(), in_unit).narrow().back(back.0, back.1).sheet("", parts);
    let table = if others.is_empty() { table_of(&grant, &title, &values) } else { table_together(&grant, &title, &lines) };
    screen = screen.sheet(title, vec![table]);
    for line in &in_other_units {
        let name = named_unit(t, line);
        screen = screen.sheet(name.clone(), vec![table_of(&grant, &name, line)]);
    }
    let all: Vec<&measurement::Model> =
        lines.iter().copied().chain(in_other_units.iter().map(Vec::as_slice)).flat_map(|line| line.iter().rev()).collect();
    screen = screen.sheet("", beside(&grant, &all).await?);
    let csv = format!("/files/trend/{patient}?code={}", in_address(&code));
    Ok(screen.sheet(
        "",
        vec![Part::Buttons { main: false, links: vec![link(csv, t.results_csv())] }, Part::Print { label: t.health_print().into() }],
    ))
}

/// The values in the unit of the newest number, and then those in each other unit; all oldest first. Words without a unit
/// stand with the first.
fn by_unit(values: Vec<measurement::Model>) -> Vec<Vec<measurement::Model>> {
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

/// What stands in the same chart, in the same unit.
async fn others(
    grant: &Grant<ViewResults>,
    codes: &[String],
    values: &[measurement::Model],
) -> Result<Vec<Vec<measurement::Model>>, Error> {
    let Some(newest) = values.iter().rev().find(|value| value.unit.is_some()) else { return Ok(Vec::new()) };
    let mut others = Vec::new();
    for code in codes {
        let mut line = store::series(grant, code).await?;
        line.retain(|value| unit(value).is_same(unit(newest)));
        if !line.is_empty() {
            others.push(line);
        }
    }
    Ok(others)
}

/// One choice more than was made, as far as lines can be told apart.
fn compare(t: Texts, code: &str, chosen: &[String], choices: &[(String, String)]) -> Part {
    let all: Vec<(String, String)> =
        std::iter::once((String::new(), t.results_alone().to_owned())).chain(choices.iter().cloned()).collect();
    let mut form = Form::search(t.results_compare_show()).hidden("code", code);
    for number in 0..(chosen.len() + 1).min(MOST_OTHERS).min(choices.len()) {
        let (id, label) =
            if number == 0 { ("with".to_owned(), t.results_compare()) } else { (format!("with-{number}"), t.results_compare_also()) };
        let value = chosen.get(number).cloned().unwrap_or_default();
        form = form.field(Field::select("with", label, all.clone()).id(id).value(value).optional());
    }
    form.done()
}

fn day(grant: &Grant<impl ReadsValues>, at: DateTime<Utc>) -> String {
    grant.texts().date(at.with_timezone(&grant.zone()).date_naive())
}

/// Newest first, with range and words.
fn table_of(grant: &Grant<ViewResults>, caption: &str, values: &[measurement::Model]) -> Part {
    let t = grant.texts();
    let rows = values
        .iter()
        .rev()
        .map(|value| {
            let (range, words) = (range_in_words(t, value).unwrap_or_default(), in_words(t, value).unwrap_or_default());
            vec![day(grant, value.taken_at), measured(t, value), range, words]
        })
        .collect();
    let head = [t.results_day(), t.results_value(), t.results_range(), t.results_says()].map(str::to_owned).into();
    Part::Table { caption: caption.to_owned(), head, rows }
}

/// Newest first, a column for each line; what was measured at one moment stands in one row.
fn table_together(grant: &Grant<ViewResults>, caption: &str, lines: &[&[measurement::Model]]) -> Part {
    let t = grant.texts();
    let mut moments: Vec<DateTime<Utc>> = lines.iter().flat_map(|line| line.iter()).map(|value| value.taken_at).collect();
    moments.sort_unstable();
    moments.dedup();
    let at = |line: &[measurement::Model], moment: DateTime<Utc>| {
        line.iter().filter(|value| value.taken_at == moment).map(|value| measured(t, value)).collect::<Vec<_>>().join("; ")
    };
    let rows: Vec<Vec<String>> = moments
        .into_iter()
        .rev()
        .map(|moment| std::iter::once(day(grant, moment)).chain(lines.iter().map(|line| at(line, moment))).collect())
        .collect();
    let names = lines.iter().filter_map(|line| line.last()).map(|value| value.name.clone());
    Part::Table { caption: caption.to_owned(), head: std::iter::once(t.results_day().to_owned()).chain(names).collect(), rows }
}

/// "Body weight, in lb".
fn named_unit(t: Texts, line: &[measurement::Model]) -> String {
    let Some(newest) = line.last() else { return String::new() };
    newest.unit.as_deref().map_or_else(|| t.results_name_without_unit(&newest.name), |unit| t.results_name_in_unit(&newest.name, unit))
}

fn other_unit(t: Texts, line: &[measurement::Model]) -> String {
    let unit = line.last().and_then(|value| value.unit.as_deref()).unwrap_or("–");
    if line.len() == 1 { t.results_other_units_one(unit) } else { t.results_other_units(&line.len().to_string(), unit) }
}

fn chart(grant: &Grant<impl ReadsValues>, label: &str, lines: &[&[measurement::Model]]) -> Option<String> {
    let t = grant.texts();
    let alone = lines.len() == 1;
    let says = |value: &measurement::Model| {
        let day = day(grant, value.taken_at);
        if alone { format!("{day}: {}", with_words(t, value)) } else { format!("{day}: {} {}", value.name, measured(t, value)) }
    };
    let series: Vec<Series> = lines
        .iter()
        .map(|values| Series {
            name: values.last().map(|value| value.name.clone()).unwrap_or_default(),
            points: values.iter().filter_map(|value| Some(Point { x: days(value.taken_at), y: value.value?, says: says(value) })).collect(),
            band: values.last().filter(|value| alone && (value.low.is_some() || value.high.is_some())).map(|value| (value.low, value.high)),
            reference: false,
        })
        .collect();
    let all = || lines.iter().flat_map(|values| values.iter()).map(|value| value.taken_at);
    line_chart(label, &series, &ticks(grant, all().min()?, all().max()?))
}

/// Years under a chart of years; days under one that is shorter.
fn ticks(grant: &Grant<impl ReadsValues>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(f64, String)> {
    let zone = grant.zone();
    let (first, last) = (from.with_timezone(&zone).year(), to.with_timezone(&zone).year());
    if last - first < 2 {
        let t = grant.texts();
        let short = |at: DateTime<Utc>| {
            let day = at.with_timezone(&zone).date_naive();
            let month = t.dates_months_short().split('|').nth(day.month0() as usize).unwrap_or_default().to_owned();
            t.results_month(&month, &day.year().to_string())
        };
        let mut ticks = vec![(days(from), short(from))];
        if short(from) != short(to) {
            ticks.push((days(to), short(to)));
        }
        return ticks;
    }
    let step = ((last - first) / 6 + 1).max(1);
    let starts = (first..=last + 1).step_by(usize::try_from(step).unwrap_or(1));
    let mut ticks: Vec<(f64, String)> = starts
        .filter_map(|year| Some((days(zone.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single()?.with_timezone(&Utc)), year.to_string())))
        .collect();
    // The first year begins where the first value is.
    ticks.retain(|(at, _)| *at <= days(to) + 1.0);
    if let Some(first) = ticks.first_mut() {
        first.0 = first.0.max(days(from));
    }
    // Words that would run into each other.
    if ticks.len() > 1 && ticks[1].0 - ticks[0].0 < (days(to) - days(from)) * 0.1 {
        ticks.remove(0);
    }
    ticks
}

/// The given name of whoever the chart is about, when that is somebody else than the reader.
async fn whose(grant: &Grant<ViewResults>) -> Result<Option<String>, Error> {
    if grant.access_kind() == AccessKind::Own {
        return Ok(None);
    }
    Ok(Some(grant.person()?.given_name.clone()))
}

/// "Your own 3 earlier values: 5.8 to 6.1, the middle one 5.9. The newest is below all of them": the person's own values, in
/// one unit; nothing of fewer than three.
fn baseline(t: Texts, values: &[measurement::Model], name: Option<&str>) -> Option<String> {
    let mut numbers: Vec<f64> = values.iter().filter_map(|value| value.value).collect();
    if numbers.len() < 3 {
        return None;
    }
    let latest = numbers.pop()?;
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
        None => t.results_own(&count, &high, &low, &middle, place),
        Some(name) => t.results_own_of(&count, &high, &low, &middle, name, place),
    })
}

/// A trend as a file: comma-separated values, in UTF-8.
///
/// # Errors
/// As the page.
pub async fn csv(patient: PatientId, code: &str) -> Result<String, Error> {
    let grant = allow::<ViewResults>(patient).await?;
    let t = grant.texts();
    let values = store::series(&grant, code).await?;
    if values.is_empty() {
        return Err(Error::NotFound);
    }
    let mut text = String::from("\u{feff}");
    text += &crate::platform::request::csv_line(&[
        t.results_day(),
        t.results_name(),
        t.results_value(),
        t.results_unit(),
        t.results_range(),
        t.results_says(),
    ]);
    for value in &values {
        let taken = value.taken_at.with_timezone(&grant.zone());
        let cells = [
            if value.timed { taken.to_rfc3339() } else { taken.date_naive().to_string() },
            value.name.clone(),
            if value.shown.is_empty() { measured(t, value) } else { value.shown.clone() },
            value.unit.clone().unwrap_or_default(),
            range_in_words(t, value).unwrap_or_default(),
            in_words(t, value).unwrap_or_default(),
        ];
        text += &crate::platform::request::csv_line(&cells.each_ref().map(String::as_str));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{base::i18n::Locale, record::result::model::Status};

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
            range_text: None,
            flag: None,
            status: Status::Final,
            taken_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day),
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
