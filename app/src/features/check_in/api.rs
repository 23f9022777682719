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
        desk::check_in::{answering::may, store::CheckIn},
        platform::request as web,
    };
    let found = CheckIn::of(grant, visit).await?;
    let next = found.steps.iter().find(|(step, done)| done.is_none() && may(grant, *step)).map(|(step, _)| step.as_str());
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
        base::why::Why,
        desk::check_in::{answering, model::Step},
        features::personal::store::{Details, ask_change},
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::open_step(&grant, visit, Step::Personal).await?;
    let changing = allow::<policy::ChangePersonalInformation>(patient).await?;
    let typed = Details { address_line, city, state, postal_code, phone_mobile, phone_home };
    let told = match ask_change(&changing, typed).await {
        Ok(_) => true,
        // Nothing is different.
        Err(Error::Invalid(problems)) if problems.iter().all(|problem| problem.why == Why::ALREADY_DONE) => false,
        Err(error) => return Err(error),
    };
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
    use super::medicines::{Typed, tell};
    use crate::{
        access::{allow, policy},
        desk::check_in::{answering, model::Step},
    };
    let step = [Step::Medications, Step::Allergies].into_iter().find(|found| found.as_str() == step).ok_or(Error::NotFound)?;
    let grant = allow::<policy::CheckIn>(patient).await?;
    answering::open_step(&grant, visit, step).await?;
    let telling = allow::<policy::RequestMedicine>(patient).await?;
    let chart = allow::<policy::ViewHealthSummary>(patient).await?;
    let typed = Typed { said: &said, words: &words, new_title: &new_title, new_words: &new_words };
    let told = tell(&telling, &chart, step, &typed).await?;
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

/// What the front desk does with somebody who is expected, or there.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` when it cannot be done (any more).
#[server(endpoint = "check-in/desk", output = Answer)]
pub async fn at_desk(patient: PatientId, visit: Uuid, #[server(default)] what: String, #[server(default)] to: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    match what.as_str() {
        "arrived" => staff::arrived(&grant, visit).await?,
        "not_arrived" => staff::not_arrived(&grant, visit).await?,
        "call_in" => staff::call_in(&grant, visit, &to).await?,
        _ => return Err(Error::NotFound),
    }
    web::redirect_plain_form(&format!("/staff/visits/{visit}/check-in?done={what}"));
    Ok(())
}

/// Asks a step again, or all of them.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` without a reason, or when checking in is over.
#[server(endpoint = "check-in/reopen", output = Answer)]
pub async fn reopen(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] step: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::check_in::{model::Step, staff},
        platform::request as web,
    };
    let step = match step.as_str() {
        "all" => None,
        word => Some(Step::ALL.iter().copied().find(|found| found.as_str() == word).ok_or(Error::field("step", Why::MISSING))?),
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff::reopen(&grant, visit, step, &words).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}/check-in?done=reopened"));
    Ok(())
}

/// Keeps how a department wants people to check in and to arrive.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `NotAllowed` for whoever changes nothing; `Invalid` with everything wrong.
#[server(endpoint = "check-in/office", output = Answer)]
pub async fn keep_office(
    department: Uuid,
    #[server(default)] is_on: String,
    #[server(default)] opens_days: String,
    #[server(default)] steps: HashMap<String, String>,
    #[server(default)] arrive_from: String,
    #[server(default)] arrive_until: String,
    #[server(default)] after_en: String,
    #[server(default)] after_es: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::offices::{Typed, keep},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let steps = steps.iter().filter(|(_, ticked)| *ticked == "true").map(|(step, _)| step.as_str()).collect();
    let typed = Typed {
        is_on: is_on == "true",
        opens_days: &opens_days,
        steps,
        arrive_from: &arrive_from,
        arrive_until: &arrive_until,
        after_en: &after_en,
        after_es: &after_es,
    };
    keep(&grant, department, &typed).await?;
    web::redirect_plain_form(&format!("/staff/check-in/{department}?done=kept"));
    Ok(())
}

/// Says how late a department is today.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` for no number of minutes.
#[server(endpoint = "check-in/delay", output = Answer)]
pub async fn say_delay(department: Uuid, #[server(default)] minutes: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::check_in::offices,
        platform::request as web,
    };
    let grant = allow::<policy::SeeSchedules>(()).await?;
    offices::say_delay(&grant, department, &minutes).await?;
    web::redirect_plain_form(&format!("/staff/check-in?department={department}&done=delay"));
    Ok(())
}
