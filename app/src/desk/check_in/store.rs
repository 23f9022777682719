//! Checking in: what is asked, what was done, and doing it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryTrait,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::{check_in, check_in_step, visit_arrival},
    model::{Done, Facts, Progress, Reopened, STILL_HOLDS, Step, Window, holds, window},
    offices::{Office, office, offices},
    problem,
};
use crate::{
    access::{
        Grant, Permission,
        policy::{ChangePersonalInformation, CheckIn as MayCheckIn, RequestMedicine, TellInsurance},
    },
    base::{
        error::{Error, Problem},
        ids::PatientId,
        text::is_phone,
        why::Why,
    },
    desk::{
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            act::{Actor, May, visit_of},
            change,
            entity::booking,
            known::{as_it_is, keep, known},
        },
    },
    people::patient::with_merged,
    record::visit::entity::visit,
};

/// No department opens its check-ins earlier than that.
const LONGEST_WINDOW: TimeDelta = TimeDelta::days(32);
/// Letters of what somebody needs there.
const MOST_NEEDS: usize = 500;

/// A visit with its check-in.
pub struct CheckIn {
    pub visit: visit::Model,
    pub booking: Option<booking::Model>,
    pub office: Office,
    pub window: Window,
    /// In the order in which they are asked; with who did it, where it need not be asked any more.
    pub steps: Vec<(Step, Option<check_in_step::Model>)>,
    pub begun: Option<check_in::Model>,
    /// For this very time of the visit.
    pub arrival: Option<visit_arrival::Model>,
}

impl CheckIn {
    /// # Errors
    /// `NotFound` for a visit that is not of this chart, or that the grant does not let be seen.
    pub async fn of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<Self, Error> {
        let (visit, booking) = visit_of(grant, id).await?;
        Ok(Self::read(grant.db(), visit, booking, grant.now().instant, &grant.zone()).await?)
    }

    /// The check-in of a visit that the caller was let see.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        visit: visit::Model,
        booking: Option<booking::Model>,
        now: DateTime<Utc>,
        zone: &Tz,
    ) -> Result<Self, DbErr> {
        let office = office(db, visit.department_id).await?;
        let begun = check_in::Entity::find_by_id(visit.id).one(db).await?;
        let arrival = visit_arrival::Entity::find_by_id(visit.id).one(db).await?.filter(|there| Some(there.starts_at) == visit.starts_at);
        let charts = with_merged(visit.patient_id).into_query();
        let of_this =
            Condition::any().add(check_in_step::Column::VisitId.eq(visit.id)).add(check_in_step::Column::DoneAt.gt(now - STILL_HOLDS));
        let rows =
            check_in_step::Entity::find().filter(check_in_step::Column::PatientId.in_subquery(charts)).filter(of_this).all(db).await?;
        let facts = facts(&visit, arrival.as_ref());
        let window = window(&facts, &office.rules, now, zone);
        let steps = office.steps.iter().map(|step| (*step, done(*step, &visit, &rows, now, begun.as_ref()).cloned())).collect();
        Ok(Self { visit, booking, office, window, steps, begun, arrival })
    }

    pub fn progress(&self) -> Progress {
        Progress::of(self.steps.iter().filter(|(_, done)| done.is_some()).count(), self.steps.len())
    }

    pub fn is_open(&self) -> bool {
        matches!(self.window, Window::Open(_))
    }

    pub fn facts(&self) -> Facts {
        facts(&self.visit, self.arrival.as_ref())
    }
}

fn facts(visit: &visit::Model, arrival: Option<&visit_arrival::Model>) -> Facts {
    Facts { status: visit.status, kind: visit.kind, starts_at: visit.starts_at, arrived_at: arrival.map(|there| there.arrived_at) }
}

/// The newest answer by which a step need not be asked.
fn done<'a>(
    step: Step,
    visit: &visit::Model,
    rows: &'a [check_in_step::Model],
    now: DateTime<Utc>,
    begun: Option<&check_in::Model>,
) -> Option<&'a check_in_step::Model> {
    let again = begun.and_then(|row| Some(Reopened { at: row.reopened_at?, step: row.reopened_step }));
    let counts = |row: &&check_in_step::Model| {
        let same_time = Some(row.starts_at) == visit.starts_at;
        row.step == step && holds(step, Done { at: row.done_at, for_this: row.visit_id == visit.id, same_time }, now, again)
    };
    rows.iter().filter(counts).max_by_key(|row| row.done_at)
}

/// How far the check-ins of these visits are that are open now; visits of other times are left out.
///
/// # Errors
/// When the database fails.
pub async fn open_ones(
    db: &impl ConnectionTrait,
    visits: &[&visit::Model],
    now: DateTime<Utc>,
    zone: &Tz,
) -> Result<HashMap<Uuid, Progress>, DbErr> {
    let soon = |visit: &&&visit::Model| visit.starts_at.is_some_and(|at| at - now < LONGEST_WINDOW);
    let visits: Vec<&visit::Model> = visits.iter().filter(soon).copied().collect();
    let departments: Vec<Uuid> = visits.iter().filter_map(|visit| visit.department_id).collect();
    let offices = offices(db, &departments).await?;
    let open: Vec<(&visit::Model, &Office)> = visits
        .into_iter()
        .filter_map(|visit| Some((visit, offices.get(&visit.department_id?)?)))
        .filter(|(visit, office)| matches!(window(&facts(visit, None), &office.rules, now, zone), Window::Open(_)))
        .collect();
    if open.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = || open.iter().map(|(visit, _)| visit.id);
    let there = visit_arrival::Entity::find().filter(visit_arrival::Column::VisitId.is_in(ids())).all(db).await?;
    let begun = check_in::Entity::find().filter(check_in::Column::VisitId.is_in(ids())).all(db).await?;
    let lately = Condition::all()
        .add(check_in_step::Column::PatientId.is_in(open.iter().map(|(visit, _)| visit.patient_id)))
        .add(check_in_step::Column::DoneAt.gt(now - STILL_HOLDS));
    let of_these = Condition::any().add(check_in_step::Column::VisitId.is_in(ids())).add(lately);
    let rows = check_in_step::Entity::find().filter(of_these).all(db).await?;
    let progress = |(visit, office): &(&visit::Model, &Office)| {
        let is_there = there.iter().any(|row| row.visit_id == visit.id && Some(row.starts_at) == visit.starts_at);
        let begun = begun.iter().find(|row| row.visit_id == visit.id);
        let own: Vec<check_in_step::Model> = rows.iter().filter(|row| row.patient_id == visit.patient_id).cloned().collect();
        let count = office.steps.iter().filter(|step| done(**step, visit, &own, now, begun).is_some()).count();
        (!is_there).then(|| (visit.id, Progress::of(count, office.steps.len())))
    };
    Ok(open.iter().filter_map(progress).collect())
}

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
