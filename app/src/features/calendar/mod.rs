//! Visits in people's own calendars: a file of one visit, and a private address that calendar programs read again and again.

pub mod api;
pub mod entity;
mod events;
pub mod feeds;
mod ics;
mod pages;
mod problem;

use super::Feature;
use crate::{
    access::{allow, policy::ViewVisits},
    base::{
        error::Error,
        ids::{PatientId, VisitId},
    },
    view::page::Route,
};

pub const FEATURE: Feature =
    Feature { pages: &[Route::signed_in("/account/calendar", |request| Box::pin(pages::page(request)))], ..Feature::EMPTY };

/// One visit as a calendar file.
///
/// # Errors
/// `NotFound` when this chart's visits are not open to the caller, or there is no such visit with a time.
pub async fn one_visit(patient: PatientId, visit: VisitId, product: &str, organisation: &str) -> Result<String, Error> {
    let grant = allow::<ViewVisits>(patient).await?;
    Ok(ics::calendar(product, organisation, &[events::one(&grant, visit).await?]))
}
