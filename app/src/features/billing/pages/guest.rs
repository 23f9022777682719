use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::{
    card::enter,
    pay::Amounts,
    payment::{Payment, Way, organisation},
};
use crate::{
    access::{Grant, allow, policy::PayAsGuest},
    base::{
        error::Error,
        i18n::{param, texts},
        money::{plain, price},
    },
    desk::billing::{
        attempts::under_way,
        guest::{self, GuestPay},
        payer::{Payer, due, field_of, on_its_way, payable},
        plans, reading,
        till::Till,
    },
    features::billing::api,
    view::{
        Notice,
        document::Paper,
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, QuietButton, Section},
    },
};

/// Where somebody begins who has no account, or does not sign in.
///
/// # Errors
/// `NotFound` where guests do not pay.
pub async fn guest(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<PayAsGuest>(()).await?;
    GuestPay::here()?;
    let t = grant.texts();
    let brand = crate::platform::request::context::<crate::base::boot::Boot>()?.brand;
    let code = request.query("code").unwrap_or_default();
    let by_code = !code.is_empty();
    let closed = (request.query("closed").as_deref() == Some("1")).then(|| t.billing_guest_closed());
    let no_processor = !Till::of(&grant)?.processor.is_there();
    let phone = brand.support_phone.clone();
    Ok(Page::new(t.billing_guest_title(), t.billing_guest_lead(&brand.organisation)).narrow().back("/sign-in", t.sign_in_title()).body(view! {
        {closed.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        {no_processor.then(|| view! { <Notice><p class="text">{t.billing_by_phone(&phone)}</p></Notice> })}
        {(!no_processor).then(|| view! {
            <Section heading=t.billing_guest_letter()>
                <p class="text">{t.billing_guest_letter_says()}</p>
                <PostForm action=api::OpenWithCode::PATH submit=t.billing_guest_open()>
                    <Field name="letter_code" label=t.billing_guest_code() hint=t.billing_guest_code_hint() value=code/>
                    <Field name="birth_date" label=t.billing_guest_birth_date() hint=t.billing_guest_birth_date_hint() input=Input::Date/>
                </PostForm>
            </Section>
            <Section heading=t.billing_guest_account()>
                <Disclosure summary=t.billing_guest_account_show() open=!by_code>
                    <PostForm action=api::FindAsGuest::PATH submit=t.billing_guest_find() quiet=by_code>
                        <Field name="number" label=t.billing_account_number() hint=t.billing_guest_number_hint()/>
                        <Field name="family_name" label=t.billing_guest_family_name()/>
                    </PostForm>
                </Disclosure>
            </Section>
        })}
    }))
}

/// The amounts that are due; nothing of anybody's health.
///
/// # Errors
/// `NotFound` where guests do not pay.
pub async fn guest_bills(_request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<PayAsGuest>(()).await?;
    let (t, till) = (grant.texts(), Till::of(&grant)?);
    let Ok(payer) = guest::payer(&grant).await else { return closed(grant.texts()) };
    let brand = crate::platform::request::context::<crate::base::boot::Boot>()?.brand;
    let bills = plans::without_plan(&till, &payer).await?;
    let checked = under_way(&till, payer.guarantor.id).await?.is_some();
    let lines: Vec<(Uuid, String, i64)> = bills
        .iter()
        .map(|bill| (bill.id, t.billing_guest_line(param::Day(&t.date(bill.due_on)), param::Number(&bill.number)), due(bill)))
        .collect();
    let total: i64 = bills.iter().map(due).sum();
    // What is due is what a plan pays month by month.
    let planned = bills.is_empty() && !payable(&till, &payer).await?.is_empty();
    // Of what is on its way from a bank account nothing is due.
    let pending = on_its_way(&till, &payer).await?;
    let (nothing, may) = (bills.is_empty() && !planned, !bills.is_empty() && !checked);
    let whole: Vec<(Uuid, i64)> = lines.iter().map(|(bill, _, due)| (*bill, *due)).collect();
    let shown: Vec<(String, String)> = lines.iter().map(|(_, name, due)| (name.clone(), price(*due))).collect();
    Ok(Page::new(t.billing_guest_bills(), brand.organisation.to_string()).narrow().back("/pay", t.billing_guest_title()).body(view! {
        {checked.then(|| view! { <Notice warn=true><p class="text">{t.billing_being_checked()}</p></Notice> })}
        {planned.then(|| view! { <Section><p class="text">{t.billing_guest_in_plan()}</p></Section> })}
        {nothing.then(|| view! { <Section><p class="sum">{price(0)}</p><p class="text">{
            if pending > 0 { t.billing_on_its_way(&price(pending)) } else { t.billing_guest_paid_already().to_owned() }
        }</p></Section> })}
        {may.then(|| view! {
            <Section heading=t.billing_what_you_owe()>
                <p class="sum">{price(total)}</p>
                <dl class="sums">{shown.into_iter().map(|(name, sum)| view! { <div><dt>{name}</dt><dd>{sum}</dd></div> }).collect_view()}</dl>
                <PostForm action=api::PrepareAsGuest::PATH submit=t.billing_go_on_with(&price(total)) hidden=vec![("form", "all".to_owned())]>
                    {whole.into_iter().map(|(bill, due)| view! { <input type="hidden" name=field_of(bill) value=plain(due)/> }).collect_view()}
                    <Receipt id="email"/>
                </PostForm>
            </Section>
            <Section>
                <Disclosure summary=t.billing_a_part()>
                    <PostForm action=api::PrepareAsGuest::PATH submit=t.billing_go_on() quiet=true hidden=vec![("form", "part".to_owned())]>
                        <Amounts lines/>
                        <Receipt id="email-part"/>
                    </PostForm>
                </Disclosure>
            </Section>
        })}
    }))
}

#[component]
fn Receipt(id: &'static str) -> impl IntoView {
    let t = texts();
    view! { <Field name="email" label=t.billing_guest_email() hint=t.billing_guest_email_hint() input=Input::Email optional=true autocomplete="email" id/> }
}

/// What was opened is closed again, or never was.
fn closed(t: crate::base::i18n::Texts) -> Result<Page, Error> {
    GuestPay::here()?;
    Ok(Page::new(t.billing_guest_title(), t.billing_guest_closed()).narrow().back("/pay", t.billing_guest_title()).body(view! {
        <Section><p class="text">{t.billing_guest_closed()}</p><QuietButton href="/pay" label=t.billing_guest_again()/></Section>
    }))
}

/// A guest's payment.
///
/// # Errors
/// `NotFound` for another payment.
pub async fn guest_payment(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<PayAsGuest>(()).await?;
    let Ok(payer) = guest::payer(&grant).await else { return closed(grant.texts()) };
    let (found, lines) = read_as_guest(&grant, &payer, request.id(0)?).await?;
    Ok(found.page(&grant, &Way::GUEST, lines, "/pay/bills"))
}

/// The receipt of a guest's payment as a file.
///
/// # Errors
/// `NotFound` for another payment, and for one that did not go through.
pub async fn guest_receipt(id: Uuid) -> Result<Paper, Error> {
    let grant = allow::<PayAsGuest>(()).await?;
    let payer = guest::payer(&grant).await?;
    let (found, lines) = read_as_guest(&grant, &payer, id).await?;
    // Whose account it is says no page to a guest, and neither does the file.
    Ok(Paper { name: organisation()?, lines: Vec::new(), ..found.receipt(&grant, lines)? })
}

/// A guest's payment, with the numbers of what it is for.
async fn read_as_guest(grant: &Grant<PayAsGuest>, payer: &Payer, id: Uuid) -> Result<(Payment, Vec<(String, String)>), Error> {
    let found = Payment::of(grant, &Till::of(grant)?, payer, id).await?;
    let bills = reading::bills(grant.db(), &found.bills()).await?;
    let number = |id| bills.iter().find(|bill| bill.id == id).map(|bill| grant.texts().billing_bill_no(&bill.number));
    let lines = found.lines(|id| number(id).unwrap_or_default());
    Ok((found, lines))
}

/// A guest types a card.
///
/// # Errors
/// `NotFound` for another payment.
pub async fn guest_card(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<PayAsGuest>(()).await?;
    let till = Till::of(&grant)?;
    let Ok(payer) = guest::payer(&grant).await else { return closed(grant.texts()) };
    enter(&grant, &till, &payer, (id, None), &request, &Way::GUEST).await
}
