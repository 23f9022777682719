//! To whom a patient may write: clinicians whom they have seen, and the offices where.

use std::{cmp::Reverse, collections::BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{entity::message_thread, model::SEEN_DAYS};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId},
    desk::office::{
        away::{Away, ask_away},
        due::due_at,
        store::{Answering, ask_answering},
    },
    people::patient::with_merged,
    platform::batch::{Batch, Columns, Rows, alone},
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

/// A visit that was.
#[derive(FromQueryResult)]
struct Visited {
    id: Uuid,
    department_id: Option<Uuid>,
    starts_at: Option<DateTime<Utc>>,
}

/// Everybody to whom a message about this patient may go, clinicians first: of offices with somebody who reads it.
///
/// # Errors
/// When the database fails.
pub async fn recipients<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Vec<Recipient>, Error> {
    let (db, now) = (grant.db(), grant.now().instant);
    let charts = with_merged(grant.patient().0).into_query();
    let mut visits = visit::Entity::find()
        .filter(visit::Column::PatientId.in_subquery(charts))
        .filter(visit::Column::Status.eq(Status::Finished))
        .filter(visit::Column::StartsAt.gte(now - TimeDelta::days(SEEN_DAYS)));
    if !grant.sees_sensitive() {
        visits = visits.filter(visit::Column::Sensitive.eq(false));
    }
    let of_visits = visits.clone().select_only().column(visit::Column::Id).into_query();
    let seen = visit_clinician::Entity::find().filter(visit_clinician::Column::VisitId.in_subquery(of_visits));
    let of_seen = seen.clone().select_only().column(visit_clinician::Column::ClinicianId).into_query();
    let mut batch = Batch::default();
    let columns = Columns::default().of([visit::Column::Id, visit::Column::DepartmentId, visit::Column::StartsAt]);
    let visits = batch.ask_columns::<_, Visited>(visits, columns);
    let (seen, clinicians) = (batch.ask(seen), batch.ask(clinician::Entity::find().filter(clinician::Column::Id.in_subquery(of_seen))));
    let mut answers = batch.read(db).await?;
    let (mut visits, seen, clinicians) = (answers.take(visits)?, answers.take(seen)?, answers.take(clinicians)?);
    visits.sort_by_key(|visit| Reverse((visit.starts_at, visit.id)));
    // Where somebody works, or else where they were seen last.
    let office_of = |found: &clinician::Model| {
        let saw = |visit: &&Visited| seen.iter().any(|seen| seen.clinician_id == found.id && seen.visit_id == visit.id);
        found.department_id.or_else(|| visits.iter().filter(saw).find_map(|visit| visit.department_id))
    };
    let departments: BTreeSet<Uuid> =
        visits.iter().filter_map(|visit| visit.department_id).chain(clinicians.iter().filter_map(office_of)).collect();
    let mut batch = Batch::default();
    let offices = ask_answering(&mut batch, departments);
    let away = ask_away(&mut batch, clinicians.iter().map(|found| found.id).collect(), grant.now().today);
    let mut answers = batch.read(db).await?;
    let (offices, away) = (offices(&mut answers)?, away(&mut answers)?);
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
    Ok(alone(db, |batch| ask_names(batch, threads)).await?)
}

/// Asks who answers in each of these threads.
pub fn ask_names<'t>(
    batch: &mut Batch,
    threads: &'t [message_thread::Model],
) -> impl FnOnce(&mut Rows) -> Result<Vec<String>, DbErr> + use<'t> {
    let places: BTreeSet<Uuid> = threads.iter().map(|thread| thread.department_id).collect();
    let people: BTreeSet<Uuid> = threads.iter().filter_map(|thread| thread.clinician_id).collect();
    let places = (!places.is_empty()).then(|| batch.ask(department::Entity::find().filter(department::Column::Id.is_in(places))));
    let people = (!people.is_empty()).then(|| batch.ask(clinician::Entity::find().filter(clinician::Column::Id.is_in(people))));
    move |answers| {
        let (places, people) = (answers.take(places)?, answers.take(people)?);
        let name = |thread: &message_thread::Model| {
            let person = people.iter().find(|found| Some(found.id) == thread.clinician_id).map(|found| found.name.as_str());
            let place = places.iter().find(|found| found.id == thread.department_id).map(|found| found.name.as_str());
            person.into_iter().chain(place).collect::<Vec<_>>().join(", ")
        };
        Ok(threads.iter().map(name).collect())
    }
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
