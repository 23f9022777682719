//! To whom a patient may write: clinicians whom they have seen, and the offices where.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{entity::message_thread, model::SEEN_DAYS};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId},
    desk::office::{
        away::{Away, away},
        due::due_at,
        store::{Answering, answering},
    },
    people::patient::with_merged,
    record::{
        care_team::entity::{clinician, department},
        visit::{
            entity::{visit, visit_clinician},
            model::Status,
        },
    },
};

/// Somebody to whom a message may go.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub department: Uuid,
    pub clinician: Option<Uuid>,
    /// "Dr. Susan Clark, Middlesex Primary Care"; "Middlesex Primary Care".
    pub name: String,
    pub phone: Option<String>,
    /// Who of the staff may read it.
    pub readers: Vec<String>,
    pub due: DateTime<Utc>,
    /// Whatever is written to it is sensitive.
    pub sensitive: bool,
    pub away: Option<Away>,
}

impl Recipient {
    /// As a form has it.
    pub fn key(&self) -> String {
        match self.clinician {
            Some(id) => format!("clinician:{id}:{}", self.department),
            None => format!("office:{}", self.department),
        }
    }
}

/// Everybody to whom a message about this patient may go, clinicians first: of offices with somebody who reads it.
///
/// # Errors
/// When the database fails.
pub async fn recipients<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Vec<Recipient>, Error> {
    let (db, now) = (grant.db(), grant.now().instant);
    let charts = with_merged(grant.patient().0).into_query();
    let mut visits = visit::Entity::find()
        .select_only()
        .columns([visit::Column::Id, visit::Column::DepartmentId])
        .filter(visit::Column::PatientId.in_subquery(charts))
        .filter(visit::Column::Status.eq(Status::Finished))
        .filter(visit::Column::StartsAt.gte(now - TimeDelta::days(SEEN_DAYS)));
    if !grant.sees_sensitive() {
        visits = visits.filter(visit::Column::Sensitive.eq(false));
    }
    let visits: Vec<(Uuid, Option<Uuid>)> = visits.into_tuple().all(db).await?;
    let at: HashMap<Uuid, Option<Uuid>> = visits.into_iter().collect();
    let seen = visit_clinician::Entity::find().filter(visit_clinician::Column::VisitId.is_in(at.keys().copied())).all(db).await?;
    let ids: BTreeSet<Uuid> = seen.iter().map(|seen| seen.clinician_id).collect();
    let clinicians = clinician::Entity::find().filter(clinician::Column::Id.is_in(ids)).all(db).await?;
    // Where somebody works, or else where they were seen.
    let office_of = |found: &clinician::Model| {
        let visited = seen.iter().filter(|seen| seen.clinician_id == found.id).find_map(|seen| at.get(&seen.visit_id).copied().flatten());
        found.department_id.or(visited)
    };
    let departments: BTreeSet<Uuid> = at.values().copied().flatten().chain(clinicians.iter().filter_map(office_of)).collect();
    let offices = answering(db, departments).await?;
    let away = away(db, clinicians.iter().map(|found| found.id).collect(), grant.now().today).await?;
    let recipient = |found: &Answering, clinician: Option<&clinician::Model>| Recipient {
        department: found.place.id,
        clinician: clinician.map(|found| found.id),
        name: clinician.map_or_else(|| found.place.name.clone(), |clinician| format!("{}, {}", clinician.name, found.place.name)),
        phone: found.place.phone.clone(),
        readers: found.readers.clone(),
        due: due_at(now, found.office.reply_days, &grant.zone()),
        sensitive: found.office.sensitive,
        away: clinician.and_then(|found| away.get(&found.id).cloned()),
    };
    let mut found: Vec<Recipient> = clinicians
        .iter()
        .filter_map(|clinician| Some(recipient(offices.get(&office_of(clinician)?)?, Some(clinician))))
        .chain(offices.values().map(|office| recipient(office, None)))
        .collect();
    if !grant.sees_sensitive() {
        found.retain(|recipient| !recipient.sensitive);
    }
    found.sort_by(|one, other| (one.clinician.is_none(), &one.name).cmp(&(other.clinician.is_none(), &other.name)));
    Ok(found)
}

/// Who answers in each of these threads, in their order: "Dr. Susan Clark, Middlesex Primary Care".
///
/// # Errors
/// When the database fails.
pub async fn names(db: &impl ConnectionTrait, threads: &[message_thread::Model]) -> Result<Vec<String>, Error> {
    let (places, people) = (threads.iter().map(|thread| thread.department_id), threads.iter().filter_map(|thread| thread.clinician_id));
    let places = department::Entity::find().filter(department::Column::Id.is_in(places)).all(db).await?;
    let people = clinician::Entity::find().filter(clinician::Column::Id.is_in(people)).all(db).await?;
    let name = |thread: &message_thread::Model| {
        let person = people.iter().find(|found| Some(found.id) == thread.clinician_id).map(|found| found.name.as_str());
        let place = places.iter().find(|found| found.id == thread.department_id).map(|found| found.name.as_str());
        person.into_iter().chain(place).collect::<Vec<_>>().join(", ")
    };
    Ok(threads.iter().map(name).collect())
}

/// Who answers in a thread, and the phone of the office.
///
/// # Errors
/// When the database fails.
pub async fn office_of(db: &impl ConnectionTrait, thread: &message_thread::Model) -> Result<(String, Option<String>), Error> {
    let name = names(db, std::slice::from_ref(thread)).await?.pop().unwrap_or_default();
    let place = department::Entity::find_by_id(thread.department_id).one(db).await?;
    Ok((name, place.and_then(|place| place.phone)))
}
