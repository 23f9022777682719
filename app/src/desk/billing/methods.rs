//! Cards and bank accounts that are kept for the next time: the processor has them, the portal knows them by their last digits.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::{payment_method, payment_plan, payment_refund},
    model::PlanState,
    problem,
    processor::{Typed, Unknown},
    till::Till,
};
use crate::base::{error::Error, ids::new_id, why::Why};

/// The kept ones of an account, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_account(till: &Till, account: Uuid) -> Result<Vec<payment_method::Model>, DbErr> {
    payment_method::Entity::find()
        .filter(payment_method::Column::AccountId.eq(account))
        .filter(payment_method::Column::RemovedAt.is_null())
        .order_by_desc(payment_method::Column::AddedAt)
        .all(till.db())
        .await
}

/// Those of them that can be charged.
///
/// # Errors
/// When the database fails.
pub async fn ready_of_account(till: &Till, account: Uuid) -> Result<Vec<payment_method::Model>, DbErr> {
    Ok(of_account(till, account).await?.into_iter().filter(|kept| !kept.unverified).collect())
}

/// A card or a bank account, also one that was removed since.
///
/// # Errors
/// When the database fails.
pub async fn one(till: &Till, id: Uuid) -> Result<Option<payment_method::Model>, DbErr> {
    payment_method::Entity::find_by_id(id).one(till.db()).await
}

/// What went back of a payment, or is on its way.
///
/// # Errors
/// When the database fails.
pub async fn refunds_of(till: &Till, attempt: Uuid) -> Result<Vec<payment_refund::Model>, DbErr> {
    let all = payment_refund::Entity::find().filter(payment_refund::Column::AttemptId.eq(attempt));
    all.order_by_asc(payment_refund::Column::MadeAt).all(till.db()).await
}

/// The customer under which an account's cards and bank accounts are kept at the processor.
///
/// # Errors
/// `Invalid` when the processor does not answer.
pub(super) async fn customer(till: &Till, account: Uuid) -> Result<String, Error> {
    let known = payment_method::Entity::find()
        .filter(payment_method::Column::AccountId.eq(account))
        .filter(payment_method::Column::Customer.ne(""))
        .one(till.db())
        .await?;
    match known {
        Some(known) => Ok(known.customer),
        None => till.processor.customer(account).await.map_err(|Unknown| Error::form(problem::NOT_NOW)),
    }
}

/// What was typed at the processor for a payment, or for an account.
///
/// # Errors
/// `Invalid` when nothing was typed for it, or the processor does not answer.
pub(super) async fn typed(till: &Till, setup: &str, of: Uuid) -> Result<Typed, Error> {
    let typed = till.processor.typed(setup, of).await.map_err(|Unknown| Error::form(problem::NOT_NOW))?;
    typed.ok_or(Error::form(problem::NO_CARD))
}

/// Keeps a card or a bank account, here and at the processor. The same once more is the same; `None` of one that the processor does not
/// keep.
///
/// # Errors
/// `Invalid` when the processor does not answer.
pub(super) async fn keep(till: &Till, account: Uuid, setup: &str, typed: &Typed) -> Result<Option<Uuid>, Error> {
    let card = &typed.method;
    let known = payment_method::Entity::find()
        .filter(payment_method::Column::AccountId.eq(account))
        .filter(payment_method::Column::Token.eq(card.token.clone()))
        .one(till.db())
        .await?;
    if let Some(known) = known {
        return Ok(Some(known.id));
    }
    let customer = customer(till, account).await?;
    // One that is not verified yet belongs to the customer for whom it was typed once it is.
    let kept = card.customer.as_ref() == Some(&customer)
        || !typed.ready
        || till.processor.keep(&card.token, &customer).await.map_err(|Unknown| Error::form(problem::NOT_NOW))?;
    if !kept {
        return Ok(None);
    }
    let id = new_id();
    let row = payment_method::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        kind: Set(card.kind),
        brand: Set(card.brand.clone()),
        last4: Set(card.last4.clone()),
        expires: Set(card.expires.clone()),
        customer: Set(customer),
        token: Set(card.token.clone()),
        added_at: Set(till.now),
        removed_at: Set(None),
        unverified: Set(!typed.ready),
        setup_id: Set((!typed.ready).then(|| setup.to_owned())),
        verify_url: Set(typed.verify_url.clone()),
        looked_at: Set((!typed.ready).then_some(till.now)),
    };
    // In two tabs at once: there is one of it.
    let once = OnConflict::columns([payment_method::Column::AccountId, payment_method::Column::Token]).do_nothing().to_owned();
    payment_method::Entity::insert(row).on_conflict(once).exec_without_returning(till.db()).await?;
    let kept = payment_method::Entity::find()
        .filter(payment_method::Column::AccountId.eq(account))
        .filter(payment_method::Column::Token.eq(card.token.clone()));
    Ok(kept.one(till.db()).await?.map(|kept| kept.id))
}

/// Keeps what was typed for nothing but that. Returns whether it can be charged now.
///
/// # Errors
/// `Invalid` when nothing was typed for this account, the processor does not answer, or does not keep it.
pub async fn keep_typed(till: &Till, account: Uuid, setup: &str) -> Result<bool, Error> {
    let typed = typed(till, setup, account).await?;
    keep(till, account, setup, &typed).await?.map(|_| typed.ready).ok_or(Error::form(problem::NO_CARD))
}

/// A card or a bank account, also one that was removed: whoever else takes it for a plan, or forgets it, waits until this transaction has ended.
///
/// # Errors
/// When the database fails.
pub(super) async fn lock(tx: &DatabaseTransaction, id: Uuid) -> Result<Option<payment_method::Model>, DbErr> {
    let mut one = payment_method::Entity::find_by_id(id);
    if tx.get_database_backend() == DbBackend::Postgres {
        one = one.lock_exclusive();
    }
    one.one(tx).await
}

/// Forgets a card or a bank account, here and at the processor.
///
/// # Errors
/// `NotFound` when it is not the account's; `Invalid` while a plan pays with it.
pub async fn remove(till: &Till, account: Uuid, id: Uuid) -> Result<(), Error> {
    let tx = till.begin().await?;
    let found = lock(&tx, id).await?.filter(|found| found.account_id == account).ok_or(Error::NotFound)?;
    let used = payment_plan::Entity::find()
        .filter(payment_plan::Column::MethodId.eq(id))
        .filter(payment_plan::Column::State.eq(PlanState::Active))
        .one(&tx)
        .await?;
    if used.is_some() {
        return Err(Error::form(Why::of("billing_why_plan_uses_it")));
    }
    let gone = payment_method::ActiveModel { removed_at: Set(Some(till.now)), ..Default::default() };
    let kept = payment_method::Entity::update_many().set(gone).filter(payment_method::Column::Id.eq(id));
    kept.filter(payment_method::Column::RemovedAt.is_null()).exec(&tx).await?;
    tx.commit().await?;
    // One that the processor does not hear is not charged any more either: nobody here knows it.
    let _ = till.processor.forget(&found.token).await;
    Ok(())
}
