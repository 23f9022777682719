//! What the office does with check-ins and arrivals.

// Each field of a form is an argument.
#![allow(clippy::too_many_arguments)]

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

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
        "wait_again" => staff::wait_again(&grant, visit).await?,
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
    #[server(default)] must_pay: String,
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
        must_pay: must_pay == "true",
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
