//! Paying month by month.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// Begins the plan that was shown.
///
/// # Errors
/// `NotFound` for somebody else's bills; `Invalid` when the rules do not allow it, or without consent.
#[server(endpoint = "billing/begin-plan", output = Answer)]
pub async fn begin_plan(
    guarantor: Uuid,
    #[server(default)] bills: String,
    #[server(default)] monthly: String,
    #[server(default)] day: String,
    #[server(default)] method: String,
    #[server(default)] agreed: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::billing::{plans, store, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let (payer, till) = (store::payer(&grant, guarantor).await?, Till::of(&grant)?);
    if agreed != "true" {
        return Err(Error::field("agreed", Why::NOT_CONFIRMED));
    }
    let method = method.parse().map_err(|_| Error::field("method", Why::MISSING))?;
    let bills: Vec<Uuid> = bills.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| Error::NotFound)?;
    let (monthly, day) = (monthly.parse().map_err(|_| Error::NotFound)?, day.parse().map_err(|_| Error::NotFound)?);
    let id = plans::begin(&till, &payer, &plans::Wanted { bills: &bills, monthly, day, method }).await?;
    web::redirect_plain_form(&format!("/billing/plans/{id}?done=begun"));
    Ok(())
}

/// Changes a plan: another day, one payment later, another card, or its end.
///
/// # Errors
/// `NotFound` for somebody else's plan; `Invalid` when it is over, or cannot be changed so.
#[server(endpoint = "billing/change-plan", output = Answer)]
pub async fn change_plan(
    id: Uuid,
    #[server(default)] what: String,
    #[server(default)] day: String,
    #[server(default)] method: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::billing::{
            plans::{self, Change},
            problem, store,
            till::Till,
        },
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let payer = store::payer_of_plan(&grant, id).await?;
    let change = match what.as_str() {
        "day" => Change::Day(day.trim().parse().map_err(|_| Error::field("day", problem::NO_PLAN))?),
        "skip" => Change::Skip,
        "method" => Change::Method(method.parse().map_err(|_| Error::field("method", Why::MISSING))?),
        "end" => Change::End,
        _ => return Err(Error::NotFound),
    };
    plans::change(&Till::of(&grant)?, &payer, id, change).await?;
    web::redirect_plain_form(&format!("/billing/plans/{id}?done={what}"));
    Ok(())
}
