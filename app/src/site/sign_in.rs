//! The first page for somebody who is not signed in.

use leptos::{prelude::*, server_fn::ServerFn};

use super::demo;
use crate::{
    access::{allow, policy},
    base::{boot::Boot, error::Error, i18n::Texts},
    desk::billing::guest::GuestPay,
    features::account::{core::KNOWN_COOKIE, second_step::passkeys, sign_in::api::SignIn},
    platform::request as web,
    view::{
        Notice,
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::PasskeyButton,
    },
};

/// User name and password; below it, in the demo, one tap to be anybody.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn page(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::SignIn>(()).await?;
    let (t, possible) = (grant.texts(), passkeys::are_possible(&grant));
    let brand = use_context::<Boot>().unwrap_or_default().brand;
    let next = request.query("next").unwrap_or_default();
    let guests_pay = GuestPay::here().is_ok();
    // The first time nobody has one; from the second time on a face or a finger is quicker than a password.
    let passkey_first = possible && web::cookie(KNOWN_COOKIE).is_some();
    Ok(Page::bare(t.sign_in_title()).body(view! {
        <section class="welcome__words">
            <h1 tabindex="-1">{t.sign_in_welcome(&brand.product)}</h1>
            <p class="lead">{t.sign_in_lead(&brand.organisation)}</p>
            <ul class="ticks">
                <li>{t.sign_in_can_visits()}</li>
                <li>{t.sign_in_can_notes()}</li>
                <li>{t.sign_in_can_family()}</li>
            </ul>
        </section>
        <section class="sheet sign-in" aria-labelledby="sign-in-title">
            <h2 id="sign-in-title">{t.sign_in_title()}</h2>
            {why(t, &request).map(|words| view! { <Notice>{words}</Notice> })}
            {passkey_first.then(|| view! { <PasskeyButton label=t.sign_in_passkey()/> })}
            <PostForm action=SignIn::PATH submit=t.sign_in_submit() hidden=vec![("next", next)] problem_at="username">
                <Field name="username" label=t.sign_in_username() autocomplete="username"/>
                <Field name="password" label=t.sign_in_password() input=Input::Password autocomplete="current-password"/>
            </PostForm>
            {(possible && !passkey_first).then(|| view! { <PasskeyButton label=t.sign_in_passkey()/> })}
            <p class="meta"><a class="link" href="/recover">{t.sign_in_forgot()}</a></p>
            {guests_pay.then(|| view! { <p class="meta"><a class="link" href="/pay">{t.billing_guest_title()}</a></p> })}
            <p class="meta"><a class="link" href="/shared">{t.sign_in_shared()}</a></p>
            <section class="new-user" aria-labelledby="new-user">
                <h3 id="new-user">{t.sign_in_new_user()}</h3>
                <a class="btn quiet btn--wide" href="/sign-up">{t.sign_in_sign_up_now()}</a>
            </section>
            <p class="meta">{t.sign_in_trouble(&brand.support_phone)}</p>
        </section>
        {demo::desk()}
    }))
}

/// Why somebody is here again.
fn why(t: Texts, request: &PageRequest) -> Option<&'static str> {
    match (request.query("left").as_deref(), request.query("next")) {
        (Some("here"), _) => Some(t.sign_in_left_here()),
        (Some("everywhere"), _) => Some(t.sign_in_left_everywhere()),
        (Some("recovered"), _) => Some(t.sign_in_left_recovered()),
        (Some("closed"), _) => Some(t.sign_in_left_closed()),
        (Some("idle"), _) => Some(t.sign_in_left_idle()),
        (Some("share"), _) => Some(t.sign_in_left_share()),
        (Some("unsent"), _) => Some(t.sign_in_left_unsent()),
        (_, Some(_)) => Some(t.sign_in_needed()),
        _ => None,
    }
}
