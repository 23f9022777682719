use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use qrcode::EcLevel;

use super::devices::device_name;
use crate::{
    access::{allow, policy},
    base::{boot::Boot, error::Error, i18n::texts},
    features::account::second_step::{
        api,
        app::secret_to_confirm,
        entity::passkey,
        passkeys,
        setup::{self, Setup},
        totp,
    },
    platform::request as web,
    view::{
        Notice,
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        qr,
        sections::{Disclosure, Item, LargeCode, MainButton, PasskeyButton, PrintButton, QuietButton, Section, Tag},
    },
};

const ADD_PASSKEY: &str = "/account/second-step/passkey";

/// What is set up.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn settings(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let Setup { account, passkeys, recovery_codes_left } = setup::setup(&grant).await?;
    let warned = account.staff_role.is_some() && !grant.holder()?.second_step_passed;
    let possible = passkeys::are_possible(&grant);
    let has_codes = account.totp_confirmed_at.is_some() || account.email_code_on;
    Ok(Page::new(t.second_settings_title(), t.second_settings_lead()).back("/account", t.account_title()).body(view! {
        {warned.then(|| view! {
            <Notice warn=true><h2>{t.second_staff_title()}</h2><p class="text">{t.second_staff_text()}</p></Notice>
        })}
        <Section heading=t.second_app()><App confirmed_at=account.totp_confirmed_at zone/></Section>
        {(possible || !passkeys.is_empty()).then(|| view! { <Section heading=t.second_passkeys()>
            <p class="text">{t.second_passkeys_what()}</p>
            {passkeys.into_iter().map(|passkey| view! { <Passkey passkey zone/> }).collect_view()}
            {possible.then(|| view! { <div class="needs-wasm"><QuietButton href=ADD_PASSKEY label=t.second_passkey_add()/></div> })}
        </Section> })}
        <Section heading=t.second_by_mail()><EmailCode on=account.email_code_on proved=account.email_verified_at.is_some()/></Section>
        {has_codes.then(|| view! {
            <Section heading=t.second_codes()>
                <p class="text">{t.second_codes_left(&recovery_codes_left.to_string())}</p>
                <Disclosure summary=t.second_codes_renew()>
                    <PostForm action=api::RenewRecoveryCodes::PATH submit=t.second_codes_renew() quiet=true>
                        <OwnPassword id="renew-codes-password"/>
                    </PostForm>
                </Disclosure>
            </Section>
        })}
        <Section heading=t.account_devices()>
            <p class="text">{t.second_devices_text()}</p>
            <QuietButton href="/account/devices" label=t.account_devices()/>
        </Section>
    }))
}

#[component]
fn Status(on: bool) -> impl IntoView {
    let t = texts();
    let tag = if on { Tag::good(t.second_on()) } else { Tag::muted(t.second_off()) };
    view! { <Item title=t.second_status() tag=Some(tag)/> }
}

#[component]
fn App(confirmed_at: Option<DateTime<Utc>>, zone: Tz) -> impl IntoView {
    let t = texts();
    match confirmed_at {
        Some(at) => view! {
            <Status on=true/>
            <p class="meta">{t.second_since(&t.date_and_time(at, &zone))}</p>
            <Disclosure summary=t.second_app_remove()>
                <PostForm action=api::RemoveApp::PATH submit=t.second_app_remove() quiet=true>
                    <OwnPassword id="remove-app-password"/>
                </PostForm>
            </Disclosure>
        }
        .into_any(),
        None => view! {
            <Status on=false/>
            <p class="text">{t.second_app_what()}</p>
            <MainButton href="/account/second-step/app" label=t.second_app_set_up()/>
        }
        .into_any(),
    }
}

#[component]
fn Passkey(passkey: passkey::Model, zone: Tz) -> impl IntoView {
    let t = texts();
    let mut lines = vec![t.second_since(&t.date_and_time(passkey.created_at, &zone))];
    lines.extend(passkey.last_used_at.map(|at| t.second_last_used(&t.date_and_time(at, &zone))));
    view! {
        <Item title=device_name(t, &passkey.name) lines>
            <PostForm action=api::RemovePasskey::PATH submit=t.second_remove() quiet=true hidden=vec![("id", passkey.id.to_string())]/>
        </Item>
    }
}

#[component]
fn EmailCode(
    on: bool,
    /// The address was proved to be the owner's.
    proved: bool,
) -> impl IntoView {
    let t = texts();
    let switch = |on: bool| vec![("on", on.to_string())];
    if on {
        view! {
            <Status on=true/>
            <Disclosure summary=t.second_mail_off()>
                <PostForm action=api::SetEmailCode::PATH submit=t.second_mail_off() quiet=true hidden=switch(false)>
                    <OwnPassword id="mail-off-password"/>
                </PostForm>
            </Disclosure>
        }
        .into_any()
    } else if proved {
        view! {
            <Status on=false/>
            <p class="text">{t.second_mail_what()}</p>
            <PostForm action=api::SetEmailCode::PATH submit=t.second_mail_on() quiet=true hidden=switch(true)/>
        }
        .into_any()
    } else {
        view! {
            <Status on=false/>
            <p class="text">{t.second_mail_unproved()}</p>
            <QuietButton href="/account/email" label=t.account_email()/>
        }
        .into_any()
    }
}

/// Sets up an authenticator app.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn app(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let (account, secret) = match secret_to_confirm(&grant).await {
        Err(Error::NotFound) => return settings(request).await,
        other => other?,
    };
    let product = web::context::<Boot>()?.brand.product;
    let picture = qr::picture(&totp::address(&secret, &product, &account.username), EcLevel::M, 220)?;
    let grouped: Vec<String> = secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    let page = Page::new(t.second_app_title(), t.second_app_lead()).narrow().back("/account/second-step", t.second_settings_title());
    Ok(page.body(view! {
        <Section>
            <ol><li>{t.second_app_1()}</li><li>{t.second_app_2()}</li><li>{t.second_app_3()}</li></ol>
            <img class="picture" src=picture alt=t.second_qr_alt()/>
            <LargeCode label=t.second_secret() text=grouped.join(" ")/>
            <PostForm action=api::ConfirmApp::PATH submit=t.second_app_confirm()>
                <Field name="code" label=t.second_code() input=Input::Digits autocomplete="one-time-code"/>
                <OwnPassword id="password"/>
            </PostForm>
        </Section>
    }))
}

/// Adds a passkey: first the password, then the device is asked.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn passkey(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let (t, may_add) = (grant.texts(), passkeys::may_add(&grant).await?);
    let lead = if may_add { t.second_passkey_lead() } else { t.second_passkey_password_lead() };
    Ok(Page::new(t.second_passkey_add(), lead).narrow().back("/account/second-step", t.second_settings_title()).body(view! {
        <Section>
            {if may_add {
                view! { <PasskeyButton label=t.second_passkey_add() new=true/> }.into_any()
            } else {
                view! {
                    <PostForm action=api::AllowPasskey::PATH submit=t.second_go_on()><OwnPassword id="password"/></PostForm>
                }
                .into_any()
            }}
        </Section>
    }))
}

/// The password of whoever changes what protects their account.
#[component]
fn OwnPassword(id: &'static str) -> impl IntoView {
    view! { <Field name="password" label=texts().second_password() input=Input::Password id autocomplete="current-password"/> }
}

/// Ten recovery codes, shown once.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn recovery_codes(request: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::ManageOwnAccount>(()).await?.texts();
    let Some(codes) = web::take_secret(api::NEW_CODES)? else { return settings(request).await };
    Ok(Page::new(t.second_codes(), t.second_codes_lead()).narrow().body(view! {
        <Section>
            <LargeCode label=t.second_codes() text=codes.replace('.', "\n")/>
            <p class="text">{t.second_codes_keep()}</p>
            <PrintButton label=t.ui_print()/>
            <MainButton href="/account/second-step" label=t.second_codes_kept()/>
        </Section>
    }))
}
