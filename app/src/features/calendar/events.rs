//! Visits as events of a calendar.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::ics::{Event, Status as EventStatus};
use crate::{
    access::{Grant, policy::ViewVisits},
    base::{error::Error, ids::VisitId},
    desk::scheduling::{
        entity::{booking, visit_kind},
        kinds,
    },
    record::{
        care_team::entity::department,
        resource::entity::fhir_resource,
        visit::{
            entity::visit,
            model::{Kind, Status},
            store::visible,
        },
    },
};

/// Visits stay in the calendar for so many days; also those that were called off, as such.
const DAYS_BACK: i64 = 60;
/// So many visits of a person are in it, the last ones.
const MOST: u64 = 500;

/// What of a visit is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its title, its department and what to do before: not only when and at which address.
    pub details: bool,
    /// The given name of the person.
    pub name: bool,
}

/// The visits of a person with a time, the earliest first. `since_told` is when it was chosen what is told: for whoever has the events
/// already, that is a change of each.
///
/// # Errors
/// When the database fails.
pub(super) async fn of_person(grant: &Grant<ViewVisits>, told: Told, since_told: DateTime<Utc>) -> Result<Vec<Event>, Error> {
    let since = grant.now().instant - TimeDelta::days(DAYS_BACK);
    let visits = visible(grant)
        .filter(visit::Column::StartsAt.gte(since))
        .order_by_desc(visit::Column::StartsAt)
        .order_by_desc(visit::Column::Id)
        .limit(MOST)
        .all(grant.db())
        .await?;
    events(grant, visits.into_iter().rev().collect(), told, since_told).await
}

/// One visit.
///
/// # Errors
/// `NotFound` when there is none in this chart that the caller may see, or it has no time.
pub(super) async fn one(grant: &Grant<ViewVisits>, id: VisitId) -> Result<Event, Error> {
    let found = visible(grant).filter(visit::Column::Id.eq(id.0)).filter(visit::Column::StartsAt.is_not_null());
    let found = found.one(grant.db()).await?.ok_or(Error::NotFound)?;
    events(grant, vec![found], Told { details: true, name: true }, DateTime::UNIX_EPOCH).await?.pop().ok_or(Error::NotFound)
}

async fn events(grant: &Grant<ViewVisits>, visits: Vec<visit::Model>, told: Told, since_told: DateTime<Utc>) -> Result<Vec<Event>, Error> {
    let db = grant.db();
    let places = visits.iter().filter_map(|visit| visit.department_id);
    let places = department::Entity::find().filter(department::Column::Id.is_in(places)).all(db).await?;
    let behind = visits.iter().flat_map(resources);
    let changed: Vec<(Uuid, DateTime<Utc>)> = fhir_resource::Entity::find()
        .select_only()
        .columns([fhir_resource::Column::Id, fhir_resource::Column::ImportedAt])
        .filter(fhir_resource::Column::Id.is_in(behind))
        .into_tuple()
        .all(db)
        .await?;
    let changed: HashMap<Uuid, DateTime<Utc>> = changed.into_iter().collect();
    let booked = booking::Entity::find().filter(booking::Column::VisitId.is_in(visits.iter().map(|visit| visit.id))).all(db).await?;
    let named =
        visit_kind::Entity::find().filter(visit_kind::Column::Id.is_in(booked.iter().filter_map(|row| row.kind_id))).all(db).await?;
    let given = grant.person()?.given_name.clone();
    let origin = grant.link("");
    let host = origin.rsplit('/').next().unwrap_or_default();
    let t = grant.texts();
    let event = |visit: visit::Model| {
        let start = visit.starts_at?;
        let place = places.iter().find(|place| Some(place.id) == visit.department_id);
        let known = booked.iter().find(|row| row.visit_id == visit.id);
        let kind = known.and_then(|row| named.iter().find(|kind| Some(kind.id) == row.kind_id));
        let named = kind.map_or(visit.title.as_str(), |kind| kinds::name(t, kind)).to_owned();
        let title = if told.details { named } else { t.calendar_visit().to_owned() };
        let title = if told.name { format!("{title} · {given}") } else { title };
        let is_off = visit.status == Status::Cancelled;
        // Nobody goes there for a visit by video or phone, or at home.
        let is_there = matches!(visit.kind, Kind::Office | Kind::Emergency | Kind::Inpatient);
        let address = place.and_then(|place| place.address.clone()).filter(|_| is_there);
        let location = if told.details {
            [place.map(|place| place.name.clone()), address].into_iter().flatten().collect()
        } else {
            address.into_iter().collect::<Vec<_>>()
        };
        let how = match visit.kind {
            Kind::Video => Some(t.visits_by_video()),
            Kind::Phone => Some(t.visits_by_phone()),
            _ => None,
        };
        let before = visit.patient_instruction.clone().filter(|_| told.details && !is_off);
        let how = how.filter(|_| told.details).map(str::to_owned);
        let description: Vec<String> = how.into_iter().chain(before).collect();
        Some(Event {
            uid: format!("{}@{host}", visit.id),
            changed: resources(&visit)
                .filter_map(|id| changed.get(&id).copied())
                .chain(known.map(|row| row.changed_at))
                .max()
                .unwrap_or(start)
                .max(since_told),
            start,
            end: visit.ends_at,
            summary: if is_off { t.calendar_called_off(&title) } else { title },
            location: Some(location.join(", ")).filter(|words| !words.is_empty()),
            description: Some(description.join("\n")).filter(|words| !words.is_empty()),
            url: grant.link(&format!("/p/{}/visits/{}", grant.patient(), visit.id)),
            status: match visit.status {
                Status::Cancelled => EventStatus::Cancelled,
                Status::Requested => EventStatus::Tentative,
                _ => EventStatus::Confirmed,
            },
        })
    };
    Ok(visits.into_iter().filter_map(event).collect())
}

/// The Appointment and the Encounter that a visit is made of.
fn resources(visit: &visit::Model) -> impl Iterator<Item = Uuid> {
    visit.appointment_id.into_iter().chain(visit.encounter_id)
}
