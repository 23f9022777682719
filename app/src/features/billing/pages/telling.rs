use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::UseBilling},
    base::{error::Error, i18n::param, money::price},
    desk::billing::{payer::due, store, words::title_of},
    features::billing::{api, requests::TOPICS},
    view::{
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Asking the billing office about a bill.
///
/// # Errors
/// `NotFound` for a bill that is not the caller's to see.
pub async fn ask(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let t = grant.texts();
    let (_, shown) = store::bill_of(&grant, id).await?;
    let choices = TOPICS.iter().map(|(key, words)| ((*key).to_owned(), words(t).to_owned(), String::new())).collect();
    let number = &shown.bill.number;
    let lead = match due(&shown.bill) {
        0 => t.billing_bill_no(number),
        open => t.billing_ask_lead(param::Amount(&price(open)), param::Number(number)),
    };
    let hidden = vec![("bill", id.to_string())];
    Ok(Page::new(t.billing_ask(), lead).narrow().back(format!("/billing/bills/{id}"), title_of(t, &shown)).body(view! {
        <Section>
            <p class="text">{t.billing_ask_says()}</p>
            <PostForm action=api::Ask::PATH submit=t.billing_send_question() hidden>
                <Radios name="topic" label=t.billing_question_topic() choices/>
                <Field name="words" label=t.billing_question_words() input=Input::Area/>
            </PostForm>
        </Section>
    }))
}

/// Asking for financial help.
///
/// # Errors
/// `NotFound` for somebody else's account.
pub async fn hardship(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let t = grant.texts();
    store::payer(&grant, id).await?;
    let hidden = vec![("guarantor", id.to_string())];
    Ok(Page::new(t.billing_hardship(), t.billing_hardship_lead()).narrow().back("/billing", t.billing_title()).body(view! {
        <Section>
            <p class="text">{t.billing_hardship_says()}</p>
            <PostForm action=api::AskForHelp::PATH submit=t.billing_hardship_send() files=true hidden>
                <Field name="household" label=t.billing_household() hint=t.billing_household_hint() input=Input::Digits/>
                <Field name="income" label=t.billing_income() hint=t.billing_income_hint()/>
                <Field name="words" label=t.billing_hardship_words() input=Input::Area optional=true/>
                <Field name="file" label=t.billing_hardship_file() hint=t.billing_hardship_file_hint()
                    input=Input::File { accept: "image/jpeg,image/png,application/pdf" } optional=true/>
            </PostForm>
        </Section>
    }))
}
