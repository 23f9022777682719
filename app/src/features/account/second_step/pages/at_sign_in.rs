use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy},
    base::{boot::Boot, error::Error, i18n::texts},
    features::account::second_step::{
        api::{self, STEP_COOKIE},
        step::{self, PendingStep},
    },
    platform::request as web,
    view::{
        fields::{Checkbox, Field},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{MainButton, Section},
    },
};

/// The second step of a sign-in.
///
/// # Errors
/// When the database fails.
pub async fn at_sign_in(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let t = grant.texts();
    let Some(pending) = step::pending(&grant, web::cookie(STEP_COOKIE)).await? else {
        return Ok(Page::new(t.second_over_title(), t.second_over_lead()).narrow().body(view! {
            <Section><MainButton href="/sign-in" label=t.sign_in_title()/></Section>
        }));
    };
    let phone = web::context::<Boot>()?.brand.support_phone;
    // Without an app, the code has to be mailed before it can be typed.
    let ready = pending.has_app() || pending.was_mailed();
    Ok(Page::new(t.second_title(), t.second_lead()).narrow().back("/sign-in", t.sign_in_title()).body(view! {
        {ready.then(|| view! { <TypeCode pending=&pending/> })}
        {pending.has_email().then(|| view! { <MailCode pending=&pending ready/> })}
        <Section heading=t.second_lost()><p class="text">{t.second_lost_text(&phone)}</p></Section>
    }))
}

#[component]
fn TypeCode<'a>(pending: &'a PendingStep) -> impl IntoView + use<> {
    let t = texts();
    let says = match pending.was_mailed() {
        true => t.second_mailed(&pending.hidden_email().unwrap_or_default()),
        false => t.second_app_text().to_owned(),
    };
    view! {
        <Section>
            <p class="text">{says}</p>
            <PostForm action=api::PassSecondStep::PATH submit=t.second_go_on()>
                <Field name="code" label=t.second_code() hint=t.second_code_hint() autocomplete="one-time-code"/>
                <Checkbox name="trust" label=t.second_trust() hint=t.second_trust_hint()/>
            </PostForm>
        </Section>
    }
}

#[component]
fn MailCode<'a>(
    pending: &'a PendingStep,
    /// A code can be typed already.
    ready: bool,
) -> impl IntoView + use<> {
    let t = texts();
    let email = pending.hidden_email().unwrap_or_default();
    let label = if pending.was_mailed() { t.second_mail_again() } else { t.second_mail() };
    view! {
        <Section heading=t.second_by_mail()>
            <p class="text">{t.second_by_mail_text(&email)}</p>
            <PostForm action=api::MailCode::PATH submit=label quiet=ready/>
        </Section>
    }
}
