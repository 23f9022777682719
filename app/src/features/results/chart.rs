//! The chart of a trend: one line for each code, all in one unit.

use chrono::{DateTime, Datelike, TimeZone, Utc};

use super::{
    store::ReadsValues,
    words::{measured, name, with_words},
};
use crate::{
    access::Grant,
    base::{i18n::param, when::When},
    record::result::{entity::measurement, model::OpenEnd},
    view::charts::{Open, Point, Series, days, line_chart},
};

/// When a value was taken, without a time of day.
pub(super) fn day(grant: &Grant<impl ReadsValues>, value: &measurement::Model) -> String {
    grant.texts().when_day(&value.when(), grant.zone())
}

/// `None` when there is nothing to draw.
pub(super) fn chart(grant: &Grant<impl ReadsValues>, label: &str, lines: &[&[measurement::Model]]) -> Option<String> {
    let t = grant.texts();
    let alone = lines.len() == 1;
    let says = |value: &measurement::Model| {
        let day = day(grant, value);
        if alone { format!("{day}: {}", with_words(t, value)) } else { format!("{day}: {} {}", name(t, value), measured(t, value)) }
    };
    let series: Vec<Series> = lines
        .iter()
        .map(|values| Series {
            name: values.last().map(|value| name(t, value)).unwrap_or_default(),
            points: values.iter().filter_map(|value| point(value, says(value))).collect(),
            band: values.last().filter(|value| alone && (value.low.is_some() || value.high.is_some())).map(|value| (value.low, value.high)),
            reference: false,
        })
        .collect();
    let all = || lines.iter().flat_map(|values| values.iter()).filter(|value| value.when() != When::Unsaid).map(|value| value.taken_at);
    line_chart(label, &series, &ticks(grant, all().min()?, all().max()?))
}

/// Where a value stands in a chart, unless it has no date; a value that is known to be below or above something stands at its bound, open that way.
fn point(value: &measurement::Model, says: String) -> Option<Point> {
    if value.when() == When::Unsaid {
        return None;
    }
    let open = OpenEnd::of(&value.shown).filter(|_| value.value.is_none());
    let y = value.value.or(open.map(|end| end.bound))?;
    Some(Point { x: days(value.taken_at), y, says, open: open.map(|end| if end.is_above { Open::Above } else { Open::Below }) })
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
            t.dates_month_year(param::Month(&month), param::Year(&day.year().to_string()))
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
