//! Paying. The row of a try is there before the processor is asked, and what the processor did is found again whatever happens in
//! between: a charge is one entry in the ledger, and no more.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    attempts::{self, attempt_of, own_attempt, own_method, under_way},
    entity::{payment_attempt, payment_method},
    ledger, methods,
    model::{AttemptState, MethodKind},
    payer::{Parts, Payer, check, payable},
    problem,
    processor::{CardEntry, Charge, Method, Outcome, Processor, Unknown},
    settle::settle,
    till::Till,
};
use crate::base::{error::Error, ids::new_id, why::Why};

/// What was never asked is forgotten after so long.
pub const FORGOTTEN: TimeDelta = TimeDelta::hours(2);
/// The processor knows nothing of what it was asked so long ago: it never heard of it.
pub const NEVER_HEARD: TimeDelta = TimeDelta::minutes(15);
/// A server that comes so late does not ask any more: well before others take it for never asked.
const TOO_LATE: Duration = Duration::from_secs(5 * 60);
/// Whoever does not answer the bank within so long does not pay.
pub const BANK_PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Writes down what somebody is about to pay. Nothing is asked of the processor yet.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn prepare(till: &Till, payer: &Payer, parts: &Parts, method: Option<Uuid>, tell: Option<String>) -> Result<Uuid, Error> {
    if !till.processor.is_there() {
        return Err(Error::form(problem::NOT_NOW));
    }
    if parts.is_empty() {
        return Err(Error::form(problem::NOTHING_CHOSEN));
    }
    if under_way(till, payer.guarantor.id).await?.is_some() {
        return Err(Error::form(problem::BEING_CHECKED));
    }
    let problems = check(parts, &payable(till, payer).await?);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let method = match method {
        Some(id) => Some(own_method(till, payer, id).await?.ok_or(Error::field("method", Why::MISSING))?),
        None => None,
    };
    let id = new_id();
    let tx = till.begin().await?;
    attempts::insert(&tx, till, payer, (id, parts), method.as_ref(), None, tell).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives a try the card or bank account that was typed at the processor; `keep` keeps a card for the next time, a bank account always
/// is: the debit is found again by it for days. Returns whether it can be charged: one that is to be verified first is only kept.
///
/// # Errors
/// `NotFound` when it is not theirs; `Invalid` when nothing was typed, or the processor does not answer.
pub async fn use_typed(till: &Till, payer: &Payer, id: Uuid, setup: &str, keep: bool) -> Result<bool, Error> {
    let (attempt, _) = own_attempt(till, payer, id).await?;
    if attempt.state != AttemptState::Created {
        return Ok(true);
    }
    let typed = methods::typed(till, setup, id).await?;
    let is_bank = typed.method.kind == MethodKind::Bank;
    let kept = match payer.account {
        Some(account) if keep || is_bank => methods::keep(till, account, setup, &typed).await?,
        _ => None,
    };
    if is_bank && kept.is_none() {
        return Err(Error::form(problem::NO_CARD));
    }
    if !typed.ready {
        return Ok(false);
    }
    let Method { token, kind, brand, last4, .. } = typed.method;
    let chosen = payment_attempt::ActiveModel {
        // The same one that is kept already is charged as it is kept.
        token: Set(Some(kept.as_ref().map_or(token, |kept| kept.token.clone()))),
        method_id: Set(kept.map(|kept| kept.id)),
        kind: Set(Some(kind)),
        brand: Set(Some(brand)),
        last4: Set(Some(last4)),
        ..Default::default()
    };
    let open = payment_attempt::Entity::update_many().set(chosen).filter(payment_attempt::Column::Id.eq(id));
    open.filter(payment_attempt::Column::State.eq(AttemptState::Created)).exec(till.db()).await?;
    Ok(true)
}

/// Asks the processor for the money, once: twice is once, in two tabs and on two servers.
///
/// # Errors
/// `NotFound` when it is not theirs; `Invalid` when something changed meanwhile, or another payment is being checked.
pub async fn pay(till: &Till, payer: &Payer, id: Uuid) -> Result<(), Error> {
    let (attempt, parts) = own_attempt(till, payer, id).await?;
    if attempt.state != AttemptState::Created {
        return Ok(());
    }
    if attempt.token.is_none() {
        return Err(Error::form(problem::NO_CARD));
    }
    let begun = Instant::now();
    let tx = till.begin().await?;
    let bills = ledger::lock(&tx, &parts.iter().map(|part| part.bill_id).collect::<Vec<_>>()).await?;
    // Another tab, or another server, may have asked meanwhile.
    let now = payment_attempt::Entity::find_by_id(id).one(&tx).await?;
    if now.is_some_and(|now| now.state != AttemptState::Created) {
        return Ok(());
    }
    let wanted: Parts = parts.iter().map(|part| (part.bill_id, part.cents)).collect();
    let theirs = bills.iter().all(|bill| bill.guarantor_id == Some(payer.guarantor.id));
    if !theirs || !check(&wanted, &bills).is_empty() {
        return Err(Error::form(problem::CHANGED));
    }
    if !ask(&tx, &attempt, till.now).await? {
        drop(tx);
        return match attempt_of(till, payer, id).await?.0.state {
            AttemptState::Created => Err(Error::form(problem::BEING_CHECKED)),
            _ => Ok(()),
        };
    }
    // What is charged is what stands there from now on, whatever another tab chose in this moment.
    let attempt = payment_attempt::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound)?;
    let kept = match attempt.method_id {
        Some(method) => methods::lock(&tx, method).await?.filter(|kept| kept.removed_at.is_none() && !kept.unverified).is_some(),
        None => true,
    };
    let Some(token) = attempt.token.clone().filter(|_| kept) else { return Err(Error::form(problem::NO_CARD)) };
    tx.commit().await?;
    charge(till, &attempt, token, false, begun).await
}

/// From here on it may be charged: the row says so before anybody is asked. Returns whether this call is the one that asks.
pub(super) async fn ask(tx: &impl sea_orm::ConnectionTrait, attempt: &payment_attempt::Model, now: DateTime<Utc>) -> Result<bool, Error> {
    let other = payment_attempt::Entity::find().filter(payment_attempt::Column::OpenFor.eq(attempt.guarantor_id)).one(tx).await?;
    if other.is_some() {
        return Ok(false);
    }
    let asked = payment_attempt::ActiveModel {
        state: Set(AttemptState::Asked),
        asked_at: Set(Some(now)),
        open_for: Set(Some(attempt.guarantor_id)),
        ..Default::default()
    };
    let once = payment_attempt::Entity::update_many()
        .set(asked)
        .filter(payment_attempt::Column::Id.eq(attempt.id))
        .filter(payment_attempt::Column::State.eq(AttemptState::Created))
        .exec(tx)
        .await;
    match once {
        Ok(done) => Ok(done.rows_affected == 1),
        // Another server was first.
        Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Asks the processor, unless this server stood still since `begun`: what was not asked by then may have been given up.
pub(super) async fn charge(
    till: &Till,
    attempt: &payment_attempt::Model,
    token: String,
    off_session: bool,
    begun: Instant,
) -> Result<(), Error> {
    let kept = match attempt.method_id {
        Some(id) => payment_method::Entity::find_by_id(id).one(till.db()).await?,
        None => None,
    };
    let kind = kept.as_ref().map_or(MethodKind::Card, |kept| kept.kind);
    let customer = kept.map(|kept| kept.customer).filter(|customer| !customer.is_empty());
    let charge = Charge { attempt: attempt.id, cents: attempt.cents, kind, customer, method: token, off_session };
    if begun.elapsed() > TOO_LATE {
        tracing::warn!("a payment is not asked for: this server stood still");
        return Ok(());
    }
    match till.processor.charge(&charge).await {
        Ok(outcome) => settle(till, attempt.id, &outcome).await,
        // It is being checked: a job asks again, and so does whoever looks.
        Err(Unknown) => Ok(()),
    }
}

/// Asks the processor how a try stands, and enters what it says.
///
/// # Errors
/// When the database fails.
pub async fn refresh(till: &Till, attempt: &payment_attempt::Model) -> Result<(), Error> {
    let Some(asked) = attempt.asked_at else { return Ok(()) };
    if matches!(attempt.state, AttemptState::Created | AttemptState::Paid) {
        return Ok(());
    }
    let listed = match &attempt.processor_id {
        Some(id) => till.processor.look(id).await,
        None => till.processor.find(attempt.id, till.by_processors_clock(asked) - 120).await,
    };
    match listed {
        Err(Unknown) => Ok(()),
        Ok(Some(listed)) => {
            if listed.cents != attempt.cents || listed.attempt.as_deref() != Some(&attempt.id.to_string()) {
                return Err(Error::unexpected("payment processor", &"a charge is not the one that was asked for"));
            }
            let waits = matches!(listed.outcome, Outcome::NeedsAction { .. });
            // What could not be called off may have gone through in the same moment: it is looked at again.
            if waits && till.now - asked > BANK_PATIENCE && till.processor.cancel(&listed.id).await == Ok(true) {
                return super::settle::abandon(till, attempt.id).await;
            }
            settle(till, attempt.id, &listed.outcome).await
        }
        Ok(None) if till.now - asked > NEVER_HEARD && attempt.state != AttemptState::Processing => {
            super::settle::abandon(till, attempt.id).await
        }
        Ok(None) => Ok(()),
    }
}

/// Stops a payment of which the bank asks something more.
///
/// # Errors
/// `NotFound` when it is not theirs; `Invalid` when the processor does not answer.
pub async fn stop(till: &Till, payer: &Payer, id: Uuid) -> Result<(), Error> {
    let (attempt, _) = attempt_of(till, payer, id).await?;
    let Some(charge) = attempt.processor_id.as_deref().filter(|_| attempt.state == AttemptState::NeedsAction) else {
        return refresh(till, &attempt).await;
    };
    match till.processor.cancel(charge).await {
        Ok(true) => super::settle::abandon(till, id).await,
        // It went through in the same moment.
        Ok(false) => refresh(till, &attempt).await,
        Err(Unknown) => Err(Error::form(problem::NOT_NOW)),
    }
}

/// Where a card or a bank account is typed.
pub struct Entry {
    pub at: CardEntry,
    /// The processor's own page, which leads back.
    pub url: String,
    pub key: String,
    /// What the script shows the processor.
    pub secret: String,
}

/// Begins typing at the processor, for a payment or an account (`id`): a card, or the bank account of whoever is signed in.
///
/// # Errors
/// `Invalid` when it does not answer.
pub async fn begin_entry(till: &Till, id: Uuid, bank_of: Option<Uuid>, back: &str) -> Result<Entry, Error> {
    let settings = till.processor.settings().ok_or(Error::form(problem::NOT_NOW))?;
    let customer = match bank_of {
        Some(account) => Some(methods::customer(till, account).await?),
        None => None,
    };
    let setup = till.processor.begin_setup(id, customer.as_deref()).await.map_err(|Unknown| Error::form(problem::NOT_NOW))?;
    let url = match &settings.card_entry {
        CardEntry::Page(page) => {
            let query =
                form_urlencoded::Serializer::new(String::new()).append_pair("setup_intent", &setup.id).append_pair("back", back).finish();
            format!("{page}?{query}")
        }
        CardEntry::Script(_) => String::new(),
    };
    Ok(Entry { at: settings.card_entry.clone(), url, key: settings.publishable_key.clone(), secret: setup.client_secret })
}

/// The processor's script and the key that it is given, where cards are typed so.
pub fn card_script() -> Option<(String, String)> {
    let processor: Processor = crate::platform::request::context().ok()?;
    let settings = processor.settings()?;
    match &settings.card_entry {
        CardEntry::Script(script) => Some((script.clone(), settings.publishable_key.clone())),
        CardEntry::Page(_) => None,
    }
}
