//! One card.

use chrono::{DateTime, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use qrcode::EcLevel;
use serde_json::json;
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy::UseHealthCards},
    base::{
        error::Error,
        i18n::{Texts, param},
        ids::PatientId,
    },
    features::credentials::{api::Revoke, codes::numeric, entity::health_card, store, titles::title},
    view::{
        form::PostForm,
        keep_offline::{KeepOffline, Kept},
        page::{Page, PageRequest, html},
        qr,
        sections::{Facts, PrintButton, QuietButton, Section, item_heading},
    },
};

/// One card: its QR codes, its file, to print.
///
/// # Errors
/// `NotFound` when there is no such card in this chart.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<UseHealthCards>(patient).await?;
    let t = grant.texts();
    let card = store::card(&grant, id).await?;
    let person = store::person(&grant).await?;
    let name = title(t, card.subject, &card.title);
    let codes = codes(t, &name, &card.jws)?;
    let count = codes.len();
    let facts = [
        (t.personal_name(), format!("{} {}", person.given_name, person.family_name)),
        (t.personal_birth_date(), t.when_as_said(&person.born())),
        (t.credentials_issued_on(), t.date_and_time(card.issued_at, &grant.zone())),
    ];
    let facts = facts.map(|(label, value)| (label.to_owned(), Some(value))).to_vec();
    let file = format!("/files/card/{patient}/{}", card.id);
    let hidden = vec![("patient", patient.to_string()), ("card", card.id.to_string())];
    let page = Page::new(name, t.credentials_show_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/health/credentials"), t.credentials_title()).body(view! {
        <Section>
            <Facts facts/>
            {(count > 1).then(|| view! { <p class="text">{t.credentials_several(&count.to_string())}</p> })}
            {codes.into_iter().map(|code| view! {
                {code.heading.map(item_heading)}
                <img class="picture" src=code.src alt=code.alt/>
            }).collect_view()}
            <QuietButton href=file label=t.credentials_file()/>
            <PrintButton label=t.health_print()/>
            <KeepOffline id=format!("card:{patient}:{id}")/>
        </Section>
        <Section heading=t.credentials_lost()>
            <p class="text">{t.credentials_revoke_text()}</p>
            <PostForm action=Revoke::PATH submit=t.credentials_revoke() quiet=true hidden/>
        </Section>
    }))
}

/// A card to be kept on a phone.
///
/// # Errors
/// As the page.
pub async fn kept(grant: &Grant<UseHealthCards>, id: Uuid, until: Option<DateTime<Utc>>) -> Result<Kept, Error> {
    let t = grant.texts();
    let (card, person) = (store::card(grant, id).await?, store::person(grant).await?);
    let (name, of) = (title(t, card.subject, &card.title), format!("{} {}", person.given_name, person.family_name));
    let images = codes(t, &name, &card.jws)?.into_iter().map(|code| code.src).collect();
    let facts = [
        (t.personal_name(), of.clone()),
        (t.personal_birth_date(), t.when_as_said(&person.born())),
        (t.credentials_issued_on(), t.date_and_time(card.issued_at, &grant.zone())),
    ];
    let facts = facts.map(|(label, value)| (label.to_owned(), Some(value))).to_vec();
    Ok(Kept { title: format!("{of}: {name}"), html: html(view! { <Facts facts/> }), images, saved: grant.now().instant, until })
}

/// Whether a card is still there and was not taken back.
///
/// # Errors
/// As the page.
pub async fn is_there(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<(), Error> {
    store::card(grant, id).await.map(|_| ())
}

/// A QR code as a picture.
struct Code {
    /// Of one of several.
    heading: Option<String>,
    src: String,
    alt: String,
}

fn codes(t: Texts, name: &str, jws: &str) -> Result<Vec<Code>, Error> {
    let codes = numeric(jws);
    let several = (codes.len() > 1).then(|| codes.len().to_string());
    let numbered = codes.iter().enumerate().map(|(index, code)| (code, (index + 1).to_string()));
    let pictures = numbered.map(|(code, number)| {
        Ok(Code {
            heading: several.as_ref().map(|count| t.credentials_part(param::Count(count), param::Number(&number))),
            src: qr::picture(code, EcLevel::L, 400)?,
            alt: several.as_ref().map_or_else(
                || t.credentials_code(name),
                |count| t.credentials_code_of(param::Count(count), param::Name(name), param::Number(&number)),
            ),
        })
    });
    pictures.collect()
}

/// A card as a file that health wallets open.
///
/// # Errors
/// As the page.
pub async fn file(patient: PatientId, id: Uuid) -> Result<String, Error> {
    let grant = allow::<UseHealthCards>(patient).await?;
    let health_card::Model { jws, .. } = store::card(&grant, id).await?;
    Ok(json!({ "verifiableCredential": [jws] }).to_string())
}
