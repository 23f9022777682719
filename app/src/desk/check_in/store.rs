//! Check-ins: what is asked, and what was done.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{check_in_step, visit_arrival},
    model::{Closed, Done, Facts, Progress, STILL_HOLDS, Step, Window, holds, window},
    offices::{Office, offices},
    parts::{Asking, Parts, judged_at},
};
use crate::{
    access::{Grant, Permission},
    base::{clock::local_date, error::Error, ids::PatientId},
    desk::scheduling::{act::visit_of, entity::booking},
    people::patient::{self, with_merged},
    record::visit::{entity::visit, model::Status},
};

/// No department opens its check-ins earlier than that.
const LONGEST_WINDOW: TimeDelta = TimeDelta::days(32);

/// A step of a visit.
#[derive(Clone, Debug)]
pub struct StepOf {
    pub step: Step,
    /// Who did it, where it need not be asked any more: for this visit, or for another one.
    pub done: Option<check_in_step::Model>,
    /// Why staff ask it again, while nobody has answered since.
    pub again: Option<String>,
}

/// A visit with its check-in.
pub struct CheckIn {
    pub visit: visit::Model,
    pub booking: Option<booking::Model>,
    pub office: Office,
    pub window: Window,
    /// In the order in which they are asked.
    pub steps: Vec<StepOf>,
    /// For this time of the visit.
    pub arrival: Option<visit_arrival::Model>,
    pub(super) parts: Arc<Parts>,
}

impl CheckIn {
    /// # Errors
    /// `NotFound` for a visit that is not of this chart, or that the grant does not let be seen.
    pub async fn of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<Self, Error> {
        let (visit, booking) = visit_of(grant, id).await?;
        let mut found = Self::read(grant.db(), visit, booking, grant.now().instant, &grant.zone()).await?;
        // Nobody is expected any more.
        let person = patient::current(grant.db(), found.visit.patient_id).await?;
        if found.is_open() && person.is_some_and(|person| person.deceased) {
            found.window = Window::Closed(Closed::NotHere);
        }
        Ok(found)
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
        let id = visit.id;
        let charts = with_merged(visit.patient_id).into_query();
        let theirs = check_in_step::Entity::find().filter(check_in_step::Column::PatientId.in_subquery(charts));
        let of_these =
            Condition::any().add(check_in_step::Column::VisitId.eq(id)).add(check_in_step::Column::DoneAt.gt(oldest(&visit, now)));
        let rows = theirs.filter(of_these).all(db).await?;
        let arrival = visit_arrival::Entity::find_by_id(id).one(db).await?;
        let department = visit.department_id;
        let office = offices(db, department.as_slice()).await?;
        let office = department.and_then(|id| office.get(&id).cloned()).unwrap_or_else(Office::closed);
        let asking = Asking { visit: &visit, booking: booking.as_ref(), office: &office, rows: &rows };
        let parts = Arc::new(Parts::read(db, &[asking], now).await?);
        Ok(Self::from_parts((visit, booking), office, &rows, arrival, parts, now, zone))
    }

    /// Those of many visits, in a few statements.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn read_many(
        db: &impl ConnectionTrait,
        visits: Vec<(visit::Model, Option<booking::Model>)>,
        now: DateTime<Utc>,
        zone: &Tz,
    ) -> Result<Vec<Self>, DbErr> {
        let ids = || visits.iter().map(|(visit, _)| visit.id);
        // Nobody is there for a visit of another day.
        let near = |visit: &visit::Model| visit.starts_at.is_some_and(|at| (at - now).abs() < TimeDelta::days(1));
        let today: Vec<Uuid> = visits.iter().filter(|(visit, _)| near(visit)).map(|(visit, _)| visit.id).collect();
        let arrivals = match today.is_empty() {
            true => Vec::new(),
            false => visit_arrival::Entity::find().filter(visit_arrival::Column::VisitId.is_in(today)).all(db).await?,
        };
        let oldest = visits.iter().map(|(visit, _)| oldest(visit, now)).min().unwrap_or(now);
        let lately = Condition::all()
            .add(check_in_step::Column::PatientId.is_in(visits.iter().map(|(visit, _)| visit.patient_id)))
            .add(check_in_step::Column::DoneAt.gt(oldest));
        let of_these = Condition::any().add(check_in_step::Column::VisitId.is_in(ids())).add(lately);
        let rows = check_in_step::Entity::find().filter(of_these).all(db).await?;
        let departments: Vec<Uuid> = visits.iter().filter_map(|(visit, _)| visit.department_id).collect();
        let offices = offices(db, &departments).await?;
        let closed = Office::closed();
        let asking: Vec<Asking<'_>> = visits
            .iter()
            .map(|(visit, booking)| {
                let office = visit.department_id.and_then(|id| offices.get(&id)).unwrap_or(&closed);
                Asking { visit, booking: booking.as_ref(), office, rows: &rows }
            })
            .collect();
        let parts = Arc::new(Parts::read(db, &asking, now).await?);
        let one = |(visit, booking): (visit::Model, Option<booking::Model>)| {
            let office = visit.department_id.and_then(|id| offices.get(&id).cloned()).unwrap_or_else(Office::closed);
            let own: Vec<check_in_step::Model> = rows.iter().filter(|row| row.patient_id == visit.patient_id).cloned().collect();
            let arrival = arrivals.iter().find(|row| row.visit_id == visit.id).cloned();
            Self::from_parts((visit, booking), office, &own, arrival, parts.clone(), now, zone)
        };
        Ok(visits.into_iter().map(one).collect())
    }

    fn from_parts(
        (visit, booking): (visit::Model, Option<booking::Model>),
        office: Office,
        rows: &[check_in_step::Model],
        arrival: Option<visit_arrival::Model>,
        parts: Arc<Parts>,
        now: DateTime<Utc>,
        zone: &Tz,
    ) -> Self {
        // Of a visit that was moved it says nothing; one that has begun is told with the time at which it did.
        let has_begun = matches!(visit.status, Status::Arrived | Status::InProgress | Status::Finished);
        let arrival = arrival.filter(|there| has_begun || Some(there.starts_at) == visit.starts_at);
        let window = window(&facts(&visit, arrival.as_ref()), &office.rules, now, zone);
        let asked = office.steps.iter().copied().filter(|step| parts.asks(&visit, *step));
        let steps = asked.map(|step| step_of(step, &visit, rows, &parts, now)).collect();
        Self { visit, booking, office, window, steps, arrival, parts }
    }

    pub fn progress(&self) -> Progress {
        Progress::of(self.steps.iter().filter(|step| step.done.is_some()).count(), self.steps.len())
    }

    pub fn is_open(&self) -> bool {
        matches!(self.window, Window::Open(_))
    }

    /// Somebody is there, and was not seen yet: also when the hospital's own system does not know it.
    pub fn is_waiting(&self) -> bool {
        self.visit.status == Status::Arrived || self.visit.status == Status::Booked && self.arrival.is_some()
    }

    pub fn is_today(&self, now: DateTime<Utc>, zone: &Tz) -> bool {
        self.visit.starts_at.is_some_and(|at| local_date(at, zone) == local_date(now, zone))
    }

    pub fn facts(&self) -> Facts {
        facts(&self.visit, self.arrival.as_ref())
    }
}

fn facts(visit: &visit::Model, arrival: Option<&visit_arrival::Model>) -> Facts {
    Facts { status: visit.status, kind: visit.kind, starts_at: visit.starts_at, arrived_at: arrival.map(|there| there.arrived_at) }
}

/// Since when answers for other visits count.
fn oldest(visit: &visit::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    judged_at(visit, now) - STILL_HOLDS
}

fn step_of(step: Step, visit: &visit::Model, rows: &[check_in_step::Model], parts: &Parts, now: DateTime<Utc>) -> StepOf {
    let at = judged_at(visit, now);
    let own = rows.iter().find(|row| row.step == step && row.visit_id == visit.id);
    let reopened = own.and_then(|row| row.reopened_at);
    let counts = |row: &&check_in_step::Model| {
        let Some(done_at) = row.done_at.filter(|done_at| row.step == step && *done_at <= at) else { return false };
        let same_time = Some(row.starts_at) == visit.starts_at;
        holds(step, Done { at: done_at, for_this: row.visit_id == visit.id, same_time }, at, reopened)
    };
    let done = if step.has_parts() { parts.done(visit, step) } else { rows.iter().filter(counts).max_by_key(|row| row.done_at).cloned() };
    let again = own.and_then(|row| row.reopened_why.clone()).filter(|_| done.is_none());
    StepOf { step, done, again }
}

/// The check-ins of these visits that are open now, and of those where somebody waits; visits of other times are left out.
///
/// # Errors
/// When the database fails.
pub async fn open_ones(
    db: &impl ConnectionTrait,
    visits: &[&visit::Model],
    now: DateTime<Utc>,
    zone: &Tz,
) -> Result<HashMap<Uuid, CheckIn>, DbErr> {
    let soon = |visit: &&&visit::Model| {
        let near = visit.starts_at.is_some_and(|at| at - now < LONGEST_WINDOW && now - at < TimeDelta::days(1));
        matches!(visit.status, Status::Booked | Status::Arrived) && visit.department_id.is_some() && near
    };
    let visits: Vec<_> = visits.iter().filter(soon).map(|visit| ((*visit).clone(), None)).collect();
    if visits.is_empty() {
        return Ok(HashMap::new());
    }
    let all = CheckIn::read_many(db, visits, now, zone).await?;
    Ok(all.into_iter().filter(|found| found.is_open() || found.is_waiting()).map(|found| (found.visit.id, found)).collect())
}

impl CheckIn {
    /// The questionnaires that are asked before the visit.
    pub fn forms(&self) -> &[crate::desk::questionnaires::asked::AskedForm] {
        self.parts.forms.get(&self.visit.id).map_or(&[], Vec::as_slice)
    }

    /// The documents that are asked before the visit.
    pub fn documents(&self) -> &[crate::desk::consents::asked::AskedDocument] {
        self.parts.documents.get(&self.visit.id).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody can do a step that is not done.
    pub fn waits_for(&self, step: Step) -> bool {
        self.is_open() && self.steps.iter().any(|of| of.step == step && of.done.is_none())
    }

    /// The parts of a step that are open.
    pub fn open_parts(&self, of: &StepOf) -> usize {
        match of.step {
            Step::Forms => self.forms().iter().filter(|form| form.done.is_none()).count(),
            Step::Consents => self.documents().iter().filter(|found| found.decided.is_none()).count(),
            _ => usize::from(of.done.is_none()),
        }
    }
}
