//! A visit begins when patient and clinician have met.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    entity::video_room,
    model::{Refused, Role},
    room,
    seat::Seat,
};
use crate::{
    access::{Grant, policy::UseVideoRoom},
    desk::{
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            act::{Actor, lock},
            entity::booking,
            known::{as_it_is, keep, known},
            model::Happened,
            put,
        },
    },
    record::visit::{entity::visit, model::Status},
};

/// Writes that the visit has begun, once, when both are inside.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin_when_met(grant: &Grant<UseVideoRoom>, seat: &Seat) -> Result<(), Refused> {
    let (visit, now) = (&seat.found.visit, grant.now().instant);
    if seat.found.room.as_ref().is_some_and(|room| room.begun_at.is_some()) {
        return Ok(());
    }
    let tx = grant.begin().await?;
    let booking = booking::Entity::find_by_id(visit.id).one(&tx).await?;
    let booking = known(&tx, visit, booking, now).await?;
    lock(&tx, &[booking.clinician_id]).await?;
    let booking = as_it_is(&tx, booking).await?;
    let room = room::lock(&tx, visit.id).await?;
    let inside: Vec<_> = room::people(&tx, visit.id).await?.into_iter().filter(|one| one.inside).collect();
    let clinician = inside.iter().find(|one| one.role == Role::Clinician);
    let met = clinician.filter(|_| inside.iter().any(|one| one.role.is_patients_side()));
    let (Some(clinician), None, None) = (met, room.begun_at, room.ended_at) else { return Ok(()) };
    let begun = visit::ActiveModel { status: Set(Status::InProgress), ..Default::default() };
    visit::Entity::update_many()
        .set(begun)
        .filter(visit::Column::Id.eq(visit.id))
        .filter(visit::Column::Status.is_in([Status::Booked, Status::Arrived]))
        .exec(&tx)
        .await?;
    let since = video_room::ActiveModel { begun_at: Set(Some(now)), ..Default::default() };
    video_room::Entity::update_many().set(since).filter(video_room::Column::VisitId.eq(visit.id)).exec(&tx).await?;
    keep(&tx, booking::Model { changed_at: now, ..booking }).await?;
    let actor = Actor { account: clinician.account_id, name: clinician.name.clone(), role: Some(Role::Clinician.as_str().to_owned()) };
    put::happened(&tx, visit.id, Happened::Began, &actor, (None, visit.starts_at), None, now).await?;
    announce(&tx, ActKind::Appointment, visit.id, now).await?;
    tx.commit().await?;
    Ok(())
}
