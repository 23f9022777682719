use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::e_visit_state;
use crate::{
    access::{allow, policy::DecideEVisit},
    base::{error::Error, i18n::texts, ids::PatientId, money::price},
    features::messages::{api, e_visit},
    view::{
        document::{Document, Part},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// What a visit by message costs, what is free instead, and the choice.
///
/// # Errors
/// `NotFound` without an offer in this chart; `NotAllowed` for whoever may not decide about it.
pub async fn e_visit(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<DecideEVisit>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (thread, offer) = e_visit::find(&grant, id).await?;
    let facts = Part::facts([
        (t.messages_e_visit_price(), Some(price(offer.price_cents))),
        (t.messages_e_visit_reason(), Some(offer.reason.clone())),
        (t.messages_e_visit_from(), Some(offer.offered_by_name.clone())),
        (t.messages_e_visit_at(), Some(t.date_and_time(offer.offered_at, &zone))),
    ]);
    let free = vec![
        t.messages_free_refill(),
        t.messages_free_booking(),
        t.messages_free_short(),
        t.messages_free_surgery(),
        t.messages_free_visit(),
    ];
    let free = Part::Lines(free.into_iter().map(str::to_owned).collect());
    let decided = offer.accepted.is_some().then(|| e_visit_state(t, &offer, false));
    let cents = offer.price_cents;
    let page = Page::new(t.messages_e_visit_title(), thread.subject).narrow();
    Ok(page.back(format!("/p/{patient}/messages/{id}"), t.messages_e_visit_back()).body(view! {
        <Section>
            <Document parts=vec![facts]/>
            <p class="text">{t.messages_e_visit_says()}</p>
        </Section>
        <Section heading=t.messages_e_visit_free()><Document parts=vec![free]/></Section>
        <Section heading=t.messages_e_visit_choose()>
            {match decided {
                Some(words) => view! { <p class="text">{words}</p> }.into_any(),
                None => view! {
                    <p class="text">{t.messages_e_visit_nothing_owed()}</p>
                    <Choice patient thread=id cents accept=true/>
                    <Choice patient thread=id cents accept=false/>
                }.into_any(),
            }}
        </Section>
    }))
}

#[component]
fn Choice(patient: PatientId, thread: Uuid, cents: i64, accept: bool) -> impl IntoView {
    let t = texts();
    let submit = if accept { t.messages_e_visit_accept(&price(cents)) } else { t.messages_e_visit_decline().to_owned() };
    let hidden = vec![
        ("patient", patient.to_string()),
        ("thread", thread.to_string()),
        ("price", cents.to_string()),
        ("accepted", accept.to_string()),
    ];
    view! { <PostForm action=api::DecideEVisit::PATH submit quiet=!accept hidden/> }
}
