//! Payments that the payer's bank takes back after they went through, such as a debit that somebody says they did not authorize. The bill
//! is due again; when the bank gives it up, it is paid again.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{
    email,
    entity::{payment_attempt, payment_part, payment_refund},
    ledger::{self, New},
    model::{AttemptState, EntryKind, RefundState, spread},
    plan_follows,
    processor::{Dispute, Unknown},
    refunds,
    settle::recipient,
    till::Till,
};
use crate::{
    base::error::Error,
    desk::outgoing::{model::ActKind, store::announce},
    platform::mail::store::post,
};

/// Who stands in the ledger for it.
const BANK: &str = "Bank";

/// Asks what became of a dispute, and enters it. Returns whether it could be asked.
///
/// # Errors
/// When the database fails.
pub(super) async fn take(till: &Till, id: &str) -> Result<bool, Error> {
    let found = match till.processor.dispute(id).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(true),
        Err(Unknown) => return Ok(false),
    };
    let attempt = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::ProcessorId.eq(&found.charge))
        .filter(payment_attempt::Column::State.eq(AttemptState::Paid));
    if let Some(attempt) = attempt.one(till.db()).await? {
        enter(till, id, &found, &attempt).await?;
    }
    Ok(true)
}

async fn enter(till: &Till, id: &str, found: &Dispute, attempt: &payment_attempt::Model) -> Result<(), Error> {
    let tx = till.begin().await?;
    let parts = payment_part::Entity::find().filter(payment_part::Column::AttemptId.eq(attempt.id)).all(&tx).await?;
    ledger::lock(&tx, &parts.iter().map(|part| part.bill_id).collect::<Vec<_>>()).await?;
    let mut left = Vec::new();
    for part in &parts {
        left.push(refunds::left(&tx, attempt.id, part.bill_id).await?);
    }
    let mut any = false;
    for (part, cents) in parts.iter().zip(spread(found.cents, &left)) {
        let taken = |cents: i64, key: &str| New {
            bill: part.bill_id,
            kind: if cents > 0 { EntryKind::Refund } else { EntryKind::PatientPayment },
            cents,
            at: till.now,
            source_key: format!("{key}:{id}:{}", part.bill_id),
            words: None,
            by: Some(BANK.to_owned()),
            attempt: Some(attempt.id),
        };
        let of_this = || {
            payment_refund::Entity::find()
                .filter(payment_refund::Column::ProcessorId.eq(id))
                .filter(payment_refund::Column::BillId.eq(part.bill_id))
        };
        let known = of_this().one(&tx).await?;
        match (found.won, known) {
            (false, None) if cents > 0 => {
                let row = payment_refund::ActiveModel {
                    id: Set(crate::base::ids::new_id()),
                    attempt_id: Set(attempt.id),
                    bill_id: Set(part.bill_id),
                    cents: Set(cents),
                    words: Set(String::new()),
                    by: Set(BANK.to_owned()),
                    state: Set(RefundState::Done),
                    processor_id: Set(Some(id.to_owned())),
                    made_at: Set(till.now),
                    settled_at: Set(Some(till.now)),
                };
                payment_refund::Entity::insert(row).exec_without_returning(&tx).await?;
                any |= ledger::append(&tx, taken(cents, "dispute")).await?;
            }
            (true, Some(row)) if row.state == RefundState::Done => {
                let back = payment_refund::ActiveModel { state: Set(RefundState::Failed), ..Default::default() };
                payment_refund::Entity::update_many().set(back).filter(payment_refund::Column::Id.eq(row.id)).exec(&tx).await?;
                any |= ledger::append(&tx, taken(-row.cents, "dispute-won")).await?;
            }
            _ => {}
        }
        plan_follows::bill(&tx, part.bill_id, till.now).await?;
    }
    if any {
        announce(&tx, ActKind::Payment, attempt.id, till.now).await?;
        tracing::warn!(won = found.won, "a bank took a payment back, or gave that up");
        if let (false, Some(to)) = (found.won, recipient(&tx, attempt).await?) {
            let letter = email::taken_back(till.link(&format!("/billing/payments/{}", attempt.id)));
            post(&tx, &to, letter, &till.organization, till.now, till.zone).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What banks took back of late, for the office to look at.
///
/// # Errors
/// When the database fails.
pub async fn lately(db: &impl ConnectionTrait, since: DateTime<Utc>) -> Result<Vec<payment_refund::Model>, DbErr> {
    let rows = payment_refund::Entity::find()
        .filter(payment_refund::Column::By.eq(BANK))
        .filter(payment_refund::Column::State.eq(RefundState::Done))
        .filter(payment_refund::Column::SettledAt.gt(since));
    rows.limit(50).all(db).await
}
