//! What follows from a death that a source tells, and from its correction.
//!
//! The own account is closed, codes and invitations are over. Whoever has access keeps reading for a while; then their access ends.
//! When the source takes the death back, the account is open again.

use app::{
    access::entity::account_session,
    base::text::username_key,
    people::{account, patient, patient_record::moved},
    platform::push::phone,
};
use chrono::{NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{merge, store::CHUNK};

/// Days for which others read the chart of somebody who has died, where nothing else is set.
pub const ACCESS_DAYS: u16 = 365;

const CLOSED: &str = "closed_account";

/// Looks at the charts of an import: who has died, and who has not after all.
pub async fn apply(tx: &impl ConnectionTrait, charts: &[Uuid], access_until: NaiveDate) -> Result<(), DbErr> {
    for chunk in charts.chunks(CHUNK) {
        let of = || patient::Entity::find().filter(patient::Column::Id.is_in(chunk.iter().copied()));
        for person in of().filter(patient::Column::Deceased.eq(true)).filter(patient::Column::AccessUntil.is_null()).all(tx).await? {
            set_access_until(tx, person.id, Some(access_until)).await?;
            close_account(tx, person.id).await?;
            merge::end_codes_and_invitations(tx, person.id).await?;
        }
        for person in of().filter(patient::Column::Deceased.eq(false)).filter(patient::Column::AccessUntil.is_not_null()).all(tx).await? {
            set_access_until(tx, person.id, None).await?;
            open_account(tx, person.id).await?;
        }
    }
    Ok(())
}

async fn set_access_until(tx: &impl ConnectionTrait, chart: Uuid, day: Option<NaiveDate>) -> Result<(), DbErr> {
    let until = Expr::value(day);
    patient::Entity::update_many().col_expr(patient::Column::AccessUntil, until).filter(patient::Column::Id.eq(chart)).exec(tx).await?;
    Ok(())
}

async fn close_account(tx: &impl ConnectionTrait, chart: Uuid) -> Result<(), DbErr> {
    let own = account::Entity::find().filter(account::Column::PatientId.eq(chart)).filter(account::Column::ClosedAt.is_null());
    let Some(own) = own.one(tx).await? else { return Ok(()) };
    let closed = account::ActiveModel {
        id: Set(own.id),
        closed_at: Set(Some(Utc::now())),
        // Nobody signs in with it.
        username_key: Set(format!("closed:{}", own.id)),
        ..Default::default()
    };
    account::Entity::update(closed).exec(tx).await?;
    account_session::Entity::delete_many().filter(account_session::Column::AccountId.eq(own.id)).exec(tx).await?;
    phone::end_all(tx, own.id, None).await?;
    let note = moved::ActiveModel { kind: Set(CLOSED.into()), id: Set(own.id), from_patient: Set(chart), to_patient: Set(chart) };
    moved::Entity::insert(note).exec_without_returning(tx).await?;
    Ok(())
}

/// Opens the account that was closed by a death. Its name is its own again, with a number behind it where somebody took it
/// meanwhile: the forgotten-name page tells it.
async fn open_account(tx: &impl ConnectionTrait, chart: Uuid) -> Result<(), DbErr> {
    // It may have been closed in a chart that went into this one since.
    let Some(own) = account::Entity::find().filter(account::Column::PatientId.eq(chart)).one(tx).await? else { return Ok(()) };
    let note = (CLOSED.to_owned(), own.id);
    if moved::Entity::find_by_id(note.clone()).one(tx).await?.is_none() {
        return Ok(());
    }
    let is_taken = async |name: &str| {
        let by = account::Column::UsernameKey.eq(username_key(name));
        Ok::<_, DbErr>(account::Entity::find().filter(by).one(tx).await?.is_some())
    };
    let (mut name, mut number) = (own.username.clone(), 2);
    while is_taken(&name).await? {
        (name, number) = (format!("{}{number}", own.username), number + 1);
    }
    let (username_key, username) = (Set(username_key(&name)), Set(name));
    let open = account::ActiveModel { id: Set(own.id), closed_at: Set(None), username_key, username, ..Default::default() };
    account::Entity::update(open).exec(tx).await?;
    moved::Entity::delete_by_id(note).exec(tx).await?;
    Ok(())
}
