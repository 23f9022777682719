//! The pages of getting back in.

use leptos::server_fn::ServerFn;

use super::{api, store};
use crate::{
    access::{allow, policy},
    base::{boot::Boot, error::Error},
    features::account::sign_up::screens::{birth_date, question_in_words},
    platform::request as web,
    view::screens::{
        model::{Field, Form, Kind, Part, Screen},
        query_value,
    },
};

/// What was lost?
pub async fn start() -> Result<Screen, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::AskRecovery::PATH, t.recovery_submit())
        .field(
            Field::radio(
                "lost",
                t.recovery_lost(),
                [("password", t.recovery_password(), ""), ("username", t.recovery_username(), ""), ("both", t.recovery_both(), "")],
            )
            .value("password"),
        )
        .field(Field::new("email", t.signup_email(), Kind::Email).hint(t.recovery_email_hint()).autocomplete("email"))
        .field(birth_date(t).hint(t.recovery_birth_date_hint()))
        .done();
    Ok(Screen::new(t.recovery_title(), t.recovery_lead()).narrow().back("/sign-in", t.sign_in_title()).sheet("", vec![form]).sheet(
        t.recovery_else(),
        vec![Part::text(t.recovery_else_text(&web::context::<Boot>()?.brand.support_phone)), Part::quiet("/help/ask", t.help_ask())],
    ))
}

/// After asking, whatever came of it.
pub async fn sent() -> Result<Screen, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    let phone = web::context::<Boot>()?.brand.support_phone;
    Ok(Screen::new(t.recovery_sent_title(), t.recovery_sent_lead()).narrow().sheet(
        "",
        vec![
            Part::Bullets(vec![t.recovery_sent_hour().into(), t.recovery_sent_spam().into(), t.recovery_sent_nothing(&phone)]),
            Part::button("/sign-in", t.sign_in_title()),
        ],
    ))
}

/// Behind the link: prove it, and choose.
pub async fn link(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    let token = query_value(query, "token").unwrap_or_default();
    let Some(challenge) = store::challenge(&grant, &token).await? else {
        return Ok(Screen::new(t.recovery_over_title(), t.recovery_over_lead())
            .narrow()
            .sheet("", vec![Part::button("/recover", t.recovery_again())]));
    };
    let mut form = Form::post(api::ChoosePassword::PATH, t.recovery_save()).hidden("token", token);
    if let Some(question) = &challenge.question {
        form = form.field(Field::text("answer", question_in_words(t, question)).hint(t.recovery_answer_hint()));
    }
    if challenge.has_second_step {
        let label = if challenge.question.is_some() { t.recovery_or_code() } else { t.second_code() };
        form = form.field(Field::new("code", label, Kind::Digits).autocomplete("one-time-code").optional());
    }
    let form = form
        .field(Field::new("password", t.recovery_new(), Kind::NewPassword).hint(t.password_hint()).autocomplete("new-password"))
        .field(Field::new("repeat", t.signup_repeat(), Kind::Password).autocomplete("new-password"))
        .done();
    let facts = Part::facts([(t.signup_username(), Some(challenge.username))]);
    Ok(Screen::new(t.recovery_choose_title(), t.recovery_choose_lead()).narrow().sheet("", vec![facts, form]))
}

/// Behind the link that proves an address: one tap, so that a mail scanner that follows links proves nothing.
pub async fn email(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    let form =
        Form::post(api::ProveEmail::PATH, t.recovery_prove()).hidden("token", query_value(query, "token").unwrap_or_default()).done();
    Ok(Screen::new(t.recovery_prove_title(), t.recovery_prove_lead()).narrow().sheet("", vec![form]))
}

pub async fn email_proved() -> Result<Screen, Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let t = grant.texts();
    Ok(Screen::new(t.recovery_proved_title(), t.recovery_proved_lead()).narrow().sheet("", vec![Part::button("/home", t.error_go_home())]))
}
