//! The way back to a check-in for whoever went to pay from it. The browser keeps it for the server alone: it stands in no address.

use uuid::Uuid;

use crate::{
    base::{error::Error, ids::PatientId},
    platform::request::{cookie, keep_cookie},
};

pub const COOKIE: &str = "check-in";
/// In seconds.
const HALF_AN_HOUR: i64 = 1800;

/// # Errors
/// When the server was put together without session rules.
pub fn remember(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    keep_cookie(COOKIE, &format!("{patient}.{visit}"), HALF_AN_HOUR)
}

/// The address of the check-in; its page decides who may open it.
pub fn remembered() -> Option<String> {
    let cookie = cookie(COOKIE)?;
    let (patient, visit) = cookie.split_once('.')?;
    let (patient, visit): (Uuid, Uuid) = (patient.parse().ok()?, visit.parse().ok()?);
    Some(format!("/p/{patient}/visits/{visit}/check-in"))
}
