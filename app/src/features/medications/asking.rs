//! The patient's side: asking for more, and taking it back.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{preferred_pharmacy, refill_request},
    model::{Kind, MOST, Refused, RequestState},
    pharmacies::address,
    problem,
    store::{Medicine, Responsible, medicines, visible},
};
use crate::{
    access::{
        Grant, Permission,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{
        error::{Error, Problem},
        ids::{PatientId, new_id},
        why::Why,
    },
    desk::{
        office::due::due_at,
        outgoing::{model::ActKind, store::announce},
    },
    platform::throttle::limit,
    record::care_team::entity::department,
};

/// So many looks at what would be asked for, of one account in a window of the throttle.
const PER_ACCOUNT: i32 = 60;
/// So many medicines are asked for at once.
const AT_ONCE: usize = 30;
/// Nobody has more of a medicine.
const MOST_DAYS_LEFT: i32 = 365;

/// What somebody filled in.
pub struct Wanted<'a> {
    pub which: Vec<Uuid>,
    /// The id of a pharmacy, or [`OTHER`].
    pub pharmacy: &'a str,
    /// Name and place of a pharmacy that is not in the list.
    pub other: &'a str,
    pub remember: bool,
    pub days_left: &'a str,
    pub comment: &'a str,
}

/// The name of the box of a medicine. A name in brackets that begins with a digit would be a place in a list.
pub fn box_of(id: Uuid) -> String {
    format!("which[m{id}]")
}

/// The medicine of a box, by what stands in its brackets.
pub fn of_box(name: &str) -> Option<Uuid> {
    name.strip_prefix('m')?.parse().ok()
}

/// A pharmacy that is not in the list.
pub const OTHER: &str = "other";

/// Keeps what somebody wants to ask for, to be looked over; nothing is requested by it. What they kept before is forgotten.
///
/// # Errors
/// `NotFound` for a medicine of another chart; `Invalid` with everything that is wrong.
pub async fn prepare(grant: &Grant<RequestMedicine>, chart: &Grant<ViewHealthSummary>, wanted: &Wanted<'_>) -> Result<Uuid, Error> {
    let holder = grant.holder()?;
    limit(grant.db(), &format!("refill:{}", holder.account), PER_ACCOUNT).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let all = medicines(chart).await?;
    let mut chosen: Vec<(&Medicine, &Responsible, Kind)> = Vec::new();
    for id in &wanted.which {
        let found = all.iter().find(|found| found.item.id == *id).ok_or(Error::NotFound)?;
        match (&found.responsible, found.ask) {
            (Some(office), Ok(kind)) => chosen.push((found, office, kind)),
            (_, refused) => refuse(&box_of(*id), refused.err().map_or(problem::NOT_NOW, why)),
        }
    }
    if wanted.which.is_empty() {
        // At the first box.
        let first = all.iter().find(|found| found.ask.is_ok()).map(|found| box_of(found.item.id));
        refuse(&first.unwrap_or_default(), problem::NONE_CHOSEN);
    }
    if wanted.which.len() > AT_ONCE {
        refuse("comment", Why::TOO_LONG);
    }
    let pharmacy = match wanted.pharmacy.parse::<Uuid>() {
        Ok(id) => department::Entity::find_by_id(id).one(grant.db()).await?.filter(|found| found.pharmacy),
        Err(_) => None,
    };
    let other = wanted.other.trim();
    match (&pharmacy, wanted.pharmacy) {
        (Some(_), _) => {}
        (None, OTHER) if other.is_empty() => refuse("pharmacy_other", Why::MISSING),
        (None, OTHER) if other.chars().count() > 200 => refuse("pharmacy_other", Why::TOO_LONG),
        (None, OTHER) => {}
        (None, _) => refuse("pharmacy", Why::MISSING),
    }
    let days_left = match wanted.days_left.trim() {
        "" => None,
        text => match text.parse::<i32>().ok().filter(|days| (0..=MOST_DAYS_LEFT).contains(days)) {
            Some(days) => Some(days),
            None => {
                refuse("days_left", problem::NOT_DAYS);
                None
            }
        },
    };
    let comment = wanted.comment;
    if comment.chars().count() > MOST {
        refuse("comment", problem::COMMENT_LONG);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let told = pharmacy.as_ref().map_or_else(|| other.to_owned(), address);
    let role = grant.relationship().map(|relationship| relationship.as_str().to_owned());
    let (batch, now) = (new_id(), grant.now().instant);
    let rows = chosen.into_iter().map(|(medicine, office, kind)| refill_request::ActiveModel {
        id: Set(new_id()),
        batch: Set(batch),
        patient_id: Set(grant.patient().0),
        prescription_id: Set(medicine.item.id),
        open_for: Set(None),
        medicine: Set(medicine.item.title.chars().take(500).collect()),
        kind: Set(kind),
        state: Set(RequestState::Prepared),
        sensitive: Set(medicine.prescription.as_ref().is_some_and(|found| found.sensitive) || office.office.sensitive),
        department_id: Set(office.department.id),
        clinician_id: Set(office.clinician),
        pharmacy_id: Set(pharmacy.as_ref().map(|found| found.id)),
        pharmacy: Set(told.clone()),
        // A pharmacy that sends medicines home does nothing else.
        delivery: Set(pharmacy.as_ref().is_some_and(|found| found.delivers)),
        days_left: Set(days_left),
        comment: Set(Some(comment.trim().to_owned()).filter(|text| !text.is_empty())),
        account_id: Set(holder.account.0),
        author: Set(holder.name.clone()),
        role: Set(role.clone()),
        prepared_at: Set(now),
        ..Default::default()
    });
    let rows: Vec<_> = rows.collect();
    let tx = grant.begin().await?;
    refill_request::Entity::delete_many().filter(mine(grant)?).exec(&tx).await?;
    refill_request::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    if let Some(found) = pharmacy.filter(|_| wanted.remember) {
        let row = preferred_pharmacy::ActiveModel { patient_id: Set(grant.patient().0), department_id: Set(found.id), at: Set(now) };
        let known = OnConflict::column(preferred_pharmacy::Column::PatientId)
            .update_columns([preferred_pharmacy::Column::DepartmentId, preferred_pharmacy::Column::At])
            .to_owned();
        preferred_pharmacy::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(batch)
}

/// The reason at the field of a medicine.
fn why(refused: Refused) -> Why {
    match refused {
        Refused::Asked(_) => problem::ASKED,
        Refused::TooEarly(_) => problem::TOO_EARLY,
        Refused::NotCurrent | Refused::NotOfThisHouse | Refused::Controlled => problem::NOT_NOW,
    }
}

/// What the caller prepared about this chart.
fn mine<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<sea_orm::Condition, Error> {
    Ok(sea_orm::Condition::all()
        .add(refill_request::Column::AccountId.eq(grant.holder()?.account.0))
        .add(refill_request::Column::State.eq(RequestState::Prepared))
        .add(refill_request::Column::PatientId.eq(grant.patient().0)))
}

/// What the caller looks over or asked for, together.
///
/// # Errors
/// `NotFound` when there is no such thing of the caller in this chart.
pub async fn batch(grant: &Grant<RequestMedicine>, batch: Uuid) -> Result<Vec<refill_request::Model>, Error> {
    let mine = refill_request::Entity::find()
        .filter(refill_request::Column::Batch.eq(batch))
        .filter(refill_request::Column::AccountId.eq(grant.holder()?.account.0))
        .filter(refill_request::Column::PatientId.eq(grant.patient().0))
        .order_by_asc(refill_request::Column::Medicine);
    let mut found = mine.all(grant.db()).await?;
    found.retain(|request| grant.sees_sensitive() || !request.sensitive);
    if found.is_empty() { Err(Error::NotFound) } else { Ok(found) }
}

/// One of the medicines that the caller prepared about this chart and did not ask for, as a query: its batch has them all.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn prepared<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Select<refill_request::Entity>, Error> {
    Ok(refill_request::Entity::find().filter(mine(grant)?).order_by_asc(refill_request::Column::Id).limit(1))
}

/// Forgets what the caller prepared.
///
/// # Errors
/// When the database fails.
pub async fn discard(grant: &Grant<RequestMedicine>) -> Result<(), Error> {
    refill_request::Entity::delete_many().filter(mine(grant)?).exec(grant.db()).await?;
    Ok(())
}

/// Asks for what was looked over, each medicine by itself: of several, what cannot be asked for any more stays as it was.
///
/// # Errors
/// `NotFound` when there is no such batch of the caller in this chart.
pub async fn request(grant: &Grant<RequestMedicine>, chart: &Grant<ViewHealthSummary>, id: Uuid) -> Result<(), Error> {
    let (found, now) = (batch(grant, id).await?, grant.now().instant);
    let all = medicines(chart).await?;
    for request in found.into_iter().filter(|request| request.state == RequestState::Prepared) {
        let Some(medicine) = all.iter().find(|found| found.item.id == request.prescription_id) else { continue };
        let (Ok(kind), Some(office)) = (medicine.ask, &medicine.responsible) else { continue };
        let asked = refill_request::ActiveModel {
            state: Set(RequestState::Requested),
            kind: Set(kind),
            open_for: Set(Some(request.prescription_id)),
            requested_at: Set(Some(now)),
            due_at: Set(Some(due_at(now, office.office.refill_days, &grant.zone()))),
            ..Default::default()
        };
        let tx = grant.begin().await?;
        let prepared = refill_request::Entity::update_many()
            .set(asked)
            .filter(refill_request::Column::Id.eq(request.id))
            .filter(refill_request::Column::State.eq(RequestState::Prepared));
        match prepared.exec(&tx).await {
            Ok(done) if done.rows_affected == 1 => {
                announce(&tx, ActKind::RefillRequest, request.id, now).await?;
                tx.commit().await?;
            }
            Ok(_) => {}
            // Somebody else asked for it at the same moment: it stays as it was.
            Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Takes a request back that nobody has decided about.
///
/// # Errors
/// `NotFound` when there is no such request in this chart; `Invalid` when it was decided.
pub async fn withdraw(grant: &Grant<RequestMedicine>, id: Uuid) -> Result<(), Error> {
    visible(grant).filter(refill_request::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let (tx, now) = (grant.begin().await?, grant.now().instant);
    let withdrawn = refill_request::Entity::update_many()
        .col_expr(refill_request::Column::State, Expr::value(RequestState::Withdrawn.as_str()))
        .col_expr(refill_request::Column::OpenFor, Expr::value(None::<Uuid>))
        .col_expr(refill_request::Column::WithdrawnAt, Expr::value(Some(now)))
        .filter(refill_request::Column::Id.eq(id))
        .filter(refill_request::Column::State.eq(RequestState::Requested))
        .exec(&tx)
        .await?;
    if withdrawn.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    announce(&tx, ActKind::RefillRequest, id, now).await?;
    tx.commit().await?;
    Ok(())
}
