//! Asking staff, and answering.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, why::Why};

/// Asks for technical help; anybody may.
///
/// # Errors
/// `Invalid` with everything that is wrong; `TooManyTries`.
#[server(endpoint = "requests/ask-help", output = Answer)]
pub async fn ask_help(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] topic: String,
    text: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AskForHelp>(()).await?;
    let row = super::help::ask_help(&grant, &name, &email, &topic, &text).await?;
    web::show_once(super::help::KIND.key, &format!("{}|{}", row.number, row.due_on))?;
    web::redirect_plain_form("/help/asked");
    Ok(())
}

/// Takes back a request of one's own.
///
/// # Errors
/// `NotFound` for somebody else's; `Invalid` when it was decided meanwhile.
#[server(endpoint = "requests/withdraw", output = Answer)]
pub async fn withdraw(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::withdraw(&grant, id).await?;
    web::redirect_plain_form("/requests?done=withdrawn");
    Ok(())
}

/// Answers a request for help.
///
/// # Errors
/// `NotFound` outside of the queues of support; `Invalid` when it was answered.
#[server(endpoint = "requests/answer-help", output = Answer)]
pub async fn answer_help(id: Uuid, answer_text: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerHelp>(()).await?;
    super::decide::answer_help(&grant, id, &answer_text).await?;
    web::redirect_plain_form("/staff/queue?done=answered");
    Ok(())
}

/// Decides about a request of the front desk. What is accepted is done at once, for the patient whom staff chose.
///
/// # Errors
/// `NotFound` outside of the queues of the front desk; `Invalid` when it was decided, or when the chosen record says something else
/// than was asked and nobody confirmed it.
#[server(endpoint = "requests/decide", output = Answer)]
pub async fn decide(
    id: Uuid,
    #[server(default)] decision: String,
    #[server(default)] patient: Option<Uuid>,
    #[server(default)] differences_confirmed: String,
    #[server(default)] known_by: String,
    #[server(default)] reason: String,
) -> Result<(), Error> {
    use super::decide::{Chosen, accept, decline};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::DecideRequests>(()).await?;
    let go_on = match decision.as_str() {
        "accept" => {
            let chosen = Chosen { patient, differences_confirmed: differences_confirmed == "true", known_by };
            accept(&grant, id, chosen, &reason).await?
        }
        "decline" => {
            decline(&grant, id, &reason).await?;
            None
        }
        _ => return Err(Error::field("decision", Why::MISSING)),
    };
    match go_on {
        Some(next) => {
            web::show_once(next.secret.0, &next.secret.1)?;
            web::redirect_plain_form(&next.page);
        }
        None => web::redirect_plain_form("/staff/queue?done=decided"),
    }
    Ok(())
}
