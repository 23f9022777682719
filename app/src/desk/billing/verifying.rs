//! Bank accounts that cannot be charged before two small deposits are confirmed at the processor, which takes a day or two.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{email, entity::payment_method, methods, processor::Unknown, till::Till};
use crate::{base::error::Error, people::account, platform::mail::store::post};

/// The job asks again after so long; whoever looks at the page, and each notice of the processor, asks at once.
const QUIET: TimeDelta = TimeDelta::hours(6);
const AT_ONCE: u64 = 50;

/// Asks about what is not verified yet.
///
/// # Errors
/// When the database fails.
pub(super) async fn ask_again(till: &Till) -> Result<(), Error> {
    let long_ago =
        Condition::any().add(payment_method::Column::LookedAt.is_null()).add(payment_method::Column::LookedAt.lt(till.now - QUIET));
    let open = unverified().filter(long_ago).order_by_asc(payment_method::Column::LookedAt).limit(AT_ONCE);
    let mut went = Ok(());
    for method in open.all(till.db()).await? {
        went = went.and(ask(till, &method).await.map(|_| ()));
    }
    went
}

/// Asks about those of an account.
///
/// # Errors
/// When the database fails.
pub async fn ask_of_account(till: &Till, account: Uuid) -> Result<(), Error> {
    for method in methods::of_account(till, account).await?.into_iter().filter(|method| method.unverified) {
        ask(till, &method).await?;
    }
    Ok(())
}

/// Asks about what was typed so, as a notice of the processor says that something changed. Returns whether it could be asked.
///
/// # Errors
/// When the database fails.
pub(super) async fn ask_of_setup(till: &Till, setup: &str) -> Result<bool, Error> {
    let mut heard = true;
    for method in unverified().filter(payment_method::Column::SetupId.eq(setup)).all(till.db()).await? {
        heard &= ask(till, &method).await?;
    }
    Ok(heard)
}

fn unverified() -> sea_orm::Select<payment_method::Entity> {
    payment_method::Entity::find().filter(payment_method::Column::Unverified.eq(true)).filter(payment_method::Column::RemovedAt.is_null())
}

async fn ask(till: &Till, method: &payment_method::Model) -> Result<bool, Error> {
    let Some(setup) = &method.setup_id else { return Ok(true) };
    let entered = match till.processor.entered(setup).await {
        Ok(entered) => entered,
        Err(Unknown) => return Ok(false),
    };
    let changed = match entered {
        Some((_, typed)) if typed.ready && typed.customer.as_ref() == Some(&method.customer) => payment_method::ActiveModel {
            unverified: Set(false),
            verify_url: Set(None),
            fingerprint: Set(typed.method.fingerprint),
            ..Default::default()
        },
        Some((_, typed)) if !typed.ready => {
            let looked =
                payment_method::ActiveModel { looked_at: Set(Some(till.now)), verify_url: Set(typed.verify_url), ..Default::default() };
            still(method.id).set(looked).exec(till.db()).await?;
            return Ok(true);
        }
        // Too many wrong guesses, nobody confirmed it in time, or it is somebody else's.
        _ => payment_method::ActiveModel { removed_at: Set(Some(till.now)), ..Default::default() },
    };
    let verified = changed.removed_at.is_not_set();
    let tx = till.begin().await?;
    // Told once, by whoever hears it first.
    if still(method.id).set(changed).exec(&tx).await?.rows_affected == 1 {
        tell(&tx, till, method, verified).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn still(id: Uuid) -> sea_orm::UpdateMany<payment_method::Entity> {
    payment_method::Entity::update_many()
        .filter(payment_method::Column::Id.eq(id))
        .filter(payment_method::Column::Unverified.eq(true))
        .filter(payment_method::Column::RemovedAt.is_null())
}

async fn tell(tx: &sea_orm::DatabaseTransaction, till: &Till, method: &payment_method::Model, verified: bool) -> Result<(), DbErr> {
    let account = account::Entity::find_by_id(method.account_id).one(tx).await?;
    if let Some(to) = account.and_then(|account| account.recipient()) {
        let letter = email::account_verified(verified, till.link("/billing/cards"));
        post(tx, &to, letter, &till.organization, till.now, till.zone).await?;
    }
    Ok(())
}
