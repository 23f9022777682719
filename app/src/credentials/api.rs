//! Making a card, and taking it back.

use leptos::prelude::*;
use uuid::Uuid;

use super::model::Subject;
use crate::{error::Error, ids::PatientId};

/// Signs a card about vaccinations or about one result.
///
/// # Errors
/// `NotFound` when there is nothing in this chart that qualifies.
#[server(endpoint = "credentials/issue")]
pub async fn issue(patient: PatientId, subject: Subject, #[server(default)] result: Option<Uuid>) -> Result<(), Error> {
    use super::keys::Issuer;
    use crate::{
        access::{allow, policy},
        boot::Boot,
        web,
    };
    let grant = allow::<policy::UseHealthCards>(patient).await?;
    let (issuer, boot) = (web::context::<Issuer>()?, web::context::<Boot>()?);
    let id = super::store::issue(&grant, &issuer, &boot.brand.organisation, subject, result).await?;
    web::redirect_plain_form(&format!("/p/{patient}/health/credentials/{id}"));
    Ok(())
}

/// Takes a card back: from then on, whoever verifies it learns that it does not hold any more.
///
/// # Errors
/// `NotFound` when there is no such card in this chart.
#[server(endpoint = "credentials/revoke")]
pub async fn revoke(patient: PatientId, card: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        web,
    };
    let grant = allow::<policy::UseHealthCards>(patient).await?;
    super::store::revoke(&grant, card).await?;
    web::redirect_plain_form(&format!("/p/{patient}/health/credentials"));
    Ok(())
}
