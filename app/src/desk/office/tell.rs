//! E-mail to everybody who may read what an office answered: that there is something, and never what.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    access::{Grant, Level, Permission, proxy::level, session::facts},
    base::{clock::Now, error::Error, i18n::Texts},
    people::{account, patient, proxy_grant},
    platform::mail::{
        letter::{Message, Organization},
        store::{organization_here, post},
    },
};

/// The accounts that read about a patient: their own, and those of everybody whose level opens it.
///
/// # Errors
/// When the database fails.
pub async fn readers(
    db: &impl ConnectionTrait,
    patient: &patient::Model,
    now: Now,
    opens: impl Fn(Level) -> bool,
) -> Result<Vec<account::Model>, DbErr> {
    let grants = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.eq(patient.id))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .all(db)
        .await?;
    let reads = |grant: &&proxy_grant::Model| level(&facts(grant, patient), now).is_ok_and(&opens);
    let proxies: Vec<Uuid> = grants.iter().filter(reads).map(|grant| grant.account_id).collect();
    let open = || account::Entity::find().filter(account::Column::ClosedAt.is_null());
    let mut accounts = open().filter(account::Column::PatientId.eq(patient.id)).all(db).await?;
    if !proxies.is_empty() {
        accounts.extend(open().filter(account::Column::Id.is_in(proxies)).order_by_asc(account::Column::DisplayName).all(db).await?);
    }
    Ok(accounts)
}

/// Writes to these accounts about a patient.
///
/// # Errors
/// When the database fails.
pub async fn write_to<P: Permission>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    about: Uuid,
    accounts: &[account::Model],
    letter: impl Fn(Texts, &Organization) -> Message + Clone,
) -> Result<(), Error> {
    let organization = organization_here()?;
    for to in accounts.iter().filter_map(|account| account.recipient()) {
        post(tx, &to.about([about]), letter.clone(), &organization, grant.now().instant, grant.zone()).await?;
    }
    Ok(())
}

/// Writes to the patient and to everybody whose level opens it.
///
/// # Errors
/// When the database fails.
pub async fn tell_readers<P: Permission>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    patient: Uuid,
    opens: impl Fn(Level) -> bool,
    letter: impl Fn(Texts, &Organization) -> Message + Clone,
) -> Result<(), Error> {
    let Some(person) = patient::current(tx, patient).await? else { return Ok(()) };
    write_to(tx, grant, person.id, &readers(tx, &person, grant.now(), opens).await?, letter).await
}
