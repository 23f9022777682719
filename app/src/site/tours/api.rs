//! What the panel asks.

use leptos::prelude::*;

use crate::{
    base::{answer::Answer, error::Error},
    view::fragment::Fragment,
};

/// One step of a walk-through, on the pages of whoever takes it: the panel as HTML.
///
/// # Errors
/// `NotFound` for one that is not there.
#[server(endpoint = "tours/read", output = Answer)]
pub async fn read_tour(name: String, #[server(default)] step: usize) -> Result<Fragment, Error> {
    use super::model::{Tour, steps};
    use crate::{
        access::{allow, policy},
        base::boot::Boot,
        platform::request::context,
    };
    let brand = context::<Boot>()?.brand;
    let grant = allow::<policy::AskForHelp>(()).await?;
    let tour = Tour::from_name(&name).ok_or(Error::NotFound)?;
    let steps = steps(grant.texts(), tour, &brand, grant.holder().ok(), grant.now());
    super::step::panel(&name, &steps, step).ok_or(Error::NotFound)
}
