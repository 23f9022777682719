//! The pages of getting an account.

use super::{api, model::QUESTIONS, store};
use crate::{
    access::{Grant, allow, policy::SignUp},
    base::{error::Error, i18n::Texts},
    platform::request as web,
    view::screens::{
        model::{Field, Form, Kind, Part, Screen},
        query_value,
    },
};
use leptos::server_fn::ServerFn;

fn steps(t: Texts) -> [&'static str; 3] {
    [t.signup_step_code(), t.signup_step_id(), t.signup_step_contact()]
}

/// Step 1.
pub async fn code(query: &str) -> Result<Screen, Error> {
    let grant = allow::<SignUp>(()).await?;
    let t = grant.texts();
    let with_code = Form::post(api::EnterCode::PATH, t.signup_next())
        .field(Field::text("code", t.signup_code()).hint(t.signup_code_hint()).value(query_value(query, "code").unwrap_or_default()))
        .field(birth_date(t))
        .field(zip(t))
        .field(phone(t))
        .done();
    Ok(Screen::new(t.signup_title(), t.signup_lead())
        .narrow()
        .steps(&steps(t), 0)
        .sheet(t.signup_with_code(), vec![with_code])
        .sheet(t.signup_no_code(), vec![Part::text(t.signup_no_code_text()), Part::quiet("/sign-up/request", t.signup_online())])
        .sheet(t.signup_age_title(), vec![Part::text(t.signup_age_text()), Part::quiet("/help/proxy-access", t.signup_age_link())]))
}

/// The form for somebody without a code.
pub async fn request() -> Result<Screen, Error> {
    let grant = allow::<SignUp>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::RequestCode::PATH, t.signup_request_submit())
        .field(Field::text("given_name", t.signup_given_name()).autocomplete("given-name"))
        .field(Field::text("family_name", t.signup_family_name()).autocomplete("family-name"))
        .field(birth_date(t))
        .field(zip(t))
        .field(phone(t))
        .field(Field::new("email", t.signup_email(), Kind::Email).hint(t.signup_request_email_hint()).autocomplete("email"))
        .done();
    Ok(Screen::new(t.signup_request_title(), t.signup_request_lead()).narrow().back("/sign-up", t.signup_title()).sheet("", vec![form]))
}

/// After asking for a code, whatever came of it.
pub async fn requested() -> Result<Screen, Error> {
    let grant = allow::<SignUp>(()).await?;
    let t = grant.texts();
    let phone = web::context::<crate::base::boot::Boot>()?.brand.support_phone;
    Ok(Screen::new(t.signup_requested_title(), t.signup_requested_lead()).narrow().sheet(
        t.signup_requested_next(),
        vec![
            Part::Bullets(vec![t.signup_requested_match().into(), t.signup_requested_no_match().into(), t.signup_requested_bring(&phone)]),
            Part::button("/sign-up", t.signup_have_code()),
        ],
    ))
}

/// Step 2.
pub async fn id() -> Result<Screen, Error> {
    let (grant, row) = row().await?;
    let t = grant.texts();
    let kept = row.password_hash.is_some();
    let hint = if kept { t.signup_password_kept() } else { t.password_hint() };
    let mut password = Field::new("password", t.signup_password(), Kind::NewPassword).hint(hint).autocomplete("new-password");
    let mut repeat = Field::new("repeat", t.signup_repeat(), Kind::Password).autocomplete("new-password");
    let mut answer = Field::text("answer", t.signup_answer()).hint(t.signup_answer_hint());
    if kept {
        password.kind = Kind::Password;
        password.required = false;
        repeat.required = false;
        answer.required = false;
    }
    let form = Form::post(api::ChooseId::PATH, t.signup_next())
        .field(
            Field::text("username", t.signup_username())
                .hint(t.signup_username_hint())
                .autocomplete("username")
                .value(row.username.unwrap_or_default()),
        )
        .field(password)
        .field(repeat)
        .field(question(t).value(row.security_question.unwrap_or_default()))
        .field(answer)
        .done();
    Ok(Screen::new(t.signup_id_title(), t.signup_id_lead(&row.name)).narrow().steps(&steps(t), 1).sheet("", vec![form]))
}

/// Step 3.
pub async fn contact() -> Result<Screen, Error> {
    let (grant, row) = row().await?;
    if row.password_hash.is_none() {
        return id().await;
    }
    let t = grant.texts();
    let form = Form::post(api::FinishSignUp::PATH, t.sign_in_submit())
        .field(Field::new("email", t.signup_email(), Kind::Email).hint(t.signup_email_hint()).autocomplete("email"))
        .field(
            Field::radio(
                "notices",
                t.signup_notices(),
                [("yes", t.signup_notices_yes(), t.signup_notices_yes_hint()), ("no", t.signup_notices_no(), t.signup_notices_no_hint())],
            )
            .value("yes"),
        )
        .done();
    Ok(Screen::new(t.signup_contact_title(), t.signup_contact_lead())
        .narrow()
        .back("/sign-up/id", t.signup_step_id())
        .steps(&steps(t), 2)
        .sheet("", vec![form]))
}

async fn row() -> Result<(Grant<SignUp>, super::entity::sign_up::Model), Error> {
    let grant = allow::<SignUp>(()).await?;
    let row = store::under_way(&grant, web::cookie("sign_up")).await?.ok_or(Error::NotFound)?;
    Ok((grant, row))
}

/// Everywhere the same way to type a birth date.
pub(crate) fn birth_date(t: Texts) -> Field {
    Field::new("birth_date", t.signup_birth_date(), Kind::Date).autocomplete("bday")
}

fn zip(t: Texts) -> Field {
    Field::new("zip", t.signup_zip(), Kind::Digits).hint(t.signup_zip_hint()).autocomplete("postal-code").optional()
}

fn phone(t: Texts) -> Field {
    Field::new("phone", t.signup_phone(), Kind::Digits).optional()
}

pub(crate) fn question(t: Texts) -> Field {
    let choices = QUESTIONS.iter().map(|key| ((*key).to_owned(), question_in_words(t, key).to_owned()));
    Field::select("question", t.signup_question(), std::iter::once((String::new(), t.signup_choose().to_owned())).chain(choices).collect())
}

pub(crate) fn question_in_words(t: Texts, key: &str) -> &'static str {
    match key {
        "teacher" => t.signup_question_teacher(),
        "street" => t.signup_question_street(),
        "pet" => t.signup_question_pet(),
        "meal" => t.signup_question_meal(),
        _ => t.signup_question_friend(),
    }
}
