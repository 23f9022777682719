//! The second step at sign-in, and its settings.

use leptos::server_fn::ServerFn;
use qrcode::EcLevel;

use super::{api, store, totp};
use crate::{
    access::{allow, policy},
    base::{boot::Boot, error::Error, i18n::Texts},
    platform::request as web,
    view::{
        qr,
        screens::{
            good,
            model::{Field, Form, Kind, Part, Screen},
            off, plain,
        },
    },
};

/// The second step of a sign-in.
pub async fn at_sign_in() -> Result<Screen, Error> {
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let t = grant.texts();
    let Some(waiting) = store::waiting(&grant, web::cookie(api::STEP_COOKIE)).await? else {
        return Ok(Screen::new(t.second_over_title(), t.second_over_lead())
            .narrow()
            .sheet("", vec![Part::button("/sign-in", t.sign_in_title())]));
    };
    let mut parts = Vec::new();
    let ready = waiting.has_app() || waiting.was_mailed();
    if waiting.was_mailed() {
        parts.push(Part::text(t.second_mailed(&waiting.hidden_email().unwrap_or_default())));
    } else if waiting.has_app() {
        parts.push(Part::text(t.second_app_text()));
    }
    if ready {
        parts.push(
            Form::post(api::PassSecondStep::PATH, t.second_go_on())
                .field(Field::new("code", t.second_code(), Kind::Text).hint(t.second_code_hint()).autocomplete("one-time-code"))
                .field(Field::check("trust", t.second_trust(), false).hint(t.second_trust_hint()))
                .done(),
        );
    }
    let mut screen = Screen::new(t.second_title(), t.second_lead()).narrow().back("/sign-in", t.sign_in_title()).sheet("", parts);
    if waiting.has_email() {
        let label = if waiting.was_mailed() { t.second_mail_again() } else { t.second_mail() };
        let form = Form::post(api::MailCode::PATH, label);
        let form = if ready { form.quiet() } else { form };
        screen = screen
            .sheet(t.second_by_mail(), vec![Part::text(t.second_by_mail_text(&waiting.hidden_email().unwrap_or_default())), form.done()]);
    }
    let phone = web::context::<Boot>()?.brand.support_phone;
    Ok(screen.sheet(t.second_lost(), vec![Part::text(t.second_lost_text(&phone))]))
}

/// What is set up.
pub async fn settings() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let setup = store::setup(&grant).await?;
    let account = &setup.account;
    let mut screen = Screen::new(t.second_settings_title(), t.second_settings_lead()).back("/account", t.account_title());
    if account.staff_role.is_some() && !grant.holder()?.second_step_passed {
        screen = screen.warning(t.second_staff_title(), vec![Part::text(t.second_staff_text())]);
    }
    let zone = grant.zone();
    let app = match account.totp_confirmed_at {
        Some(at) => vec![
            status(t, true),
            Part::small(t.second_since(&t.date_and_time(at, &zone))),
            Part::More {
                summary: t.second_app_remove().into(),
                parts: vec![
                    Form::post(api::RemoveApp::PATH, t.second_app_remove())
                        .quiet()
                        .field(
                            Field::new("password", t.second_password(), Kind::Password)
                                .id("remove-app-password")
                                .autocomplete("current-password"),
                        )
                        .done(),
                ],
            },
        ],
        None => vec![status(t, false), Part::text(t.second_app_what()), Part::button("/account/second-step/app", t.second_app_set_up())],
    };
    screen = screen.sheet(t.second_app(), app);
    let mut keys: Vec<Part> = vec![Part::text(t.second_passkeys_what())];
    for key in &setup.passkeys {
        let used = key.last_used_at.map(|at| t.second_last_used(&t.date_and_time(at, &zone)));
        let mut lines = vec![t.second_since(&t.date_and_time(key.created_at, &zone))];
        lines.extend(used);
        let remove = Form::post(api::RemovePasskey::PATH, t.second_remove()).quiet().hidden("id", key.id).done();
        keys.push(Part::Entry { title: name(t, &key.name), tag: None, lines, parts: vec![remove] });
    }
    keys.push(Part::Passkey { label: t.second_passkey_add().into(), new: true });
    screen = screen.sheet(t.second_passkeys(), keys);
    let mail = if account.email_code_on {
        vec![
            status(t, true),
            Part::More {
                summary: t.second_mail_off().into(),
                parts: vec![
                    Form::post(api::SetEmailCode::PATH, t.second_mail_off())
                        .quiet()
                        .hidden("on", false)
                        .field(
                            Field::new("password", t.second_password(), Kind::Password)
                                .id("mail-off-password")
                                .autocomplete("current-password"),
                        )
                        .done(),
                ],
            },
        ]
    } else if account.email_verified_at.is_some() {
        vec![
            status(t, false),
            Part::text(t.second_mail_what()),
            Form::post(api::SetEmailCode::PATH, t.second_mail_on()).quiet().hidden("on", true).done(),
        ]
    } else {
        vec![status(t, false), Part::text(t.second_mail_unproved()), Part::quiet("/account/email", t.account_email())]
    };
    screen = screen.sheet(t.second_by_mail(), mail);
    if account.totp_confirmed_at.is_some() || account.email_code_on {
        screen = screen.sheet(
            t.second_codes(),
            vec![
                Part::text(t.second_codes_left(&setup.recovery_codes_left.to_string())),
                Form::post(api::RenewRecoveryCodes::PATH, t.second_codes_renew()).quiet().done(),
            ],
        );
    }
    Ok(screen.sheet(t.account_devices(), vec![Part::text(t.second_devices_text()), Part::quiet("/account/devices", t.account_devices())]))
}

fn status(t: Texts, on: bool) -> Part {
    let tag = if on { good(t.second_on()) } else { off(t.second_off()) };
    Part::Entry { title: t.second_status().into(), tag, lines: Vec::new(), parts: Vec::new() }
}

/// Sets up an authenticator app.
pub async fn app() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let (account, secret) = match store::secret_to_confirm(&grant).await {
        Err(Error::NotFound) => return settings().await,
        other => other?,
    };
    let product = web::context::<Boot>()?.brand.product;
    let picture = qr::picture(&totp::address(&secret, &product, &account.username), EcLevel::M, 220)?;
    let grouped: Vec<String> = secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    Ok(Screen::new(t.second_app_title(), t.second_app_lead()).narrow().back("/account/second-step", t.second_settings_title()).sheet(
        "",
        vec![
            Part::Numbered(vec![t.second_app_1().into(), t.second_app_2().into(), t.second_app_3().into()]),
            Part::Picture { src: picture, alt: t.second_qr_alt().into() },
            Part::Code { label: t.second_secret().into(), text: grouped.join(" ") },
            Form::post(api::ConfirmApp::PATH, t.second_app_confirm())
                .field(Field::new("code", t.second_code(), Kind::Digits).autocomplete("one-time-code"))
                .done(),
        ],
    ))
}

/// Ten recovery codes, shown once.
pub async fn recovery_codes() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let Some(codes) = web::take_secret()?.filter(|codes| codes.contains('.')) else { return settings().await };
    Ok(Screen::new(t.second_codes(), t.second_codes_lead()).narrow().sheet(
        "",
        vec![
            Part::Code { label: t.second_codes().into(), text: codes.split('.').collect::<Vec<_>>().join("\n") },
            Part::text(t.second_codes_keep()),
            Part::Print { label: t.ui_print().into() },
            Part::button("/account/second-step", t.second_codes_kept()),
        ],
    ))
}

/// Where somebody is signed in.
pub async fn devices() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let zone = grant.zone();
    let (sessions, trusted) = store::devices(&grant).await?;
    let entry = |device: &store::Device| {
        let mut lines = vec![t.second_since(&t.date_and_time(device.since, &zone))];
        lines.extend(device.last_seen.map(|at| t.second_last_used(&t.date_and_time(at, &zone))));
        lines.extend(device.until.map(|at| t.second_trusted_until(&t.date_and_time(at, &zone))));
        let end = if device.until.is_some() { t.second_forget() } else { t.second_end() };
        let revoke = Form::post(api::RevokeDevice::PATH, end).quiet().hidden("id", device.id).done();
        let parts = if device.here { Vec::new() } else { vec![revoke] };
        Part::Entry { title: name(t, &device.name), tag: if device.here { plain(t.second_this_device()) } else { None }, lines, parts }
    };
    let mut sheets: Vec<Part> = sessions.iter().map(entry).collect();
    sheets
        .push(Form::post(crate::features::account::sign_in::api::SignOutEverywhere::PATH, t.account_sign_out_everywhere()).quiet().done());
    let trusted: Vec<Part> =
        if trusted.is_empty() { vec![Part::text(t.second_none_trusted())] } else { trusted.iter().map(entry).collect() };
    Ok(Screen::new(t.account_devices(), t.second_devices_lead())
        .back("/account", t.account_title())
        .sheet(t.second_signed_in(), sheets)
        .sheet(t.second_trusted(), trusted))
}

fn name(t: Texts, device: &str) -> String {
    if device.is_empty() { t.second_unknown_device().to_owned() } else { device.to_owned() }
}
