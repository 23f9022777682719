//! The rows of tries to pay.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{
    entity::{payment_attempt, payment_method, payment_part},
    model::{AttemptState, CURRENCY},
    numbers::new_digits,
    payer::{Parts, Payer},
    till::Till,
};
use crate::{
    base::error::Error,
    platform::batch::{Batch, Rows},
};

/// So long a payment that was refused stands above the bills.
const REFUSED: chrono::TimeDelta = chrono::TimeDelta::days(14);

/// The try of this payer of which it is not known how it ends.
///
/// # Errors
/// When the database fails.
pub async fn under_way(till: &Till, guarantor: Uuid) -> Result<Option<payment_attempt::Model>, DbErr> {
    payment_attempt::Entity::find().filter(payment_attempt::Column::OpenFor.eq(guarantor)).one(till.db()).await
}

/// What the bank refused of this payer in the last days, where nothing was paid since.
///
/// # Errors
/// When the database fails.
pub async fn refused_lately(till: &Till, guarantor: Uuid) -> Result<Option<payment_attempt::Model>, DbErr> {
    let newest = settled_lately(till, guarantor).one(till.db()).await?;
    Ok(newest.filter(|attempt| attempt.state == AttemptState::Declined))
}

fn settled_lately(till: &Till, guarantor: Uuid) -> Select<payment_attempt::Entity> {
    payment_attempt::Entity::find()
        .filter(payment_attempt::Column::GuarantorId.eq(guarantor))
        .filter(payment_attempt::Column::State.is_in([AttemptState::Paid, AttemptState::Declined]))
        .filter(payment_attempt::Column::SettledAt.gt(till.now - REFUSED))
        .order_by_desc(payment_attempt::Column::SettledAt)
}

/// The tries that the list of a payer's bills tells of.
#[derive(Default)]
pub struct Tries {
    /// Of which it is not known how it ends.
    pub under_way: Option<payment_attempt::Model>,
    /// The debits of bank accounts that are on their way, the oldest first.
    pub on_their_way: Vec<payment_attempt::Model>,
    /// What the bank refused in the last days, where nothing was paid since.
    pub refused: Option<payment_attempt::Model>,
}

impl Tries {
    /// Asks for those of several guarantors, by guarantor.
    pub fn ask(
        batch: &mut Batch,
        till: &Till,
        guarantors: &[Uuid],
    ) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, Self>, DbErr> + use<> {
        let all = payment_attempt::Entity::find;
        let under_way = batch.ask(all().filter(payment_attempt::Column::OpenFor.is_in(guarantors.iter().copied())));
        // One by one: PostgreSQL reads all debits that are on their way for a list of guarantors.
        let of_each: Vec<_> = guarantors
            .iter()
            .map(|id| {
                let own = all().filter(payment_attempt::Column::GuarantorId.eq(*id));
                let on_their_way = batch.ask(own.filter(payment_attempt::Column::State.eq(AttemptState::Processing)));
                (*id, on_their_way, batch.ask(settled_lately(till, *id).limit(1)))
            })
            .collect();
        move |answers| {
            let mut found: HashMap<Uuid, Self> = HashMap::new();
            for (id, on_their_way, settled) in of_each {
                let mut on_their_way = answers.take(on_their_way)?;
                on_their_way.sort_by_key(|attempt| (attempt.asked_at, attempt.id));
                let refused = answers.take(settled)?.pop().filter(|attempt| attempt.state == AttemptState::Declined);
                found.insert(id, Self { under_way: None, on_their_way, refused });
            }
            for attempt in answers.take(under_way)? {
                let tries = found.entry(attempt.guarantor_id).or_default();
                tries.under_way = Some(attempt);
            }
            Ok(found)
        }
    }
}

/// Writes a try that nobody was asked about yet.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
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
        looked_at: Set(None),
        kind: Set(method.map(|method| method.kind)),
        brand: Set(method.map(|method| method.brand.clone())),
        last4: Set(method.map(|method| method.last4.clone())),
    };
    payment_attempt::Entity::insert(row).exec_without_returning(tx).await?;
    let rows = parts.iter().map(|(bill, cents)| payment_part::ActiveModel { attempt_id: Set(id), bill_id: Set(*bill), cents: Set(*cents) });
    payment_part::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A kept card of this payer, or a bank account that is verified.
///
/// # Errors
/// When the database fails.
pub async fn own_method(till: &Till, payer: &Payer, id: Uuid) -> Result<Option<payment_method::Model>, DbErr> {
    let Some(account) = payer.account else { return Ok(None) };
    let own = payment_method::Entity::find_by_id(id)
        .filter(payment_method::Column::AccountId.eq(account))
        .filter(payment_method::Column::RemovedAt.is_null())
        .filter(payment_method::Column::Unverified.eq(false));
    own.one(till.db()).await
}

/// A try that this very payer prepared: nobody else gives it something to charge, or sends it.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn own_attempt(till: &Till, payer: &Payer, id: Uuid) -> Result<(payment_attempt::Model, Vec<payment_part::Model>), Error> {
    let (found, parts) = attempt_of(till, payer, id).await?;
    if found.account_id == payer.account { Ok((found, parts)) } else { Err(Error::NotFound) }
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

/// Whether the processor is asked for some of it, and its answer is not known: it may be paid in this moment.
///
/// # Errors
/// When the database fails.
pub(super) async fn is_asked_for(tx: &impl ConnectionTrait, bill: Uuid) -> Result<bool, DbErr> {
    let parts = payment_part::Entity::find().filter(payment_part::Column::BillId.eq(bill)).all(tx).await?;
    let open = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::Id.is_in(parts.into_iter().map(|part| part.attempt_id)))
        .filter(payment_attempt::Column::State.is_in([AttemptState::Asked, AttemptState::NeedsAction]));
    Ok(open.one(tx).await?.is_some())
}
