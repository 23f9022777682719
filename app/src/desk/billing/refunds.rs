//! Money that goes back: never more than was paid.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{payment_attempt, payment_part, payment_refund},
    ledger::{self, New},
    model::{AttemptState, EntryKind, RefundState},
    plan_follows, problem,
    processor::{Returned, Unknown},
    till::Till,
};
use crate::{
    base::error::Error,
    desk::outgoing::{model::ActKind, store::announce},
};

/// What may still go back of what was paid of a bill with one payment.
///
/// # Errors
/// When the database fails.
pub async fn left(db: &impl ConnectionTrait, attempt: Uuid, bill: Uuid) -> Result<i64, DbErr> {
    let part = payment_part::Entity::find_by_id((attempt, bill)).one(db).await?.map_or(0, |part| part.cents);
    let gone = payment_refund::Entity::find()
        .filter(payment_refund::Column::AttemptId.eq(attempt))
        .filter(payment_refund::Column::BillId.eq(bill))
        .filter(payment_refund::Column::State.ne(RefundState::Failed))
        .all(db)
        .await?;
    Ok(part - gone.iter().map(|refund| refund.cents).sum::<i64>())
}

/// Sends money back. The row is there before the processor is asked; `once` names the form that asks for it.
///
/// # Errors
/// `NotFound` for a payment that did not go through; `Invalid` for more than is left of it.
pub async fn refund(till: &Till, once: Uuid, (attempt, bill): (Uuid, Uuid), cents: i64, words: &str, by: &str) -> Result<(), Error> {
    let tx = till.begin().await?;
    ledger::lock(&tx, &[bill]).await?;
    // The same form once more.
    if payment_refund::Entity::find_by_id(once).one(&tx).await?.is_some() {
        return Ok(());
    }
    let paid = payment_attempt::Entity::find_by_id(attempt).filter(payment_attempt::Column::State.eq(AttemptState::Paid));
    paid.one(&tx).await?.ok_or(Error::NotFound)?;
    if cents <= 0 || cents > left(&tx, attempt, bill).await? {
        return Err(Error::field("amount", problem::MORE_THAN_PAID));
    }
    let row = payment_refund::Model {
        id: once,
        attempt_id: attempt,
        bill_id: bill,
        cents,
        words: words.to_owned(),
        by: by.to_owned(),
        state: RefundState::Asked,
        processor_id: None,
        made_at: till.now,
        settled_at: None,
    };
    payment_refund::Entity::insert(payment_refund::ActiveModel::from(row.clone())).exec_without_returning(&tx).await?;
    tx.commit().await?;
    ask(till, &row).await
}

async fn ask(till: &Till, refund: &payment_refund::Model) -> Result<(), Error> {
    let Some(charge) = charge_of(till, refund).await? else { return Ok(()) };
    match till.processor.refund(refund.id, &charge, refund.cents).await {
        Ok(returned) => became(till, refund, &returned).await,
        // A job asks again.
        Err(Unknown) => Ok(()),
    }
}

async fn charge_of(till: &Till, refund: &payment_refund::Model) -> Result<Option<String>, DbErr> {
    let attempt = payment_attempt::Entity::find_by_id(refund.attempt_id).one(till.db()).await?;
    Ok(attempt.and_then(|attempt| attempt.processor_id))
}

/// Looks whether a refund went, and asks for it once more where the processor never heard of it.
///
/// # Errors
/// When the database fails.
pub async fn finish(till: &Till, refund: &payment_refund::Model) -> Result<(), Error> {
    let Some(charge) = charge_of(till, refund).await? else { return Ok(()) };
    match till.processor.find_refund(refund.id, &charge).await {
        Ok(Some(returned)) => became(till, refund, &returned).await,
        // It has a key of its own: asked twice, it goes once.
        Ok(None) => ask(till, refund).await,
        Err(Unknown) => Ok(()),
    }
}

async fn became(till: &Till, refund: &payment_refund::Model, returned: &Returned) -> Result<(), Error> {
    match returned {
        Returned::Done(id) => done(till, refund, Some(id)).await,
        Returned::Refused => done(till, refund, None).await,
        // A job asks again.
        Returned::UnderWay => Ok(()),
    }
}

/// Enters a refund that went, or lets go of one that was refused.
async fn done(till: &Till, refund: &payment_refund::Model, id: Option<&str>) -> Result<(), Error> {
    let tx = till.begin().await?;
    ledger::lock(&tx, &[refund.bill_id]).await?;
    let state = if id.is_some() { RefundState::Done } else { RefundState::Failed };
    let settled = payment_refund::ActiveModel {
        state: Set(state),
        processor_id: Set(id.map(str::to_owned)),
        settled_at: Set(Some(till.now)),
        ..Default::default()
    };
    let once = payment_refund::Entity::update_many()
        .set(settled)
        .filter(payment_refund::Column::Id.eq(refund.id))
        .filter(payment_refund::Column::State.eq(RefundState::Asked))
        .exec(&tx)
        .await?;
    if once.rows_affected == 1 && id.is_some() {
        let entry = New {
            bill: refund.bill_id,
            kind: EntryKind::Refund,
            cents: refund.cents,
            at: till.now,
            source_key: format!("refund:{}", refund.id),
            words: Some(refund.words.clone()),
            by: Some(refund.by.clone()),
            attempt: Some(refund.attempt_id),
        };
        ledger::append(&tx, entry).await?;
        plan_follows::bill(&tx, refund.bill_id, till.now).await?;
        announce(&tx, ActKind::Payment, refund.attempt_id, till.now).await?;
    }
    tx.commit().await?;
    Ok(())
}
