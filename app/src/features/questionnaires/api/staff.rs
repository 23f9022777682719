use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Asks a patient to fill in a questionnaire.
///
/// # Errors
/// `NotFound` for a patient that there is not; `Invalid` with each field that cannot be right, or when the same is asked already.
#[server(endpoint = "questionnaires/ask", output = Answer)]
pub async fn ask_questionnaire(
    patient: PatientId,
    #[server(default)] form: String,
    #[server(default)] department: String,
    #[server(default)] due_on: String,
    #[server(default)] note: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::questionnaires::staff::{Asking, ask},
        platform::request as web,
    };
    let grant = allow::<policy::OpenAnswers>(patient).await?;
    let form = form.parse().map_err(|_| Error::field("form", Why::MISSING))?;
    let department = department.parse().map_err(|_| Error::field("department", Why::MISSING))?;
    ask(&grant, &Asking { form, department, due_on: &due_on, note: &note }).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}/questionnaires?done=asked"));
    Ok(())
}

/// Asks for a questionnaire no more.
///
/// # Errors
/// `NotFound` for what one's departments do not ask; `Invalid` when it was answered meanwhile.
#[server(endpoint = "questionnaires/withdraw", output = Answer)]
pub async fn withdraw_questionnaire(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::questionnaires::staff::withdraw,
        platform::request as web,
    };
    withdraw(&allow::<policy::OpenAnswers>(patient).await?, id).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}/questionnaires?done=withdrawn"));
    Ok(())
}

/// Takes on an answer of which the care team must hear at once.
///
/// # Errors
/// `NotFound` for one of other departments; `Invalid` when somebody else has.
#[server(endpoint = "questionnaires/take-on", output = Answer)]
pub async fn take_on_answer(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::questionnaires::alert_list::take_on,
        platform::request as web,
    };
    take_on(&allow::<policy::SeeAnswers>(()).await?, id).await?;
    web::redirect_plain_form("/staff/questionnaires");
    Ok(())
}

/// Asks a questionnaire before the visits of a department (`asks` is `true`), of one kind or of all, or no more.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `NotAllowed` for whoever changes nothing there.
#[server(endpoint = "questionnaires/ask-before-visits", output = Answer)]
pub async fn ask_before_visits(
    department: Uuid,
    form: Uuid,
    #[server(default)] kind: String,
    #[server(default)] asks: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::questionnaires::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let kind = match kind.trim() {
        "" => None,
        kind => Some(kind.parse().map_err(|_| Error::field("kind", Why::MISSING))?),
    };
    staff::ask_before_visits(&grant, department, form, kind, asks == "true").await?;
    web::redirect_plain_form(&format!("/staff/check-in/{department}/questionnaires?done=kept"));
    Ok(())
}
