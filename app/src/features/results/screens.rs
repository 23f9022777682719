//! The pages of results and vital signs.

use std::{collections::HashSet, fmt::Write};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use leptos::server_fn::ServerFn;
use uuid::Uuid;

pub use super::trend::{csv, trend};
use super::{
    api::ChooseTiming,
    beside::beside,
    store::{self, Filter, LAST_PAGE, ReadsValues, Whole},
    words::{first_upper, in_words, measured, of_panel, range_in_words, source, with_words},
};
use crate::{
    access::{
        Grant, allow,
        policy::{ChooseResultTiming, ViewResults},
    },
    base::{error::Error, i18n::Texts, ids::PatientId, period::Period},
    features::{
        corrections::{
            self,
            screens::{additions, wrong_here},
        },
        credentials::{self, model::Subject},
        growth, health,
    },
    record::{
        annotation::model::Place,
        release,
        result::{
            entity::{measurement, test_result},
            model::{Choice, Kind, Status},
        },
    },
    view::{
        charts::in_range,
        screens::{
            link,
            model::{Field, Form, Kind as FieldKind, Link, Part, Screen, Tag},
            plain, query_value,
        },
    },
};

/// LOINC: systolic and diastolic blood pressure, which people read as one.
const SYSTOLIC: &str = "http://loinc.org|8480-6";
const DIASTOLIC: &str = "http://loinc.org|8462-4";
/// LOINC: ABO and Rh group.
const BLOOD_GROUP: [&str; 2] = ["http://loinc.org|882-1", "http://loinc.org|883-9"];

pub(super) async fn open(patient: &str) -> Result<Grant<ViewResults>, Error> {
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
    let page: u64 = query_value(query, "page").and_then(|page| page.parse().ok()).unwrap_or(0).min(LAST_PAGE);
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
    let mut ways =
        vec![link(format!("/p/{patient}/health/vitals"), t.health_vitals()), link(format!("/files/pdf/{patient}/results"), t.health_pdf())];
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
    // Looking is written down as looking.
    let grant = allow::<ViewResults>(patient).await?;
    if !grant.would_allow::<ChooseResultTiming>(&patient) {
        return Err(Error::NotAllowed);
    }
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
    // What is a comment only, or has no value, is told when there is nothing else.
    let all: Vec<&measurement::Model> = values.iter().collect();
    let told: Vec<&measurement::Model> = values.iter().filter(|value| !value.shown.is_empty()).collect();
    match (told.as_slice(), all.as_slice()) {
        ([one], _) | ([], [one]) => lines.push(with_words(t, one)),
        ([], _) => lines.extend(result.conclusion.clone().map(|text| shortened(&text))),
        (several, _) => lines.push(of_panel(t, several)),
    }
    if values.iter().any(|value| value.comment.is_some()) {
        lines.push(t.results_commented().to_owned());
    }
    if result.status == Status::Amended {
        lines.push(t.results_amended().to_owned());
    }
    (
        link(format!("{base}/{}", result.id), result.title.clone()),
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" · "),
    )
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    if short.len() < text.len() { format!("{}…", short.trim_end()) } else { short }
}

fn amended(t: Texts, status: Status) -> Option<Tag> {
    if status == Status::Amended { plain(t.results_amended()) } else { None }
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
    let texts = store::texts(grant, &results).await?;
    let before = store::before(grant, &values).await?;
    let added = corrections::store::added(grant, resources.iter().copied().chain(texts.keys().copied())).await?;
    let additions = |id: Uuid| additions(grant, added.get(&id).map_or(&[], Vec::as_slice));
    let day = |at: DateTime<Utc>| t.date(at.with_timezone(&zone).date_naive());
    let mut parts: Vec<Part> = Vec::new();
    // Of a result that is one observation, what was added stands with the result.
    let mut told: HashSet<Uuid> = results.iter().map(|result| result.id).collect();
    for result in &results {
        let mut inside = concluded(t, result);
        inside.extend(additions(result.id));
        if let Some(text) = result.note_id.and_then(|id| texts.get(&id)) {
            inside.extend(health::screens::text(text));
            inside.extend(additions(text.id));
        }
        if !inside.is_empty() {
            let (title, tag) = (result.title.clone(), amended(t, result.status));
            parts.push(Part::Entry { title, tag, lines: vec![day(result.taken_at)], parts: inside });
        }
    }
    for value in &values {
        let mut inside: Vec<Part> = earlier(t, &before, value).map(|fact| Part::Facts(vec![fact])).into_iter().collect();
        if told.insert(value.resource_id) {
            inside.extend(additions(value.resource_id));
        }
        if !inside.is_empty() {
            let (title, lines) = (format!("{}: {}", value.name, measured(t, value)), vec![day(value.taken_at)]);
            parts.push(Part::Entry { title, tag: amended(t, value.status), lines, parts: inside });
        }
    }
    let rows: Vec<Vec<String>> = values
        .iter()
        .map(|value| {
            let said = [in_words(t, value), value.comment.clone()].into_iter().flatten().collect::<Vec<_>>().join(". ");
            vec![day(value.taken_at), value.name.clone(), measured(t, value), range_in_words(t, value).unwrap_or_default(), said]
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

/// What a report concludes, and what it concluded before.
fn concluded(t: Texts, result: &test_result::Model) -> Vec<Part> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let before = said(&result.conclusion_before).map(|text| Part::Facts(vec![(t.results_before().to_owned(), text)]));
    said(&result.conclusion).map(Part::Text).into_iter().chain(before).collect()
}

/// What a value said before it was amended.
fn earlier(t: Texts, before: &store::Before, value: &measurement::Model) -> Option<(String, String)> {
    let said = before.get(&(value.resource_id, value.position))?;
    Some((t.results_before().to_owned(), said.join("; ")))
}

/// When something was taken, as far as its source says.
fn when(grant: &Grant<ViewResults>, at: DateTime<Utc>, timed: bool) -> String {
    let t = grant.texts();
    if timed { t.date_and_time(at, &grant.zone()) } else { t.date(at.with_timezone(&grant.zone()).date_naive()) }
}

/// One result: its values in their ranges, its text, what it said before.
pub async fn one(patient: &str, id: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let Whole { result, values, before, text } = store::one(&grant, id.parse().map_err(|_| Error::NotFound)?).await?;
    let base = format!("/p/{patient}/results");
    let mut lead = t.results_taken(&when(&grant, result.taken_at, result.timed));
    if let Some(issued) = result.issued_at.filter(|issued| *issued > result.taken_at) {
        lead = format!("{lead} · {}", t.results_issued(&t.date_and_time(issued, &grant.zone())));
    }
    let mut screen = Screen::new(result.title.clone(), lead).narrow().back(base.clone(), t.results_title());
    if result.status == Status::Amended {
        screen = screen.notice(t.results_amended(), first_upper(&t.results_amended_text(source(t, result.kind))));
    }
    let targets = values.iter().map(|value| value.resource_id).chain([result.id]).chain(text.iter().map(|text| text.id));
    let added = corrections::store::added(&grant, targets).await?;
    let additions = |id: Uuid| additions(&grant, added.get(&id).map_or(&[], Vec::as_slice));
    let mut parts: Vec<Part> = Vec::new();
    for value in &values {
        let shown = Some(measured(t, value)).filter(|shown| !shown.is_empty());
        let mut facts: Vec<(String, String)> = shown.map(|shown| (t.results_value().to_owned(), shown)).into_iter().collect();
        facts.extend(range_in_words(t, value).map(|range| (t.results_range().to_owned(), range)));
        facts.extend(earlier(t, &before, value));
        facts.extend(value.comment.clone().map(|said| (t.results_comment().to_owned(), said)));
        let words = in_words(t, value);
        let mut inside: Vec<Part> = Vec::new();
        if let Some(number) = value.value {
            let picture = in_range(number, value.low, value.high, &with_words(t, value));
            inside.extend(picture.map(|svg| Part::Chart { svg }));
        }
        inside.push(Part::Facts(facts));
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
    let mut parts = concluded(t, &result);
    if !parts.is_empty() {
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
    if !credentials::store::signable(&grant, &values).await?.is_empty() {
        let card = Form::post(credentials::api::Issue::PATH, t.results_card())
            .quiet()
            .hidden("patient", patient)
            .hidden("subject", Subject::Result.as_str())
            .hidden("result", result.id);
        screen = screen.sheet("", vec![card.done()]);
    }
    Ok(screen.sheet("", vec![Part::small(t.results_question()), Part::Print { label: t.health_print().into() }]))
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
    let ways = together(t, &found)
        .into_iter()
        .map(|(name, shown, value, with)| {
            let trend = format!("/p/{patient}/results/trend?code={}", in_address(&value.code));
            let trend = with.map_or_else(|| trend.clone(), |with| format!("{trend}&with={}", in_address(with)));
            (link(trend, name), format!("{shown} · {}", t.date(value.taken_at.with_timezone(&grant.zone()).date_naive())))
        })
        .collect();
    let mut screen = screen.sheet("", vec![Part::Ways(ways)]);
    screen = screen.sheet("", beside(&grant, &found.iter().collect::<Vec<_>>()).await?);
    screen = screen.sheet("", vec![Part::quiet(format!("/files/pdf/{patient}/vitals"), t.health_pdf())]);
    if growth::screens::is_for(grant.person()?.birth_date, grant.now().today) {
        let way = (link(format!("/p/{patient}/health/growth"), t.growth_title()), t.growth_lead().to_owned());
        return Ok(screen.sheet("", vec![Part::Ways(vec![way])]));
    }
    Ok(screen)
}

/// Name, what it shows, the value, and the code of its other half: blood pressure is one line.
fn together(t: Texts, found: &[measurement::Model]) -> Vec<(String, String, &measurement::Model, Option<&'static str>)> {
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
            None => (value.name.clone(), measured(t, value), value, None),
        })
        .collect()
}

/// The newest vital signs in one line each, for the summary.
pub async fn latest_vitals(_patient: PatientId, grant: &Grant<impl ReadsValues>) -> Result<Vec<(String, String)>, Error> {
    let t = grant.texts();
    let found = store::latest(grant, Kind::Vital).await?;
    let lines = together(t, &found)
        .into_iter()
        .map(|(name, shown, value, _)| (name, format!("{shown} ({})", t.date(value.taken_at.with_timezone(&grant.zone()).date_naive()))));
    Ok(lines.collect())
}

/// The blood group, when the record has one.
pub async fn blood_group(_patient: PatientId, grant: &Grant<impl ReadsValues>) -> Result<Option<String>, Error> {
    for code in BLOOD_GROUP {
        if let Some(last) = store::series(grant, code).await?.into_iter().rfind(|value| !value.shown.is_empty()) {
            return Ok(Some(last.shown));
        }
    }
    Ok(None)
}

/// A value as it stands in an address.
pub(super) fn in_address(text: &str) -> String {
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
