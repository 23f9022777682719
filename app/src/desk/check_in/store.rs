//! Check-ins: what is asked, and what was done.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{
    entity::{check_in_step, visit_arrival},
    model::{Closed, Done, Facts, Progress, Step, Window, holds, window},
    offices::{self, Office},
    parts::{Asking, Parts, judged_at},
    steps::Steps,
};
use crate::{
    access::{Grant, Permission},
    base::{clock::local_date, error::Error, ids::PatientId},
    desk::scheduling::{act::visit_of, entity::booking},
    people::patient::ask_current,
    platform::batch::{Batch, Rows, alone},
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
        Ok(alone(grant.db(), |batch| Self::ask_one(batch, grant, visit, booking)).await?)
    }

    /// Asks for the check-in of a visit that the caller was let see.
    pub fn ask_one<P: Permission<Scope = PatientId>>(
        batch: &mut Batch,
        grant: &Grant<P>,
        visit: visit::Model,
        booking: Option<booking::Model>,
    ) -> impl FnOnce(&mut Rows) -> Result<Self, DbErr> + use<P> {
        let person = ask_current(batch, visit.patient_id);
        let found = Self::ask(batch, vec![(visit, booking)], Days::All, grant.now().instant, grant.zone());
        move |answers| {
            let (person, mut found) = (person(answers)?, the_one(found(answers)?)?);
            // Nobody is expected any more.
            if found.is_open() && person.is_some_and(|person| person.deceased) {
                found.window = Window::Closed(Closed::NotHere);
            }
            Ok(found)
        }
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
        the_one(alone(db, |batch| Self::ask(batch, vec![(visit, booking)], Days::All, now, *zone)).await?)
    }

    /// Those of many visits.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn read_many(
        db: &impl ConnectionTrait,
        visits: Vec<(visit::Model, Option<booking::Model>)>,
        now: DateTime<Utc>,
        zone: &Tz,
    ) -> Result<Vec<Self>, DbErr> {
        alone(db, |batch| Self::ask(batch, visits, Days::Now, now, *zone)).await
    }

    /// Asks for them together with other things; where there are no visits, for nothing.
    fn ask(
        batch: &mut Batch,
        visits: Vec<(visit::Model, Option<booking::Model>)>,
        arrivals: Days,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> impl FnOnce(&mut Rows) -> Result<Vec<Self>, DbErr> + use<> {
        let asked = (!visits.is_empty()).then(|| {
            let departments: BTreeSet<Uuid> = visits.iter().filter_map(|(visit, _)| visit.department_id).collect();
            let departments: Vec<Uuid> = departments.into_iter().collect();
            let parts = Parts::ask(batch, &visits, &departments);
            (Steps::ask(batch, &visits, now), offices::ask(batch, departments), parts)
        });
        move |answers| {
            let Some((steps, offices, parts)) = asked else { return Ok(Vec::new()) };
            let (steps, offices, closed) = (steps.take(answers)?, offices(answers)?, Office::closed());
            let office = |visit: &visit::Model| visit.department_id.and_then(|id| offices.get(&id)).unwrap_or(&closed);
            let own = visits.iter().map(|(visit, _)| steps.of(visit)).collect::<Vec<_>>();
            let asking = visits.iter().zip(&own).map(|((visit, booking), rows)| Asking {
                visit,
                booking: booking.as_ref(),
                office: office(visit),
                rows,
            });
            let parts = Arc::new(parts(answers, &asking.collect::<Vec<_>>(), now)?);
            let one = |((visit, booking), rows): ((visit::Model, Option<booking::Model>), Vec<check_in_step::Model>)| {
                let arrival = steps.arrival(&visit).filter(|_| arrivals == Days::All || near(&visit, now));
                let office = office(&visit).clone();
                Self::from_parts((visit, booking), office, &rows, arrival, parts.clone(), now, &zone)
            };
            Ok(visits.into_iter().zip(own).map(one).collect())
        }
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

fn the_one(found: Vec<CheckIn>) -> Result<CheckIn, DbErr> {
    found.into_iter().next().ok_or_else(|| DbErr::RecordNotFound("the visit that was asked for".into()))
}

/// Of which visits it is told that somebody is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Days {
    /// In lists: nobody waits for a visit of another day.
    Now,
    All,
}

fn near(visit: &visit::Model, now: DateTime<Utc>) -> bool {
    visit.starts_at.is_some_and(|at| (at - now).abs() < TimeDelta::days(1))
}

fn facts(visit: &visit::Model, arrival: Option<&visit_arrival::Model>) -> Facts {
    Facts { status: visit.status, kind: visit.kind, starts_at: visit.starts_at, arrived_at: arrival.map(|there| there.arrived_at) }
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
    alone(db, |batch| ask_open(batch, visits, now, *zone)).await
}

/// Asks for them together with other things.
pub fn ask_open(
    batch: &mut Batch,
    visits: &[&visit::Model],
    now: DateTime<Utc>,
    zone: Tz,
) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, CheckIn>, DbErr> + use<> {
    let soon = |visit: &&&visit::Model| {
        let near = visit.starts_at.is_some_and(|at| at - now < LONGEST_WINDOW && now - at < TimeDelta::days(1));
        matches!(visit.status, Status::Booked | Status::Arrived) && visit.department_id.is_some() && near
    };
    let visits = visits.iter().filter(soon).map(|visit| ((*visit).clone(), None)).collect();
    let all = CheckIn::ask(batch, visits, Days::Now, now, zone);
    move |answers| {
        let open = all(answers)?.into_iter().filter(|found| found.is_open() || found.is_waiting());
        Ok(open.map(|found| (found.visit.id, found)).collect())
    }
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
