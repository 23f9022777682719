//! Deciding about documents, and writing them.

// Each field of a form is an argument.
#![allow(clippy::too_many_arguments)]

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Signs a document before a visit by typing one's name, or says that one does not agree.
///
/// # Errors
/// `NotFound` for a visit of another chart, or a document that is not asked before it; `NotAllowed` for whoever may not sign for the patient;
/// `Invalid` when the check-in is not open, without a decision or the own name, or when there is a newer version.
#[server(endpoint = "consents/decide", output = Answer)]
pub async fn decide(
    patient: PatientId,
    visit: Uuid,
    document: Uuid,
    #[server(default)] version: i32,
    #[server(default)] decision: String,
    #[server(default)] name: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::{
            check_in::{answering, model::Step},
            consents::signing::{self, Typed},
        },
        platform::request as web,
    };
    let grant = allow::<policy::CheckIn>(patient).await?;
    let found = answering::open_step(&grant, visit, Step::Consents).await?;
    let signing = allow::<policy::SignConsents>(patient).await?;
    let asked = found.documents().iter().find(|asked| asked.document.id == document).ok_or(Error::NotFound)?;
    let typed = Typed { version, decision: &decision, name: &name, words: &words };
    signing::decide(&signing, visit, found.visit.patient_id, &asked.document, &typed).await?;
    answering::part_is_done(&grant, visit).await?;
    // On to the next one, and back to the steps after the last.
    let next = found.documents().iter().find(|asked| asked.document.id != document && asked.decided.is_none());
    let page = format!("/p/{patient}/visits/{visit}");
    web::redirect_plain_form(&match next {
        Some(next) => format!("{page}/consents/{}", next.document.id),
        None => format!("{page}/check-in?done=saved"),
    });
    Ok(())
}

/// Writes a document of a department, or a new version of it.
///
/// # Errors
/// `NotFound` for a department or a document that the caller does not keep; `NotAllowed` for whoever changes nothing there; `Invalid` with
/// everything that is wrong.
#[server(endpoint = "consents/write", output = Answer)]
pub async fn write(
    department: Uuid,
    #[server(default)] document: String,
    #[server(default)] title_en: String,
    #[server(default)] title_es: String,
    #[server(default)] text_en: String,
    #[server(default)] text_es: String,
    #[server(default)] each_visit: String,
    #[server(default)] kind: String,
    #[server(default)] version: i32,
    #[server(default)] one_language: String,
    #[server(default)] key: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::consents::staff::{self, Typed},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let typed = Typed {
        title_en: &title_en,
        title_es: &title_es,
        text_en: &text_en,
        text_es: &text_es,
        each_visit: each_visit == "true",
        kind: match kind.trim() {
            "" => None,
            kind => Some(kind.parse().map_err(|_| Error::field("kind", Why::MISSING))?),
        },
        version,
        one_language: one_language == "true",
        key: key.parse().ok(),
    };
    let document = match document.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    staff::write(&grant, department, document, &typed).await?;
    web::redirect_plain_form(&format!("/staff/check-in/{department}/documents?done=kept"));
    Ok(())
}

/// Asks a document no more.
///
/// # Errors
/// `NotFound` for a department or a document that the caller does not keep; `NotAllowed` for whoever changes nothing there.
#[server(endpoint = "consents/withdraw", output = Answer)]
pub async fn withdraw(department: Uuid, document: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::consents::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    staff::withdraw(&grant, department, document).await?;
    web::redirect_plain_form(&format!("/staff/check-in/{department}/documents?done=withdrawn"));
    Ok(())
}
