//! Coming into a room: the patient, whoever acts for them, a clinician, a guest.

use chrono::Utc;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{
    entity::{video_participant, video_room},
    guests,
    model::{MOST_PEOPLE, PLACE_KEPT, Refused, Role, Way},
    room::{VideoVisit, lock, people, people_changed},
    seat::by_ticket,
};
use crate::{
    access::{
        Grant, Permission,
        policy::{HoldVideo, JoinVideo, UseVideoRoom},
    },
    base::{clock::Now, error::Error, ids::new_id},
    desk::{
        check_in::arriving::comes_by_video,
        scheduling::{act::Actor, staff_visits},
    },
    platform::tokens::{hash, token},
    record::visit::model::{Kind, Status},
};

/// Somebody who came in.
pub struct Entered {
    /// Proves from now on that the place is theirs.
    pub ticket: String,
    pub me: Uuid,
}

struct Who {
    account: Option<Uuid>,
    guest: Option<Uuid>,
    role: Role,
    name: String,
}

/// The patient comes, or somebody for them: from now on staff see that they wait.
///
/// # Errors
/// Why the room is not open for them.
pub async fn as_patient(grant: &Grant<JoinVideo>, id: Uuid, ticket: &str) -> Result<Entered, Refused> {
    let found = VideoVisit::of(grant, id).await?;
    is_open_here(&found)?;
    let holder = grant.holder()?;
    let role = if grant.relationship().is_some() { Role::Proxy } else { Role::Patient };
    let who = Who { account: Some(holder.account.0), guest: None, role, name: holder.name.clone() };
    let entered = take_place(grant, id, who, ticket).await?;
    comes(grant, &found).await?;
    Ok(entered)
}

/// Writes that the patient's side is there; whoever comes to a visit outside says it with a button.
///
/// # Errors
/// `Invalid` when the visit was called off or moved meanwhile.
pub async fn comes(grant: &Grant<JoinVideo>, found: &VideoVisit) -> Result<(), Error> {
    match found.visit.status {
        Status::Booked => comes_by_video(grant, found.visit.id, &Actor::patients_side(grant)?).await,
        _ => Ok(()),
    }
}

/// A clinician or a nurse of the department comes.
///
/// # Errors
/// Why the room is not open for them.
pub async fn as_staff(grant: &Grant<HoldVideo>, id: Uuid, ticket: &str) -> Result<Entered, Refused> {
    let (visit, _) = staff_visits::visit_of(grant, id).await?;
    if visit.kind != Kind::Video {
        return Err(Refused::NotAllowed);
    }
    is_open_here(&VideoVisit::read(grant.db(), visit, grant.now().instant).await?)?;
    let holder = grant.holder()?;
    let who = Who { account: Some(holder.account.0), guest: None, role: Role::Clinician, name: holder.name.clone() };
    take_place(grant, id, who, ticket).await
}

/// A guest comes by their link.
///
/// # Errors
/// Why the room is not open for them.
pub async fn as_guest(grant: &Grant<UseVideoRoom>, code: &str, ticket: &str) -> Result<Entered, Refused> {
    let (guest, found) = guests::by_code(grant, code).await?.ok_or(Refused::NotAllowed)?;
    is_open_here(&found)?;
    let name = guest.name.ok_or(Refused::NotAllowed)?;
    let who = Who { account: None, guest: Some(guest.id), role: Role::Guest, name };
    take_place(grant, found.visit.id, who, ticket).await
}

fn is_open_here(found: &VideoVisit) -> Result<(), Refused> {
    if found.way != Way::Portal {
        return Err(Refused::NotAllowed);
    }
    found.gate.into()
}

async fn take_place<P: Permission>(grant: &Grant<P>, visit: Uuid, who: Who, ticket: &str) -> Result<Entered, Refused> {
    let tx = grant.begin().await?;
    let room = lock(&tx, visit).await?;
    if room.ended_at.is_some() {
        return Err(Refused::Ended);
    }
    let entered = place_of(&tx, &room, who, ticket, grant.now()).await?;
    people_changed(&tx, visit).await?;
    tx.commit().await?;
    Ok(entered)
}

async fn place_of(tx: &DatabaseTransaction, room: &video_room::Model, who: Who, ticket: &str, now: Now) -> Result<Entered, Refused> {
    let own = own_place(tx, room.visit_id, &who).await?;
    let held = by_ticket(tx, room.visit_id, ticket).await?;
    let has_place = own.as_ref().zip(held.as_ref()).is_some_and(|(own, held)| own.id == held.id);
    if own.as_ref().is_some_and(|own| own.removed_at.is_some()) {
        return Err(Refused::NotAllowed);
    }
    if has_place && own.as_ref().is_some_and(|own| own.ticket_hash != hash(ticket)) {
        return Err(Refused::Elsewhere);
    }
    let real = Utc::now();
    let is_there = |one: &&video_participant::Model| {
        !one.gone && one.removed_at.is_none() && real - one.seen_at < PLACE_KEPT && own.as_ref().is_none_or(|own| own.id != one.id)
    };
    if people(tx, room.visit_id).await?.iter().filter(is_there).count() >= MOST_PEOPLE {
        return Err(Refused::Full);
    }
    if own.is_none() && room.closed {
        return Err(Refused::NotAllowed);
    }
    let ticket = if has_place { ticket.to_owned() } else { token()? };
    let me = match own {
        Some(own) => {
            let me = own.id;
            let before = own.ticket_hash.clone();
            let mut row = video_participant::ActiveModel { id: Set(me), ..Default::default() };
            if !has_place {
                row.ticket_hash = Set(hash(&ticket));
                row.ticket_before = Set(Some(before));
                row.hears_after = Set(room.last_number);
                row.inside = Set(false);
            }
            row.name = Set(who.name);
            row.role = Set(who.role);
            row.gone = Set(false);
            row.seen_at = Set(real);
            video_participant::Entity::update(row).exec(tx).await?;
            me
        }
        None => new_place(tx, room, who, &ticket, now).await?,
    };
    Ok(Entered { ticket, me })
}

async fn own_place(db: &impl ConnectionTrait, visit: Uuid, who: &Who) -> Result<Option<video_participant::Model>, DbErr> {
    let mut query = video_participant::Entity::find().filter(video_participant::Column::VisitId.eq(visit));
    query = match (who.account, who.guest) {
        (Some(account), _) => query.filter(video_participant::Column::AccountId.eq(account)),
        (None, guest) => query.filter(video_participant::Column::GuestId.eq(guest)),
    };
    query.order_by_asc(video_participant::Column::Id).one(db).await
}

async fn new_place(tx: &DatabaseTransaction, room: &video_room::Model, who: Who, ticket: &str, now: Now) -> Result<Uuid, DbErr> {
    let row = video_participant::Model {
        id: new_id(),
        visit_id: room.visit_id,
        account_id: who.account,
        guest_id: who.guest,
        role: who.role,
        name: who.name,
        ticket_hash: hash(ticket),
        ticket_before: None,
        hears_after: room.last_number,
        said: 0,
        inside: false,
        was_inside: false,
        mic: false,
        camera: false,
        screen: false,
        keeps_chat: false,
        since: now.instant,
        seen_at: Utc::now(),
        gone: false,
        removed_at: None,
    };
    let id = row.id;
    video_participant::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(id)
}
