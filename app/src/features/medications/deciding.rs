//! The staff's side: deciding about requests, each for the departments for which they answer.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    email,
    entity::refill_request,
    model::{Kind, MOST, MOST_REFILLS, MOST_REFILLS_CONTROLLED, RequestState},
    problem, schedule,
    store::{given, of_chart, said_of},
};
use crate::{
    access::{
        Grant, Level, Permission,
        policy::{DecideMedicineRequest, OpenMedicineRequest, SeeMedicineRequests},
    },
    base::{clock::local_date, error::Error, ids::PatientId, why::Why},
    desk::{
        office::{
            known::{Known, known},
            store::own_departments,
            tell::tell_readers,
        },
        outgoing::{model::ActKind, store::announce},
    },
    people::{patient, relation::StaffRole},
    record::{
        item::model::What,
        prescription::supply::Supply,
        visit::{entity::visit, model::Status},
    },
};

/// So many requests of a shelf are shown.
pub const SHOWN: u64 = 50;

/// Which requests somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Nobody has decided.
    Waiting,
    /// The same, for longer than it should take.
    Overdue,
    /// Approved, and the patient does not have it yet.
    UnderWay,
    All,
}

impl Shelf {
    pub const ALL: [(Shelf, &'static str); 4] =
        [(Shelf::Waiting, "waiting"), (Shelf::Overdue, "overdue"), (Shelf::UnderWay, "under-way"), (Shelf::All, "all")];
}

fn visible<P: Permission>(grant: &Grant<P>) -> Result<Select<refill_request::Entity>, Error> {
    Ok(refill_request::Entity::find()
        .filter(refill_request::Column::DepartmentId.in_subquery(own_departments(grant)?))
        .filter(refill_request::Column::State.ne(RequestState::Prepared)))
}

/// The requests of a shelf with their patients, what is due first, one more than are shown where there are more.
///
/// # Errors
/// When the database fails.
pub async fn shelf(grant: &Grant<SeeMedicineRequests>, shelf: Shelf) -> Result<Vec<(refill_request::Model, patient::Model)>, Error> {
    let (query, state) = (visible(grant)?, refill_request::Column::State);
    let query = match shelf {
        Shelf::Waiting => query.filter(state.eq(RequestState::Requested)),
        Shelf::Overdue => query.filter(state.eq(RequestState::Requested)).filter(refill_request::Column::DueAt.lt(grant.now().instant)),
        Shelf::UnderWay => query.filter(state.eq(RequestState::Approved)),
        Shelf::All => query,
    };
    let query = match shelf {
        Shelf::All => query.order_by_desc(refill_request::Column::RequestedAt),
        _ => query.order_by_asc(refill_request::Column::DueAt),
    };
    let requests = query.order_by_asc(refill_request::Column::Id).limit(SHOWN + 1).all(grant.db()).await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(requests.iter().map(|request| request.patient_id)));
    let people = people.all(grant.db()).await?;
    let of = |request: refill_request::Model| {
        let person = people.iter().find(|person| person.id == request.patient_id)?.clone();
        Some((request, person))
    };
    Ok(requests.into_iter().filter_map(of).collect())
}

/// Whose a request is, when it is one of the caller's departments.
///
/// # Errors
/// `NotFound` for every other request.
pub async fn patient_of(grant: &Grant<SeeMedicineRequests>, id: Uuid) -> Result<PatientId, Error> {
    let found = visible(grant)?.filter(refill_request::Column::Id.eq(id)).one(grant.db()).await?;
    Ok(PatientId(found.ok_or(Error::NotFound)?.patient_id))
}

/// All that is needed to decide.
pub struct ToDecide {
    pub request: refill_request::Model,
    pub supply: Supply,
    pub patient: patient::Model,
    /// How often the prescription could be given again.
    pub repeats: Option<i32>,
    pub dose: Option<String>,
    pub prescriber: Option<String>,
    /// The last visit that took place.
    pub last_visit: Option<visit::Model>,
    pub allergies: Vec<String>,
    pub medicines: Vec<String>,
    /// Earlier requests for the same medicine.
    pub earlier: Vec<refill_request::Model>,
    /// How the substance is controlled.
    pub schedule: Option<schedule::Schedule>,
}

/// A request of the caller's departments. From now on the patient sees that the office has seen it.
///
/// # Errors
/// `NotFound` for every other request.
pub async fn open(grant: &Grant<OpenMedicineRequest>, id: Uuid) -> Result<ToDecide, Error> {
    let db = grant.db();
    let mut request = of_patient(grant, id).await?;
    if request.seen_at.is_none() && request.state == RequestState::Requested {
        let (at, by) = (Some(grant.now().instant), Some(grant.holder()?.name.clone()));
        let seen = refill_request::ActiveModel { seen_at: Set(at), seen_by: Set(by.clone()), ..Default::default() };
        let unseen = refill_request::Entity::update_many().set(seen).filter(refill_request::Column::Id.eq(id));
        unseen.filter(refill_request::Column::SeenAt.is_null()).exec(db).await?;
        (request.seen_at, request.seen_by) = (at, by);
    }
    let patient = patient::current(db, request.patient_id).await?.ok_or(Error::NotFound)?;
    let (prescriptions, dispenses) = (of_chart(patient.id).all(db).await?, given(patient.id).all(db).await?);
    let of_this: Vec<_> = dispenses.iter().filter(|found| found.prescription_id == request.prescription_id).collect();
    let prescription = prescriptions.iter().find(|found| found.id == request.prescription_id);
    let supply = prescription.map(|found| Supply::of(found, &of_this, |at| local_date(at, &grant.zone()))).unwrap_or_default();
    let last_visit = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(patient.id))
        .filter(visit::Column::Status.eq(Status::Finished))
        .filter(visit::Column::Sensitive.eq(false))
        .order_by_desc(visit::Column::StartsAt)
        .one(db)
        .await?;
    let Known { allergies, medicines } = known(db, patient.id).await?;
    let earlier = visible(grant)?
        .filter(refill_request::Column::PatientId.eq(request.patient_id))
        .filter(refill_request::Column::PrescriptionId.eq(request.prescription_id))
        .filter(refill_request::Column::Id.ne(id))
        .order_by_desc(refill_request::Column::RequestedAt)
        .limit(10)
        .all(db)
        .await?;
    Ok(ToDecide {
        repeats: prescription.and_then(|found| found.repeats),
        dose: said_of(db, request.prescription_id, What::Dose).await?,
        prescriber: said_of(db, request.prescription_id, What::Prescriber).await?,
        supply,
        last_visit,
        allergies,
        medicines,
        earlier,
        schedule: schedule::of(&request.medicine),
        request,
        patient,
    })
}

async fn of_patient<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<refill_request::Model, Error> {
    let found = visible(grant)?.filter(refill_request::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if found.patient_id == grant.patient().0 { Ok(found) } else { Err(Error::NotFound) }
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// With so many refills.
    Approve(i32),
    Decline,
    /// The patient is to be seen first.
    Visit,
}

/// Decides about a request.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it was decided or taken back, when a reason is missing, or for a
/// controlled substance that only a clinician decides about.
pub async fn decide(grant: &Grant<DecideMedicineRequest>, id: Uuid, decision: Decision, answer: &str) -> Result<(), Error> {
    let (request, holder, now) = (of_patient(grant, id).await?, grant.holder()?, grant.now().instant);
    let controlled = schedule::of(&request.medicine).is_some();
    if controlled && holder.staff != Some(StaffRole::Clinician) {
        return Err(Error::form(problem::CLINICIAN_ONLY));
    }
    let answer = Some(answer.trim()).filter(|text| !text.is_empty());
    if answer.is_some_and(|text| text.chars().count() > MOST) {
        return Err(Error::field("words", problem::COMMENT_LONG));
    }
    let (state, refills) = match decision {
        // What has refills left needs no new ones.
        Decision::Approve(_) if request.kind == Kind::Refill => (RequestState::Approved, None),
        Decision::Approve(refills) => {
            let most = if controlled { MOST_REFILLS_CONTROLLED } else { MOST_REFILLS };
            if !(0..=most).contains(&refills) {
                return Err(Error::field("refills", problem::NOT_REFILLS));
            }
            (RequestState::Approved, Some(refills))
        }
        Decision::Decline if answer.is_none() => return Err(Error::field("words", Why::MISSING)),
        Decision::Decline => (RequestState::Declined, None),
        Decision::Visit => (RequestState::NeedsVisit, None),
    };
    let tx = grant.begin().await?;
    let mut decided = refill_request::Entity::update_many()
        .col_expr(refill_request::Column::State, Expr::value(state.as_str()))
        .col_expr(refill_request::Column::DecidedAt, Expr::value(Some(now)))
        .col_expr(refill_request::Column::DecidedBy, Expr::value(Some(holder.name.clone())))
        .col_expr(refill_request::Column::DecidedRole, Expr::value(holder.staff.map(StaffRole::as_str)))
        .col_expr(refill_request::Column::Answer, Expr::value(answer))
        .col_expr(refill_request::Column::Refills, Expr::value(refills));
    if !state.is_open() {
        decided = decided.col_expr(refill_request::Column::OpenFor, Expr::value(None::<Uuid>));
    }
    let waiting = Condition::all().add(refill_request::Column::Id.eq(id)).add(refill_request::Column::State.eq(RequestState::Requested));
    if decided.filter(waiting).exec(&tx).await?.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    announce(&tx, ActKind::RefillRequest, id, now).await?;
    tell(&tx, grant, &request).await?;
    tx.commit().await?;
    Ok(())
}

/// How far an approved request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The prescription is with the pharmacy.
    Sent,
    Ready,
    /// The patient has it, or it is settled in another way.
    Done,
}

/// Notes how far an approved request has come, where no pharmacy tells it.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it is not approved, or the step is noted already.
pub async fn advance(grant: &Grant<DecideMedicineRequest>, id: Uuid, step: Step) -> Result<(), Error> {
    let (request, now) = (of_patient(grant, id).await?, grant.now().instant);
    let column = match step {
        Step::Sent => refill_request::Column::SentAt,
        Step::Ready => refill_request::Column::ReadyAt,
        Step::Done => refill_request::Column::DoneAt,
    };
    let mut noted = refill_request::Entity::update_many().col_expr(column, Expr::value(Some(now)));
    if step == Step::Done {
        noted = noted
            .col_expr(refill_request::Column::State, Expr::value(RequestState::Done.as_str()))
            .col_expr(refill_request::Column::OpenFor, Expr::value(None::<Uuid>));
    }
    let here = Condition::all()
        .add(refill_request::Column::Id.eq(id))
        .add(refill_request::Column::State.eq(RequestState::Approved))
        .add(column.is_null());
    let tx = grant.begin().await?;
    if noted.filter(here).exec(&tx).await?.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    announce(&tx, ActKind::RefillRequest, id, now).await?;
    if step == Step::Ready {
        tell(&tx, grant, &request).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Tells everybody who may read it that there is something new, and never what.
async fn tell(tx: &DatabaseTransaction, grant: &Grant<DecideMedicineRequest>, request: &refill_request::Model) -> Result<(), Error> {
    let (sensitive, link) = (request.sensitive, grant.link("/home"));
    let opens = move |level: Level| level.sees_clinical() && (!sensitive || level.sees_sensitive());
    tell_readers(tx, grant, request.patient_id, opens, email::decided(link)).await
}
