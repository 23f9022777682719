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
    let (person, _) = store::person(&grant).await?;
    let mut sheets: Vec<(&'static str, Vec<Part>)> = Vec::new();
    for page in HealthPage::ALL.into_iter().filter(|page| !matches!(page, HealthPage::Documents | HealthPage::Other)) {
        let (items, absences) = store::current_and_absent(&grant, page.kinds()).await?;
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
