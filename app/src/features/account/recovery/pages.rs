//! The pages of getting back in.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    api,
    store::{self, Challenge},
};
use crate::{
    access::{allow, policy},
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, texts},
    },
    features::account::sign_up::fields::{BirthDate, question_in_words},
    platform::request as web,
    view::{
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Facts, MainButton, QuietButton, Section},
    },
};

/// What was lost?
///
/// # Errors
/// When the server was put together without its parts.
pub async fn start(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::Recover>(()).await?.texts();
    let phone = web::context::<Boot>()?.brand.support_phone;
    let lost = [("password", t.recovery_password()), ("username", t.recovery_username()), ("both", t.recovery_both())];
    let lost = lost.map(|(value, label)| (value.to_owned(), label.to_owned(), String::new()));
    Ok(Page::new(t.recovery_title(), t.recovery_lead()).narrow().back("/sign-in", t.sign_in_title()).body(view! {
        <Section>
            <PostForm action=api::AskRecovery::PATH submit=t.recovery_submit()>
                <Radios name="lost" label=t.recovery_lost() choices=lost.into() value="password"/>
                <Field name="email" label=t.signup_email() input=Input::Email hint=t.recovery_email_hint() autocomplete="email"/>
                <BirthDate hint=t.recovery_birth_date_hint()/>
            </PostForm>
        </Section>
        <Section heading=t.recovery_else()>
            <p class="text">{t.recovery_else_text(&phone)}</p>
            <QuietButton href="/help/ask" label=t.help_ask()/>
        </Section>
    }))
}

/// After asking, whatever came of it.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn sent(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::Recover>(()).await?.texts();
    let phone = web::context::<Boot>()?.brand.support_phone;
    Ok(Page::new(t.recovery_sent_title(), t.recovery_sent_lead()).narrow().body(view! {
        <Section>
            <ul class="ticks">
                <li>{t.recovery_sent_hour()}</li>
                <li>{t.recovery_sent_spam()}</li>
                <li>{t.recovery_sent_nothing(&phone)}</li>
            </ul>
            <MainButton href="/sign-in" label=t.sign_in_title()/>
        </Section>
    }))
}

/// Behind the link: prove it, and choose.
///
/// # Errors
/// When the database fails.
pub async fn link(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    let token = request.query("token").unwrap_or_default();
    let Some(challenge) = store::challenge(&grant, &token).await? else {
        return Ok(Page::new(t.recovery_over_title(), t.recovery_over_lead()).narrow().body(view! {
            <Section><MainButton href="/recover" label=t.recovery_again()/></Section>
        }));
    };
    let phone = web::context::<Boot>()?.brand.support_phone;
    let username = vec![(t.signup_username().to_owned(), Some(challenge.username.clone()))];
    Ok(Page::new(t.recovery_choose_title(), t.recovery_choose_lead()).narrow().body(view! {
        <Section>
            <Facts facts=username/>
            <PostForm action=api::ChoosePassword::PATH submit=t.recovery_save() hidden=vec![("token", token)]>
                <Proofs challenge/>
                <Field name="password" label=t.recovery_new() input=Input::NewPassword hint=t.password_hint() autocomplete="new-password"/>
                <Field name="repeat" label=t.signup_repeat() input=Input::Password autocomplete="new-password"/>
            </PostForm>
        </Section>
        <Section heading=t.recovery_no_answer()><p class="text">{t.recovery_no_answer_text(&phone)}</p></Section>
    }))
}

/// What somebody who holds the link proves: the answer to the question, a code of the second step, or either.
#[component]
fn Proofs(challenge: Challenge) -> impl IntoView {
    let t = texts();
    let label = if challenge.question.is_some() { t.recovery_or_code() } else { t.second_code() };
    view! {
        {challenge.question.map(|question| answer(t, &question))}
        {challenge.has_second_step.then(|| view! {
            <Field name="code" label input=Input::Digits autocomplete="one-time-code" optional=true/>
        })}
    }
}

fn answer(t: Texts, question: &str) -> impl IntoView + use<> {
    view! { <Field name="answer" label=question_in_words(t, question) hint=t.recovery_answer_hint()/> }
}

/// Behind the link that proves an address: one tap, so that a mail scanner that follows links proves nothing.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn email(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    let token = request.query("token").unwrap_or_default();
    let address = store::address_to_prove(&grant, &token).await?.map(|address| vec![(t.account_email().to_owned(), Some(address))]);
    Ok(Page::new(t.recovery_prove_title(), t.recovery_prove_lead()).narrow().body(view! {
        <Section>
            {address.map(|facts| view! { <Facts facts/> })}
            <PostForm action=api::ProveEmail::PATH submit=t.recovery_prove() hidden=vec![("token", token)]/>
        </Section>
    }))
}

/// After an address was proved.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn email_proved(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::Recover>(()).await?.texts();
    Ok(Page::new(t.recovery_proved_title(), t.recovery_proved_lead()).narrow().body(view! {
        <Section><MainButton href="/home" label=t.error_go_home()/></Section>
    }))
}
