//! The staff's side of requests: whose calendars somebody keeps, what waits, offering times, and saying no.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    act::{first_name, lock, lock_request, overlaps},
    book::{offered, parse_slot},
    email, ending,
    entity::{scheduling_office, visit_kind_clinician, visit_offer, visit_request},
    fair::LATEST,
    free::At,
    hours::Slot,
    kinds,
    model::{OfferState, Owner, RequestState},
    problem,
};
use crate::{
    access::{
        Grant, Level, Permission,
        policy::{ArrangeVisits, OpenVisit, SeeSchedules},
    },
    base::{
        error::Error,
        ids::{PatientId, new_id},
        why::Why,
    },
    desk::{
        office::{store::offices, tell::tell_readers},
        outgoing::{model::ActKind, store::announce},
    },
    people::{patient, relation::StaffRole},
    record::visit::taken,
};

/// So many requests of a shelf are shown.
pub const SHOWN: u64 = 50;
/// So many letters are written to a patient about a visit.
pub const MOST_WORDS: usize = 2000;
/// So many times are offered at once.
pub const MOST_OFFERS: usize = 3;
/// Offered times are held for so long.
const OFFER_LIFE: TimeDelta = TimeDelta::hours(48);

/// Whose calendars the caller keeps: the front desk those of all departments that book, others those of their own.
///
/// # Errors
/// When the database fails.
pub async fn departments<P: Permission>(grant: &Grant<P>) -> Result<Vec<Uuid>, Error> {
    let all: Vec<Uuid> = scheduling_office::Entity::find()
        .select_only()
        .column(scheduling_office::Column::DepartmentId)
        .into_tuple()
        .all(grant.db())
        .await?;
    if grant.holder()?.staff == Some(StaffRole::FrontDesk) {
        return Ok(all);
    }
    let own = offices(grant).await?;
    Ok(all.into_iter().filter(|id| own.iter().any(|office| office.department_id == *id)).collect())
}

/// Which requests somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Waiting,
    Overdue,
    Offered,
    All,
}

impl Shelf {
    pub const ALL: [(Shelf, &'static str); 4] =
        [(Shelf::Waiting, "waiting"), (Shelf::Overdue, "overdue"), (Shelf::Offered, "offered"), (Shelf::All, "all")];
}

/// The requests of a shelf with their patients, what is due first.
///
/// # Errors
/// When the database fails.
pub async fn shelf(grant: &Grant<SeeSchedules>, shelf: Shelf) -> Result<Vec<(visit_request::Model, patient::Model)>, Error> {
    let state = visit_request::Column::State;
    let query = visit_request::Entity::find().filter(visit_request::Column::DepartmentId.is_in(departments(grant).await?));
    let query = match shelf {
        Shelf::Waiting => query.filter(state.eq(RequestState::Requested)).order_by_asc(visit_request::Column::DueAt),
        Shelf::Overdue => query
            .filter(state.eq(RequestState::Requested))
            .filter(visit_request::Column::DueAt.lt(grant.now().instant))
            .order_by_asc(visit_request::Column::DueAt),
        Shelf::Offered => query.filter(state.eq(RequestState::Offered)).order_by_asc(visit_request::Column::DueAt),
        Shelf::All => query.order_by_desc(visit_request::Column::RequestedAt),
    };
    let found = query.order_by_asc(visit_request::Column::Id).limit(SHOWN + 1).all(grant.db()).await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(found.iter().map(|request| request.patient_id)));
    let people = people.all(grant.db()).await?;
    let of = |request: visit_request::Model| {
        let person = people.iter().find(|person| person.id == request.patient_id)?.clone();
        Some((request, person))
    };
    Ok(found.into_iter().filter_map(of).collect())
}

/// Whose a request is, when it is one of the caller's departments.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn patient_of_request(grant: &Grant<SeeSchedules>, id: Uuid) -> Result<PatientId, Error> {
    let found = visit_request::Entity::find_by_id(id)
        .filter(visit_request::Column::DepartmentId.is_in(departments(grant).await?))
        .one(grant.db())
        .await?;
    Ok(PatientId(found.ok_or(Error::NotFound)?.patient_id))
}

async fn request_of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<visit_request::Model, Error> {
    let found = visit_request::Entity::find_by_id(id)
        .filter(visit_request::Column::PatientId.eq(grant.patient().0))
        .filter(visit_request::Column::DepartmentId.is_in(departments(grant).await?))
        .one(grant.db())
        .await?;
    found.ok_or(Error::NotFound)
}

/// A request with its offers. From now on the patient sees that the office has seen it.
///
/// # Errors
/// `NotFound` for a request of other departments.
pub async fn open(grant: &Grant<OpenVisit>, id: Uuid) -> Result<(visit_request::Model, Vec<visit_offer::Model>), Error> {
    let mut found = request_of(grant, id).await?;
    if found.seen_at.is_none() && found.state == RequestState::Requested {
        let (at, by) = (Some(grant.now().instant), Some(grant.holder()?.name.clone()));
        let seen = visit_request::ActiveModel { seen_at: Set(at), seen_by: Set(by.clone()), ..Default::default() };
        let unseen = visit_request::Entity::update_many().set(seen).filter(visit_request::Column::Id.eq(id));
        unseen.filter(visit_request::Column::SeenAt.is_null()).exec(grant.db()).await?;
        (found.seen_at, found.seen_by) = (at, by);
    }
    let offers = visit_offer::Entity::find().filter(visit_offer::Column::RequestId.eq(id)).order_by_asc(visit_offer::Column::StartsAt);
    Ok((found, offers.all(grant.db()).await?))
}

/// Who does a kind of visit at a department.
///
/// # Errors
/// When the database fails.
pub async fn who<P: Permission>(grant: &Grant<P>, kind: Uuid, department: Uuid) -> Result<Vec<At>, Error> {
    let rows = visit_kind_clinician::Entity::find()
        .filter(visit_kind_clinician::Column::KindId.eq(kind))
        .filter(visit_kind_clinician::Column::DepartmentId.eq(department))
        .all(grant.db())
        .await?;
    let office = kinds::office(grant.db(), department).await?;
    let outside = office.is_some_and(|office| office.owner == Owner::Outside);
    Ok(rows.into_iter().map(|row| At { clinician: row.clinician_id, department, outside }).collect())
}

/// Offers up to three times to a request; each is held for the patient.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it is over, without a time, or when somebody has one of them.
pub async fn offer(grant: &Grant<ArrangeVisits>, id: Uuid, kind: Option<Uuid>, times: &[&str], words: &str) -> Result<(), Error> {
    let (request, now) = (request_of(grant, id).await?, grant.now().instant);
    let kind_id = kind.or(request.kind_id).ok_or(Error::field("kind", Why::MISSING))?;
    let kind = kinds::kind(grant.db(), kind_id).await?.ok_or(Error::field("kind", Why::MISSING))?;
    let times: Vec<&str> = times.iter().copied().filter(|time| !time.is_empty()).collect();
    match times.len() {
        0 => return Err(Error::field("time1", Why::MISSING)),
        count if count > MOST_OFFERS => return Err(Error::field("time1", problem::TOO_MANY)),
        _ => {}
    }
    let at = who(grant, kind.id, request.department_id).await?;
    let holder = grant.holder()?;
    if words.chars().count() > MOST_WORDS {
        return Err(Error::field("words", Why::TOO_LONG));
    }
    let tx = grant.begin().await?;
    lock_request(&tx, Some(id)).await?;
    lock(&tx, &at.iter().map(|at| at.clinician).collect::<Vec<_>>()).await?;
    let answered = visit_request::ActiveModel {
        state: Set(RequestState::Offered),
        kind_id: Set(Some(kind.id)),
        offered_at: Set(Some(now)),
        decided_by: Set(Some(holder.name.clone())),
        decided_role: Set(holder.staff.map(|role| role.as_str().to_owned())),
        answer: Set(Some(words.trim().to_owned()).filter(|words| !words.is_empty())),
        ..Default::default()
    };
    // What was offered before is free for what is offered now.
    answer(&tx, id, answered, now).await?;
    let mut slots: Vec<Slot> = Vec::new();
    for (number, time) in (1..).zip(&times) {
        let field = format!("time{number}");
        let (clinician, department, starts_at) = parse_slot(time).ok_or(Error::field(&field, problem::NOT_OFFERED))?;
        let at = at.iter().find(|at| at.clinician == clinician && at.department == department);
        let at = *at.ok_or(Error::field(&field, problem::NOT_OFFERED))?;
        let slot = offered(&tx, &kind, at, starts_at, (now, grant.zone()), None).await;
        let slot = slot.map_err(|error| if let Error::Invalid(_) = error { Error::field(&field, problem::TAKEN) } else { error })?;
        if overlaps(&tx, request.patient_id, &slot, request.moves).await? {
            return Err(Error::field(&field, problem::OVERLAPS));
        }
        if !slots.contains(&slot) {
            slots.push(slot);
        }
    }
    for (number, slot) in (1..).zip(slots) {
        let (offer, until) = (new_id(), (now + OFFER_LIFE).min(slot.starts_at - LATEST));
        if until <= now || !taken::take(&tx, slot.stretch(), offer, Some(until), now).await? {
            return Err(Error::field(&format!("time{number}"), problem::TAKEN));
        }
        let row = visit_offer::ActiveModel {
            id: Set(offer),
            patient_id: Set(request.patient_id),
            request_id: Set(Some(id)),
            kind_id: Set(Some(kind.id)),
            clinician_id: Set(slot.clinician),
            department_id: Set(slot.department),
            slot_id: Set(slot.slot_id),
            starts_at: Set(slot.starts_at),
            ends_at: Set(slot.ends_at),
            state: Set(OfferState::Open),
            race: Set(false),
            sensitive: Set(request.sensitive),
            made_at: Set(now),
            until: Set(until),
            ..Default::default()
        };
        visit_offer::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    announce(&tx, ActKind::VisitRequest, id, now).await?;
    tell(&tx, grant, &request).await?;
    tx.commit().await?;
    Ok(())
}

/// Answers a request that is open; what was offered before is withdrawn.
async fn answer(tx: &DatabaseTransaction, request: Uuid, answer: visit_request::ActiveModel, now: DateTime<Utc>) -> Result<(), Error> {
    let done = visit_request::Entity::update_many()
        .set(answer)
        .filter(visit_request::Column::Id.eq(request))
        .filter(visit_request::Column::State.is_in([RequestState::Requested, RequestState::Offered]))
        .exec(tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let open = visit_offer::Entity::find()
        .filter(visit_offer::Column::RequestId.eq(request))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .all(tx)
        .await?;
    for offer in open {
        ending::end(tx, &offer, OfferState::Withdrawn, None, now).await?;
    }
    Ok(())
}

/// Says that there will be no visit, and what to do instead.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it is over, or without a reason.
pub async fn decline(grant: &Grant<ArrangeVisits>, id: Uuid, words: &str) -> Result<(), Error> {
    let (request, now, holder) = (request_of(grant, id).await?, grant.now().instant, grant.holder()?);
    match words.trim() {
        "" => return Err(Error::field("words", Why::MISSING)),
        text if text.chars().count() > MOST_WORDS => return Err(Error::field("words", Why::TOO_LONG)),
        _ => {}
    }
    let declined = visit_request::ActiveModel {
        state: Set(RequestState::Declined),
        decided_at: Set(Some(now)),
        decided_by: Set(Some(holder.name.clone())),
        decided_role: Set(holder.staff.map(|role| role.as_str().to_owned())),
        answer: Set(Some(words.trim().to_owned())),
        ..Default::default()
    };
    let tx = grant.begin().await?;
    lock_request(&tx, Some(id)).await?;
    answer(&tx, id, declined, now).await?;
    announce(&tx, ActKind::VisitRequest, id, now).await?;
    tell(&tx, grant, &request).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(tx: &DatabaseTransaction, grant: &Grant<ArrangeVisits>, request: &visit_request::Model) -> Result<(), Error> {
    let (sensitive, link) = (request.sensitive, grant.link(&format!("/p/{}/visits/requests/{}", request.patient_id, request.id)));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let whose = first_name(tx, request.patient_id).await?;
    tell_readers(tx, grant, request.patient_id, opens, email::answered(whose.clone(), link)).await
}
