//! What the panel asks.

use leptos::prelude::*;

use super::Step;
use crate::base::error::Error;

/// The steps of a walk-through, on the pages of whoever takes it.
///
/// # Errors
/// `NotFound` for one that is not there.
#[server(endpoint = "tours/read")]
pub async fn read_tour(name: String) -> Result<Vec<Step>, Error> {
    use crate::{
        access::{allow, policy},
        base::boot::Boot,
        platform::request as web,
    };
    let brand = web::context::<Boot>()?.brand;
    let grant = allow::<policy::AskForHelp>(()).await?;
    let tour = super::Tour::from_name(&name).ok_or(Error::NotFound)?;
    Ok(super::steps(grant.texts(), tour, &brand, grant.holder().ok(), grant.now()))
}
