use leptos::prelude::*;
use qrcode::EcLevel;
use uuid::Uuid;

use crate::{
    access::{allow, policy::KeepLedgers},
    base::error::Error,
    desk::billing::staff,
    features::ledgers::papers::Letter,
    view::{
        Notice,
        page::{Page, PageRequest},
        qr,
        sections::{LargeCode, PrintButton, QuietButton, Section},
    },
};

/// The letter with the code and the QR code of one bill. It names the house, the amount and the day, and nothing of anybody's health.
///
/// # Errors
/// `NotFound` when there is no such bill.
pub async fn letter(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<KeepLedgers>(()).await?;
    let t = grant.texts();
    let (found, _) = staff::bill_of(&grant, id).await?;
    let back = format!("/staff/billing/bills/{id}");
    let page = Page::new(t.ledgers_letter_title(), t.billing_bill_no(&found.number)).narrow().back(back.clone(), t.billing_bill());
    let Some(letter) = Letter::of(&grant, &found).await? else {
        return Ok(page.body(view! {
            <Section><p class="text">{t.ledgers_letter_gone()}</p><QuietButton href=back label=t.billing_bill()/></Section>
        }));
    };
    let picture = qr::picture(&letter.link, EcLevel::M, 220)?;
    let pdf = format!("/files/guest-letter/{id}");
    let says = letter.says(t);
    let address = letter.link.split('?').next().unwrap_or_default().to_owned();
    Ok(page.body(view! {
        {(!letter.has_birth_date).then(|| view! { <Notice warn=true><p class="text">{t.ledgers_letter_no_birth_date()}</p></Notice> })}
        <Section heading=letter.organisation>
            <p class="text">{letter.name}<br/>{letter.address}</p>
            <p class="text">{letter.number}<br/>{letter.account}</p>
            <p class="sum">{letter.amount}</p>
            <p class="text">{says.due}</p>
            <p class="text">{t.ledgers_letter_how()}</p>
            <img class="picture" src=picture alt=t.ledgers_letter_qr()/>
            <LargeCode label=t.billing_guest_code() text=letter.code/>
            <p class="text">{address}</p>
            <p class="text">{says.until}</p>
            <p class="text">{says.other}</p>
        </Section>
        <div class="acts no-print"><a class="btn quiet" href=pdf rel="external">{t.billing_as_pdf()}</a></div>
        <PrintButton label=t.billing_print()/>
    }))
}
