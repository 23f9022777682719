//! Answering the steps of a check-in.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    entity::{check_in, check_in_step},
    model::{Progress, STILL_HOLDS, Step},
    problem,
    store::CheckIn,
};
use crate::{
    access::{
        Grant,
        policy::{ChangePersonalInformation, CheckIn as MayCheckIn, RequestMedicine, TellInsurance},
    },
    base::{
        error::{Error, Problem},
        text::is_phone,
        why::Why,
    },
    desk::{
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            act::{Actor, May},
            change,
            entity::booking,
            known::{as_it_is, keep, known},
        },
    },
    people::patient::with_merged,
    record::visit::entity::visit,
};

/// Letters of what somebody needs there.
const MOST_NEEDS: usize = 500;

/// Whether the caller may do a step: what it changes needs more than coming along.
pub fn may(grant: &Grant<MayCheckIn>, step: Step) -> bool {
    let patient = grant.patient();
    match step {
        Step::Personal => grant.would_allow::<ChangePersonalInformation>(&patient),
        Step::Insurance => grant.would_allow::<TellInsurance>(&patient),
        Step::Medications | Step::Allergies => grant.would_allow::<RequestMedicine>(&patient),
        Step::Plan => true,
    }
}

/// A check-in that is open, with a step that the caller may do.
///
/// # Errors
/// `NotFound` for a visit or a step that there is not; `NotAllowed` for a step that the caller may not do; `Invalid` when it is not open.
pub async fn open_step(grant: &Grant<MayCheckIn>, id: Uuid, step: Step) -> Result<CheckIn, Error> {
    let found = CheckIn::of(grant, id).await?;
    if found.steps.iter().all(|(known, _)| *known != step) {
        return Err(Error::NotFound);
    }
    if !may(grant, step) {
        return Err(Error::NotAllowed);
    }
    if found.is_open() { Ok(found) } else { Err(Error::form(problem::NOT_OPEN)) }
}

/// Says that a step is done. `told` when something was told that differs from the record.
///
/// # Errors
/// As [`open_step`]; `Invalid` when the visit was changed meanwhile.
pub async fn confirm(grant: &Grant<MayCheckIn>, id: Uuid, step: Step, told: bool) -> Result<(), Error> {
    let found = open_step(grant, id, step).await?;
    let tx = grant.begin().await?;
    write(&tx, grant, &found, step, told).await?;
    tx.commit().await?;
    Ok(())
}

async fn write(tx: &DatabaseTransaction, grant: &Grant<MayCheckIn>, found: &CheckIn, step: Step, told: bool) -> Result<(), Error> {
    let (now, holder) = (grant.now().instant, grant.holder()?);
    unchanged(tx, &found.visit).await?;
    let begun = check_in::ActiveModel {
        visit_id: Set(found.visit.id),
        patient_id: Set(found.visit.patient_id),
        begun_at: Set(now),
        reopened_at: Set(None),
        reopened_step: Set(None),
        reopened_why: Set(None),
        reopened_by: Set(None),
    };
    let once = OnConflict::column(check_in::Column::VisitId).do_nothing().to_owned();
    check_in::Entity::insert(begun).on_conflict(once).exec_without_returning(tx).await?;
    let row = check_in_step::ActiveModel {
        visit_id: Set(found.visit.id),
        step: Set(step),
        patient_id: Set(found.visit.patient_id),
        starts_at: Set(found.visit.starts_at.unwrap_or(now)),
        done_at: Set(now),
        told: Set(told),
        account_id: Set(holder.account.0),
        author: Set(holder.name.clone()),
        role: Set(grant.relationship().map(|relationship| relationship.as_str().to_owned())),
    };
    use check_in_step::Column;
    let again = OnConflict::columns([Column::VisitId, Column::Step])
        .update_columns([Column::StartsAt, Column::DoneAt, Column::Told, Column::AccountId, Column::Author, Column::Role])
        .to_owned();
    check_in_step::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    // Whoever checks in comes.
    let zone = grant.zone();
    let whole = CheckIn::read(tx, found.visit.clone(), found.booking.clone(), now, &zone).await?;
    let may = May::of(&whole.visit, whole.booking.as_ref(), None, now, zone);
    if whole.progress() == Progress::Done && may.confirm {
        let booking = known(tx, &whole.visit, whole.booking, now).await?;
        change::confirm(tx, &whole.visit, booking, &Actor::patients_side(grant)?, now, zone).await?;
    }
    Ok(())
}

/// The visit is as it was read.
async fn unchanged(tx: &DatabaseTransaction, visit: &visit::Model) -> Result<(), Error> {
    let now = visit::Entity::find_by_id(visit.id).one(tx).await?;
    let same = now.is_some_and(|now| now.status == visit.status && now.starts_at == visit.starts_at);
    if same { Ok(()) } else { Err(Error::form(problem::CHANGED)) }
}

/// Asks a step again that was done: for this visit, and where it counts for others of these days, for them too.
///
/// # Errors
/// As [`open_step`].
pub async fn undo(grant: &Grant<MayCheckIn>, id: Uuid, step: Step) -> Result<(), Error> {
    let found = open_step(grant, id, step).await?;
    let mut which = Condition::any().add(check_in_step::Column::VisitId.eq(id));
    if step.is_shared() {
        which = which.add(check_in_step::Column::DoneAt.gt(grant.now().instant - STILL_HOLDS));
    }
    check_in_step::Entity::delete_many()
        .filter(check_in_step::Column::PatientId.in_subquery(with_merged(found.visit.patient_id).into_query()))
        .filter(check_in_step::Column::Step.eq(step))
        .filter(which)
        .exec(grant.db())
        .await?;
    Ok(())
}

/// Keeps the phone number to text, and what somebody needs there.
///
/// # Errors
/// As [`open_step`]; `Invalid` with each field that cannot be right.
pub async fn plan(grant: &Grant<MayCheckIn>, id: Uuid, phone: &str, needs: &str) -> Result<(), Error> {
    let found = open_step(grant, id, Step::Plan).await?;
    let (phone, needs, now) = (phone.trim(), needs.trim(), grant.now().instant);
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    if phone.is_empty() {
        refuse("phone", Why::MISSING);
    } else if !is_phone(phone) {
        refuse("phone", Why::of("personal_why_not_a_phone"));
    }
    if needs.chars().count() > MOST_NEEDS {
        refuse("needs", Why::TOO_LONG);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tx = grant.begin().await?;
    let before = known(&tx, &found.visit, found.booking.clone(), now).await?;
    let before = as_it_is(&tx, before).await?;
    let needs = Some(needs.to_owned()).filter(|needs| !needs.is_empty());
    let told = before.phone.as_deref() != Some(phone) || before.needs != needs;
    keep(&tx, booking::Model { phone: Some(phone.to_owned()), needs, changed_at: now, ..before }).await?;
    write(&tx, grant, &found, Step::Plan, told).await?;
    if told {
        announce(&tx, ActKind::Appointment, id, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
