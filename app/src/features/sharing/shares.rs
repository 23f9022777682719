//! Share codes: one reader, one browser session, some sections, a short time.

use std::collections::HashMap;

use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    entity::share,
    model::{CODE_MINUTES, MOST_TRIES, READING},
};
use crate::{
    access::{
        AccessKind, Grant, Permission,
        policy::{EndShares, ShareRecord, TakeAlong, ViewShares},
    },
    base::{
        error::{Error, Problem},
        ids::{PatientId, new_id},
        text::{LENGTH, displayed, visible},
        when::When,
        why::Why,
    },
    features::sharing::problem,
    people::account,
    platform::tokens::{hash, random_code},
    record::chapter::RecordSection,
};

/// What is shared.
pub struct Chosen {
    pub sections: Vec<RecordSection>,
    /// With what is sensitive, as far as whoever shares sees it.
    pub sensitive: bool,
}

/// Makes a code and returns the share's id and the code, which is shown this once.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn make(grant: &Grant<ShareRecord>, recipient: &str, chosen: &Chosen, minutes: i64) -> Result<(Uuid, String), Error> {
    let recipient = visible(recipient);
    let recipient = recipient.trim();
    check(recipient, &chosen.sections)?;
    if !CODE_MINUTES.contains(&minutes) {
        return Err(Error::field("minutes", problem::NOT_OFFERED));
    }
    // Whoever opens it types the date of birth.
    if !matches!(grant.person()?.born(), When::Day(_)) {
        return Err(Error::form(problem::BIRTH_DATE_INCOMPLETE));
    }
    let code = random_code(LENGTH)?;
    let (id, now) = (new_id(), Utc::now());
    share::Entity::insert(share::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        account_id: Set(grant.holder()?.account.0),
        recipient: Set(recipient.to_owned()),
        sections: Set(RecordSection::list(&chosen.sections)),
        sensitive: Set(chosen.sensitive),
        code_hash: Set(hash(&code)),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::minutes(minutes)),
        wrong_tries: Set(0),
        opened_at: Set(None),
        session_hash: Set(None),
        closed_at: Set(None),
        note: Set(None),
    })
    .exec_without_returning(grant.db())
    .await?;
    Ok((id, displayed(&code)))
}

/// # Errors
/// `Invalid` with everything that is wrong.
pub fn check(recipient: &str, sections: &[RecordSection]) -> Result<(), Error> {
    let mut problems = Vec::new();
    if recipient.is_empty() || recipient.chars().count() > 100 {
        problems.push(Problem { field: "recipient".into(), why: if recipient.is_empty() { Why::MISSING } else { Why::TOO_LONG } });
    }
    if sections.is_empty() {
        problems.push(Problem { field: format!("sections[{}]", RecordSection::Conditions.as_str()), why: Why::MISSING });
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// The codes of a chart, newest first: all for its owner, one's own for a proxy.
///
/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<impl SeesShares>) -> Result<Vec<share::Model>, Error> {
    Ok(open(grant)?.order_by_desc(share::Column::CreatedAt).limit(50).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such code of this chart that the caller may see.
pub async fn one(grant: &Grant<impl SeesShares>, id: Uuid) -> Result<share::Model, Error> {
    open(grant)?.filter(share::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)
}

/// The permissions with which it is found what is shared: to look, and to make or end it.
pub trait SeesShares: Permission<Scope = PatientId> {}

impl SeesShares for ViewShares {}
impl SeesShares for ShareRecord {}
impl SeesShares for TakeAlong {}
impl SeesShares for EndShares {}

/// The names of others who shared parts of this chart, by account.
///
/// # Errors
/// When the database fails.
pub async fn others(grant: &Grant<ViewShares>, accounts: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, String>, Error> {
    let me = grant.holder()?.account.0;
    let others: Vec<Uuid> = accounts.into_iter().filter(|account| *account != me).collect();
    let found = account::Entity::find().filter(account::Column::Id.is_in(others)).all(grant.db()).await?;
    Ok(found.into_iter().map(|row| (row.id, row.display_name)).collect())
}

fn open(grant: &Grant<impl SeesShares>) -> Result<sea_orm::Select<share::Entity>, Error> {
    let all = share::Entity::find().filter(share::Column::PatientId.eq(grant.patient().0));
    Ok(if grant.access_kind() == AccessKind::Own { all } else { all.filter(share::Column::AccountId.eq(grant.holder()?.account.0)) })
}

/// Ends a share at once, also for somebody who is reading.
///
/// # Errors
/// As [`one`].
pub async fn revoke(grant: &Grant<EndShares>, id: Uuid) -> Result<(), Error> {
    let found = one(grant, id).await?;
    close(grant.db(), found.id).await
}

/// A new code in the place of one that nobody has used; the one before opens nothing any more.
///
/// # Errors
/// `NotFound` when there is no such code of this chart that the caller made and that can still be used.
pub async fn renew(grant: &Grant<ShareRecord>, id: Uuid) -> Result<String, Error> {
    let found = one(grant, id).await?;
    let code = random_code(LENGTH)?;
    let new = share::ActiveModel { code_hash: Set(hash(&code)), wrong_tries: Set(0), ..Default::default() };
    let renewed = share::Entity::update_many()
        .set(new)
        .filter(share::Column::Id.eq(found.id))
        .filter(share::Column::AccountId.eq(grant.holder()?.account.0))
        .filter(share::Column::OpenedAt.is_null())
        .filter(share::Column::ClosedAt.is_null())
        .filter(share::Column::WrongTries.lt(MOST_TRIES))
        .filter(share::Column::ExpiresAt.gt(Utc::now()))
        .exec(grant.db())
        .await?;
    if renewed.rows_affected == 0 { Err(Error::NotFound) } else { Ok(displayed(&code)) }
}

pub(super) async fn close(db: &impl ConnectionTrait, id: Uuid) -> Result<(), Error> {
    let closed = share::ActiveModel { closed_at: Set(Some(Utc::now())), session_hash: Set(None), ..Default::default() };
    share::Entity::update_many().set(closed).filter(share::Column::Id.eq(id)).filter(share::Column::ClosedAt.is_null()).exec(db).await?;
    Ok(())
}

/// Whether a code that nobody used yet can still be used.
pub fn is_waiting(row: &share::Model) -> bool {
    row.closed_at.is_none() && row.opened_at.is_none() && row.wrong_tries < MOST_TRIES && Utc::now() < row.expires_at
}

/// Whether somebody reads it now.
pub fn is_being_read(row: &share::Model) -> bool {
    row.closed_at.is_none() && row.opened_at.is_some_and(|at| Utc::now() < at + READING)
}
