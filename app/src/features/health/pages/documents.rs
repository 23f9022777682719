//! Documents: letters and other texts, and files.

use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::list::{page_number, ways};
use crate::{
    access::{Grant, allow, policy::ViewHealthSummary},
    base::{error::Error, ids::PatientId, terms::document_type},
    features::health::{
        entry::{added, entry},
        page::HealthPage,
        store,
    },
    record::{
        annotation::{self, additions, correction_link, model::Place},
        note::{addenda, entity::note, parts::text},
    },
    view::{
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{Buttons, PrintButton, Section, Tag},
    },
};

/// Letters, and files behind them.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn documents(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let (t, page, base) = (grant.texts(), HealthPage::Documents, format!("/p/{patient}/health"));
    let number = page_number(&request);
    let (items, more) = store::items(&grant, page.kinds(), number).await?;
    let letters = if number == 0 { store::letters(&grant).await? } else { Vec::new() };
    let added = added(&grant, &items).await?;
    let letters = addenda::grouped(letters).into_iter().map(|(letter, behind)| Part::Entry {
        lines: [letter.signed_at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive())), letter.author_name]
            .into_iter()
            .flatten()
            .collect(),
        title: document_type(t, &letter.title),
        tag: (!behind.is_empty()).then(|| Tag::muted(t.notes_with_addendum())),
        parts: vec![Part::button(format!("{base}/documents/{}", letter.id), t.health_open_document())],
    });
    let mut parts: Vec<Part> = letters.chain(items.iter().map(|item| entry(&grant, item, &added))).collect();
    if parts.is_empty() {
        parts.push(Part::text(t.health_nothing()));
    }
    let ways = ways(&grant, page, number, items.is_empty(), more);
    Ok(Page::new(page.title(t), page.lead(t)).narrow().back(base, t.health_title()).body(view! {
        <Section><Document parts/></Section>
        {(!ways.is_empty()).then(|| view! { <Section><Buttons links=ways/></Section> })}
    }))
}

/// A letter or another text that belongs to no visit.
///
/// # Errors
/// `NotFound` when there is no such text in this chart.
pub async fn document(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let letter = store::letter(&grant, id).await?;
    let group = addenda::grouped(store::letters(&grant).await?).into_iter().find(|(found, _)| found.id == letter.id);
    let behind: Vec<Part> = group.into_iter().flat_map(|(_, behind)| behind).map(|addendum| addendum_part(&grant, &addendum)).collect();
    let added = annotation::added(&grant, [letter.id]).await?;
    let mut beside = additions(&grant, added.get(&letter.id).map_or(&[], Vec::as_slice));
    beside.push(correction_link(&grant, Place::note(letter.id)));
    let lead = [letter.signed_at.map(|at| t.date_and_time(at, &grant.zone())), letter.author_name.clone()];
    let lead = lead.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let back = format!("/p/{patient}/health/documents");
    Ok(Page::new(document_type(t, &letter.title), lead).narrow().back(back, t.health_documents()).body(view! {
        <Section><Document parts=text(&letter)/></Section>
        {(!behind.is_empty()).then(|| view! { <Section><Document parts=behind/></Section> })}
        <Section>
            <Document parts=beside/>
            <PrintButton label=t.health_print()/>
        </Section>
    }))
}

fn addendum_part(grant: &Grant<ViewHealthSummary>, addendum: &note::Model) -> Part {
    let t = grant.texts();
    let when = addendum.signed_at.map(|at| t.notes_added(&t.date_and_time(at, &grant.zone())));
    Part::Entry {
        title: t.notes_addendum().to_owned(),
        tag: None,
        lines: [when, addendum.author_name.clone()].into_iter().flatten().collect(),
        parts: text(addendum),
    }
}

/// The resource behind a document or another record, as the hospital sent it: FHIR as JSON; and with the content of its files.
///
/// # Errors
/// `NotFound` when there is no such thing in this chart.
pub async fn resource(patient: PatientId, id: Uuid) -> Result<(String, Value), Error> {
    let grant = allow::<ViewHealthSummary>(patient).await?;
    store::resource(&grant, id).await
}
