//! Asking for a correction, deciding about it, disagreeing.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId, why::Why};

/// Asks staff to correct what the record says.
///
/// # Errors
/// `NotFound` when there is no such place in this chart; `Invalid` when nothing was written.
#[server(endpoint = "corrections/ask", output = Answer)]
pub async fn ask(patient: PatientId, about: String, wrong: String, #[server(default)] right: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AskCorrection>(patient).await?;
    let number = super::store::ask(&grant, &web::context()?, &about, &wrong, &right).await?;
    web::redirect_plain_form(&format!("/requests?sent={number}"));
    Ok(())
}

/// Says that somebody looks into it.
///
/// # Errors
/// `NotFound` outside of the queue of records staff; `Invalid` when it was decided.
#[server(endpoint = "corrections/review", output = Answer)]
pub async fn review(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::DecideCorrections>(()).await?;
    super::store::review(&grant, id).await?;
    web::redirect_plain_form(&format!("/staff/requests/{id}"));
    Ok(())
}

/// Accepts, with what is added to the record, or declines, with the reason.
///
/// # Errors
/// `NotFound` outside of the queue of records staff; `Invalid` when it was decided, or nothing was written.
#[server(endpoint = "corrections/decide", output = Answer)]
pub async fn decide(id: Uuid, #[server(default)] decision: String, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::requests::model::RequestState,
        platform::request as web,
    };
    let grant = allow::<policy::DecideCorrections>(()).await?;
    let state = match decision.as_str() {
        "accept" => RequestState::Accepted,
        "decline" => RequestState::Declined,
        _ => return Err(Error::field("decision", Why::MISSING)),
    };
    super::store::decide(&grant, id, state, &words).await?;
    web::redirect_plain_form("/staff/queue?done=decided");
    Ok(())
}

/// Adds to the record that whoever asked does not agree with a refusal.
///
/// # Errors
/// `NotFound` for somebody else's request; `Invalid` when it was not declined, or somebody disagreed already.
#[server(endpoint = "corrections/disagree", output = Answer)]
pub async fn disagree(patient: PatientId, id: Uuid, words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AskCorrection>(patient).await?;
    super::store::disagree(&grant, id, &words).await?;
    web::redirect_plain_form("/requests");
    Ok(())
}
