//! The pages of one's own account.

use leptos::server_fn::ServerFn;

use super::api;
use crate::{
    access::{allow, policy},
    base::{
        error::Error,
        i18n::{Locale, Texts},
    },
    features::account::{second_step::store::own, sign_in::api::SignOut},
    platform::mail::model::News,
    view::screens::{
        link,
        model::{Field, Form, Kind, Part, Screen},
        query_value,
    },
};

/// Everything that can be set.
pub async fn account(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let account = own(&grant).await?;
    let mut screen = Screen::new(t.account_title(), t.account_lead());
    let done = match query_value(query, "done").as_deref() {
        Some("password") => Some(t.account_done_password()),
        Some("username") => Some(t.account_done_username()),
        Some("email") => Some(t.account_done_email()),
        Some("notices") => Some(t.account_done_notices()),
        _ => None,
    };
    if let Some(done) = done {
        screen = screen.notice("", done);
    }
    let email = match (&account.email, account.email_verified_at) {
        (None, _) => t.account_email_none().to_owned(),
        (Some(email), Some(_)) => email.clone(),
        (Some(email), None) => t.account_email_unproved(email),
    };
    let second = if account.totp_confirmed_at.is_some() || account.email_code_on { t.second_on() } else { t.second_off() };
    screen = screen.sheet(
        t.account_security(),
        vec![Part::Ways(vec![
            (link("/account/username", t.signup_username()), account.username.clone()),
            (link("/account/password", t.account_password()), t.account_password_says().into()),
            (link("/account/email", t.account_email()), email),
            (link("/account/second-step", t.second_settings_title()), second.into()),
            (link("/account/devices", t.account_devices()), t.account_devices_says().into()),
        ])],
    );
    screen = screen.sheet(
        t.account_more(),
        vec![Part::Ways(vec![
            (link("/account/notices", t.account_notices()), t.account_notices_says().into()),
            (link("/sharing", t.family_title()), t.family_lead().into()),
            (link("/people", t.people_title()), t.account_people_says().into()),
            (link("/requests", t.requests_title()), t.requests_says().into()),
            (link("/account/close", t.account_close()), t.account_close_says().into()),
        ])],
    );
    let languages = Field::new(
        "language",
        t.account_language(),
        Kind::Radio(Locale::ALL.map(|locale| (locale.tag().to_owned(), locale.own_name().to_owned(), String::new())).into()),
    )
    .value(t.0.tag());
    let language =
        Form::post(api::ChooseLanguage::PATH, t.account_save_language()).quiet().hidden("back", "/account").field(languages).done();
    Ok(screen.sheet(t.account_language(), vec![language]).sheet(
        t.account_sessions(),
        vec![Part::text(t.account_sessions_text()), Form::post(SignOut::PATH, t.account_sign_out()).quiet().done()],
    ))
}

pub async fn password() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::ChangePassword::PATH, t.account_password_change())
        .field(current_password(t))
        .field(Field::new("new_password", t.recovery_new(), Kind::NewPassword).hint(t.password_hint()).autocomplete("new-password"))
        .field(Field::new("repeat", t.signup_repeat(), Kind::Password).autocomplete("new-password"))
        .done();
    Ok(Screen::new(t.account_password(), t.account_password_lead()).narrow().back("/account", t.account_title()).sheet("", vec![form]))
}

pub async fn username() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let account = own(&grant).await?;
    let form = Form::post(api::ChangeUsername::PATH, t.account_username_change())
        .field(
            Field::text("username", t.account_username_new())
                .hint(t.signup_username_hint())
                .autocomplete("username")
                .value(account.username),
        )
        .field(current_password(t))
        .done();
    Ok(Screen::new(t.signup_username(), t.account_username_lead()).narrow().back("/account", t.account_title()).sheet("", vec![form]))
}

pub async fn email() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let account = own(&grant).await?;
    let form = Form::post(api::ChangeEmail::PATH, t.account_email_change())
        .field(Field::new("email", t.account_email_new(), Kind::Email).autocomplete("email").value(account.email.unwrap_or_default()))
        .field(current_password(t))
        .done();
    Ok(Screen::new(t.account_email(), t.account_email_lead()).narrow().back("/account", t.account_title()).sheet("", vec![form]))
}

pub async fn notices() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let account = own(&grant).await?;
    let off = account.mail_off.unwrap_or_default();
    let wants = |news: News| !off.split(',').any(|off| off == news.as_str());
    let hours = |none: &str| {
        let hour = |hour: i32| {
            let (half, shown) = (if hour < 12 { "am" } else { "pm" }, if hour % 12 == 0 { 12 } else { hour % 12 });
            (hour.to_string(), format!("{shown}:00 {half}"))
        };
        std::iter::once((String::new(), none.to_owned())).chain((0..24).map(hour)).collect::<Vec<_>>()
    };
    let value = |hour: Option<i32>| hour.map(|hour| hour.to_string()).unwrap_or_default();
    let form = Form::post(api::ChooseNotices::PATH, t.family_save())
        .field(Field::check("record", t.notices_record(), wants(News::Record)).hint(t.notices_record_says()))
        .field(Field::check("family", t.notices_family(), wants(News::Family)).hint(t.notices_family_says()))
        .field(Field::check("answers", t.notices_answers(), wants(News::Answers)).hint(t.notices_answers_says()))
        .field(Field::select("quiet_from", t.notices_quiet_from(), hours(t.notices_no_quiet())).value(value(account.quiet_from)).optional())
        .field(
            Field::select("quiet_until", t.notices_quiet_until(), hours(t.notices_no_quiet())).value(value(account.quiet_until)).optional(),
        )
        .done();
    Ok(Screen::new(t.account_notices(), t.notices_lead())
        .narrow()
        .back("/account", t.account_title())
        .sheet(t.notices_by_mail(), vec![form])
        .sheet(t.notices_always(), vec![Part::text(t.notices_always_says())]))
}

pub async fn close() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::CloseAccount::PATH, t.account_close())
        .field(current_password(t))
        .field(Field::check("sure", t.account_close_sure(), false))
        .done();
    Ok(Screen::new(t.account_close(), t.account_close_lead())
        .narrow()
        .back("/account", t.account_title())
        .sheet("", vec![Part::bullets([t.account_close_1(), t.account_close_2(), t.account_close_3()]), form]))
}

fn current_password(t: Texts) -> Field {
    Field::new("password", t.second_password(), Kind::Password).autocomplete("current-password")
}
