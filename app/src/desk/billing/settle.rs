//! How a try to pay ended: entered once, whoever says it first and however often.

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    email,
    entity::{payment_attempt, payment_method, payment_part},
    ledger::{self, New},
    model::{AttemptState, EntryKind, MethodKind},
    plan_outcomes,
    processor::Outcome,
    till::Till,
};
use crate::{
    base::{error::Error, locale::Locale},
    desk::outgoing::{model::ActKind, store::announce},
    people::account,
    platform::mail::store::{Recipient, post},
};

/// Enters what the processor says of a try.
///
/// # Errors
/// When the database fails.
pub async fn settle(till: &Till, id: Uuid, outcome: &Outcome) -> Result<(), Error> {
    let tx = till.begin().await?;
    match outcome {
        Outcome::Paid { id: charge } => paid(&tx, till, id, charge).await?,
        Outcome::Declined { id: charge, code } => declined(&tx, till, id, charge.as_deref(), code).await?,
        Outcome::NeedsAction { id: charge, url, client_secret } => {
            let waits = payment_attempt::ActiveModel {
                state: Set(AttemptState::NeedsAction),
                processor_id: Set(Some(charge.clone())),
                next_url: Set(url.clone()),
                client_secret: Set(client_secret.clone()),
                ..Default::default()
            };
            moved(&tx, id, waits, &[AttemptState::Asked, AttemptState::NeedsAction]).await?;
        }
        Outcome::UnderWay { id: charge } => under_way(&tx, till, id, charge).await?,
    }
    tx.commit().await?;
    Ok(())
}

/// It was never charged.
///
/// # Errors
/// When the database fails.
pub async fn abandon(till: &Till, id: Uuid) -> Result<(), Error> {
    let tx = till.begin().await?;
    let parts = locked_parts(&tx, id).await?;
    let over = payment_attempt::ActiveModel {
        state: Set(AttemptState::Abandoned),
        open_for: Set(None),
        next_url: Set(None),
        client_secret: Set(None),
        settled_at: Set(Some(till.now)),
        ..Default::default()
    };
    failed(&tx, till, id, &parts, over).await?;
    tx.commit().await?;
    Ok(())
}

/// The bank account is being debited, which takes days: somebody can pay the rest meanwhile. Of a card it is known in a moment.
async fn under_way(tx: &DatabaseTransaction, till: &Till, id: Uuid, charge: &str) -> Result<(), Error> {
    let parts = locked_parts(tx, id).await?;
    let Some(attempt) = payment_attempt::Entity::find_by_id(id).one(tx).await? else { return Ok(()) };
    let method = match attempt.method_id {
        Some(method) => payment_method::Entity::find_by_id(method).one(tx).await?,
        None => None,
    };
    let mut known = payment_attempt::ActiveModel { processor_id: Set(Some(charge.to_owned())), ..Default::default() };
    let takes_days = method.is_some_and(|method| method.kind == MethodKind::Bank);
    if takes_days {
        known.state = Set(AttemptState::Processing);
        known.open_for = Set(None);
        known.looked_at = Set(Some(till.now));
    }
    if moved(tx, id, known, &[AttemptState::Asked, AttemptState::NeedsAction]).await? && takes_days {
        ledger::add_pending(tx, parts.iter().map(|part| (part.bill_id, part.cents))).await?;
    }
    Ok(())
}

/// What a try is for. Whoever else writes into the ledger of these bills waits until this transaction has ended.
async fn locked_parts(tx: &DatabaseTransaction, id: Uuid) -> Result<Vec<payment_part::Model>, Error> {
    let parts = payment_part::Entity::find().filter(payment_part::Column::AttemptId.eq(id)).all(tx).await?;
    ledger::lock(tx, &parts.iter().map(|part| part.bill_id).collect::<Vec<_>>()).await?;
    Ok(parts)
}

/// Moves a try on that is on its way from a bank account: what it was for is no longer taken off what is due. Returns whether it was.
async fn arrived(
    tx: &DatabaseTransaction,
    id: Uuid,
    parts: &[payment_part::Model],
    to: payment_attempt::ActiveModel,
) -> Result<bool, Error> {
    let was = moved(tx, id, to, &[AttemptState::Processing]).await?;
    if was {
        ledger::add_pending(tx, parts.iter().map(|part| (part.bill_id, -part.cents))).await?;
    }
    Ok(was)
}

/// A try came to nothing: its plan tries again, and whoever paid from a bank account days ago is told.
async fn failed(
    tx: &DatabaseTransaction,
    till: &Till,
    id: Uuid,
    parts: &[payment_part::Model],
    to: payment_attempt::ActiveModel,
) -> Result<(), Error> {
    let debit = arrived(tx, id, parts, to.clone()).await?;
    if !debit && !moved(tx, id, to, &AttemptState::OPEN).await? {
        return Ok(());
    }
    let told = plan_outcomes::attempt_failed(tx, till, id).await?;
    let Some(attempt) = payment_attempt::Entity::find_by_id(id).one(tx).await?.filter(|_| debit) else { return Ok(()) };
    plan_outcomes::follow_all(tx, till, &attempt).await?;
    // A plan that goes on tells it itself.
    if let (false, Some(to)) = (told, recipient(tx, &attempt).await?) {
        let letter = email::debit_failed(till.link(&format!("/billing/payments/{id}")));
        post(tx, &to, letter, &till.organization, till.now, till.zone).await?;
    }
    Ok(())
}

/// Moves a try on from one of these states. Returns whether this call did.
async fn moved(tx: &DatabaseTransaction, id: Uuid, to: payment_attempt::ActiveModel, from: &[AttemptState]) -> Result<bool, Error> {
    let done = payment_attempt::Entity::update_many()
        .set(to)
        .filter(payment_attempt::Column::Id.eq(id))
        .filter(payment_attempt::Column::State.is_in(from.iter().copied()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Money that was taken is entered whatever was thought before.
async fn paid(tx: &DatabaseTransaction, till: &Till, id: Uuid, charge: &str) -> Result<(), Error> {
    let parts = locked_parts(tx, id).await?;
    let done = payment_attempt::ActiveModel {
        state: Set(AttemptState::Paid),
        processor_id: Set(Some(charge.to_owned())),
        open_for: Set(None),
        decline: Set(None),
        next_url: Set(None),
        client_secret: Set(None),
        settled_at: Set(Some(till.now)),
        ..Default::default()
    };
    let any = [AttemptState::Asked, AttemptState::NeedsAction, AttemptState::Created, AttemptState::Declined, AttemptState::Abandoned];
    if !arrived(tx, id, &parts, done.clone()).await? && !moved(tx, id, done, &any).await? {
        return Ok(());
    }
    let Some(attempt) = payment_attempt::Entity::find_by_id(id).one(tx).await? else { return Ok(()) };
    for part in parts {
        let entry = New {
            bill: part.bill_id,
            kind: EntryKind::PatientPayment,
            cents: -part.cents,
            at: till.now,
            source_key: format!("payment:{id}:{}", part.bill_id),
            words: None,
            by: Some(attempt.by.clone()),
            attempt: Some(id),
        };
        ledger::append(tx, entry).await?;
    }
    plan_outcomes::attempt_paid(tx, till, &attempt).await?;
    announce(tx, ActKind::Payment, id, till.now).await?;
    if let Some(to) = recipient(tx, &attempt).await? {
        let link = till.link(&format!("/billing/payments/{id}"));
        let letter = email::paid(attempt.receipt.clone(), attempt.guest.then_some(attempt.cents), (!attempt.guest).then_some(link));
        post(tx, &to, letter, &till.organization, till.now, till.zone).await?;
    }
    Ok(())
}

async fn declined(tx: &DatabaseTransaction, till: &Till, id: Uuid, charge: Option<&str>, code: &str) -> Result<(), Error> {
    let parts = locked_parts(tx, id).await?;
    let over = payment_attempt::ActiveModel {
        state: Set(AttemptState::Declined),
        decline: Set(Some(code.chars().take(60).collect())),
        processor_id: charge.map_or(sea_orm::ActiveValue::NotSet, |charge| Set(Some(charge.to_owned()))),
        open_for: Set(None),
        next_url: Set(None),
        client_secret: Set(None),
        settled_at: Set(Some(till.now)),
        ..Default::default()
    };
    failed(tx, till, id, &parts, over).await
}

/// Where the receipt goes: to the account, or where a guest wants it.
pub(super) async fn recipient(tx: &DatabaseTransaction, attempt: &payment_attempt::Model) -> Result<Option<Recipient>, Error> {
    if let Some(account) = attempt.account_id {
        let found = account::Entity::find_by_id(account).one(tx).await?;
        return Ok(found.and_then(|account| account.recipient()));
    }
    Ok(attempt.tell.as_deref().map(|email| Recipient::address(email, Locale::default())))
}
