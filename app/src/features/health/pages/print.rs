//! The whole summary on paper.

use leptos::prelude::*;

use super::lines;
use crate::{
    access::{allow, policy::ViewHealthSummary},
    base::{error::Error, ids::PatientId},
    features::{
        health::{
            item::is_reason_for_visit,
            line::printed,
            page::HealthPage,
            store::{self, Item},
        },
        results,
    },
    platform::batch::Batch,
    record::item::model::Kind,
    view::{
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{PrintButton, Section},
    },
};

/// The whole summary on one page.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn print(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let pages = || HealthPage::ALL.into_iter().filter(|page| !matches!(page, HealthPage::Documents | HealthPage::Other));
    let kinds: Vec<Kind> = pages().flat_map(HealthPage::kinds).copied().collect();
    let mut batch = Batch::default();
    let (person, current) = (store::ask_person(&mut batch, &grant), store::Current::ask(&mut batch, &grant, &kinds));
    let mut answers = batch.read(grant.db()).await?;
    let ((person, _), current) = (person(&mut answers)?, current(&mut answers)?);
    let mut sheets: Vec<(&'static str, Vec<Part>)> = Vec::new();
    for page in pages() {
        let (items, absences) = current.of(page.kinds());
        let items: Vec<&Item> = items.iter().filter(|item| !is_reason_for_visit(item)).collect();
        sheets.push((page.title(t), lines(t, page.kinds()[0], &items, &absences, usize::MAX, |item| printed(&grant, item))));
        if page == HealthPage::Immunizations {
            let vitals = results::latest_vitals(&grant).await?;
            if !vitals.is_empty() {
                sheets.push((t.health_vitals(), vec![Part::Facts(vitals)]));
            }
        }
    }
    let name = format!("{} {}", person.given_name, person.family_name);
    let born = t.health_born(&t.when_as_said(&person.born()));
    let lead = format!("{born} · {}", t.health_print_lead(&t.date(grant.now().today)));
    Ok(Page::new(name, lead).narrow().back(format!("/p/{patient}/health"), t.health_title()).body(view! {
        <Section><PrintButton label=t.health_print()/></Section>
        {sheets.into_iter().map(|(heading, parts)| view! { <Section heading><Document parts/></Section> }).collect_view()}
    }))
}
