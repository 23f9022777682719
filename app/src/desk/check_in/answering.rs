//! Answering the steps of a check-in.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    entity::check_in_step,
    model::{Progress, STILL_HOLDS, Step},
    problem,
    store::CheckIn,
};
use crate::{
    access::{
        Grant,
        policy::{
            AnswerQuestionnaires, ChangePersonalInformation, CheckIn as MayCheckIn, PayBills, RequestMedicine, SignConsents, TellInsurance,
        },
    },
    base::{
        error::{Error, Problem},
        why::Why,
    },
    desk::{
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            self,
            act::{Actor, May, lock},
            change,
            entity::booking,
            known::{as_it_is, keep, known},
        },
    },
    people::patient::{self, with_merged},
    record::visit::entity::visit,
};

/// Letters of what somebody needs there.
const MOST_NEEDS: usize = 500;
/// Letters of a phone number.
const MOST_PHONE: usize = 40;

/// Whether the caller may do a step: what it changes needs more than coming along.
pub fn may(grant: &Grant<MayCheckIn>, step: Step) -> bool {
    let patient = grant.patient();
    match step {
        Step::Personal => grant.would_allow::<ChangePersonalInformation>(&patient),
        Step::Insurance => grant.would_allow::<TellInsurance>(&patient),
        Step::Medications | Step::Allergies => grant.would_allow::<RequestMedicine>(&patient),
        Step::Forms => grant.would_allow::<AnswerQuestionnaires>(&patient),
        Step::Consents => grant.would_allow::<SignConsents>(&patient),
        Step::Payment => grant.would_allow::<PayBills>(&patient),
        Step::Plan => true,
    }
}

/// A check-in that is open, with a step that the caller may do.
///
/// # Errors
/// `NotFound` for a visit or a step that there is not; `NotAllowed` for a step that the caller may not do; `Invalid` when it is not open.
pub async fn open_step(grant: &Grant<MayCheckIn>, id: Uuid, step: Step) -> Result<CheckIn, Error> {
    let found = CheckIn::of(grant, id).await?;
    if found.steps.iter().all(|of| of.step != step) {
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
    // In the order in which everybody locks who changes a visit: of two tabs that answer the last two steps, the second sees the first.
    let booking = known(tx, &found.visit, found.booking.clone(), now).await?;
    lock(tx, &[booking.clinician_id]).await?;
    unchanged(tx, &found.visit).await?;
    let row = |step: Step| check_in_step::ActiveModel {
        visit_id: Set(found.visit.id),
        step: Set(step),
        patient_id: Set(found.visit.patient_id),
        starts_at: Set(found.visit.starts_at.unwrap_or(now)),
        ..Default::default()
    };
    use check_in_step::Column;
    let before = check_in_step::Entity::find_by_id((found.visit.id, step)).one(tx).await?;
    // What was told and waits to be looked at is not unsaid by saying it no more.
    let told = told
        || before
            .is_some_and(|before| before.told && before.reopened_at.is_none() && before.starts_at == found.visit.starts_at.unwrap_or(now));
    let answered = check_in_step::ActiveModel {
        done_at: Set(Some(now)),
        told: Set(told),
        author: Set(holder.name.clone()),
        role: Set(grant.relationship().map(|relationship| relationship.as_str().to_owned())),
        reopened_at: Set(None),
        reopened_why: Set(None),
        reopened_by: Set(None),
        ..row(step)
    };
    let again = OnConflict::columns([Column::VisitId, Column::Step])
        .update_columns([
            Column::PatientId,
            Column::StartsAt,
            Column::DoneAt,
            Column::Told,
            Column::Author,
            Column::Role,
            Column::ReopenedAt,
            Column::ReopenedWhy,
            Column::ReopenedBy,
        ])
        .to_owned();
    check_in_step::Entity::insert(answered).on_conflict(again).exec_without_returning(tx).await?;
    // What holds from another visit holds for this one from now on.
    for (other, done) in found.steps.iter().filter_map(|of| Some((of.step, of.done.as_ref()?))) {
        if other != step && !other.has_parts() && done.visit_id != found.visit.id {
            let copied = check_in_step::ActiveModel {
                done_at: Set(done.done_at),
                told: Set(done.told),
                author: Set(done.author.clone()),
                role: Set(done.role.clone()),
                reopened_at: Set(None),
                reopened_why: Set(None),
                reopened_by: Set(None),
                ..row(other)
            };
            let once = OnConflict::columns([Column::VisitId, Column::Step]).do_nothing().to_owned();
            check_in_step::Entity::insert(copied).on_conflict(once).exec_without_returning(tx).await?;
        }
    }
    comes(tx, grant, found, booking).await
}

/// Whoever has checked in comes: the visit is confirmed with the last step.
async fn comes(tx: &DatabaseTransaction, grant: &Grant<MayCheckIn>, found: &CheckIn, booking: booking::Model) -> Result<(), Error> {
    let (now, zone) = (grant.now().instant, grant.zone());
    let booking = as_it_is(tx, booking).await?;
    let whole = CheckIn::read(tx, found.visit.clone(), Some(booking.clone()), now, &zone).await?;
    let may = May::of(&whole.visit, Some(&booking), None, now, zone);
    if whole.progress() == Progress::Done && may.confirm {
        change::confirm(tx, &whole.visit, booking, &Actor::patients_side(grant)?, now, zone).await?;
    }
    Ok(())
}

/// Whether what is due may be paid later.
///
/// # Errors
/// As [`open_step`]; `Invalid` when the department asks to be paid first.
pub async fn pay_later(grant: &Grant<MayCheckIn>, id: Uuid) -> Result<(), Error> {
    let found = open_step(grant, id, Step::Payment).await?;
    if found.office.must_pay() { Err(Error::form(problem::PAY_FIRST)) } else { Ok(()) }
}

/// Tells that a questionnaire was answered, or a document decided about: with the last one the check-in may be done.
///
/// # Errors
/// `NotFound` for a visit that there is not.
pub async fn part_is_done(grant: &Grant<MayCheckIn>, id: Uuid) -> Result<(), Error> {
    let found = CheckIn::of(grant, id).await?;
    if !found.is_open() || found.progress() != Progress::Done {
        return Ok(());
    }
    let tx = grant.begin().await?;
    let booking = known(&tx, &found.visit, found.booking.clone(), grant.now().instant).await?;
    lock(&tx, &[booking.clinician_id]).await?;
    comes(&tx, grant, &found, booking).await?;
    tx.commit().await?;
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
    // Each questionnaire and each document is changed by itself.
    if step.has_parts() {
        return Ok(());
    }
    let mut which = Condition::any().add(check_in_step::Column::VisitId.eq(id));
    if step.is_shared() {
        // Visits that are over, or where somebody is, are left alone.
        let now = grant.now().instant;
        let to_come =
            Condition::all().add(check_in_step::Column::DoneAt.gt(now - STILL_HOLDS)).add(check_in_step::Column::StartsAt.gt(now));
        which = which.add(to_come);
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
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    if phone.is_empty() {
        refuse("phone", Why::MISSING);
    } else if !(7..=15).contains(&digits) || phone.chars().count() > MOST_PHONE {
        refuse("phone", scheduling::problem::NOT_A_PHONE);
    }
    if needs.chars().count() > MOST_NEEDS {
        refuse("needs", Why::TOO_LONG);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tx = grant.begin().await?;
    let before = known(&tx, &found.visit, found.booking.clone(), now).await?;
    lock(&tx, &[before.clinician_id]).await?;
    let before = as_it_is(&tx, before).await?;
    // What somebody needs there says more than when they come: whoever sees the schedule alone neither reads nor changes it.
    let needs = if grant.sees_clinical() { Some(needs.to_owned()).filter(|needs| !needs.is_empty()) } else { before.needs.clone() };
    let person = patient::current(&tx, found.visit.patient_id).await?;
    let known = before.phone.as_deref().or(person.as_ref().and_then(|person| person.phone_mobile.as_deref()));
    let (is_new, told) = (before.phone.as_deref() != Some(phone) || before.needs != needs, known != Some(phone) || before.needs != needs);
    keep(&tx, booking::Model { phone: Some(phone.to_owned()), needs, changed_at: now, ..before }).await?;
    write(&tx, grant, &found, Step::Plan, told).await?;
    if is_new {
        announce(&tx, ActKind::Appointment, id, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
