//! Somebody's place in a room: proved by a ticket, and checked anew each time.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{video_guest, video_participant},
    model::{Refused, Role, Way},
    room::VideoVisit,
};
use crate::{
    access::{
        AccessKind, Caller, Decision, Grant, Level, Permission,
        policy::{HoldVideo, JoinVideo, UseVideoRoom},
    },
    base::{clock::Now, ids::PatientId},
    people::{patient, staff_office},
    platform::tokens::hash,
    record::visit::entity::visit,
};

/// Somebody who has a place, and may keep it now.
pub struct Seat {
    pub row: video_participant::Model,
    pub found: VideoVisit,
}

impl Seat {
    /// The place of a ticket in the room of this visit.
    ///
    /// # Errors
    /// `NotAllowed` without a ticket, or when the access behind it ended; `Elsewhere` when another device has the place now; why the room
    /// is not open.
    pub async fn of(grant: &Grant<UseVideoRoom>, visit: Uuid, ticket: &str) -> Result<Self, Refused> {
        let row = by_ticket(grant.db(), visit, ticket).await?.ok_or(Refused::NotAllowed)?;
        if row.ticket_hash != hash(ticket) {
            return Err(Refused::Elsewhere);
        }
        let visit = visit::Entity::find_by_id(visit).one(grant.db()).await?.ok_or(Refused::NotAllowed)?;
        let caller = grant.holder().map_or(Caller::Nobody, |holder| Caller::Holder(holder.clone()));
        if row.removed_at.is_some() || !may_stay(grant.db(), &caller, grant.now(), &row, &visit).await? {
            return Err(Refused::NotAllowed);
        }
        let found = VideoVisit::read(grant.db(), visit, grant.now().instant).await?;
        if found.way != Way::Portal {
            return Err(Refused::NotAllowed);
        }
        Result::from(found.gate)?;
        Ok(Self { row, found })
    }

    pub fn visit(&self) -> Uuid {
        self.row.visit_id
    }
}

/// The place of a ticket, or of the one that was replaced.
pub(super) async fn by_ticket(db: &impl ConnectionTrait, visit: Uuid, ticket: &str) -> Result<Option<video_participant::Model>, DbErr> {
    if ticket.is_empty() {
        return Ok(None);
    }
    let (hash, column) = (hash(ticket), video_participant::Column::TicketHash);
    video_participant::Entity::find()
        .filter(video_participant::Column::VisitId.eq(visit))
        .filter(sea_orm::Condition::any().add(column.eq(&hash)).add(video_participant::Column::TicketBefore.eq(&hash)))
        .one(db)
        .await
}

/// Whether whoever has a place may keep it: their session, their access to the chart, their department, the link of a guest.
///
/// # Errors
/// When the database fails.
pub async fn may_stay(
    db: &impl ConnectionTrait,
    caller: &Caller,
    now: Now,
    row: &video_participant::Model,
    visit: &visit::Model,
) -> Result<bool, DbErr> {
    let own = caller.holder().is_some_and(|holder| Some(holder.account.0) == row.account_id);
    match row.role {
        Role::Guest => {
            let Some(id) = row.guest_id else { return Ok(false) };
            Ok(video_guest::Entity::find_by_id(id).one(db).await?.is_some_and(|guest| guest.ended_at.is_none()))
        }
        _ if !own => Ok(false),
        Role::Patient | Role::Proxy => {
            let chart = PatientId(patient::current(db, visit.patient_id).await?.map_or(visit.patient_id, |person| person.id));
            let sees = !visit.sensitive || sees_sensitive(caller.access_kind(chart, now));
            Ok(sees && JoinVideo::decide(caller, &chart, now) == Decision::Allow)
        }
        Role::Clinician => {
            let (Some(account), Some(department)) = (row.account_id, visit.department_id) else { return Ok(false) };
            let answers = staff_office::Entity::find_by_id((account, department)).one(db).await?.is_some();
            Ok(answers && HoldVideo::decide(caller, &PatientId(visit.patient_id), now) == Decision::Allow)
        }
    }
}

fn sees_sensitive(kind: AccessKind) -> bool {
    match kind {
        AccessKind::Own => true,
        AccessKind::Proxy(level) => Level::sees_sensitive(level),
        AccessKind::Nobody | AccessKind::Stranger | AccessKind::Ended(_) => false,
    }
}
