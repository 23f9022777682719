//! Asking for more of medicines, and deciding about it.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Keeps what somebody wants to ask for, to be looked over: nothing is requested by it.
///
/// # Errors
/// What the policy refuses; `NotFound` for a medicine of another chart; `Invalid` with everything that is wrong.
#[server(endpoint = "medications/prepare", output = Answer)]
pub async fn prepare(
    patient: PatientId,
    #[server(default)] which: HashMap<String, String>,
    #[server(default)] pharmacy: String,
    #[server(default)] pharmacy_other: String,
    #[server(default)] remember: String,
    #[server(default)] days_left: String,
    #[server(default)] comment: String,
) -> Result<(), Error> {
    use super::asking::{Wanted, of_box, prepare};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RequestMedicine>(patient).await?;
    let chart = allow::<policy::ViewHealthSummary>(patient).await?;
    let mut ids: Vec<Uuid> = Vec::new();
    for (name, _) in which.iter().filter(|(_, ticked)| *ticked == "true") {
        ids.push(of_box(name).ok_or(Error::NotFound)?);
    }
    ids.sort();
    ids.dedup();
    let wanted = Wanted {
        which: ids,
        pharmacy: &pharmacy,
        other: &pharmacy_other,
        remember: remember == "true",
        days_left: &days_left,
        comment: &comment,
    };
    let batch = prepare(&grant, &chart, &wanted).await?;
    web::redirect_plain_form(&format!("/p/{patient}/medications/requests/{batch}"));
    Ok(())
}

/// Asks for what was looked over.
///
/// # Errors
/// What the policy refuses; `NotFound` when there is no such thing of the caller in this chart.
#[server(endpoint = "medications/request", output = Answer)]
pub async fn request(patient: PatientId, batch: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RequestMedicine>(patient).await?;
    let chart = allow::<policy::ViewHealthSummary>(patient).await?;
    super::asking::request(&grant, &chart, batch).await?;
    web::redirect_plain_form(&format!("/p/{patient}/medications/requests/{batch}?done=requested"));
    Ok(())
}

/// Forgets what was prepared.
///
/// # Errors
/// What the policy refuses.
#[server(endpoint = "medications/discard", output = Answer)]
pub async fn discard(patient: PatientId) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RequestMedicine>(patient).await?;
    super::asking::discard(&grant).await?;
    web::redirect_plain_form(&format!("/p/{patient}/medications?done=discarded"));
    Ok(())
}

/// Takes a request back.
///
/// # Errors
/// What the policy refuses; `NotFound` without such a request in this chart; `Invalid` when it was decided.
#[server(endpoint = "medications/withdraw", output = Answer)]
pub async fn withdraw(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RequestMedicine>(patient).await?;
    super::asking::withdraw(&grant, id).await?;
    web::redirect_plain_form(&format!("/p/{patient}/medications?done=withdrawn"));
    Ok(())
}

/// Tells the office that something is taken differently from what the record says: nothing in the record changes by it.
///
/// # Errors
/// What the policy refuses; `NotFound` for an item of another chart; `Invalid` with everything that is wrong.
#[server(endpoint = "medications/tell", output = Answer)]
pub async fn tell(
    patient: PatientId,
    #[server(default)] item: String,
    #[server(default)] kind: String,
    #[server(default)] title: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RequestMedicine>(patient).await?;
    let chart = allow::<policy::ViewHealthSummary>(patient).await?;
    super::proposals::tell(&grant, &chart, &item, &kind, &title, &words, None).await?;
    web::redirect_plain_form(&format!("/p/{patient}/medications?done=told#told"));
    Ok(())
}

/// Decides about a request.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it was decided or taken back, or with what is wrong.
#[server(endpoint = "medications/decide", output = Answer)]
pub async fn decide(
    patient: PatientId,
    id: Uuid,
    #[server(default)] decision: String,
    #[server(default)] refills: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use super::{deciding::Decision, problem};
    use crate::{
        access::{allow, policy},
        base::why::Why,
        platform::request as web,
    };
    let grant = allow::<policy::DecideMedicineRequest>(patient).await?;
    let decision = match decision.as_str() {
        "approve" if refills.trim().is_empty() => Decision::Approve(0),
        "approve" => Decision::Approve(refills.trim().parse().map_err(|_| Error::field("refills", problem::NOT_REFILLS))?),
        "decline" => Decision::Decline,
        "visit" => Decision::Visit,
        _ => return Err(Error::field("decision", Why::MISSING)),
    };
    super::deciding::decide(&grant, id, decision, &words).await?;
    web::redirect_plain_form(&format!("/staff/medications/{id}?done=decided"));
    Ok(())
}

/// Notes how far an approved request has come.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it is not approved, or the step is noted already.
#[server(endpoint = "medications/advance", output = Answer)]
pub async fn advance(patient: PatientId, id: Uuid, #[server(default)] step: String) -> Result<(), Error> {
    use super::deciding::Step;
    use crate::{
        access::{allow, policy},
        base::why::Why,
        platform::request as web,
    };
    let grant = allow::<policy::DecideMedicineRequest>(patient).await?;
    let step = match step.as_str() {
        "sent" => Step::Sent,
        "ready" => Step::Ready,
        "done" => Step::Done,
        _ => return Err(Error::field("step", Why::MISSING)),
    };
    super::deciding::advance(&grant, id, step).await?;
    web::redirect_plain_form(&format!("/staff/medications/{id}?done=noted"));
    Ok(())
}

/// Says what became of what a patient told: the clinician changed the record, or did not, and why.
///
/// # Errors
/// `NotFound` for what was told to other departments; `Invalid` when it was reviewed already, or without a reason for a no.
#[server(endpoint = "medications/review", output = Answer)]
pub async fn review(
    patient: PatientId,
    id: Uuid,
    #[server(default)] decision: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        platform::request as web,
    };
    let grant = allow::<policy::DecideMedicineRequest>(patient).await?;
    let accepted = match decision.as_str() {
        "accept" => true,
        "decline" => false,
        _ => return Err(Error::field("decision", Why::MISSING)),
    };
    super::proposals::review(&grant, id, accepted, &words).await?;
    web::redirect_plain_form(&format!("/staff/medications/told/{id}?done=decided"));
    Ok(())
}
