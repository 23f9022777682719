//! The pages of one's own account.

use leptos::{prelude::*, server_fn::ServerFn};

use super::api;
use crate::{
    access::{allow, policy},
    base::{
        error::Error,
        i18n::{Locale, Texts, texts},
    },
    features::account::{core::own, sign_in::api::SignOut},
    people::account,
    platform::mail::model::News,
    view::{
        Notice,
        fields::{Checkbox, Field, Input, Radios, Select},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{LinkList, Section},
    },
};

/// Everything that can be set.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn overview(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let account = own(&grant).await?;
    let done = match request.query("done").as_deref() {
        Some("password") => Some(t.account_done_password()),
        Some("username") => Some(t.account_done_username()),
        Some("email") => Some(t.account_done_email()),
        Some("notices") => Some(t.account_done_notices()),
        _ => None,
    };
    let more = [
        ("/account/notices", t.account_notices(), t.account_notices_says()),
        ("/phone", t.phone_title(), t.phone_says()),
        ("/account/calendar", t.calendar_title(), t.calendar_menu_says()),
        ("/sharing", t.family_title(), t.family_lead()),
        ("/people", t.people_title(), t.account_people_says()),
        ("/requests", t.requests_title(), t.requests_says()),
        ("/account/close", t.account_close(), t.account_close_says()),
    ];
    let languages = Locale::ALL.map(|locale| (locale.tag().to_owned(), locale.own_name().to_owned(), String::new()));
    Ok(Page::new(t.account_title(), t.account_lead()).body(view! {
        {done.map(|done| view! { <Notice><p class="text">{done}</p></Notice> })}
        <Section heading=t.account_security()><LinkList links=security(t, account)/></Section>
        <Section heading=t.account_more()>
            <LinkList links=more.map(|(href, label, says)| (Link::new(href, label), says.to_owned())).into()/>
        </Section>
        <Section heading=t.account_language()>
            <PostForm action=api::ChooseLanguage::PATH submit=t.account_save_language() quiet=true
                hidden=vec![("back", "/account".to_owned())]>
                <Radios name="language" label=t.account_language() choices=languages.into() value=t.0.tag()/>
            </PostForm>
        </Section>
        <Section heading=t.account_sessions()>
            <p class="text">{t.account_sessions_text()}</p>
            <PostForm action=SignOut::PATH submit=t.account_sign_out() quiet=true/>
        </Section>
    }))
}

fn security(t: Texts, account: account::Model) -> Vec<(Link, String)> {
    let second = if account.totp_confirmed_at.is_some() || account.email_code_on { t.second_on() } else { t.second_off() };
    let email = match (account.email, account.email_verified_at) {
        (None, _) => t.account_email_none().to_owned(),
        (Some(email), Some(_)) => email,
        (Some(email), None) => t.account_email_unproved(&email),
    };
    vec![
        (Link::new("/account/username", t.signup_username()), account.username),
        (Link::new("/account/password", t.account_password()), t.account_password_says().to_owned()),
        (Link::new("/account/email", t.account_email()), email),
        (Link::new("/account/second-step", t.second_settings_title()), second.to_owned()),
        (Link::new("/account/devices", t.account_devices()), t.account_devices_says().to_owned()),
    ]
}

/// A page below the account's.
fn below(t: Texts, title: &str, lead: &str) -> Page {
    Page::new(title, lead).narrow().back("/account", t.account_title())
}

/// A new password.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn password(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::ManageOwnAccount>(()).await?.texts();
    Ok(below(t, t.account_password(), t.account_password_lead()).body(view! {
        <Section>
            <PostForm action=api::ChangePassword::PATH submit=t.account_password_change()>
                <CurrentPassword/>
                <Field name="new_password" label=t.recovery_new() input=Input::NewPassword hint=t.password_hint()
                    autocomplete="new-password"/>
                <Field name="repeat" label=t.signup_repeat() input=Input::Password autocomplete="new-password"/>
            </PostForm>
        </Section>
    }))
}

/// Another user name.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn username(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let username = own(&grant).await?.username;
    Ok(below(t, t.signup_username(), t.account_username_lead()).body(view! {
        <Section>
            <PostForm action=api::ChangeUsername::PATH submit=t.account_username_change()>
                <Field name="username" label=t.account_username_new() hint=t.signup_username_hint() value=username
                    autocomplete="username"/>
                <CurrentPassword/>
            </PostForm>
        </Section>
    }))
}

/// Another e-mail address.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn email(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let email = own(&grant).await?.email.unwrap_or_default();
    Ok(below(t, t.account_email(), t.account_email_lead()).body(view! {
        <Section>
            <PostForm action=api::ChangeEmail::PATH submit=t.account_email_change()>
                <Field name="email" label=t.account_email_new() input=Input::Email value=email autocomplete="email"/>
                <CurrentPassword/>
            </PostForm>
        </Section>
    }))
}

/// Which news come by e-mail, and when none do.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn notices(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let account = own(&grant).await?;
    let off = account.mail_off.unwrap_or_default();
    let wants = |news: News| !off.split(',').any(|off| off == news.as_str());
    let (record, family, answers, visits) = (wants(News::Record), wants(News::Family), wants(News::Answers), wants(News::Visits));
    let bills = wants(News::Bills);
    let value = |hour: Option<i32>| hour.map(|hour| hour.to_string()).unwrap_or_default();
    let (from, until) = (value(account.quiet_from), value(account.quiet_until));
    Ok(below(t, t.account_notices(), t.notices_lead()).body(view! {
        <Section heading=t.notices_by_mail()>
            <PostForm action=api::ChooseNotices::PATH submit=t.family_save()>
                <Checkbox name="record" label=t.notices_record() checked=record hint=t.notices_record_says()/>
                <Checkbox name="family" label=t.notices_family() checked=family hint=t.notices_family_says()/>
                <Checkbox name="answers" label=t.notices_answers() checked=answers hint=t.notices_answers_says()/>
                <Checkbox name="visits" label=t.notices_visits() checked=visits hint=t.notices_visits_says()/>
                <Checkbox name="bills" label=t.notices_bills() checked=bills hint=t.notices_bills_says()/>
                <Select name="quiet_from" label=t.notices_quiet_from() choices=hours(t) value=from optional=true/>
                <Select name="quiet_until" label=t.notices_quiet_until() choices=hours(t) value=until optional=true/>
            </PostForm>
        </Section>
        <Section heading=t.notices_always()><p class="text">{t.notices_always_says()}</p></Section>
    }))
}

/// The hours of a day to choose from, or none.
fn hours(t: Texts) -> Vec<(String, String)> {
    let hour = |hour: i32| (hour.to_string(), t.clock_time(&format!("{hour:02}:00:00")).unwrap_or_default());
    std::iter::once((String::new(), t.notices_no_quiet().to_owned())).chain((0..24).map(hour)).collect()
}

/// What it means to close the account, and the way to.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn close(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::ManageOwnAccount>(()).await?.texts();
    Ok(below(t, t.account_close(), t.account_close_lead()).body(view! {
        <Section>
            <ul class="ticks"><li>{t.account_close_1()}</li><li>{t.account_close_2()}</li><li>{t.account_close_3()}</li></ul>
            <PostForm action=api::CloseAccount::PATH submit=t.account_close()>
                <CurrentPassword/>
                <Checkbox name="sure" label=t.account_close_sure()/>
            </PostForm>
        </Section>
    }))
}

#[component]
fn CurrentPassword() -> impl IntoView {
    view! { <Field name="password" label=texts().second_password() input=Input::Password autocomplete="current-password"/> }
}
