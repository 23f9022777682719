//! A code just made, or a link with its QR code.

use leptos::prelude::*;
use qrcode::EcLevel;
use uuid::Uuid;

use super::entries::{self, EntryView};
use crate::{
    access::{Grant, allow, policy::ViewShares},
    base::{error::Error, ids::PatientId},
    features::{
        credentials::keys::Issuer,
        sharing::{entity::health_link, links, shares},
    },
    platform::request as web,
    view::{
        page::{Page, PageRequest},
        qr,
        sections::{Disclosure, LargeCode, PrintButton, Section},
    },
};

/// A code just made, or a link with its QR code.
///
/// # Errors
/// `NotFound` when there is no such thing of this chart that the caller may see.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewShares>(patient).await?;
    match links::one(&grant, id).await {
        Ok(row) => link(&grant, &row).await,
        Err(Error::NotFound) => code(&grant, id).await,
        Err(error) => Err(error),
    }
}

async fn link(grant: &Grant<ViewShares>, row: &health_link::Model) -> Result<Page, Error> {
    let t = grant.texts();
    let others = shares::others(grant, [row.account_id]).await?;
    let issuer = web::context::<Issuer>()?;
    let written = links::written(row, &issuer).filter(|_| links::is_open(row)).ok_or(Error::NotFound)?;
    let picture = qr::picture(&written, EcLevel::M, 400)?;
    let (alt, entry) = (t.share_qr_alt(&row.label), entries::link(grant, row, others.get(&row.account_id)));
    let page = Page::new(row.label.clone(), t.share_link_until(&t.date_and_time(row.expires_at, &grant.zone()))).narrow();
    Ok(page.back(format!("/p/{}/share", grant.patient()), t.share_title()).body(view! {
        <Section>
            <img class="picture" src=picture alt=alt/>
            <p class="text">{t.share_link_how()}</p>
            <Disclosure summary=t.share_link_text()><blockquote class="quote">{written}</blockquote></Disclosure>
            <PrintButton label=t.health_print()/>
        </Section>
        <Section><EntryView entry/></Section>
    }))
}

/// The code itself is shown once.
async fn code(grant: &Grant<ViewShares>, id: Uuid) -> Result<Page, Error> {
    let t = grant.texts();
    let row = shares::one(grant, id).await?;
    let others = shares::others(grant, [row.account_id]).await?;
    let code = if shares::is_waiting(&row) { web::take_secret(row.id)? } else { None };
    let code = code.map(|code| {
        let address = grant.link("/shared");
        let once = t.share_once(&t.date_and_time(row.expires_at, &grant.zone()));
        view! {
            <Section>
                <LargeCode label=t.share_the_code() text=code/>
                <ol>
                    <li>{t.share_step_1(&address)}</li>
                    <li>{t.share_step_2()}</li>
                    <li>{t.share_step_3()}</li>
                </ol>
                <p class="meta">{once}</p>
            </Section>
        }
    });
    let entry = entries::code(grant, &row, others.get(&row.account_id)).with_its_code(code.is_some());
    let page = Page::new(row.recipient.clone(), "").narrow().back(format!("/p/{}/share", grant.patient()), t.share_title());
    Ok(page.body(view! {
        {code}
        <Section><EntryView entry/></Section>
    }))
}
