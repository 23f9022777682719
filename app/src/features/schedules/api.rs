//! Keeping calendars, answering requests for visits, and booking for patients.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Adds hours of a clinician.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/add-hours", output = Answer)]
pub async fn add_hours(
    clinician: Uuid,
    department: Uuid,
    #[server(default)] day: HashMap<String, String>,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] first_on: String,
    #[server(default)] last_on: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar::{self, Hours},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let ticked = day.iter().filter(|(_, ticked)| *ticked == "true");
    let weekdays = ticked.filter_map(|(name, _)| name.strip_prefix('d')?.parse().ok()).collect();
    let hours = Hours { clinician, department, weekdays, from: &from, until: &until, first_on: &first_on, last_on: &last_on };
    calendar::add_hours(&grant, &hours).await?;
    web::redirect_plain_form(&format!("/staff/schedule/hours/{clinician}?done=added"));
    Ok(())
}

/// Ends hours with a day.
///
/// # Errors
/// `NotFound` for hours of other departments; `Invalid` for what is no date.
#[server(endpoint = "schedules/end-hours", output = Answer)]
pub async fn end_hours(id: Uuid, #[server(default)] last_on: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let clinician = calendar::end_hours(&grant, id, &last_on).await?;
    web::redirect_plain_form(&format!("/staff/schedule/hours/{clinician}?done=ended"));
    Ok(())
}

/// Blocks time.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/block", output = Answer)]
pub async fn block(
    department: Uuid,
    #[server(default)] clinician: String,
    #[server(default)] day: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] reason: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar::{self, Block},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let who = if clinician.is_empty() { None } else { Some(clinician.parse().map_err(|_| Error::NotFound)?) };
    calendar::block(&grant, &Block { department, clinician: who, day: &day, from: &from, until: &until, reason: &reason }).await?;
    web::redirect_plain_form(&format!("/staff/schedule?who={clinician}&day={}&done=blocked", day.trim()));
    Ok(())
}

/// Opens blocked time again.
///
/// # Errors
/// `NotFound` for that of other departments.
#[server(endpoint = "schedules/unblock", output = Answer)]
pub async fn unblock(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    calendar::unblock(&grant, id).await?;
    web::redirect_plain_form("/staff/schedule?done=unblocked");
    Ok(())
}

/// Offers up to three times to a request.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` with what is wrong.
#[server(endpoint = "schedules/offer", output = Answer)]
pub async fn offer(
    patient: PatientId,
    id: Uuid,
    #[server(default)] kind: String,
    #[server(default)] time1: String,
    #[server(default)] time2: String,
    #[server(default)] time3: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let kind = if kind.is_empty() { None } else { Some(kind.parse().map_err(|_| Error::NotFound)?) };
    staff::offer(&grant, id, kind, &[&time1, &time2, &time3], &words).await?;
    web::redirect_plain_form(&format!("/staff/visit-requests/{id}?done=offered"));
    Ok(())
}

/// Says that there will be no visit.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it is over, or without a reason.
#[server(endpoint = "schedules/decline", output = Answer)]
pub async fn decline(patient: PatientId, id: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff::decline(&grant, id, &words).await?;
    web::redirect_plain_form(&format!("/staff/visit-requests/{id}?done=declined"));
    Ok(())
}

/// Calls a visit off, with a reason that the patient reads.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` without a reason, or when it is off or over.
#[server(endpoint = "schedules/cancel", output = Answer)]
pub async fn cancel(patient: PatientId, visit: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff_visits::cancel(&grant, visit, &words).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=cancelled"));
    Ok(())
}

/// Books for a patient who calls or stands at the desk.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with what is wrong.
#[server(endpoint = "schedules/book", output = Answer)]
pub async fn book_for(
    patient: PatientId,
    kind: Uuid,
    #[server(default)] slot: String,
    #[server(default)] reason: String,
    #[server(default)] overbook: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits::{self, ForPatient},
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let wanted = ForPatient { kind, slot: &slot, reason: &reason, overbook: overbook == "true" };
    let visit = staff_visits::book_for(&grant, &wanted).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=booked"));
    Ok(())
}

/// Puts somebody who waits for an earlier time before the others.
///
/// # Errors
/// `NotFound` for who does not wait; `Invalid` without a reason.
#[server(endpoint = "schedules/mark-urgent", output = Answer)]
pub async fn mark_urgent(patient: PatientId, visit: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff_visits::mark_urgent(&grant, visit, &words).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=urgent"));
    Ok(())
}

/// Keeps a kind of visit.
///
/// # Errors
/// `NotAllowed` for whoever changes none; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/keep-kind", output = Answer)]
pub async fn keep_kind(
    #[server(default)] id: String,
    #[server(default)] name_en: String,
    #[server(default)] name_es: String,
    #[server(default)] says_en: String,
    #[server(default)] says_es: String,
    #[server(default)] minutes: String,
    #[server(default)] who: String,
    #[server(default)] way: String,
    #[server(default)] before_en: String,
    #[server(default)] before_es: String,
    #[server(default)] price: String,
    #[server(default)] cutoff_hours: String,
    #[server(default)] lead_hours: String,
    #[server(default)] least_age: String,
    #[server(default)] most_age: String,
    #[server(default)] order_code: String,
    #[server(default)] fast_pass: String,
    #[server(default)] retired: String,
    #[server(default)] offered: HashMap<String, String>,
) -> Result<(), Error> {
    use super::model::parse_pair;
    use crate::{
        access::{allow, policy},
        desk::scheduling::settings::{self, Kind},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let mut pairs = Vec::new();
    for (name, how) in offered.iter().filter(|(_, how)| matches!(how.as_str(), "direct" | "request")) {
        let (clinician, department) = parse_pair(name).ok_or(Error::NotFound)?;
        pairs.push((clinician, department, how == "request"));
    }
    let kind = Kind {
        id: if id.is_empty() { None } else { Some(id.parse().map_err(|_| Error::NotFound)?) },
        name_en: &name_en,
        name_es: &name_es,
        says_en: &says_en,
        says_es: &says_es,
        minutes: &minutes,
        who: &who,
        way: &way,
        before_en: &before_en,
        before_es: &before_es,
        price: &price,
        cutoff_hours: &cutoff_hours,
        lead_hours: &lead_hours,
        least_age: &least_age,
        most_age: &most_age,
        order_code: &order_code,
        fast_pass: fast_pass == "true",
        retired: retired == "true",
        offered: pairs,
    };
    settings::keep_kind(&grant, &kind).await?;
    web::redirect_plain_form("/staff/schedule/kinds?done=kept");
    Ok(())
}

/// Keeps how a department keeps its calendar.
///
/// # Errors
/// `NotAllowed` for whoever changes none; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/keep-department", output = Answer)]
pub async fn keep_department(
    department: Uuid,
    #[server(default)] owner: String,
    #[server(default)] request_days: String,
    #[server(default)] lead_hours: String,
    #[server(default)] access_en: String,
    #[server(default)] access_es: String,
    #[server(default)] interpreter: String,
    #[server(default)] sensitive: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::settings::{self, Office},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let office = Office {
        department,
        owner: &owner,
        request_days: &request_days,
        lead_hours: &lead_hours,
        access_en: &access_en,
        access_es: &access_es,
        interpreter: interpreter == "true",
        sensitive: sensitive == "true",
    };
    settings::keep_office(&grant, &office).await?;
    web::redirect_plain_form("/staff/schedule/kinds?done=kept");
    Ok(())
}
