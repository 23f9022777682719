//! Staff begin a thread: with somebody whom their departments know, or from the front desk with everybody who has an account here.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    acting::tell_readers_of,
    entity::message_thread,
    model::{MOST, SUBJECT, ThreadState, Topic, opens},
    problem,
    watching::tell,
    writing::{New, add, sent_already},
};
use crate::{
    access::{
        Grant,
        policy::{ManageOffice, StartThread},
    },
    base::{
        error::{Error, Problem},
        ids::new_id,
        why::Why,
    },
    desk::{
        office::{
            store::{has_visited, office, offices},
            tell::readers,
        },
        outgoing::{model::ActKind, store::announce},
    },
    people::{find, patient, patient::with_merged, relation::StaffRole, staff_office},
    record::{care_team::entity::department, visit::entity::visit},
};

/// So many patients are offered.
const MOST_FOUND: u64 = 20;

/// So many departments are offered.
const MOST_DEPARTMENTS: u64 = 200;

/// With whom a thread is begun, and for which departments answers may come in.
pub struct Start {
    pub patient: patient::Model,
    /// Somebody reads it: the patient, or somebody for them.
    pub is_read: bool,
    pub departments: Vec<department::Model>,
}

/// Patients with these words in their name, this birth date or this record number, whom the caller's departments know.
///
/// # Errors
/// When the database fails.
pub async fn patients(grant: &Grant<ManageOffice>, words: &str) -> Result<Vec<patient::Model>, Error> {
    let (found, _) = find::find(grant.db(), words, 1, MOST_FOUND).await?;
    let departments: Vec<Uuid> = offices(grant).await?.into_iter().map(|office| office.department_id).collect();
    let mut known = Vec::new();
    for patient in found {
        if is_known(grant.db(), patient.id, &departments).await? {
            known.push(patient);
        }
    }
    Ok(known)
}

/// Whether one of these departments has seen a patient, or has a thread with them.
async fn is_known(db: &impl ConnectionTrait, patient: Uuid, departments: &[Uuid]) -> Result<bool, Error> {
    let threads = message_thread::Entity::find()
        .filter(message_thread::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(message_thread::Column::DepartmentId.is_in(departments.iter().copied()));
    Ok(has_visited(db, patient, departments).await? || threads.count(db).await? > 0)
}

/// What is needed to begin a thread with a patient.
///
/// # Errors
/// `NotFound` when there is no such patient, or no department of the caller knows them.
pub async fn start(grant: &Grant<StartThread>) -> Result<Start, Error> {
    let db = grant.db();
    let patient = patient::current(db, grant.patient().0).await?.filter(|found| found.id == grant.patient().0).ok_or(Error::NotFound)?;
    let departments: Vec<Uuid> = if grant.holder()?.staff == Some(StaffRole::FrontDesk) {
        let all = || staff_office::Entity::find().select_only().column(staff_office::Column::DepartmentId).distinct();
        let visits = visit::Entity::find()
            .select_only()
            .column(visit::Column::DepartmentId)
            .filter(visit::Column::PatientId.in_subquery(with_merged(patient.id).into_query()))
            .distinct();
        let visited: Vec<Option<Uuid>> = visits.into_tuple().all(db).await?;
        let visited = staff_office::Column::DepartmentId.is_in(visited.into_iter().flatten());
        let known: Vec<Uuid> = all().filter(visited).into_tuple().all(db).await?;
        // Whoever has been nowhere yet is written to from anywhere; the office sees nothing of the record then.
        if known.is_empty() { all().limit(MOST_DEPARTMENTS).into_tuple().all(db).await? } else { known }
    } else {
        let own = offices(grant).await?.into_iter().map(|office| office.department_id).collect::<Vec<_>>();
        if !is_known(db, patient.id, &own).await? {
            return Err(Error::NotFound);
        }
        own
    };
    let mut places = department::Entity::find().filter(department::Column::Id.is_in(departments)).all(db).await?;
    places.sort_by(|one, other| one.name.cmp(&other.name));
    let is_read = !readers(db, &patient, grant.now(), opens(false)).await?.is_empty();
    Ok(Start { patient, is_read, departments: places })
}

/// What staff write to begin with.
pub struct Begun<'a> {
    pub department: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    /// Of the form: what is sent twice is one message.
    pub sending_key: Uuid,
}

/// Begins a thread with a patient, who can answer in it. Returns it, and whether the caller can open it.
///
/// # Errors
/// What [`start`] refuses; `Invalid` with everything that is wrong. Nothing was sent.
pub async fn begin(grant: &Grant<StartThread>, new: &Begun<'_>) -> Result<Uuid, Error> {
    let message = New::of_staff(grant, new.body, new.sending_key, false)?;
    match begun(grant, &message).await? {
        Some(known) => Ok(known),
        None => match try_to_begin(grant, new, &message).await {
            // It may have been sent at the same moment.
            Err(error) => begun(grant, &message).await?.ok_or(error),
            Ok(id) => Ok(id),
        },
    }
}

/// The thread with this patient that this form has begun already.
///
/// # Errors
/// `Invalid` when its key sent another message, or to somebody else.
async fn begun(grant: &Grant<StartThread>, message: &New<'_>) -> Result<Option<Uuid>, Error> {
    match sent_already(grant, message).await? {
        None => Ok(None),
        Some(thread) if thread.patient_id == grant.patient().0 => Ok(Some(thread.id)),
        Some(_) => Err(Error::form(Why::ALREADY_DONE)),
    }
}

async fn try_to_begin(grant: &Grant<StartThread>, new: &Begun<'_>, message: &New<'_>) -> Result<Uuid, Error> {
    let (start, holder, now) = (start(grant).await?, grant.holder()?, grant.now().instant);
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let department = start.departments.iter().find(|found| found.id.to_string() == new.department);
    if department.is_none() {
        refuse("department", Why::MISSING);
    }
    for (field, text, most) in [("subject", new.subject, SUBJECT), ("reply", &*message.text(), MOST)] {
        match text.trim() {
            "" => refuse(field, Why::MISSING),
            text if text.chars().count() > most => refuse(field, Why::TOO_LONG),
            _ => {}
        }
    }
    let sensitive = match department {
        Some(department) => office(grant.db(), department.id).await?.sensitive,
        None => false,
    };
    if readers(grant.db(), &start.patient, grant.now(), opens(sensitive)).await?.is_empty() {
        refuse("", problem::NOBODY_READS);
    }
    let (Some(department), true) = (department, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let mine = staff_office::Entity::find_by_id((holder.account.0, department.id)).one(grant.db()).await?;
    let id = new_id();
    let thread = message_thread::Model {
        id,
        patient_id: start.patient.id,
        topic: Topic::Other,
        subject: new.subject.trim().to_owned(),
        department_id: department.id,
        clinician_id: mine.as_ref().and_then(|row| row.clinician_id),
        state: ThreadState::Answered,
        sensitive,
        created_at: now,
        last_at: now,
        due_at: None,
        urged_at: None,
        taken_by: mine.map(|row| row.account_id),
    };
    let tx = grant.begin().await?;
    message_thread::Entity::insert(message_thread::ActiveModel::from(thread.clone())).exec_without_returning(&tx).await?;
    let message = add(&tx, grant, id, message).await?;
    announce(&tx, ActKind::Message, message, now).await?;
    tell_readers_of(&tx, grant, &thread).await?;
    tx.commit().await?;
    tell(id, false);
    Ok(id)
}
