//! Checking in, arriving, and what the office does with it.

// Each field of a form is an argument.
#![allow(clippy::too_many_arguments)]

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// On to the next step that the caller may do, or to where it stands what was done.
#[cfg(feature = "ssr")]
async fn go_on(grant: &crate::access::Grant<crate::access::policy::CheckIn>, visit: Uuid) -> Result<(), Error> {
    use crate::{
        desk::check_in::{answering::may, handing::handed, store::CheckIn},
        platform::request as web,
    };
    let found = CheckIn::of(grant, visit).await?;
    let own = grant.holder()?.account.0;
    // Whoever was asked to do one step does that one, and not the rest.
    let handed: Vec<_> = handed(grant, visit).await?.into_iter().filter(|row| row.account_id == own).map(|row| row.step).collect();
    let mine = |step| may(grant, step) && (handed.is_empty() || handed.contains(&step));
    let next = found.steps.iter().find(|of| of.done.is_none() && mine(of.step)).map(|of| of.step.as_str());
    let page = format!("/p/{}/visits/{visit}/check-in", grant.patient());
    web::redirect_plain_form(&next.map_or_else(|| format!("{page}?done=saved"), |next| format!("{page}/{next}")));
    Ok(())
}

/// Says that address and phone are right, or asks the front desk to change what is different.
///
/// # Errors
/// `NotFound` for a visit of another chart; `NotAllowed` for whoever may not change them; `Invalid` when it is not open, or with each field
/// that cannot be right.
#[server(endpoint = "check-in/personal", output = Answer)]
pub async fn confirm_personal(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] address_line: String,
    #[server(default)] city: String,
    #[server(default)] state: String,
    #[server(default)] postal_code: String,
    #[server(default)] phone_mobile: String,
    #[server(default)] phone_home: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::{error::Problem, why::Why},
        desk::{
            check_in::{answering, model::Step, problem as check_in_problem},
            requests::store as requests,
        },
        features::personal::store::{self as personal, Details, ask_change},
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::open_step(&grant, visit, Step::Personal).await?;
    let changing = allow::<policy::ChangePersonalInformation>(patient).await?;
    let typed = Details { address_line, city, state, postal_code, phone_mobile, phone_home };
    let (_, known) = personal::known(&changing).await?;
    let emptied =
        known.entries().into_iter().zip(typed.entries()).filter(|((_, known), (_, typed))| !known.is_empty() && typed.trim().is_empty());
    let emptied: Vec<Problem> =
        emptied.map(|((field, _), _)| Problem { field: field.to_owned(), why: check_in_problem::NOT_EMPTIED }).collect();
    if !emptied.is_empty() {
        return Err(Error::Invalid(emptied));
    }
    // What was asked for, and nobody has decided about, is not asked for again.
    if personal::is_asked(&changing, &typed).await? {
        answering::confirm(&grant, visit, Step::Personal, true).await?;
        return go_on(&grant, visit).await;
    }
    let before = personal::pending(&changing).await?;
    let told = match ask_change(&changing, typed).await {
        Ok(_) => true,
        // Nothing is different.
        Err(Error::Invalid(problems)) if problems.iter().all(|problem| problem.why == Why::ALREADY_DONE) => false,
        Err(error) => return Err(error),
    };
    // The form holds what was asked for before: the new request says all of it, or nothing of it is wanted any more.
    let own = allow::<policy::ManageOwnAccount>(()).await?;
    for request in before {
        match requests::withdraw(&own, request).await {
            Ok(()) | Err(Error::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    answering::confirm(&grant, visit, Step::Personal, told).await?;
    go_on(&grant, visit).await
}

/// Says that the insurances are right, or that what is different was told.
///
/// # Errors
/// `NotFound` for a visit of another chart; `NotAllowed` for whoever may not tell about insurance; `Invalid` when it is not open.
#[server(endpoint = "check-in/insurance", output = Answer)]
pub async fn confirm_insurance(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::{
            answering,
            model::{STILL_HOLDS, Step},
        },
        desk::{billing::model::INSURANCE_REQUEST, requests::store::open_of},
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::open_step(&grant, visit, Step::Insurance).await?;
    let since = grant.now().instant - STILL_HOLDS;
    let told = open_of(&grant, INSURANCE_REQUEST).await?.iter().any(|request| request.created_at > since);
    answering::confirm(&grant, visit, Step::Insurance, told).await?;
    go_on(&grant, visit).await
}

/// Says of each medicine, or each allergy, whether it is right, and what is missing.
///
/// # Errors
/// `NotFound` for a visit of another chart; `NotAllowed` for whoever may not tell about medicines; `Invalid` when it is not open, or with
/// everything that is wrong.
#[server(endpoint = "check-in/medicines", output = Answer)]
pub async fn confirm_medicines(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] step: String,
    #[server(default)] said: HashMap<String, String>,
    #[server(default)] words: HashMap<String, String>,
    #[server(default)] new_title: String,
    #[server(default)] new_words: String,
) -> Result<(), Error> {
    use crate::features::check_in::medicines::{Typed, tell};
    use crate::{
        access::{allow, policy},
        desk::check_in::{answering, model::Step},
    };
    let step = [Step::Medications, Step::Allergies].into_iter().find(|found| found.as_str() == step).ok_or(Error::NotFound)?;
    let grant = allow::<policy::CheckIn>(patient).await?;
    let found = answering::open_step(&grant, visit, step).await?;
    let telling = allow::<policy::RequestMedicine>(patient).await?;
    let chart = allow::<policy::ViewHealthSummary>(patient).await?;
    let typed = Typed { said: &said, words: &words, new_title: &new_title, new_words: &new_words };
    let told = tell(&telling, &chart, step, &typed, found.visit.department_id).await?;
    answering::confirm(&grant, visit, step, told).await?;
    go_on(&grant, visit).await
}

/// Keeps the phone number to text, and what somebody needs there.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` when it is not open, or with each field that cannot be right.
#[server(endpoint = "check-in/plan", output = Answer)]
pub async fn keep_plan(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] phone: String,
    #[server(default)] needs: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::answering,
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::plan(&grant, visit, &phone, &needs).await?;
    go_on(&grant, visit).await
}

/// Begins a questionnaire that is asked before the visit. Twice is once.
///
/// # Errors
/// `NotFound` for a visit of another chart, or a questionnaire that is not asked before it; `NotAllowed` for whoever may not answer; `Invalid`
/// when it is not open.
#[server(endpoint = "check-in/begin-form", output = Answer)]
pub async fn begin_form(patient: PatientId, visit: Uuid, form: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::{
            check_in::{answering, model::Step},
            questionnaires::answering::begin,
        },
        platform::request as web,
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    let found = answering::open_step(&grant, visit, Step::Forms).await?;
    let answers = allow::<policy::AnswerQuestionnaires>(patient).await?;
    let asked = found.forms().iter().find(|asked| asked.form.id == form).ok_or(Error::NotFound)?;
    let id = match asked.done.as_ref().or(asked.begun.as_ref()) {
        Some(row) => row.id,
        None => begin(&answers, form, &found.visit).await?,
    };
    web::redirect_plain_form(&format!("/p/{patient}/questionnaires/{id}?visit={visit}"));
    Ok(())
}

/// Says that what is due is paid later, at the desk or by bill.
///
/// # Errors
/// `NotFound` for a visit of another chart; `NotAllowed` for whoever does not pay; `Invalid` when it is not open, or the department asks to
/// be paid first.
#[server(endpoint = "check-in/pay-later", output = Answer)]
pub async fn pay_later(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::{answering, model::Step},
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::pay_later(&grant, visit).await?;
    answering::confirm(&grant, visit, Step::Payment, false).await?;
    go_on(&grant, visit).await
}

/// Asks a step anew that was done.
///
/// # Errors
/// `NotFound` for a visit of another chart, or a step that there is not; `NotAllowed` for a step that the caller may not do; `Invalid` when
/// it is not open.
#[server(endpoint = "check-in/undo", output = Answer)]
pub async fn undo(patient: PatientId, visit: Uuid, #[server(default)] step: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::{answering, model::Step},
        platform::request as web,
    };
    let step = Step::ALL.iter().copied().find(|found| found.as_str() == step).ok_or(Error::NotFound)?;
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::undo(&grant, visit, step).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/check-in/{}", step.as_str()));
    Ok(())
}

/// Asks somebody else who acts for the patient to do a step.
///
/// # Errors
/// `NotFound` for a visit of another chart, or a step that there is not; `NotAllowed` for a step that the caller may not do; `Invalid` when
/// it is not open, or for somebody who cannot do it.
#[server(endpoint = "check-in/hand-over", output = Answer)]
pub async fn hand_over(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] step: String,
    #[server(default)] to: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::{handing, model::Step},
        platform::request as web,
    };
    let step = Step::ALL.iter().copied().find(|found| found.as_str() == step).ok_or(Error::NotFound)?;
    let grant = allow::<policy::CheckIn>(patient).await?;
    handing::hand(&grant, visit, step, &to).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/check-in?done=handed"));
    Ok(())
}

/// Says that the person is there. Twice is once.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` when it is not the time for it.
#[server(endpoint = "check-in/arrive", output = Answer)]
pub async fn say_arrived(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::arriving,
        platform::request as web,
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    arriving::arrive(&grant, visit).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/arrive"));
    Ok(())
}
