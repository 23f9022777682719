//! All results.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

use crate::{
    access::{
        Grant, allow,
        policy::{ChooseResultTiming, ViewResults},
    },
    base::{error::Error, i18n::texts, ids::PatientId, when::When},
    features::results::{
        address::in_address,
        store::{self, Filter, LAST_PAGE},
        words::{of_panel, with_words},
    },
    record::result::{
        entity::{measurement, test_result},
        model::{Kind, Status},
    },
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::SearchForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, LinkList, Section},
    },
};

/// What the list was narrowed to, as it stands in the address.
#[derive(Clone, Default)]
struct Asked {
    words: String,
    kind: String,
    since: String,
    page: u64,
}

impl Asked {
    fn of(request: &PageRequest) -> Self {
        let value = |name| request.query(name).unwrap_or_default();
        let page = value("page").parse().unwrap_or(0);
        Self { words: value("words"), kind: value("kind"), since: value("since"), page: Ord::min(page, LAST_PAGE) }
    }

    fn filter(&self, now: DateTime<Utc>) -> Filter {
        let days = match self.since.as_str() {
            "year" => Some(365),
            "five" => Some(1826),
            _ => None,
        };
        Filter {
            kind: Kind::ALL.iter().copied().find(|found| found.as_str() == self.kind),
            words: self.words.to_lowercase(),
            since: days.map(|days| now - TimeDelta::days(days)),
        }
    }

    /// The address of another page of the same list.
    fn address(&self, base: &str, page: u64) -> String {
        let mut address = format!("{base}?page={page}");
        for (name, value) in [("words", &self.words), ("kind", &self.kind), ("since", &self.since)] {
            if !value.is_empty() {
                let _ = write!(address, "&{name}={}", in_address(value));
            }
        }
        address
    }
}

/// All results, newest first.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn list(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewResults>(patient).await?;
    let (t, base) = (grant.texts(), format!("/p/{patient}/results"));
    let asked = Asked::of(&request);
    let filter = asked.filter(grant.now().instant);
    let (found, more) = store::list(&grant, &filter, asked.page).await?;
    let waiting = store::waiting(&grant).await?;
    let mut ways = vec![
        Link::new(format!("/p/{patient}/health/vitals"), t.health_vitals()),
        Link::new(format!("/files/pdf/{patient}/results"), t.health_pdf()),
    ];
    if grant.would_allow::<ChooseResultTiming>(&patient) {
        ways.push(Link::new(format!("{base}/timing"), t.results_timing()));
    }
    let mut months: Vec<(String, Vec<(Link, String)>)> = Vec::new();
    for (result, values) in &found {
        let (month, line) = (month_of(&grant, &result.when()), line(&grant, result, values, &base));
        match months.last_mut() {
            Some((last, lines)) if *last == month => lines.push(line),
            _ => months.push((month, vec![line])),
        }
    }
    let filtered = filter.kind.is_some() || !asked.words.is_empty() || filter.since.is_some() || asked.page > 0;
    let none = months.is_empty().then(|| if filtered { t.results_none_found() } else { t.results_none() });
    let mut turns: Vec<Link> = Vec::new();
    if asked.page > 0 && none.is_none() {
        turns.push(Link::new(asked.address(&base, asked.page - 1), t.results_newer()));
    }
    if more {
        turns.push(Link::new(asked.address(&base, asked.page + 1), t.results_older()));
    }
    Ok(Page::new(t.results_title(), t.results_lead()).narrow().body(view! {
        {request.query("done").map(|_| view! { <Notice><h2>{t.results_timing_kept()}</h2></Notice> })}
        <Waiting count=waiting/>
        <Section>
            <Search asked/>
            <Buttons links=ways/>
        </Section>
        {none.map(|words| view! { <Section><p class="text">{words}</p></Section> })}
        {months.into_iter().map(|(heading, links)| view! { <Section heading><LinkList links/></Section> }).collect_view()}
        {(!turns.is_empty()).then(|| view! { <Section><Buttons links=turns/></Section> })}
    }))
}

/// How many results wait, as the chart's owner chose.
#[component]
fn Waiting(count: u64) -> impl IntoView {
    let t = texts();
    let title = match count {
        0 => None,
        1 => Some(t.results_one_waits().to_owned()),
        count => Some(t.results_wait(&count.to_string())),
    };
    title.map(|title| view! { <Notice><h2>{title}</h2><p class="text">{t.results_waits_text()}</p></Notice> })
}

#[component]
fn Search(asked: Asked) -> impl IntoView {
    let t = texts();
    let kinds = [
        ("", t.results_all_kinds()),
        ("laboratory", t.results_laboratory()),
        ("imaging", t.results_imaging()),
        ("pathology", t.results_pathology()),
        ("other", t.results_other()),
    ];
    let times = [("", t.results_any_time()), ("year", t.results_last_year()), ("five", t.results_last_five())];
    let choices = |list: &[(&str, &str)]| list.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    view! {
        <SearchForm submit=t.results_search()>
            <Field name="words" label=t.results_words() input=Input::Search value=asked.words optional=true/>
            <Select name="kind" label=t.results_kind() choices=choices(&kinds) value=asked.kind optional=true/>
            <Select name="since" label=t.results_when() choices=choices(&times) value=asked.since optional=true/>
        </SearchForm>
    }
}

/// "January 2026"; a year of which no month is known; that there is no date.
fn month_of(grant: &Grant<ViewResults>, when: &When) -> String {
    let month = match when {
        When::Year(_) => when.clone(),
        _ => when.day(grant.zone()).map_or(When::Unsaid, When::Month),
    };
    grant.texts().when_as_said(&month)
}

/// One result in the list.
fn line(grant: &Grant<ViewResults>, result: &test_result::Model, values: &[measurement::Model], base: &str) -> (Link, String) {
    let t = grant.texts();
    let mut lines = vec![t.when_day(&result.when(), grant.zone())];
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
        Link::new(format!("{base}/{}", result.id), result.title.clone()),
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" · "),
    )
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    if short.len() < text.len() { format!("{}…", short.trim_end()) } else { short }
}
