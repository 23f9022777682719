//! What is in the calendar of a clinician.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{blocked_time, booking, visit_offer},
    model::OfferState,
    staff::departments,
};
use crate::{
    access::{Grant, policy::SeeSchedules},
    base::error::Error,
    people::patient,
    record::visit::{
        entity::{visit, visit_clinician},
        model::Status,
    },
};

/// Something in the calendar of a clinician.
pub enum Entry {
    Visit {
        visit: Box<visit::Model>,
        booking: Option<Box<booking::Model>>,
        patient: Box<patient::Model>,
    },
    /// Held for somebody to whom it is offered.
    Offer {
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
        until: DateTime<Utc>,
    },
    Blocked(blocked_time::Model),
}

impl Entry {
    pub fn starts_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Entry::Visit { visit, .. } => visit.starts_at,
            Entry::Offer { starts_at, .. } => Some(*starts_at),
            Entry::Blocked(row) => Some(row.starts_at),
        }
    }
}

/// What is in the calendar of a clinician between two instants, the earliest first; of departments that the caller keeps.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    grant: &Grant<SeeSchedules>,
    clinician: Uuid,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Entry>, Error> {
    let (db, own) = (grant.db(), departments(grant).await?);
    let with = visit_clinician::Entity::find()
        .select_only()
        .column(visit_clinician::Column::VisitId)
        .filter(visit_clinician::Column::ClinicianId.eq(clinician))
        .into_query();
    let visits = visit::Entity::find()
        .filter(visit::Column::StartsAt.gte(from))
        .filter(visit::Column::StartsAt.lt(until))
        .filter(visit::Column::Id.in_subquery(with))
        .filter(visit::Column::DepartmentId.is_in(own.iter().copied()))
        .filter(visit::Column::Status.ne(Status::Cancelled))
        .all(db)
        .await?;
    let bookings = booking::Entity::find().filter(booking::Column::VisitId.is_in(visits.iter().map(|visit| visit.id))).all(db).await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(visits.iter().map(|visit| visit.patient_id))).all(db).await?;
    let offers = visit_offer::Entity::find()
        .filter(visit_offer::Column::ClinicianId.eq(clinician))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .filter(visit_offer::Column::Race.eq(false))
        .filter(visit_offer::Column::Until.gt(grant.now().instant))
        .filter(visit_offer::Column::StartsAt.gte(from))
        .filter(visit_offer::Column::StartsAt.lt(until))
        .filter(visit_offer::Column::DepartmentId.is_in(own.iter().copied()))
        .all(db)
        .await?;
    let blocked = blocked_time::Entity::find()
        .filter(blocked_time::Column::DepartmentId.is_in(own))
        .filter(blocked_time::Column::EndsAt.gt(from))
        .filter(blocked_time::Column::StartsAt.lt(until))
        .order_by_asc(blocked_time::Column::StartsAt)
        .all(db)
        .await?;
    let mut all: Vec<Entry> = Vec::new();
    for visit in visits {
        let Some(patient) = people.iter().find(|person| person.id == visit.patient_id) else { continue };
        let booking = bookings.iter().find(|row| row.visit_id == visit.id).cloned().map(Box::new);
        all.push(Entry::Visit { visit: Box::new(visit), booking, patient: Box::new(patient.clone()) });
    }
    all.extend(offers.into_iter().map(|offer| Entry::Offer { starts_at: offer.starts_at, ends_at: offer.ends_at, until: offer.until }));
    let ours = blocked.into_iter().filter(|row| row.clinician_id.is_none_or(|found| found == clinician));
    all.extend(ours.map(Entry::Blocked));
    all.sort_by_key(Entry::starts_at);
    Ok(all)
}
