//! One result: its values in their ranges, its text, what it said before.

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy::ViewResults},
    base::{error::Error, i18n::Texts, ids::PatientId, when::When},
    features::results::{
        address::in_address,
        entry::{amended, concluded, earlier},
        store::{self, Before, Whole},
        words::{first_upper, in_words, measured, name, range_in_words, source, with_words},
    },
    platform::request as web,
    record::{
        action::{Actions, OfferView, Target},
        annotation::{self, Added, additions, correction_link, model::Place},
        note::parts::text,
        result::{
            entity::{measurement, test_result},
            model::{OpenEnd, Status},
        },
    },
    view::{
        Notice,
        charts::in_range,
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{PrintButton, Section},
    },
};

/// One result.
///
/// # Errors
/// `NotFound` when there is no such result in this chart.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewResults>(patient).await?;
    let t = grant.texts();
    let Whole { result, values, before, text: report } = store::one(&grant, id).await?;
    let mut lead = when(&grant, &result);
    let is_told = matches!(result.when(), When::Reported(_));
    if let Some(issued) = result.issued_at.filter(|issued| *issued > result.taken_at && !is_told) {
        lead = format!("{lead} · {}", t.dates_reported(&t.date_and_time(issued, &grant.zone())));
    }
    let targets = values.iter().map(|value| value.resource_id).chain([result.id]).chain(report.iter().map(|report| report.id));
    let added = annotation::added(&grant, targets).await?;
    let beside = |id: Uuid, place: Place| {
        let rows = added.get(&id).map_or(&[][..], Vec::as_slice);
        additions(&grant, rows).into_iter().chain([correction_link(&grant, place)]).collect::<Vec<_>>()
    };
    let entries: Vec<Part> = values.iter().map(|one| entry(&grant, one, &values, &before, &added)).collect();
    let mut conclusion = concluded(t, &result);
    if !conclusion.is_empty() {
        conclusion.extend(beside(result.id, Place::result(result.id)));
    }
    let report = report.map(|report| [text(&report), beside(report.id, Place::note(report.id))].concat());
    let offers = web::context::<Actions>()?.about(Target::Result { grant: &grant, result: &result, values: &values }).await?;
    let page = Page::new(result.title.clone(), lead).narrow().back(format!("/p/{patient}/results"), t.results_title());
    let is_told = result.conclusion_before.is_some() || values.iter().any(|value| earlier(t, &before, value).is_some());
    let says = if is_told { Texts::results_amended_text } else { Texts::results_amended_only };
    let amended = (result.status == Status::Amended).then(|| first_upper(&says(t, source(t, result.kind))));
    Ok(page.body(view! {
        {amended.map(|words| view! { <Notice><h2>{t.results_amended()}</h2><p class="text">{words}</p></Notice> })}
        {(!entries.is_empty()).then(|| view! { <Section heading=t.results_values_title()><Document parts=entries/></Section> })}
        {(!conclusion.is_empty()).then(|| view! { <Section heading=t.results_conclusion()><Document parts=conclusion/></Section> })}
        {report.map(|parts| view! { <Section heading=t.results_report()><Document parts/></Section> })}
        {offers.into_iter().map(|offer| view! { <Section><OfferView offer/></Section> }).collect_view()}
        <Section>
            <p class="meta">{t.results_question()}</p>
            <PrintButton label=t.health_print()/>
        </Section>
    }))
}

/// One value in its range.
fn entry(grant: &Grant<ViewResults>, value: &measurement::Model, all: &[measurement::Model], before: &Before, added: &Added) -> Part {
    let t = grant.texts();
    let shown = Some(measured(t, value)).filter(|shown| !shown.is_empty());
    let mut facts: Vec<(String, String)> = shown.map(|shown| (t.results_value().to_owned(), shown)).into_iter().collect();
    facts.extend(range_in_words(t, value).map(|range| (t.results_range().to_owned(), range)));
    facts.extend(earlier(t, before, value));
    facts.extend(added.source(value.resource_id).map(|source| (t.health_source().to_owned(), source.to_owned())));
    facts.extend(value.comment.clone().map(|said| (t.results_comment().to_owned(), said)));
    let mut parts: Vec<Part> = Vec::new();
    if let Some(number) = value.value {
        let picture = in_range(number, value.low, value.high, &with_words(t, value));
        parts.extend(picture.map(|svg| Part::Chart { svg }));
    }
    parts.push(Part::Facts(facts));
    if value.value.is_some() || OpenEnd::of(&value.shown).is_some() {
        let trend = format!("/p/{}/results/trend?code={}", grant.patient(), in_address(&value.code));
        parts.push(Part::button(trend, t.results_over_time(&name(t, value))));
    }
    // Of an observation with several values, once.
    if value.position == 0 || !all.iter().any(|other| other.resource_id == value.resource_id && other.position < value.position) {
        parts.extend(additions(grant, added.get(&value.resource_id).map_or(&[], Vec::as_slice)));
        parts.push(correction_link(grant, Place::result(value.resource_id)));
    }
    let lines = in_words(t, value).map(|words| first_upper(&words)).into_iter().collect();
    Part::Entry { title: name(t, value), tag: amended(t, value.status), lines, parts }
}

/// When it was taken, as far as its source says.
fn when(grant: &Grant<ViewResults>, result: &test_result::Model) -> String {
    let (t, when) = (grant.texts(), result.when());
    let words = t.when(&when, grant.zone());
    if matches!(when, When::Unsaid | When::Reported(_)) { first_upper(&words) } else { t.results_taken(&words) }
}
