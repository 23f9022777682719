//! Which address shows which screen.

use super::model::Screen;
use crate::{
    base::error::Error,
    desk::requests,
    features::{access_log, family, staff},
};

/// Every address of a screen, in order. The test of who is let in goes through all of them.
pub const SCREENS: &[&str] = &[
    "/help/ask",
    "/help/asked",
    "/invitation",
    "/invitation/declined",
    "/p/{patient}/access-log",
    "/people/{patient}",
    "/requests",
    "/sharing",
    "/sharing/child",
    "/sharing/invitations/{id}",
    "/sharing/invite",
    "/sharing/papers",
    "/staff/patients",
    "/staff/patients/{patient}",
    "/staff/patients/{patient}/code",
    "/staff/queue",
    "/staff/requests/{id}",
];

pub async fn screen(path: &str, query: &str) -> Result<Screen, Error> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["help", "ask"] => requests::screens::ask().await,
        ["help", "asked"] => requests::screens::asked().await,
        ["invitation"] => family::screens::invitation(query).await,
        ["invitation", "declined"] => family::screens::invitation_declined().await,
        ["p", patient, "access-log"] => access_log::screens::page(patient, query).await,
        ["people", patient] => family::screens::look(patient).await,
        ["requests"] => requests::screens::own(query).await,
        ["sharing"] => family::screens::sharing(query).await,
        ["sharing", "child"] => family::screens::child().await,
        ["sharing", "invitations", id] => family::screens::invitation_preview(id).await,
        ["sharing", "invite"] => family::screens::invite().await,
        ["sharing", "papers"] => family::screens::papers().await,
        ["staff", "patients"] => staff::screens::patients(query).await,
        ["staff", "patients", patient] => staff::screens::patient(patient, query).await,
        ["staff", "patients", patient, "code"] => staff::screens::code(patient).await,
        ["staff", "queue"] => requests::screens::queue(query).await,
        ["staff", "requests", id] => requests::screens::one(id).await,
        _ => Err(Error::NotFound),
    }
}
