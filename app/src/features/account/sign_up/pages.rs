//! The pages of getting an account.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    api,
    entity::sign_up,
    fields::{BirthDate, SecurityQuestion},
    store,
};
use crate::{
    access::{Grant, allow, policy::SignUp},
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, texts},
    },
    platform::request as web,
    view::{
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{MainButton, QuietButton, Section, Steps},
    },
};

/// Whoever was invited comes with an invitation, and has no activation code.
fn steps(t: Texts, invited: bool) -> [&'static str; 3] {
    let first = if invited { t.family_invitation() } else { t.signup_step_code() };
    [first, t.signup_step_id(), t.signup_step_contact()]
}

/// Step 1: the activation code, and the ways to one.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn code(request: PageRequest) -> Result<Page, Error> {
    let t = allow::<SignUp>(()).await?.texts();
    let code = request.query("code").unwrap_or_default();
    Ok(Page::new(t.signup_title(), t.signup_lead()).narrow().body(view! {
        <Steps labels=steps(t, false) current=0/>
        <Section heading=t.signup_with_code()>
            <PostForm action=api::EnterCode::PATH submit=t.signup_next()>
                <Field name="activation_code" label=t.signup_code() hint=t.signup_code_hint() value=code/>
                <BirthDate/>
                <KnownContact/>
            </PostForm>
        </Section>
        <Section heading=t.signup_no_code()>
            <p class="text">{t.signup_no_code_text()}</p>
            <QuietButton href="/sign-up/request" label=t.signup_online()/>
        </Section>
        <Section heading=t.signup_age_title()>
            <p class="text">{t.signup_age_text()}</p>
            <QuietButton href="/help/proxy-access" label=t.signup_age_link()/>
        </Section>
    }))
}

/// The form for somebody without a code.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn request(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<SignUp>(()).await?.texts();
    let page = Page::new(t.signup_request_title(), t.signup_request_lead()).narrow().back("/sign-up", t.signup_title());
    Ok(page.body(view! {
        <Section>
            <PostForm action=api::RequestCode::PATH submit=t.signup_request_submit()>
                <Field name="given_name" label=t.signup_given_name() autocomplete="given-name"/>
                <Field name="family_name" label=t.signup_family_name() autocomplete="family-name"/>
                <BirthDate/>
                <KnownContact/>
                <Field name="email" label=t.signup_email() input=Input::Email hint=t.signup_request_email_hint() autocomplete="email"/>
            </PostForm>
        </Section>
    }))
}

/// After asking for a code, whatever came of it.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn requested(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<SignUp>(()).await?.texts();
    let phone = web::context::<Boot>()?.brand.support_phone;
    Ok(Page::new(t.signup_requested_title(), t.signup_requested_lead()).narrow().body(view! {
        <Section heading=t.signup_requested_next()>
            <ul class="ticks">
                <li>{t.signup_requested_match()}</li>
                <li>{t.signup_requested_no_match()}</li>
                <li>{t.signup_requested_bring(&phone)}</li>
            </ul>
            <MainButton href="/sign-up" label=t.signup_have_code()/>
        </Section>
    }))
}

/// Step 2: user name, password, security question.
///
/// # Errors
/// `NotFound` when no sign-up is under way.
pub async fn id(_: PageRequest) -> Result<Page, Error> {
    let (grant, row) = under_way().await?;
    Ok(id_page(grant.texts(), row))
}

fn id_page(t: Texts, row: sign_up::Model) -> Page {
    // Who comes back to this page need not choose the password again.
    let kept = row.password_hash.is_some();
    let (input, hint) = if kept { (Input::Password, t.signup_password_kept()) } else { (Input::NewPassword, t.password_hint()) };
    let invited = row.invitation_id.is_some();
    let (username, question) = (row.username.unwrap_or_default(), row.security_question.unwrap_or_default());
    Page::new(t.signup_id_title(), t.signup_id_lead(&row.name)).narrow().body(view! {
        <Steps labels=steps(t, invited) current=1/>
        <Section>
            <PostForm action=api::ChooseId::PATH submit=t.signup_next()>
                <Field name="username" label=t.signup_username() hint=t.signup_username_hint() value=username autocomplete="username"/>
                <Field name="password" label=t.signup_password() input hint autocomplete="new-password" optional=kept/>
                <Field name="repeat" label=t.signup_repeat() input=Input::Password autocomplete="new-password" optional=kept/>
                <SecurityQuestion value=question/>
                <Field name="answer" label=t.signup_answer() hint=t.signup_answer_hint() optional=kept/>
            </PostForm>
        </Section>
    })
}

/// Step 3: the e-mail address, and what comes there.
///
/// # Errors
/// `NotFound` when no sign-up is under way.
pub async fn contact(_: PageRequest) -> Result<Page, Error> {
    let (grant, row) = under_way().await?;
    let t = grant.texts();
    if row.password_hash.is_none() {
        return Ok(id_page(t, row));
    }
    let notices = [("yes", t.signup_notices_yes(), t.signup_notices_yes_hint()), ("no", t.signup_notices_no(), t.signup_notices_no_hint())];
    let notices = notices.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned()));
    let page = Page::new(t.signup_contact_title(), t.signup_contact_lead()).narrow().back("/sign-up/id", t.signup_step_id());
    Ok(page.body(view! {
        <Steps labels=steps(t, row.invitation_id.is_some()) current=2/>
        <Section>
            <PostForm action=api::FinishSignUp::PATH submit=t.signup_finish()>
                <Field name="email" label=t.signup_email() input=Input::Email hint=t.signup_email_hint() autocomplete="email"/>
                <Radios name="notices" label=t.signup_notices() choices=notices.into() value="yes"/>
            </PostForm>
        </Section>
    }))
}

async fn under_way() -> Result<(Grant<SignUp>, sign_up::Model), Error> {
    let grant = allow::<SignUp>(()).await?;
    let row = store::under_way(&grant, web::cookie(api::COOKIE)).await?.ok_or(Error::NotFound)?;
    Ok((grant, row))
}

/// What else the record knows of a person: one of the two is enough.
#[component]
fn KnownContact() -> impl IntoView {
    let t = texts();
    view! {
        <Field name="zip" label=t.signup_zip() input=Input::Digits hint=t.signup_zip_hint() autocomplete="postal-code" optional=true/>
        <Field name="phone" label=t.signup_phone() input=Input::Digits optional=true/>
    }
}
