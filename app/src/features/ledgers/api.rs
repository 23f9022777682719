//! Keeping ledgers.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// A sum of money that somebody typed.
///
/// # Errors
/// `Invalid` for what is none.
#[cfg(feature = "ssr")]
fn amount(typed: &str) -> Result<i64, Error> {
    use crate::{base::money::cents, desk::billing::problem};
    cents(typed).ok_or(Error::field("amount", problem::NOT_MONEY))
}

/// Changes what is due, with a reason.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` with what is wrong.
#[server(endpoint = "ledgers/adjust", output = Answer)]
pub async fn adjust(
    bill: Uuid,
    #[server(default)] once: Option<Uuid>,
    #[server(default)] how: String,
    #[server(default)] amount: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::{ids::new_id, why::Why},
        desk::billing::{
            model::EntryKind,
            staff_changes::{self, Changed},
        },
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    let cents = self::amount(&amount)?;
    let (kind, cents) = match how.as_str() {
        "write_off" => (EntryKind::WriteOff, -cents),
        "down" => (EntryKind::Adjustment, -cents),
        "up" => (EntryKind::Adjustment, cents),
        _ => return Err(Error::field("how", Why::MISSING)),
    };
    let done = match staff_changes::adjust(&grant, once.unwrap_or_else(new_id), bill, (kind, cents), &words).await? {
        Changed::Entered => "entered",
        Changed::Proposed => "proposed",
    };
    web::redirect_plain_form(&format!("/staff/billing/bills/{bill}?done={done}"));
    Ok(())
}

/// Decides about what somebody else proposed.
///
/// # Errors
/// `NotFound` when there is none; `Invalid` for one's own.
#[server(endpoint = "ledgers/decide", output = Answer)]
pub async fn decide(id: Uuid, #[server(default)] accepted: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::staff_changes,
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    staff_changes::decide(&grant, id, accepted == "true").await?;
    web::redirect_plain_form("/staff/billing?done=decided");
    Ok(())
}

/// Enters a payment that came by phone, by mail or at the desk.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` with what is wrong.
#[server(endpoint = "ledgers/record-payment", output = Answer)]
pub async fn record_payment(
    bill: Uuid,
    #[server(default)] once: Option<Uuid>,
    #[server(default)] amount: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::ids::new_id,
        desk::billing::staff_changes,
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    staff_changes::record_payment(&grant, once.unwrap_or_else(new_id), bill, self::amount(&amount)?, &words).await?;
    web::redirect_plain_form(&format!("/staff/billing/bills/{bill}?done=entered"));
    Ok(())
}

/// Sends money back, never more than was paid.
///
/// # Errors
/// `NotFound` when there is no such payment; `Invalid` with what is wrong.
#[server(endpoint = "ledgers/refund", output = Answer)]
pub async fn refund(
    bill: Uuid,
    attempt: Uuid,
    #[server(default)] once: Option<Uuid>,
    #[server(default)] amount: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::ids::new_id,
        desk::billing::staff_changes,
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    staff_changes::refund(&grant, once.unwrap_or_else(new_id), (attempt, bill), self::amount(&amount)?, &words).await?;
    web::redirect_plain_form(&format!("/staff/billing/bills/{bill}?done=refunded"));
    Ok(())
}

/// Moves what is left of a bill to another account.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` with what is wrong.
#[server(endpoint = "ledgers/transfer", output = Answer)]
pub async fn transfer(bill: Uuid, #[server(default)] to: String, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::staff_moves,
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    let new = staff_moves::transfer(&grant, bill, &to, &words).await?;
    web::redirect_plain_form(&format!("/staff/billing/bills/{new}?done=moved"));
    Ok(())
}

/// Makes a letter with a code for paying as a guest.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` when nothing is due.
#[server(endpoint = "ledgers/letter", output = Answer)]
pub async fn make_letter(bill: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::staff_changes,
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    let code = staff_changes::letter(&grant, bill).await?;
    web::show_once(bill, &code)?;
    web::redirect_plain_form(&format!("/staff/billing/bills/{bill}/letter"));
    Ok(())
}

/// Writes an estimate, or a new version of one.
///
/// # Errors
/// `NotFound` when there is no such bill, visit or request; `Invalid` with what is wrong.
#[server(endpoint = "ledgers/estimate", output = Answer)]
pub async fn write_estimate(
    #[server(default)] bill: Option<Uuid>,
    #[server(default)] visit: Option<Uuid>,
    #[server(default)] request: Option<Uuid>,
    #[server(default)] title: String,
    #[server(default)] lines: String,
    #[server(default)] note: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::estimates_writing::{About, Typed, by_office},
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    let (about, next) = match (bill, visit, request) {
        (Some(bill), ..) => (About::Bill(bill), format!("/staff/billing/bills/{bill}?done=estimated")),
        (None, Some(visit), _) => (About::Visit(visit), "/staff/billing?done=estimated".to_owned()),
        (None, None, Some(request)) => (About::Request(request), "/staff/queue".to_owned()),
        (None, None, None) => return Err(Error::NotFound),
    };
    by_office(&grant, about, &Typed { title: &title, lines: &lines, note: &note }).await?;
    web::redirect_plain_form(&next);
    Ok(())
}

/// Connects the portal account of somebody who is no patient.
///
/// # Errors
/// `NotFound` when there is no such account; `Invalid` for a user name that there is not.
#[server(endpoint = "ledgers/connect", output = Answer)]
pub async fn connect(id: Uuid, #[server(default)] username: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::staff,
        platform::request as web,
    };
    let grant = allow::<policy::KeepLedgers>(()).await?;
    staff::connect(&grant, id, &username).await?;
    web::redirect_plain_form(&format!("/staff/billing/accounts/{id}?done=connected"));
    Ok(())
}
