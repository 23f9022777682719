//! Changing how an office answers.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// Changes how a department answers, as its supervisor.
///
/// # Errors
/// `NotFound` for whoever does not supervise it; `Invalid` with everything that is wrong.
#[server(endpoint = "offices/change", output = Answer)]
pub async fn change_office(
    department: Uuid,
    #[server(default)] reply_days: String,
    #[server(default)] sensitive: String,
    #[server(default)] e_visit_price: String,
    #[server(default)] refill_percent: String,
    #[server(default)] refill_days: String,
) -> Result<(), Error> {
    use super::store::{Wanted, change};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOffice>(()).await?;
    let wanted = Wanted {
        reply_days: &reply_days,
        sensitive: sensitive == "true",
        e_visit_price: &e_visit_price,
        refill_percent: &refill_percent,
        refill_days: &refill_days,
    };
    change(&grant, department, &wanted).await?;
    web::redirect_plain_form("/staff/office?done=changed");
    Ok(())
}

/// Writes down when a clinician is away, and who answers meanwhile.
///
/// # Errors
/// `NotFound` for another department; `Invalid` with everything that is wrong.
#[server(endpoint = "offices/add-leave", output = Answer)]
pub async fn add_leave(
    department: Uuid,
    #[server(default)] clinician: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] cover: String,
) -> Result<(), Error> {
    use super::store::{self, Leave};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOffice>(()).await?;
    let leave = Leave { clinician: &clinician, from: &from, until: &until, cover: &cover };
    store::add_leave(&grant, department, &leave).await?;
    web::redirect_plain_form("/staff/office?done=leave");
    Ok(())
}

/// Takes leave back.
///
/// # Errors
/// `NotFound` for that of another department.
#[server(endpoint = "offices/end-leave", output = Answer)]
pub async fn end_leave(department: Uuid, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOffice>(()).await?;
    super::store::end_leave(&grant, department, id).await?;
    web::redirect_plain_form("/staff/office?done=leave-ended");
    Ok(())
}

/// Keeps an answer that a department gives often; with an `id`, changes it.
///
/// # Errors
/// `NotFound` for another department; `Invalid` with everything that is wrong.
#[server(endpoint = "offices/keep-reply", output = Answer)]
pub async fn keep_reply(
    department: Uuid,
    #[server(default)] id: String,
    #[server(default)] title: String,
    #[server(default)] english: String,
    #[server(default)] spanish: String,
) -> Result<(), Error> {
    use super::store::{self, Reply};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOffice>(()).await?;
    let id = if id.is_empty() { None } else { Some(id.parse().map_err(|_| Error::NotFound)?) };
    store::keep_reply(&grant, department, id, &Reply { title: &title, english: &english, spanish: &spanish }).await?;
    web::redirect_plain_form("/staff/office?done=reply");
    Ok(())
}

/// Deletes such an answer.
///
/// # Errors
/// `NotFound` for that of another department.
#[server(endpoint = "offices/delete-reply", output = Answer)]
pub async fn delete_reply(department: Uuid, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOffice>(()).await?;
    super::store::delete_reply(&grant, department, id).await?;
    web::redirect_plain_form("/staff/office?done=reply-deleted");
    Ok(())
}
