//! One page of items.

use leptos::prelude::*;

use crate::{
    access::{Grant, allow, policy::ViewHealthSummary},
    base::{error::Error, ids::PatientId},
    features::health::{
        entry::added,
        item::is_untold,
        line::{absent, name},
        page::HealthPage,
        sections::sections,
        store::{self, Item},
        words::type_in_words,
    },
    platform::request as web,
    record::{
        action::{Actions, Offer, OfferView, Target},
        item::model::{State, What},
    },
    view::{
        document::{Document, Part},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, KeptNames, LinkList, Section},
    },
};

/// One part of the summary.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn list(request: PageRequest, page: HealthPage) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let number = page_number(&request);
    let (items, more) = store::items(&grant, page.kinds(), number).await?;
    let ways = ways(&grant, page, number, items.is_empty(), more);
    let others: Vec<(Link, String)> = match page {
        HealthPage::Other => items.iter().map(|item| other(&grant, item)).collect(),
        _ => Vec::new(),
    };
    let absences = store::absences(&grant, page.kinds()).await?;
    // What holds today may stand on another page of the list.
    let current = if absences.is_empty() { Vec::new() } else { store::current(&grant, page.kinds()).await? };
    let told: Vec<&Item> = items.iter().chain(&current).collect();
    let said: Vec<Part> = page.kinds().iter().take(1).flat_map(|kind| absent(t, *kind, &told, &absences)).map(Part::text).collect();
    let mut sheets = if said.is_empty() { Vec::new() } else { vec![(String::new(), said)] };
    if others.is_empty() && !items.is_empty() {
        let added = added(&grant, &items).await?;
        sheets.extend(sections(&grant, page, &items, &added));
    }
    let offers = if page == HealthPage::Immunizations { offers(&grant, &items).await? } else { Vec::new() };
    let back = format!("/p/{patient}/health");
    Ok(Page::new(page.title(t), page.lead(t)).narrow().back(back, t.health_title()).body(view! {
        {(!others.is_empty()).then(|| view! { <Section><LinkList links=others/></Section> })}
        {sheets.into_iter().map(|(heading, parts)| view! {
            <Section heading><KeptNames kept=page == HealthPage::Medications><Document parts/></KeptNames></Section>
        }).collect_view()}
        {offers.into_iter().map(|offer| view! { <Section><OfferView offer/></Section> }).collect_view()}
        {(!ways.is_empty()).then(|| view! { <Section><Buttons links=ways/></Section> })}
    }))
}

/// What other features offer about the vaccinations that were given.
async fn offers(grant: &Grant<ViewHealthSummary>, items: &[Item]) -> Result<Vec<Offer>, Error> {
    let given = items.iter().filter(|item| item.state == State::Done && !item.tentative);
    let codes: Vec<&str> = given.filter_map(|item| item.code.as_deref()).collect();
    web::context::<Actions>()?.about(Target::Immunizations { grant, codes: &codes }).await
}

pub(super) fn page_number(request: &PageRequest) -> u64 {
    request.query("page").and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The links under a list: its PDF, and the pages before and after.
pub(super) fn ways(grant: &Grant<ViewHealthSummary>, page: HealthPage, number: u64, is_empty: bool, more: bool) -> Vec<Link> {
    let (t, patient, name) = (grant.texts(), grant.patient(), page.name());
    let at = |number: u64| format!("/p/{patient}/health/{name}?page={number}");
    let mut ways = Vec::new();
    if number == 0 && !is_empty && page != HealthPage::Other {
        ways.push(Link::new(format!("/files/pdf/{patient}/{name}"), t.health_pdf()));
    }
    if more {
        ways.push(Link::new(at(number + 1), t.health_older()));
    }
    if number > 0 {
        ways.push(Link::new(at(number - 1), t.health_newer()));
    }
    ways
}

/// A record without a page: what it is, its day, and the way to the file.
fn other(grant: &Grant<ViewHealthSummary>, item: &Item) -> (Link, String) {
    let t = grant.texts();
    let what = item.facts.iter().find(|fact| fact.what == What::Category).map(|fact| type_in_words(t, &fact.said));
    let day = item.at.as_ref().map(|at| t.when_day(at, grant.zone()));
    let untold = is_untold(item).then(|| t.health_remark_cannot_be_shown().to_owned());
    let says: Vec<String> =
        what.filter(|_| !item.title.is_empty()).into_iter().chain(day).chain(untold).chain([t.health_as_sent().to_owned()]).collect();
    (Link::new(format!("/files/record/{}/{}", grant.patient(), item.id), name(t, item)), says.join(" · "))
}
