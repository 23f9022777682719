//! Paying. The row of a try is there before the processor is asked, and what the processor did is found again whatever happens in
//! between: a charge is one entry in the ledger, and no more.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor, payment_attempt, payment_method, payment_part},
    guest::new_digits,
    ledger,
    model::{AttemptState, BillState, CURRENCY, LEAST_PART},
    problem,
    processor::{CardEntry, Charge, Outcome, Processor, Unknown},
    settle::settle,
    till::Till,
};
use crate::base::{
    error::{Error, Problem},
    ids::new_id,
    why::Why,
};

/// What was never asked is forgotten after so long.
pub const FORGOTTEN: TimeDelta = TimeDelta::hours(2);
/// The processor knows nothing of what it was asked so long ago: it never heard of it.
pub const NEVER_HEARD: TimeDelta = TimeDelta::minutes(15);
/// Whoever does not answer the bank within so long does not pay.
pub const BANK_PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Whoever pays: proved by a grant and a bill of theirs before.
#[derive(Clone, Debug)]
pub struct Payer {
    pub guarantor: guarantor::Model,
    /// Nobody's for a guest.
    pub account: Option<Uuid>,
    /// A guest with the code of a letter pays this bill alone.
    pub only: Option<Uuid>,
    /// As it stands in the ledger.
    pub by: String,
}

impl Payer {
    pub fn is_guest(&self) -> bool {
        self.account.is_none()
    }
}

/// What is paid of which bill.
pub type Parts = Vec<(Uuid, i64)>;

/// What is due of a bill: nothing while it is checked or waited for.
pub fn due(bill: &bill::Model) -> i64 {
    if bill.state == BillState::Open { bill.balance_cents.max(0) } else { 0 }
}

/// The bills of a payer of which something is due, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn payable(till: &Till, payer: &Payer) -> Result<Vec<bill::Model>, DbErr> {
    let mut open = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(payer.guarantor.id))
        .filter(bill::Column::IsOpen.eq(true))
        .filter(bill::Column::State.eq(BillState::Open))
        .filter(bill::Column::BalanceCents.gt(0));
    if let Some(only) = payer.only {
        open = open.filter(bill::Column::Id.eq(only));
    }
    open.order_by_asc(bill::Column::IssuedOn).order_by_asc(bill::Column::Id).all(till.db()).await
}

/// The name of the field with what is paid of a bill. A key that begins with a digit would be read as a place in a list.
pub fn field_of(bill: Uuid) -> String {
    format!("amount[b{bill}]")
}

fn check(parts: &Parts, bills: &[bill::Model]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (id, cents) in parts {
        let due = bills.iter().find(|bill| bill.id == *id).map_or(0, due);
        let why = match *cents {
            _ if due == 0 => problem::CHANGED,
            cents if cents > due => problem::TOO_MUCH,
            cents if cents < LEAST_PART.min(due) => problem::TOO_LITTLE,
            _ => continue,
        };
        problems.push(Problem { field: field_of(*id), why });
    }
    problems
}

/// The try of this payer of which it is not known how it ends.
///
/// # Errors
/// When the database fails.
pub async fn under_way(till: &Till, guarantor: Uuid) -> Result<Option<payment_attempt::Model>, DbErr> {
    payment_attempt::Entity::find().filter(payment_attempt::Column::OpenFor.eq(guarantor)).one(till.db()).await
}

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
    insert(&tx, till, payer, (id, parts), method.as_ref(), None, tell).await?;
    tx.commit().await?;
    Ok(id)
}

pub(super) async fn insert(
    tx: &impl sea_orm::ConnectionTrait,
    till: &Till,
    payer: &Payer,
    (id, parts): (Uuid, &Parts),
    method: Option<&payment_method::Model>,
    plan: Option<(Uuid, chrono::NaiveDate)>,
    tell: Option<String>,
) -> Result<(), DbErr> {
    let row = payment_attempt::ActiveModel {
        id: Set(id),
        guarantor_id: Set(payer.guarantor.id),
        account_id: Set(payer.account),
        method_id: Set(method.map(|method| method.id)),
        token: Set(method.map(|method| method.token.clone())),
        plan_id: Set(plan.map(|(plan, _)| plan)),
        plan_due_on: Set(plan.map(|(_, due)| due)),
        guest: Set(payer.is_guest()),
        cents: Set(parts.iter().map(|(_, cents)| cents).sum()),
        currency: Set(CURRENCY.to_owned()),
        state: Set(AttemptState::Created),
        open_for: Set(None),
        processor_id: Set(None),
        decline: Set(None),
        receipt: Set(format!("R{}", new_digits()?)),
        tell: Set(tell),
        next_url: Set(None),
        client_secret: Set(None),
        made_at: Set(till.now),
        asked_at: Set(None),
        settled_at: Set(None),
        raised_at: Set(None),
        by: Set(payer.by.clone()),
    };
    payment_attempt::Entity::insert(row).exec_without_returning(tx).await?;
    let rows = parts.iter().map(|(bill, cents)| payment_part::ActiveModel { attempt_id: Set(id), bill_id: Set(*bill), cents: Set(*cents) });
    payment_part::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A kept card of this payer.
///
/// # Errors
/// When the database fails.
pub async fn own_method(till: &Till, payer: &Payer, id: Uuid) -> Result<Option<payment_method::Model>, DbErr> {
    let Some(account) = payer.account else { return Ok(None) };
    let own = payment_method::Entity::find_by_id(id)
        .filter(payment_method::Column::AccountId.eq(account))
        .filter(payment_method::Column::RemovedAt.is_null());
    own.one(till.db()).await
}

/// A try of this payer, with its parts.
///
/// # Errors
/// `NotFound` when it is not theirs.
pub async fn attempt_of(till: &Till, payer: &Payer, id: Uuid) -> Result<(payment_attempt::Model, Vec<payment_part::Model>), Error> {
    let own = payment_attempt::Entity::find_by_id(id).filter(payment_attempt::Column::GuarantorId.eq(payer.guarantor.id));
    let found = own.one(till.db()).await?.ok_or(Error::NotFound)?;
    let parts = payment_part::Entity::find().filter(payment_part::Column::AttemptId.eq(id)).all(till.db()).await?;
    // A guest sees what a guest paid, and with a letter's code of that bill alone.
    let theirs = !payer.is_guest() || found.guest && payer.only.is_none_or(|only| parts.iter().all(|part| part.bill_id == only));
    if theirs { Ok((found, parts)) } else { Err(Error::NotFound) }
}

/// Gives a try the card that was typed at the processor; `keep` keeps it for the next time.
///
/// # Errors
/// `NotFound` when it is not theirs; `Invalid` when no card was typed, or the processor does not answer.
pub async fn use_card(till: &Till, payer: &Payer, id: Uuid, setup: &str, keep: bool) -> Result<(), Error> {
    let (attempt, _) = attempt_of(till, payer, id).await?;
    if attempt.state != AttemptState::Created {
        return Ok(());
    }
    let card = till.processor.card_of(setup).await.map_err(|Unknown| Error::form(problem::NOT_NOW))?;
    let card = card.ok_or(Error::form(problem::NO_CARD))?;
    let kept = match payer.account {
        Some(account) if keep => super::methods::keep(till, account, &card).await?,
        _ => None,
    };
    let chosen = payment_attempt::ActiveModel {
        token: Set(Some(card.token)),
        method_id: kept.map_or(NotSet, |id| Set(Some(id))),
        // A card that is not kept is charged as it was typed.
        client_secret: Set(None),
        ..Default::default()
    };
    let open = payment_attempt::Entity::update_many().set(chosen).filter(payment_attempt::Column::Id.eq(id));
    open.filter(payment_attempt::Column::State.eq(AttemptState::Created)).exec(till.db()).await?;
    Ok(())
}

/// Asks the processor for the money, once: twice is once, in two tabs and on two servers.
///
/// # Errors
/// `NotFound` when it is not theirs; `Invalid` when something changed meanwhile, or another payment is being checked.
pub async fn pay(till: &Till, payer: &Payer, id: Uuid) -> Result<(), Error> {
    let (attempt, parts) = attempt_of(till, payer, id).await?;
    if attempt.state != AttemptState::Created {
        return Ok(());
    }
    let Some(token) = attempt.token.clone() else { return Err(Error::form(problem::NO_CARD)) };
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
    tx.commit().await?;
    charge(till, &attempt, token, false).await
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

pub(super) async fn charge(till: &Till, attempt: &payment_attempt::Model, token: String, off_session: bool) -> Result<(), Error> {
    let kept = match attempt.method_id {
        Some(id) => payment_method::Entity::find_by_id(id).one(till.db()).await?,
        None => None,
    };
    let customer = kept.map(|kept| kept.customer).filter(|customer| !customer.is_empty());
    let charge = Charge { attempt: attempt.id, cents: attempt.cents, customer, method: token, off_session };
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
            if waits && till.now - asked > BANK_PATIENCE && till.processor.cancel(&listed.id).await.is_ok() {
                return super::settle::abandon(till, attempt.id).await;
            }
            settle(till, attempt.id, &listed.outcome).await
        }
        Ok(None) if till.now - asked > NEVER_HEARD => super::settle::abandon(till, attempt.id).await,
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

/// Where a card is typed.
pub struct Entry {
    pub at: CardEntry,
    /// The processor's own page, which leads back.
    pub url: String,
    pub key: String,
    /// What the script shows the processor.
    pub secret: String,
}

/// Begins typing a card at the processor.
///
/// # Errors
/// `Invalid` when it does not answer.
pub async fn begin_card(till: &Till, payer: &Payer, back: &str) -> Result<Entry, Error> {
    let settings = till.processor.settings().ok_or(Error::form(problem::NOT_NOW))?;
    let customer = match payer.account {
        Some(account) => Some(super::methods::customer(till, account).await?),
        None => None,
    };
    let setup = till.processor.begin_setup(customer.as_deref()).await.map_err(|Unknown| Error::form(problem::NOT_NOW))?;
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
