use leptos::prelude::*;
use qrcode::EcLevel;
use uuid::Uuid;

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{error::Error, money::price},
    desk::billing::{entity::guarantor, guest::CODE_LIFE, payer::due, staff},
    platform::request::{context, shown_once},
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
    use sea_orm::EntityTrait;
    let id: Uuid = request.id(0)?;
    let grant = allow::<KeepLedgers>(()).await?;
    let t = grant.texts();
    let (found, _) = staff::bill_of(&grant, id).await?;
    let brand = context::<crate::base::boot::Boot>()?.brand;
    let back = format!("/staff/billing/bills/{id}");
    let page = Page::new(t.ledgers_letter_title(), t.billing_bill_no(&found.number)).narrow().back(back.clone(), t.billing_bill());
    let Some(code) = shown_once(id) else {
        return Ok(page.body(view! {
            <Section><p class="text">{t.ledgers_letter_gone()}</p><QuietButton href=back label=t.billing_bill()/></Section>
        }));
    };
    let payer = match found.guarantor_id {
        Some(id) => guarantor::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let payer = payer.ok_or(Error::NotFound)?;
    let link = grant.link(&format!("/pay?code={code}"));
    let picture = qr::picture(&link, EcLevel::M, 220)?;
    let name = format!("{} {}", payer.given_name, payer.family_name);
    let until = t.long_date((grant.now().instant + CODE_LIFE).with_timezone(&grant.zone()).date_naive());
    let no_birth_date = payer.birth_date.is_none();
    let (amount, day) = (price(due(&found)), t.long_date(found.due_on));
    let address = payer.address.unwrap_or_default();
    let account = t.billing_account_number_is(&payer.number);
    let (organisation, phone) = (brand.organisation.clone(), brand.support_phone.clone());
    let number = t.billing_bill_no(&found.number);
    Ok(page.body(view! {
        {no_birth_date.then(|| view! { <Notice warn=true><p class="text">{t.ledgers_letter_no_birth_date()}</p></Notice> })}
        <Section heading=organisation>
            <p class="text">{name}<br/>{address}</p>
            <p class="text">{number}<br/>{account}</p>
            <p class="sum">{amount}</p>
            <p class="text">{t.ledgers_letter_due(&day)}</p>
            <p class="text">{t.ledgers_letter_how()}</p>
            <img class="picture" src=picture alt=t.ledgers_letter_qr()/>
            <LargeCode label=t.billing_guest_code() text=code/>
            <p class="text">{t.ledgers_letter_until(&until)}</p>
            <p class="text">{t.ledgers_letter_other(&phone)}</p>
        </Section>
        <PrintButton label=t.billing_print()/>
    }))
}
