//! What somebody with a place says: signals for another browser, how they are there, chat, and who may come in.

use chrono::Utc;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    beginning::begin_when_met,
    entity::{video_chat, video_guest, video_participant, video_room, video_signal},
    model::{Refused, Role},
    room::{lock, next_number, people_changed},
    seat::Seat,
};
use crate::{
    access::{Grant, policy::UseVideoRoom},
    base::{payment_card, text::visible},
};

/// Characters of what one browser tells another at once: descriptions of a connection with three pictures are some thousand each.
const MOST_SIGNAL: usize = 256 * 1024;
/// Letters of a line of chat.
const MOST_WORDS: usize = 2000;
/// What one person says in one visit, in bytes: nobody fills the database, and nobody takes the room of others.
const MOST_SAID: i64 = 20 * 1024 * 1024;
/// Something that is said counts as so many bytes at least.
const LEAST_SAID: usize = 1024;

/// The room, while nobody else writes into it and it is not over.
async fn open_room(tx: &DatabaseTransaction, seat: &Seat) -> Result<video_room::Model, Refused> {
    let room = lock(tx, seat.visit()).await?;
    if room.ended_at.is_some() { Err(Refused::Ended) } else { Ok(room) }
}

/// Counts what somebody says; `Unfit` when it is too much.
async fn count(tx: &DatabaseTransaction, seat: &Seat, bytes: usize) -> Result<(), Refused> {
    use video_participant::Column::{Id, Said};
    let bytes = i64::try_from(bytes.max(LEAST_SAID)).unwrap_or(i64::MAX);
    let counted = video_participant::Entity::update_many()
        .col_expr(Said, Expr::col(Said).add(bytes))
        .filter(Id.eq(seat.row.id))
        .filter(Said.lt(MOST_SAID))
        .exec(tx)
        .await?;
    if counted.rows_affected == 1 { Ok(()) } else { Err(Refused::Unfit) }
}

/// Hands what a browser says to another one in the same room.
///
/// # Errors
/// `NotAllowed` for somebody who is not there; `Unfit` for too much.
pub async fn signal(grant: &Grant<UseVideoRoom>, seat: &Seat, to: &str, data: &str) -> Result<(), Refused> {
    let to: Uuid = to.parse().map_err(|_| Refused::Unfit)?;
    if data.is_empty() || data.len() > MOST_SIGNAL {
        return Err(Refused::Unfit);
    }
    let tx = grant.begin().await?;
    let room = open_room(&tx, seat).await?;
    let other = video_participant::Entity::find_by_id(to).filter(video_participant::Column::VisitId.eq(seat.visit())).one(&tx).await?;
    if other.is_none_or(|other| other.removed_at.is_some() || other.id == seat.row.id) {
        return Err(Refused::NotAllowed);
    }
    count(&tx, seat, data.len()).await?;
    let row = video_signal::ActiveModel {
        visit_id: Set(seat.visit()),
        number: Set(next_number(&tx, &room).await?),
        from_id: Set(seat.row.id),
        to_id: Set(to),
        data: Set(data.to_owned()),
    };
    video_signal::Entity::insert(row).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// How somebody is there.
#[derive(Clone, Copy, Debug)]
pub struct Presence {
    pub inside: bool,
    pub mic: bool,
    pub camera: bool,
    pub screen: bool,
}

/// Says how somebody is there. The visit begins when patient and clinician are both inside.
///
/// # Errors
/// `Ended` when the room is over.
pub async fn state(grant: &Grant<UseVideoRoom>, seat: &Seat, now: Presence) -> Result<(), Refused> {
    let tx = grant.begin().await?;
    open_room(&tx, seat).await?;
    let mut row = video_participant::ActiveModel {
        id: Set(seat.row.id),
        inside: Set(now.inside),
        mic: Set(now.mic),
        camera: Set(now.camera),
        screen: Set(now.screen),
        gone: Set(false),
        seen_at: Set(Utc::now()),
        ..Default::default()
    };
    if now.inside {
        row.was_inside = Set(true);
    }
    video_participant::Entity::update(row).exec(&tx).await?;
    people_changed(&tx, seat.visit()).await?;
    tx.commit().await?;
    if now.inside { begin_when_met(grant, seat).await } else { Ok(()) }
}

/// Writes a line of chat. The same key is the same line.
///
/// # Errors
/// `Unfit` for nothing, too much, or the number of a payment card.
pub async fn chat(grant: &Grant<UseVideoRoom>, seat: &Seat, text: &str, key: &str) -> Result<(), Refused> {
    let text = visible(text.trim());
    if text.is_empty() || text.chars().count() > MOST_WORDS || key.is_empty() || key.len() > 100 || payment_card::has_number(&text) {
        return Err(Refused::Unfit);
    }
    let tx = grant.begin().await?;
    let room = open_room(&tx, seat).await?;
    let known = video_chat::Entity::find()
        .filter(video_chat::Column::FromId.eq(seat.row.id))
        .filter(video_chat::Column::SendingKey.eq(key))
        .one(&tx)
        .await?;
    if known.is_some() {
        return Ok(());
    }
    count(&tx, seat, text.len()).await?;
    let row = video_chat::ActiveModel {
        visit_id: Set(seat.visit()),
        number: Set(next_number(&tx, &room).await?),
        from_id: Set(seat.row.id),
        sending_key: Set(key.to_owned()),
        words: Set(text.into_owned()),
        at: Set(grant.now().instant),
    };
    video_chat::Entity::insert(row).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Agrees to keep what is written with the visit, or takes that back.
///
/// # Errors
/// `Ended` when the room is over.
pub async fn keep_chat(grant: &Grant<UseVideoRoom>, seat: &Seat, agree: bool) -> Result<(), Refused> {
    let row = video_participant::ActiveModel { id: Set(seat.row.id), keeps_chat: Set(agree), ..Default::default() };
    change(grant, seat, row).await
}

/// Leaves: the place is free, and kept in the list for whoever comes back.
///
/// # Errors
/// `Ended` when the room is over.
pub async fn leave(grant: &Grant<UseVideoRoom>, seat: &Seat) -> Result<(), Refused> {
    let row = video_participant::ActiveModel {
        id: Set(seat.row.id),
        inside: Set(false),
        mic: Set(false),
        camera: Set(false),
        screen: Set(false),
        gone: Set(true),
        ..Default::default()
    };
    change(grant, seat, row).await
}

async fn change(grant: &Grant<UseVideoRoom>, seat: &Seat, row: video_participant::ActiveModel) -> Result<(), Refused> {
    let tx = grant.begin().await?;
    open_room(&tx, seat).await?;
    video_participant::Entity::update(row).exec(&tx).await?;
    people_changed(&tx, seat.visit()).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends a guest away, and ends their link: either side may.
///
/// # Errors
/// `NotAllowed` for a guest, and for anybody else who is to be sent away.
pub async fn remove(grant: &Grant<UseVideoRoom>, seat: &Seat, who: &str) -> Result<(), Refused> {
    let who: Uuid = who.parse().map_err(|_| Refused::Unfit)?;
    if seat.row.role == Role::Guest {
        return Err(Refused::NotAllowed);
    }
    let tx = grant.begin().await?;
    open_room(&tx, seat).await?;
    let other = video_participant::Entity::find_by_id(who).filter(video_participant::Column::VisitId.eq(seat.visit())).one(&tx).await?;
    let Some(guest) = other.filter(|other| other.role == Role::Guest).and_then(|other| other.guest_id) else {
        return Err(Refused::NotAllowed);
    };
    end_guest(&tx, guest, &seat.row.name, grant.now().instant).await?;
    people_changed(&tx, seat.visit()).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends the link of a guest; whoever is there by it is sent away.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_guest(tx: &DatabaseTransaction, guest: Uuid, by: &str, now: chrono::DateTime<Utc>) -> Result<(), sea_orm::DbErr> {
    let over = video_guest::ActiveModel { ended_at: Set(Some(now)), ended_by: Set(Some(by.to_owned())), ..Default::default() };
    video_guest::Entity::update_many()
        .set(over)
        .filter(video_guest::Column::Id.eq(guest))
        .filter(video_guest::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    let away = video_participant::ActiveModel { removed_at: Set(Some(now)), gone: Set(true), inside: Set(false), ..Default::default() };
    video_participant::Entity::update_many().set(away).filter(video_participant::Column::GuestId.eq(guest)).exec(tx).await?;
    Ok(())
}

/// Admits nobody else, or everybody again.
///
/// # Errors
/// `NotAllowed` for everybody but a clinician.
pub async fn admit(grant: &Grant<UseVideoRoom>, seat: &Seat, more: bool) -> Result<(), Refused> {
    if seat.row.role != Role::Clinician {
        return Err(Refused::NotAllowed);
    }
    let tx = grant.begin().await?;
    open_room(&tx, seat).await?;
    let closed = video_room::ActiveModel { closed: Set(!more), ..Default::default() };
    video_room::Entity::update_many().set(closed).filter(video_room::Column::VisitId.eq(seat.visit())).exec(&tx).await?;
    people_changed(&tx, seat.visit()).await?;
    tx.commit().await?;
    Ok(())
}
