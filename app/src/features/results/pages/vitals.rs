//! The vital signs, newest of each.

use leptos::prelude::*;

use crate::{
    access::{allow, policy::ViewResults},
    base::{error::Error, ids::PatientId},
    features::results::{
        address::in_address,
        beside::{Beside, around},
        store,
        vitals::together,
    },
    platform::request as web,
    record::{
        action::{Actions, OfferView, Target},
        result::model::Kind,
    },
    view::{
        link::Link,
        page::{Page, PageRequest},
        sections::{LinkList, QuietButton, Section},
    },
};

/// The vital signs, newest of each.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn vitals(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewResults>(patient).await?;
    let t = grant.texts();
    let found = store::latest(&grant, Kind::Vital).await?;
    let page = Page::new(t.health_vitals(), t.health_vitals_lead()).narrow().back(format!("/p/{patient}/health"), t.health_title());
    if found.is_empty() {
        return Ok(page.body(view! { <Section><p class="text">{t.health_nothing()}</p></Section> }));
    }
    let links = together(t, &found).into_iter().map(|(name, shown, value, with)| {
        let trend = format!("/p/{patient}/results/trend?code={}", in_address(&value.code));
        let trend = with.map_or_else(|| trend.clone(), |with| format!("{trend}&with={}", in_address(with)));
        (Link::new(trend, name), format!("{shown} · {}", t.when_day(&value.when(), grant.zone())))
    });
    let links: Vec<(Link, String)> = links.collect();
    let around = around(&grant, &found.iter().collect::<Vec<_>>()).await?;
    let person = grant.person()?;
    let offers = web::context::<Actions>()?.about(Target::Vitals { grant: &grant, person }).await?;
    Ok(page.body(view! {
        <Section><LinkList links/></Section>
        <Section><Beside around/></Section>
        <Section><QuietButton href=format!("/files/pdf/{patient}/vitals") label=t.health_pdf()/></Section>
        {offers.into_iter().map(|offer| view! { <Section><OfferView offer/></Section> }).collect_view()}
    }))
}
