//! Paying, signed in.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// Writes down what is about to be paid; the next page shows it once more.
///
/// # Errors
/// `NotFound` for somebody else's bills; `Invalid` with everything that is wrong.
#[server(endpoint = "billing/prepare", output = Answer)]
pub async fn prepare(
    guarantor: Uuid,
    #[server(default)] amount: HashMap<String, String>,
    #[server(default)] method: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::billing::{pay, store, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let (payer, till) = (store::payer(&grant, guarantor).await?, Till::of(&grant)?);
    let typed_at = if method == "bank" { "/bank" } else { "/card" };
    let method = match method.as_str() {
        "" => return Err(Error::field("method", Why::MISSING)),
        "new" => None,
        "bank" if till.processor.takes_bank_accounts() => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let id = pay::prepare(&till, &payer, &super::typed::parts(&amount)?, method, None).await?;
    let next = if method.is_none() { typed_at } else { "" };
    let next = format!("/billing/payments/{id}{next}");
    web::redirect_plain_form(&next);
    Ok(())
}

/// Takes the card or the bank account that was typed at the processor.
///
/// # Errors
/// `NotFound` for somebody else's payment; `Invalid` when there is none.
#[server(endpoint = "billing/use-card", output = Answer)]
pub async fn use_card(id: Uuid, #[server(default)] setup_intent: String, #[server(default)] keep: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{pay, store, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let payer = store::payer_of_attempt(&grant, id).await?;
    let ready = pay::use_typed(&Till::of(&grant)?, &payer, id, &setup_intent, keep == "true").await?;
    web::redirect_plain_form(&if ready { format!("/billing/payments/{id}") } else { "/billing/cards?done=verify-pay".to_owned() });
    Ok(())
}

/// Pays. Twice is once.
///
/// # Errors
/// `NotFound` for somebody else's payment; `Invalid` when something changed meanwhile.
#[server(endpoint = "billing/pay", output = Answer)]
pub async fn pay_now(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{pay, store, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let payer = store::payer_of_attempt(&grant, id).await?;
    pay::pay(&Till::of(&grant)?, &payer, id).await?;
    web::redirect_plain_form(&format!("/billing/payments/{id}"));
    Ok(())
}

/// Stops a payment of which the bank asks something more.
///
/// # Errors
/// `NotFound` for somebody else's payment; `Invalid` when the processor does not answer.
#[server(endpoint = "billing/stop", output = Answer)]
pub async fn stop(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{pay, store, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let payer = store::payer_of_attempt(&grant, id).await?;
    pay::stop(&Till::of(&grant)?, &payer, id).await?;
    web::redirect_plain_form(&format!("/billing/payments/{id}"));
    Ok(())
}

/// Keeps the card or the bank account that was typed at the processor, without paying anything now.
///
/// # Errors
/// `Invalid` when nothing was typed, the processor does not answer, or it keeps it not.
#[server(endpoint = "billing/keep-card", output = Answer)]
pub async fn keep_card(#[server(default)] setup_intent: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{methods, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let ready = methods::keep_typed(&Till::of(&grant)?, grant.holder()?.account.0, &setup_intent).await?;
    web::redirect_plain_form(if ready { "/billing/cards?done=kept" } else { "/billing/cards?done=verify" });
    Ok(())
}

/// Forgets a card or a bank account.
///
/// # Errors
/// `NotFound` for somebody else's card; `Invalid` while a plan pays with it.
#[server(endpoint = "billing/forget-card", output = Answer)]
pub async fn forget_card(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{methods, store, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let sees: Vec<Uuid> = store::guarantors(&grant).await?.into_iter().map(|found| found.id).collect();
    methods::remove(&Till::of(&grant)?, grant.holder()?.account.0, &sees, id).await?;
    web::redirect_plain_form("/billing/cards?done=forgotten");
    Ok(())
}

/// Chooses whether statements come on paper.
///
/// # Errors
/// `NotFound` for somebody else's account.
#[server(endpoint = "billing/paperless", output = Answer)]
pub async fn choose_paper(guarantor: Uuid, #[server(default)] paperless: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{statements, store},
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let payer = store::payer(&grant, guarantor).await?;
    statements::choose_paper(&grant, &payer, paperless == "true").await?;
    web::redirect_plain_form(&format!("/billing/of/{guarantor}/history?done=kept"));
    Ok(())
}
