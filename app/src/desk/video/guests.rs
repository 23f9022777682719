//! Guests: an interpreter, a relative. Each has a link for one visit, which both sides see and either ends.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::video_guest,
    model::{Gate, MOST_GUESTS, Way},
    problem,
    room::{VideoVisit, lock, people_changed},
    speaking::end_guest,
};
use crate::{
    access::{Grant, Permission, policy::UseVideoRoom},
    base::{
        error::Error,
        ids::{PatientId, new_id},
        text::visible,
        why::Why,
    },
    desk::scheduling::act::Actor,
    platform::{
        secret::Secret,
        throttle::guarded,
        tokens::{hash, random_hex},
    },
    record::visit::{entity::visit, model::Kind},
};

/// Letters of a name.
const MOST_NAME: usize = 100;
/// So many links that lead nowhere are tried from one address in a window of the throttle.
const PER_ADDRESS: i32 = 20;

/// The links that live, with their codes.
///
/// # Errors
/// When the database fails.
pub async fn of_visit<P: Permission>(
    grant: &Grant<P>,
    secret: &Secret,
    visit: Uuid,
) -> Result<Vec<(video_guest::Model, Option<String>)>, DbErr> {
    let all = video_guest::Entity::find()
        .filter(video_guest::Column::VisitId.eq(visit))
        .filter(video_guest::Column::EndedAt.is_null())
        .order_by_asc(video_guest::Column::MadeAt)
        .all(grant.db())
        .await?;
    let code = |row: &video_guest::Model| String::from_utf8(secret.open_at(row.id.as_bytes(), &row.sealed_code)?).ok();
    Ok(all.into_iter().map(|row| (code(&row), row)).map(|(code, row)| (row, code)).collect())
}

/// Makes a link for somebody. `found` is a visit that the caller may join.
///
/// # Errors
/// `Invalid` without saying for whom, for too many, or when the visit is over or not held here.
pub async fn invite<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    secret: &Secret,
    found: &VideoVisit,
    whom: &str,
    actor: &Actor,
) -> Result<(), Error> {
    let whom = named("whom", whom)?;
    if found.way != Way::Portal || !matches!(found.gate, Gate::Open | Gate::Early(_)) {
        return Err(Error::form(problem::NOT_OPEN));
    }
    let visit = found.visit.id;
    let tx = grant.begin().await?;
    lock(&tx, visit).await?;
    let live = video_guest::Entity::find()
        .filter(video_guest::Column::VisitId.eq(visit))
        .filter(video_guest::Column::EndedAt.is_null())
        .count(&tx)
        .await?;
    if usize::try_from(live).unwrap_or(usize::MAX) >= MOST_GUESTS {
        return Err(Error::form(problem::TOO_MANY_GUESTS));
    }
    let (id, code) = (new_id(), random_hex()?);
    let row = video_guest::ActiveModel {
        id: Set(id),
        visit_id: Set(visit),
        code_hash: Set(hash(&code)),
        sealed_code: Set(secret.seal_at(id.as_bytes(), code.as_bytes())?),
        whom: Set(whom),
        name: Set(None),
        made_by: Set(actor.name.clone()),
        role: Set(actor.role.clone()),
        made_at: Set(grant.now().instant),
        ended_at: Set(None),
        ended_by: Set(None),
    };
    video_guest::Entity::insert(row).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a link; whoever is there by it is sent away.
///
/// # Errors
/// `NotFound` for a link of another visit.
pub async fn end<P: Permission<Scope = PatientId>>(grant: &Grant<P>, visit: Uuid, guest: Uuid) -> Result<(), Error> {
    let tx = grant.begin().await?;
    lock(&tx, visit).await?;
    let row = video_guest::Entity::find_by_id(guest).filter(video_guest::Column::VisitId.eq(visit)).one(&tx).await?;
    let row = row.ok_or(Error::NotFound)?;
    end_guest(&tx, row.id, &grant.holder()?.name, grant.now().instant).await?;
    people_changed(&tx, visit).await?;
    tx.commit().await?;
    Ok(())
}

/// The link with this code, and its visit; nothing when it leads nowhere (any more).
///
/// # Errors
/// `TooManyTries` after many that lead nowhere.
pub async fn by_code(grant: &Grant<UseVideoRoom>, code: &str) -> Result<Option<(video_guest::Model, VideoVisit)>, Error> {
    let key = format!("video-guest:{}", grant.address());
    let read = async {
        let live = video_guest::Entity::find().filter(video_guest::Column::CodeHash.eq(hash(code)));
        live.one(grant.db()).await?.ok_or(Error::NotFound)
    };
    let guest = match guarded(grant.db(), &key, PER_ADDRESS, read).await {
        Ok(guest) if guest.ended_at.is_none() => guest,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let visit = visit::Entity::find_by_id(guest.visit_id).one(grant.db()).await?.filter(|visit| visit.kind == Kind::Video);
    let Some(visit) = visit else { return Ok(None) };
    Ok(Some((guest, VideoVisit::read(grant.db(), visit, grant.now().instant).await?)))
}

/// Says how the guest is called.
///
/// # Errors
/// `NotFound` for a link that leads nowhere; `Invalid` without a name.
pub async fn say_name(grant: &Grant<UseVideoRoom>, code: &str, name: &str) -> Result<(), Error> {
    let (guest, _) = by_code(grant, code).await?.ok_or(Error::NotFound)?;
    let row = video_guest::ActiveModel { id: Set(guest.id), name: Set(Some(named("name", name)?)), ..Default::default() };
    video_guest::Entity::update(row).exec(grant.db()).await?;
    Ok(())
}

fn named(field: &str, text: &str) -> Result<String, Error> {
    match visible(text.trim()).trim() {
        "" => Err(Error::field(field, Why::MISSING)),
        name if name.chars().count() > MOST_NAME => Err(Error::field(field, Why::TOO_LONG)),
        name => Ok(name.to_owned()),
    }
}
