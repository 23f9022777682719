//! The cards there are, and what can be made into one.

use std::iter::once;

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{Grant, allow, policy::UseHealthCards},
    base::{error::Error, i18n::texts, ids::PatientId},
    features::credentials::{
        api::Issue,
        entity::health_card,
        model::Subject,
        offers::{Offer, offers},
        store,
        titles::{place, title},
    },
    view::{
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, MainButton, Section, Tag},
    },
};

/// The cards there are, and what can be made into one.
///
/// # Errors
/// `NotFound` when the chart is nobody's or closed to the caller.
pub async fn list(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<UseHealthCards>(patient).await?;
    let t = grant.texts();
    let mut offers = offers(&grant).await?;
    offers.sort_by_cached_key(|offer| place(t, offer));
    let cards = store::cards(&grant).await?;
    let none = offers.is_empty().then(|| t.credentials_none());
    let page = Page::new(t.credentials_title(), t.credentials_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/health"), t.health_title()).body(view! {
        {(!cards.is_empty()).then(|| view! {
            <Section heading=t.credentials_yours()>{cards.into_iter().map(|card| entry(&grant, card)).collect_view()}</Section>
        })}
        <Section heading=t.credentials_new()>
            {offers.into_iter().map(|offer| view! { <Possible patient offer/> }).collect_view()}
            {none.map(|words| view! { <p class="text">{words}</p> })}
        </Section>
        <Section>
            <p class="text">{t.credentials_explained()}</p>
            <p class="meta">{t.credentials_private()}</p>
        </Section>
    }))
}

/// A card; one that was taken back cannot be shown.
fn entry(grant: &Grant<UseHealthCards>, card: health_card::Model) -> impl IntoView + use<> {
    let (t, zone) = (grant.texts(), grant.zone());
    let on = t.credentials_issued(&t.date_and_time(card.issued_at, &zone));
    let title = title(t, card.subject, &card.title);
    match card.revoked_at {
        Some(at) => {
            let outdated = card.outdated.then(|| t.credentials_outdated().to_owned());
            let lines = once(on).chain(outdated).chain([t.credentials_revoked_on(&t.date_and_time(at, &zone))]).collect();
            view! { <Item title tag=Some(Tag::muted(t.credentials_revoked())) lines/> }.into_any()
        }
        None => {
            let show = format!("/p/{}/health/credentials/{}", grant.patient(), card.id);
            view! {
                <Item title tag=Some(Tag::good(t.credentials_valid())) lines=vec![on]>
                    <MainButton href=show label=t.credentials_show()/>
                </Item>
            }
            .into_any()
        }
    }
}

/// Something of which a card can be made.
#[component]
fn Possible(patient: PatientId, offer: Offer) -> impl IntoView {
    let t = texts();
    let doses = if offer.count == 1 { t.credentials_one_dose().to_owned() } else { t.credentials_doses(&offer.count.to_string()) };
    let lines = match offer.subject {
        Subject::Result => Vec::new(),
        Subject::OtherVaccines => vec![doses, t.credentials_other_vaccines_text().to_owned()],
        Subject::CovidVaccines | Subject::Vaccine => vec![doses],
    };
    let title = title(t, offer.subject, &offer.title);
    let mut hidden = vec![("patient", patient.to_string()), ("subject", offer.subject.as_str().to_owned())];
    match (offer.subject, offer.result) {
        (Subject::Vaccine, _) => hidden.push(("vaccine", offer.title)),
        (_, Some(result)) => hidden.push(("result", result.to_string())),
        _ => {}
    }
    view! {
        <Item title tag=None lines>
            <PostForm action=Issue::PATH submit=t.credentials_make() quiet=true hidden/>
        </Item>
    }
}
