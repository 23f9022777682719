//! The pages of results, vital signs and trends.

use std::{collections::HashSet, fmt::Write};

use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Utc};
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use super::{
    api::ChooseTiming,
    entity::{measurement, test_result},
    model::{Choice, Kind, Position, Status, position},
    release,
    store::{self, Filter, ReadsValues, Whole},
};
use crate::{
    access::{
        Grant, allow,
        policy::{ChooseResultTiming, ViewResults},
    },
    charts::{Point, Series, days, in_range, line_chart},
    corrections::{
        self,
        model::Place,
        screens::{additions, wrong_here},
    },
    credentials::{self, model::Subject},
    error::Error,
    growth, health,
    i18n::Texts,
    ids::PatientId,
    portable::model::Period,
    screens::{
        link,
        model::{Field, Form, Kind as FieldKind, Link, Part, Screen, Tag},
        plain, query_value,
    },
};

/// LOINC: systolic and diastolic blood pressure, which people read as one.
const SYSTOLIC: &str = "http://loinc.org|8480-6";
const DIASTOLIC: &str = "http://loinc.org|8462-4";
/// LOINC: ABO and Rh group.
const BLOOD_GROUP: [&str; 2] = ["http://loinc.org|882-1", "http://loinc.org|883-9"];

async fn open(patient: &str) -> Result<Grant<ViewResults>, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    allow::<ViewResults>(patient).await
}

/// All results, newest first.
pub async fn list(patient: &str, query: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let words = query_value(query, "words").unwrap_or_default();
    let kind = query_value(query, "kind").unwrap_or_default();
    let since = query_value(query, "since").unwrap_or_default();
    let page: u64 = query_value(query, "page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let months = match since.as_str() {
        "year" => Some(365),
        "five" => Some(1826),
        _ => None,
    };
    let filter = Filter {
        kind: Kind::ALL.iter().copied().find(|found| found.as_str() == kind),
        words: words.to_lowercase(),
        since: months.map(|days| grant.now().instant - TimeDelta::days(days)),
    };
    let (found, more) = store::list(&grant, &filter, page).await?;
    let kinds = [
        ("", t.results_all_kinds()),
        ("laboratory", t.results_laboratory()),
        ("imaging", t.results_imaging()),
        ("pathology", t.results_pathology()),
        ("other", t.results_other()),
    ];
    let times = [("", t.results_any_time()), ("year", t.results_last_year()), ("five", t.results_last_five())];
    let choices = |list: &[(&str, &str)]| list.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    let search = Form::search(t.results_search())
        .field(Field::new("words", t.results_words(), FieldKind::Search).value(words.clone()).optional())
        .field(Field::select("kind", t.results_kind(), choices(&kinds)).value(kind.clone()).optional())
        .field(Field::select("since", t.results_when(), choices(&times)).value(since.clone()).optional())
        .done();
    let base = format!("/p/{patient}/results");
    let mut ways = vec![link(format!("/p/{patient}/health/vitals"), t.health_vitals())];
    if grant.would_allow::<ChooseResultTiming>(&grant.patient()) {
        ways.push(link(format!("{base}/timing"), t.results_timing()));
    }
    let mut screen = Screen::new(t.results_title(), t.results_lead()).narrow();
    if query_value(query, "done").is_some() {
        screen = screen.notice(t.results_timing_kept(), "");
    }
    match store::waiting(&grant).await? {
        0 => {}
        1 => screen = screen.notice(t.results_one_waits(), t.results_waits_text()),
        count => screen = screen.notice(t.results_wait(&count.to_string()), t.results_waits_text()),
    }
    let mut screen = screen.sheet("", vec![search, Part::Buttons { main: false, links: ways }]);
    if found.is_empty() {
        let filtered = filter.kind.is_some() || !words.is_empty() || filter.since.is_some() || page > 0;
        return Ok(screen.sheet("", vec![Part::text(if filtered { t.results_none_found() } else { t.results_none() })]));
    }
    let mut month = String::new();
    let mut parts: Vec<(Link, String)> = Vec::new();
    for (result, values) in &found {
        let heading = month_of(&grant, result.taken_at);
        if heading != month && !parts.is_empty() {
            screen = screen.sheet(std::mem::take(&mut month), vec![Part::Ways(std::mem::take(&mut parts))]);
        }
        month = heading;
        parts.push(line(&grant, result, values, &base));
    }
    screen = screen.sheet(month, vec![Part::Ways(parts)]);
    let kept = |page: u64| {
        let mut address = format!("{base}?page={page}");
        for (name, value) in [("words", &words), ("kind", &kind), ("since", &since)] {
            if !value.is_empty() {
                let _ = write!(address, "&{name}={}", in_address(value));
            }
        }
        address
    };
    let mut ways: Vec<Link> = Vec::new();
    if page > 0 {
        ways.push(link(kept(page - 1), t.results_newer()));
    }
    if more {
        ways.push(link(kept(page + 1), t.results_older()));
    }
    Ok(if ways.is_empty() { screen } else { screen.sheet("", vec![Part::Buttons { main: false, links: ways }]) })
}

/// When results are shown, by kind.
///
/// # Errors
/// `NotAllowed` for whoever acts for an adult.
pub async fn timing(patient: &str) -> Result<Screen, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<ChooseResultTiming>(patient).await?;
    let t = grant.texts();
    let mut form = Form::post(ChooseTiming::PATH, t.family_save()).hidden("patient", patient);
    for (kind, chosen) in release::chosen(&grant).await? {
        let choices = [
            (Choice::Now.as_str(), t.results_timing_now(), ""),
            (Choice::Comment.as_str(), t.results_timing_comment(), t.results_timing_comment_says()),
            (Choice::Day.as_str(), t.results_timing_day(), t.results_timing_day_says()),
        ];
        form = form.field(Field::radio(kind.as_str(), kind_in_words(t, kind), choices).value(chosen.as_str()));
    }
    Ok(Screen::new(t.results_timing(), t.results_timing_lead())
        .narrow()
        .back(format!("/p/{patient}/results"), t.results_title())
        .sheet("", vec![Part::text(t.results_timing_why()), form.done()]))
}

fn kind_in_words(t: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Laboratory => t.results_laboratory(),
        Kind::Imaging => t.results_imaging(),
        Kind::Pathology => t.results_pathology(),
        Kind::Vital => t.health_vitals(),
        Kind::Other => t.results_other(),
    }
}

/// "January 2026".
fn month_of(grant: &Grant<ViewResults>, at: DateTime<Utc>) -> String {
    let day = at.with_timezone(&grant.zone()).date_naive();
    let t = grant.texts();
    let month = t.dates_months().split('|').nth(day.month0() as usize).unwrap_or_default();
    t.results_month(month, &day.year().to_string())
}

/// One result in the list.
fn line(grant: &Grant<ViewResults>, result: &test_result::Model, values: &[measurement::Model], base: &str) -> (Link, String) {
    let t = grant.texts();
    let mut lines = vec![t.date(result.taken_at.with_timezone(&grant.zone()).date_naive())];
    match values {
        [] => lines.extend(result.conclusion.clone().map(|text| shortened(&text))),
        [one] => lines.push(with_words(t, one)),
        several => {
            let outside = several.iter().filter(|value| is_outside(value)).count();
            lines.push(match outside {
                0 => t.results_values(&several.len().to_string()),
                1 => t.results_values_one_outside(&several.len().to_string()),
                _ => t.results_values_outside(&several.len().to_string(), &outside.to_string()),
            });
        }
    }
    if result.status == Status::Amended {
        lines.push(t.results_amended().to_owned());
    }
    (link(format!("{base}/{}", result.id), result.title.clone()), lines.join(" · "))
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    if short.len() < text.len() { format!("{}…", short.trim_end()) } else { short }
}

fn amended(t: Texts, status: Status) -> Option<Tag> {
    if status == Status::Amended { plain(t.results_amended()) } else { None }
}

fn is_outside(value: &measurement::Model) -> bool {
    let placed = value.value.and_then(|number| position(number, value.low, value.high));
    placed.is_some_and(|found| found != Position::Within)
        || value.flag.as_deref().is_some_and(|flag| !matches!(flag, "N" | "NEG" | "ND" | "NR" | "S"))
}

/// "5.7 %".
fn measured(value: &measurement::Model) -> String {
    format!("{} {}", value.shown, value.unit.as_deref().unwrap_or_default()).trim().to_owned()
}

/// "5.7 %, slightly above the usual range".
fn with_words(t: Texts, value: &measurement::Model) -> String {
    match in_words(t, value) {
        Some(words) => format!("{}, {words}", measured(value)),
        None => measured(value),
    }
}

/// What the range says, else what the laboratory's flag says; nothing when its source gave neither.
fn in_words(t: Texts, value: &measurement::Model) -> Option<String> {
    let placed = value.value.and_then(|number| position(number, value.low, value.high));
    let words = match (placed, value.flag.as_deref()) {
        (Some(Position::Within), _) => t.results_within(),
        (Some(Position::Above), _) => t.results_slightly_above(),
        (Some(Position::FarAbove), _) => t.results_above(),
        (Some(Position::Below), _) => t.results_slightly_below(),
        (Some(Position::FarBelow), _) => t.results_below(),
        (None, Some("N")) => t.results_flag_normal(),
        (None, Some("H" | "HU" | "HX")) => t.results_flag_high(),
        (None, Some("HH")) => t.results_flag_very_high(),
        (None, Some("L" | "LU" | "LX")) => t.results_flag_low(),
        (None, Some("LL")) => t.results_flag_very_low(),
        (None, Some("A" | "AA")) => t.results_flag_abnormal(),
        (None, Some("POS" | "DET" | "RR")) => t.results_flag_positive(),
        (None, Some("NEG" | "ND" | "NR")) => t.results_flag_negative(),
        (None, _) => return None,
    };
    Some(words.to_owned())
}

/// "4–5.6 %", in the words of the source where it has some.
fn range_in_words(t: Texts, value: &measurement::Model) -> Option<String> {
    let unit = value.unit.as_deref().unwrap_or_default();
    let number = |number: f64| {
        let text = format!("{number:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let told = match (value.low, value.high) {
        (Some(low), Some(high)) => format!("{}–{} {unit}", number(low), number(high)),
        (Some(low), None) => t.results_at_least(&format!("{} {unit}", number(low))),
        (None, Some(high)) => t.results_at_most(&format!("{} {unit}", number(high))),
        (None, None) => return value.range_text.clone(),
    };
    Some(told.trim().to_owned())
}

/// All results, or all vital signs, as a chapter of a record that is taken along: heading, parts, and the resources behind them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn chapter(grant: &Grant<ViewResults>, vitals: bool, period: Period) -> Result<(String, Vec<Part>, Vec<Uuid>), Error> {
    let (t, zone) = (grant.texts(), grant.zone());
    let (results, values) = store::all(grant, vitals).await?;
    let results: Vec<_> = results.into_iter().filter(|result| period.holds(result.taken_at, zone)).collect();
    let values: Vec<_> = values.into_iter().filter(|value| period.holds(value.taken_at, zone)).collect();
    let mut resources: Vec<Uuid> = results.iter().map(|result| result.id).chain(values.iter().map(|value| value.resource_id)).collect();
    let mut seen = HashSet::new();
    resources.retain(|id| seen.insert(*id));
    let mut parts: Vec<Part> = Vec::new();
    for result in &results {
        let said = result.conclusion.iter().filter(|said| !said.trim().is_empty());
        let mut inside: Vec<Part> = said.map(|said| Part::Text(said.clone())).collect();
        if let Some(text) = store::text(grant, result).await? {
            inside.extend(health::screens::text(&text));
        }
        if !inside.is_empty() {
            let day = t.date(result.taken_at.with_timezone(&zone).date_naive());
            parts.push(Part::Entry { title: result.title.clone(), tag: amended(t, result.status), lines: vec![day], parts: inside });
        }
    }
    let rows: Vec<Vec<String>> = values
        .iter()
        .map(|value| {
            let day = t.date(value.taken_at.with_timezone(&zone).date_naive());
            let said = [in_words(t, value), value.comment.clone()].into_iter().flatten().collect::<Vec<_>>().join(". ");
            vec![day, value.name.clone(), measured(value), range_in_words(t, value).unwrap_or_default(), said]
        })
        .collect();
    let heading = if vitals { t.health_vitals() } else { t.results_title() }.to_owned();
    if !rows.is_empty() {
        let head = [t.results_day(), t.results_name(), t.results_value(), t.results_range(), t.results_says()].map(str::to_owned).into();
        parts.push(Part::Table { caption: heading.clone(), head, rows });
    }
    if parts.is_empty() {
        parts.push(Part::text(t.health_nothing()));
    }
    Ok((heading, parts, resources))
}

/// One result: its values in their ranges, its text, what it said before.
pub async fn one(patient: &str, id: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let Whole { result, values, before, text } = store::one(&grant, id.parse().map_err(|_| Error::NotFound)?).await?;
    let base = format!("/p/{patient}/results");
    let mut lead = t.results_taken(&t.date_and_time(result.taken_at, &grant.zone()));
    if let Some(issued) = result.issued_at.filter(|issued| *issued > result.taken_at) {
        lead = format!("{lead} · {}", t.results_issued(&t.date_and_time(issued, &grant.zone())));
    }
    let mut screen = Screen::new(result.title.clone(), lead).narrow().back(base.clone(), t.results_title());
    if result.status == Status::Amended {
        screen = screen.notice(t.results_amended(), t.results_amended_text());
    }
    let targets = values.iter().map(|value| value.resource_id).chain([result.id]).chain(text.iter().map(|text| text.id));
    let added = corrections::store::added(&grant, targets).await?;
    let additions = |id: Uuid| additions(&grant, added.get(&id).map_or(&[], Vec::as_slice));
    let mut parts: Vec<Part> = Vec::new();
    for value in &values {
        let mut facts = vec![(t.results_value().to_owned(), measured(value))];
        facts.extend(range_in_words(t, value).map(|range| (t.results_range().to_owned(), range)));
        let earlier: Vec<&str> = before
            .iter()
            .filter(|old| old.resource_id == value.resource_id && old.position == value.position)
            .map(|old| old.shown.as_str())
            .collect();
        if !earlier.is_empty() {
            facts.push((t.results_before().to_owned(), earlier.join("; ")));
        }
        let words = in_words(t, value);
        let mut inside: Vec<Part> = Vec::new();
        if let (Some(number), Some(low), Some(high)) = (value.value, value.low, value.high) {
            let label = with_words(t, value);
            inside.extend(in_range(number, low, high, &label).map(|svg| Part::Chart { svg }));
        }
        inside.push(Part::Facts(facts));
        inside.extend(value.comment.clone().map(|said| Part::Facts(vec![(t.results_comment().to_owned(), said)])));
        if value.value.is_some() {
            inside.push(Part::quiet(format!("{base}/trend?code={}", in_address(&value.code)), t.results_over_time(&value.name)));
        }
        // Of an observation with several values, once.
        if value.position == 0 || !values.iter().any(|other| other.resource_id == value.resource_id && other.position < value.position) {
            inside.extend(additions(value.resource_id));
            inside.push(wrong_here(&grant, Place::result(value.resource_id)));
        }
        parts.push(Part::Entry {
            title: value.name.clone(),
            tag: amended(t, value.status),
            lines: words.map(|words| first_upper(&words)).into_iter().collect(),
            parts: inside,
        });
    }
    if !parts.is_empty() {
        screen = screen.sheet(t.results_values_title(), parts);
    }
    if let Some(conclusion) = result.conclusion.filter(|said| !said.trim().is_empty()) {
        let mut parts = vec![Part::Text(conclusion)];
        parts.extend(additions(result.id));
        parts.push(wrong_here(&grant, Place::result(result.id)));
        screen = screen.sheet(t.results_conclusion(), parts);
    }
    if let Some(text) = text {
        let mut parts = health::screens::text(&text);
        parts.extend(additions(text.id));
        parts.push(wrong_here(&grant, Place::note(text.id)));
        screen = screen.sheet(t.results_report(), parts);
    }
    if store::can_be_signed(&values) {
        let card = Form::post(credentials::api::Issue::PATH, t.results_card())
            .quiet()
            .hidden("patient", patient)
            .hidden("subject", Subject::Result.as_str())
            .hidden("result", result.id);
        screen = screen.sheet("", vec![card.done()]);
    }
    Ok(screen.sheet("", vec![Part::small(t.results_question()), Part::Print { label: t.health_print().into() }]))
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A value through the years, alone or with others of its unit.
pub async fn trend(patient: &str, query: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let code = query_value(query, "code").ok_or(Error::NotFound)?;
    let with = query_value(query, "with").unwrap_or_default();
    let values = store::series(&grant, &code).await?;
    let Some(last) = values.last() else { return Err(Error::NotFound) };
    let unit = last.unit.clone();
    let others = match &unit {
        Some(unit) => store::in_unit(&grant, unit).await?.into_iter().filter(|(found, _)| *found != code).collect(),
        None => Vec::new(),
    };
    let second = match others.iter().any(|(found, _)| *found == with) {
        true => store::series(&grant, &with).await?,
        false => Vec::new(),
    };
    let title = if second.is_empty() { last.name.clone() } else { format!("{} · {}", last.name, second[0].name) };
    let in_unit = unit.as_deref().map(|unit| t.results_in_unit(unit)).unwrap_or_default();
    let back = if last.kind == Kind::Vital {
        (format!("/p/{patient}/health/vitals"), t.health_vitals())
    } else {
        (format!("/p/{patient}/results"), t.results_title())
    };
    let mut screen = Screen::new(title.clone(), in_unit).narrow().back(back.0, back.1);
    let mut parts: Vec<Part> = Vec::new();
    let lines: Vec<&[measurement::Model]> = [values.as_slice(), second.as_slice()].into_iter().filter(|line| !line.is_empty()).collect();
    parts.extend(chart(&grant, &title, &lines).map(|svg| Part::Chart { svg }));
    if lines.len() > 1 {
        parts.push(Part::Legend(lines.iter().map(|line| line[0].name.clone()).collect()));
    }
    parts.extend(last.low.or(last.high).map(|_| Part::small(t.results_band())));
    parts.extend(baseline(t, &values).map(Part::Text));
    if !others.is_empty() {
        let choices = std::iter::once((String::new(), t.results_alone().to_owned())).chain(others).collect();
        let form = Form::search(t.results_compare_show())
            .hidden("code", &code)
            .field(Field::select("with", t.results_compare(), choices).value(with.clone()).optional());
        parts.push(form.done());
    }
    screen = screen.sheet("", parts);
    for line in lines {
        let rows = line
            .iter()
            .rev()
            .map(|value| {
                let day = t.date(value.taken_at.with_timezone(&grant.zone()).date_naive());
                vec![day, measured(value), range_in_words(t, value).unwrap_or_default(), in_words(t, value).unwrap_or_default()]
            })
            .collect();
        let head = [t.results_day(), t.results_value(), t.results_range(), t.results_says()].map(str::to_owned).into();
        let table = Part::Table { caption: line[0].name.clone(), head, rows };
        screen = screen.sheet(line[0].name.clone(), vec![table]);
    }
    let csv = format!("/files/trend/{patient}?code={}", in_address(&code));
    Ok(screen.sheet(
        "",
        vec![Part::Buttons { main: false, links: vec![link(csv, t.results_csv())] }, Part::Print { label: t.health_print().into() }],
    ))
}

fn chart(grant: &Grant<impl ReadsValues>, label: &str, lines: &[&[measurement::Model]]) -> Option<String> {
    let t = grant.texts();
    let alone = lines.len() == 1;
    let series: Vec<Series> = lines
        .iter()
        .map(|values| Series {
            name: values[0].name.clone(),
            points: values
                .iter()
                .filter_map(|value| {
                    let day = t.date(value.taken_at.with_timezone(&grant.zone()).date_naive());
                    let says = if alone {
                        format!("{day}: {}", with_words(t, value))
                    } else {
                        format!("{day}: {} {}", value.name, measured(value))
                    };
                    Some(Point { x: days(value.taken_at), y: value.value?, says })
                })
                .collect(),
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

/// "Your usual: between 5.7 and 6.1 (middle of your 4 values 5.85)": the person's own values, from five on by quartiles.
fn baseline(t: Texts, values: &[measurement::Model]) -> Option<String> {
    let mut numbers: Vec<f64> = values.iter().filter_map(|value| value.value).collect();
    if numbers.len() < 3 {
        return None;
    }
    let latest = *numbers.last()?;
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
    Some(t.results_own(&numbers.len().to_string(), &short(high), &short(low), &short(middle), place))
}

/// The vital signs, newest of each.
pub async fn vitals(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let found = store::latest(&grant, Kind::Vital).await?;
    let screen = Screen::new(t.health_vitals(), t.health_vitals_lead()).narrow().back(format!("/p/{patient}/health"), t.health_title());
    if found.is_empty() {
        return Ok(screen.sheet("", vec![Part::text(t.health_nothing())]));
    }
    let ways = together(&found)
        .into_iter()
        .map(|(name, shown, value, with)| {
            let trend = format!("/p/{patient}/results/trend?code={}", in_address(&value.code));
            let trend = with.map_or_else(|| trend.clone(), |with| format!("{trend}&with={}", in_address(with)));
            (link(trend, name), format!("{shown} · {}", t.date(value.taken_at.with_timezone(&grant.zone()).date_naive())))
        })
        .collect();
    let screen = screen.sheet("", vec![Part::Ways(ways)]);
    if store::birth_date(&grant).await?.is_some_and(|born| growth::screens::is_for(born, grant.now().today)) {
        let way = (link(format!("/p/{patient}/health/growth"), t.growth_title()), t.growth_lead().to_owned());
        return Ok(screen.sheet("", vec![Part::Ways(vec![way])]));
    }
    Ok(screen)
}

/// Name, what it shows, the value, and the code of its other half: blood pressure is one line.
fn together(found: &[measurement::Model]) -> Vec<(String, String, &measurement::Model, Option<&'static str>)> {
    let lower = found.iter().find(|value| value.code == DIASTOLIC);
    let pair = |value: &measurement::Model| lower.filter(|lower| value.code == SYSTOLIC && lower.resource_id == value.resource_id);
    let paired = found.iter().any(|value| pair(value).is_some());
    let shown = found.iter().filter(|value| !(paired && value.code == DIASTOLIC));
    shown
        .map(|value| match pair(value) {
            Some(lower) => {
                let shown = format!("{}/{} {}", value.shown, lower.shown, value.unit.as_deref().unwrap_or_default());
                (format!("{} / {}", value.name, lower.name), shown.trim().to_owned(), value, Some(DIASTOLIC))
            }
            None => (value.name.clone(), measured(value), value, None),
        })
        .collect()
}

/// The newest vital signs in one line each, for the summary.
pub async fn latest_vitals(_patient: PatientId, grant: &Grant<impl ReadsValues>) -> Result<Vec<(String, String)>, Error> {
    let t = grant.texts();
    let found = store::latest(grant, Kind::Vital).await?;
    let lines = together(&found)
        .into_iter()
        .map(|(name, shown, value, _)| (name, format!("{shown} ({})", t.date(value.taken_at.with_timezone(&grant.zone()).date_naive()))));
    Ok(lines.collect())
}

/// The blood group, when the record has one.
pub async fn blood_group(_patient: PatientId, grant: &Grant<impl ReadsValues>) -> Result<Option<String>, Error> {
    for code in BLOOD_GROUP {
        if let Some(last) = store::series(grant, code).await?.last() {
            return Ok(Some(last.shown.clone()));
        }
    }
    Ok(None)
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
    text += &crate::web::csv_line(&[
        t.results_day(),
        t.results_name(),
        t.results_value(),
        t.results_unit(),
        t.results_range(),
        t.results_says(),
    ]);
    for value in &values {
        let cells = [
            value.taken_at.with_timezone(&grant.zone()).to_rfc3339(),
            value.name.clone(),
            value.shown.clone(),
            value.unit.clone().unwrap_or_default(),
            range_in_words(t, value).unwrap_or_default(),
            in_words(t, value).unwrap_or_default(),
        ];
        text += &crate::web::csv_line(&cells.each_ref().map(String::as_str));
    }
    Ok(text)
}

/// A value as it stands in an address.
fn in_address(text: &str) -> String {
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => address.push(char::from(byte)),
            _ => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}
