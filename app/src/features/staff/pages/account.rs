use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{Grant, policy::ViewPatientAccount},
    base::{
        clock::local_date,
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    features::{
        account::sign_up::{by_code::outstanding, fields::SecurityQuestion, model::CodeDelivery},
        staff::api::{CreateAccount, HandOutCode},
    },
    view::{
        Notice,
        fields::{Checkbox, Field, Input, Radios},
        form::PostForm,
        sections::Disclosure,
    },
};

/// Two ways to an account: a code to take home, or everything at the desk.
#[component]
pub(super) fn NewAccount(
    patient: PatientId,
    /// The code that is out.
    outstanding: Option<String>,
) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string())];
    view! {
        <h3>{t.staff_code_title()}</h3>
        <p class="text">{t.staff_code_text()}</p>
        {outstanding.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <PostForm action=HandOutCode::PATH submit=t.staff_code() hidden>
            <IdentityChecks form="code"/>
        </PostForm>
        <Disclosure summary=t.staff_create_title()>
            <p class="text">{t.staff_create_text()}</p>
            <CreateAtDesk patient/>
        </Disclosure>
    }
}

/// Says when the code was made that is out, and until when it is good.
///
/// # Errors
/// When the database fails.
pub(super) async fn code_that_is_out(grant: &Grant<ViewPatientAccount>) -> Result<Option<String>, Error> {
    let (t, zone) = (grant.texts(), grant.zone());
    Ok(outstanding(grant, grant.patient().0).await?.map(|code| {
        let (made, until) = (t.date_and_time(code.created_at, &zone), t.date(local_date(code.expires_at, &zone)));
        match code.handed {
            CodeDelivery::Office => t.staff_code_out_office(param::Made(&made), param::Until(&until)),
            CodeDelivery::Mailed => t.staff_code_out_mailed(param::Made(&made), param::Until(&until)),
        }
    }))
}

#[component]
fn CreateAtDesk(patient: PatientId) -> impl IntoView {
    let t = texts();
    let notices = [("yes", t.signup_notices_yes()), ("no", t.signup_notices_no())];
    let notices = notices.map(|(value, label)| (value.to_owned(), label.to_owned(), String::new())).into();
    view! {
        <PostForm action=CreateAccount::PATH submit=t.staff_create() hidden=vec![("patient", patient.to_string())]>
            <IdentityChecks form="create"/>
            <Field name="username" label=t.signup_username() hint=t.signup_username_hint()/>
            <Field name="password" label=t.signup_password() input=Input::NewPassword hint=t.password_hint() autocomplete="new-password"/>
            <Field name="repeat" label=t.signup_repeat() input=Input::Password autocomplete="new-password"/>
            <SecurityQuestion/>
            <Field name="answer" label=t.signup_answer() hint=t.signup_answer_hint()/>
            <Field name="email" label=t.signup_email() input=Input::Email hint=t.signup_email_hint()/>
            <Radios name="notices" label=t.signup_notices() choices=notices value="yes"/>
        </PostForm>
    }
}

/// Nobody gets an account without showing who they are.
#[component]
fn IdentityChecks(
    /// Tells the boxes of two forms apart.
    form: &'static str,
) -> impl IntoView {
    let t = texts();
    view! {
        <Checkbox name="photo_id" label=t.staff_check_photo() id=format!("photo-id-{form}")/>
        <Checkbox name="birth_date_said" label=t.staff_check_birth_date() id=format!("birth-date-said-{form}")/>
    }
}
