//! An item of the summary with all that is known of it, as part of a document.

use super::{
    line::name,
    store::Item,
    words::{in_words, label},
};
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    base::{
        error::Error,
        i18n::{Texts, param},
        when::When,
    },
    record::{
        annotation::{self, Added, additions, correction_link, model::Place},
        item::model::{Fact, Kind, State, What, remark},
    },
    view::{document::Part, sections::Tag},
};

/// What was added to items, by item.
///
/// # Errors
/// When the database fails.
pub(crate) async fn added(grant: &Grant<ViewHealthSummary>, items: impl IntoIterator<Item = &Item>) -> Result<Added, Error> {
    annotation::added(grant, items.into_iter().flat_map(Item::resources).collect::<Vec<_>>()).await
}

pub(crate) fn entry(grant: &Grant<ViewHealthSummary>, item: &Item, added: &Added) -> Part {
    let t = grant.texts();
    let day = |at: &When| t.when_day(at, grant.zone());
    let mut lines: Vec<String> = Vec::new();
    let lasts = matches!(item.kind, Kind::Condition | Kind::Allergy | Kind::Medication | Kind::CarePlan | Kind::CareTeam | Kind::Goal);
    match (&item.at, item.until) {
        (Some(at), Some(until)) => lines.push(t.dates_from_to(param::From(&day(at)), param::To(&t.date(until)))),
        (Some(at), None) if lasts => lines.push(t.health_since(&day(at))),
        (Some(at), None) => lines.push(day(at)),
        (None, Some(until)) => lines.push(t.health_until(&t.date(until))),
        (None, None) => {}
    }
    let others: Vec<String> = item.also.iter().filter_map(|(_, at)| Some(day(at.as_ref()?))).collect();
    if !others.is_empty() {
        lines.push(t.health_also_on(&others.join("; ")));
    }
    lines.extend(added.source(item.id).map(|source| t.health_from_source(source)));
    let (listed, single): (Vec<&Fact>, Vec<&Fact>) = item
        .facts
        .iter()
        .filter(|fact| !matches!(fact.what, What::File | What::Stored))
        .partition(|fact| matches!(fact.what, What::Member | What::Activity | What::Condition));
    let title = name(t, item);
    let facts = single.into_iter().map(|fact| (label(t, fact.what).to_owned(), in_words(t, fact)));
    // The title says it already.
    let facts: Vec<(String, String)> = facts.filter(|(_, said)| said.to_lowercase() != title.to_lowercase()).collect();
    let mut parts: Vec<Part> = Vec::new();
    if !listed.is_empty() {
        parts.push(Part::Lines(listed.into_iter().map(|fact| fact.said.clone()).collect()));
    }
    if !facts.is_empty() {
        parts.push(Part::Facts(facts));
    }
    if item.kind == Kind::Document {
        parts.extend(files(grant, item));
    }
    for id in item.resources() {
        parts.extend(additions(grant, added.get(&id).map_or(&[], Vec::as_slice)));
    }
    parts.push(correction_link(grant, Place::item(item.id)));
    Part::Entry { title, tag: tag(t, item), lines, parts }
}

/// The ways to the files of a document. There is none to a file that the hospital's system keeps.
fn files(grant: &Grant<ViewHealthSummary>, item: &Item) -> Vec<Part> {
    let open = grant.texts().health_open_document();
    let address = format!("/files/record/{}/{}", grant.patient(), item.id);
    let names: Vec<&str> = item.facts.iter().filter(|fact| fact.what == What::File).map(|fact| fact.said.as_str()).collect();
    let is_elsewhere = item.facts.iter().any(|fact| fact.what == What::Remark && fact.said == remark::KEPT_ELSEWHERE);
    match names.as_slice() {
        [] if is_elsewhere => Vec::new(),
        [] | [_] => vec![Part::button(address, open)],
        several => {
            let way = |(number, name): (usize, &&str)| Part::button(format!("{address}?file={number}"), format!("{open}: {name}"));
            several.iter().enumerate().map(way).collect()
        }
    }
}

fn tag(t: Texts, item: &Item) -> Option<Tag> {
    if item.tentative {
        return Some(Tag::neutral(t.health_tentative()));
    }
    match (item.kind, item.state) {
        (Kind::Immunization, State::Done) => Some(Tag::good(t.health_given())),
        (Kind::Medication, State::NotDone) => Some(Tag::muted(t.health_not_taken())),
        (Kind::Medication, State::Planned) => Some(Tag::neutral(t.health_planned())),
        (Kind::Immunization | Kind::Procedure | Kind::Preventive | Kind::Goal | Kind::CarePlan, State::NotDone) => {
            Some(Tag::muted(t.health_not_done()))
        }
        (Kind::Goal | Kind::CarePlan, State::Done) => Some(Tag::good(t.health_done())),
        (Kind::Goal | Kind::CarePlan, State::Active) => Some(Tag::neutral(t.health_current())),
        (Kind::Procedure | Kind::Goal | Kind::CarePlan, State::Planned) => Some(Tag::neutral(t.health_planned())),
        _ => None,
    }
}
