//! Cards and bank accounts that are kept for the next time: the processor has them, the portal knows them by their last digits.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::{payment_attempt, payment_method, payment_plan, payment_refund},
    model::{AttemptState, MethodKind, PlanState},
    plan_rows, problem,
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
/// keep, that was removed, or that was typed for somebody else.
///
/// # Errors
/// `Invalid` when the processor does not answer.
pub(super) async fn keep(till: &Till, account: Uuid, setup: &str, typed: &Typed) -> Result<Option<payment_method::Model>, Error> {
    let card = &typed.method;
    let of_account = || payment_method::Entity::find().filter(payment_method::Column::AccountId.eq(account));
    let by_token = || of_account().filter(payment_method::Column::Token.eq(card.token.clone()));
    if let Some(known) = by_token().one(till.db()).await? {
        return Ok(Some(known).filter(|known| known.removed_at.is_none()));
    }
    // The same card, or the same account, typed anew.
    if let Some(fingerprint) = card.fingerprint.as_ref().filter(|_| typed.ready) {
        let same = of_account()
            .filter(payment_method::Column::Fingerprint.eq(fingerprint))
            .filter(payment_method::Column::Kind.eq(card.kind))
            .filter(payment_method::Column::Expires.eq(card.expires.clone()))
            .filter(payment_method::Column::RemovedAt.is_null())
            .filter(payment_method::Column::Unverified.eq(false));
        if let Some(same) = same.one(till.db()).await? {
            return Ok(Some(same));
        }
    }
    let customer = customer(till, account).await?;
    let is_anothers = typed.customer.as_ref().is_some_and(|other| *other != customer);
    if is_anothers || card.kind == MethodKind::Bank && typed.customer.is_none() {
        return Ok(None);
    }
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
        fingerprint: Set(card.fingerprint.clone()),
        forgotten: Set(true),
    };
    // In two tabs at once: there is one of it.
    let once = OnConflict::columns([payment_method::Column::AccountId, payment_method::Column::Token]).do_nothing().to_owned();
    payment_method::Entity::insert(row).on_conflict(once).exec_without_returning(till.db()).await?;
    Ok(by_token().one(till.db()).await?)
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

/// Forgets a card or a bank account, here and at the processor. `sees` are the guarantors whose bills the account sees: a plan for another
/// one, which it cannot end any more, ends with it.
///
/// # Errors
/// `NotFound` when it is not the account's; `Invalid` while a plan pays with it that can be given something else.
pub async fn remove(till: &Till, account: Uuid, sees: &[Uuid], id: Uuid) -> Result<(), Error> {
    let tx = till.begin().await?;
    let found = lock(&tx, id).await?.filter(|found| found.account_id == account).ok_or(Error::NotFound)?;
    let used = payment_plan::Entity::find()
        .filter(payment_plan::Column::MethodId.eq(id))
        .filter(payment_plan::Column::State.eq(PlanState::Active))
        .all(&tx)
        .await?;
    if used.iter().any(|plan| sees.contains(&plan.guarantor_id)) {
        return Err(Error::form(Why::of("billing_why_plan_uses_it")));
    }
    for plan in used {
        plan_rows::end(&tx, till.now, plan.id, PlanState::Cancelled, "method").await?;
    }
    // What was prepared with it, and nobody has sent, needs something else.
    let without = payment_attempt::ActiveModel { method_id: Set(None), token: Set(None), ..Default::default() };
    payment_attempt::Entity::update_many()
        .set(without)
        .filter(payment_attempt::Column::MethodId.eq(id))
        .filter(payment_attempt::Column::State.eq(AttemptState::Created))
        .exec(&tx)
        .await?;
    let gone = payment_method::ActiveModel { removed_at: Set(Some(till.now)), forgotten: Set(false), ..Default::default() };
    let kept = payment_method::Entity::update_many().set(gone).filter(payment_method::Column::Id.eq(id));
    kept.filter(payment_method::Column::RemovedAt.is_null()).exec(&tx).await?;
    tx.commit().await?;
    forget(till, &found).await
}

/// Lets the processor forget what was removed; when it does not answer, a job asks again.
async fn forget(till: &Till, method: &payment_method::Model) -> Result<(), Error> {
    if till.processor.forget(&method.token).await.is_ok() {
        let forgotten = payment_method::ActiveModel { forgotten: Set(true), ..Default::default() };
        payment_method::Entity::update_many().set(forgotten).filter(payment_method::Column::Id.eq(method.id)).exec(till.db()).await?;
    }
    Ok(())
}

/// Asks the processor again to forget what it did not hear of.
///
/// # Errors
/// When the database fails.
pub(super) async fn forget_removed(till: &Till) -> Result<(), Error> {
    // Written as the index is, which a bound value would not be known to fit.
    let removed = payment_method::Entity::find().filter(sea_orm::sea_query::Expr::cust("NOT forgotten")).limit(50);
    for method in removed.all(till.db()).await? {
        forget(till, &method).await?;
    }
    Ok(())
}
