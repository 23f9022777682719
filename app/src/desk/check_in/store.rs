//! Check-ins: what is asked, and what was done.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{check_in, check_in_step, visit_arrival},
    model::{Done, Facts, Progress, Reopened, STILL_HOLDS, Step, Window, holds, window},
    offices::{Office, office, offices},
};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId},
    desk::scheduling::{act::visit_of, entity::booking},
    people::patient::with_merged,
    record::visit::entity::visit,
};

/// No department opens its check-ins earlier than that.
const LONGEST_WINDOW: TimeDelta = TimeDelta::days(32);

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
