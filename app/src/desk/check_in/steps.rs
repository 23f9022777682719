//! What was done of check-ins: read for many visits at once.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{check_in_step, visit_arrival},
    model::STILL_HOLDS,
    parts::judged_at,
};
use crate::{
    desk::scheduling::entity::booking,
    people::patient::{self, with_merged_of},
    platform::batch::{Asked, Batch, Columns, Rows},
    record::visit::entity::visit,
};

/// What was done for some visits, or for others of the same people, and who is there.
pub(super) struct Steps {
    rows: Vec<check_in_step::Model>,
    merged: Vec<Merged>,
    arrivals: Vec<visit_arrival::Model>,
}

/// A chart that went into another one.
#[derive(FromQueryResult)]
struct Merged {
    id: Uuid,
    merged_into: Option<Uuid>,
}

pub(super) struct AskedSteps {
    rows: Asked<check_in_step::Model>,
    merged: Asked<Merged>,
    arrivals: Asked<visit_arrival::Model>,
}

impl Steps {
    pub(super) fn ask(batch: &mut Batch, visits: &[(visit::Model, Option<booking::Model>)], now: DateTime<Utc>) -> AskedSteps {
        let (ids, people) = (|| visits.iter().map(|(visit, _)| visit.id), || visits.iter().map(|(visit, _)| visit.patient_id));
        let into = patient::Entity::find().filter(patient::Column::MergedInto.is_in(people()));
        let charts = with_merged_of(people().collect()).into_query();
        let since = visits.iter().map(|(visit, _)| oldest(visit, now)).min().unwrap_or(now);
        let counting = Condition::any().add(check_in_step::Column::VisitId.is_in(ids())).add(check_in_step::Column::DoneAt.gt(since));
        AskedSteps {
            rows: batch.ask(check_in_step::Entity::find().filter(check_in_step::Column::PatientId.in_subquery(charts)).filter(counting)),
            merged: batch.ask_columns(into, Columns::default().of([patient::Column::Id, patient::Column::MergedInto])),
            arrivals: batch.ask(visit_arrival::Entity::find().filter(visit_arrival::Column::VisitId.is_in(ids()))),
        }
    }

    /// Those of whoever's visit it is.
    pub(super) fn of(&self, visit: &visit::Model) -> Vec<check_in_step::Model> {
        let went_into = |id: Uuid| self.merged.iter().any(|chart| chart.id == id && chart.merged_into == Some(visit.patient_id));
        self.rows.iter().filter(|row| row.patient_id == visit.patient_id || went_into(row.patient_id)).cloned().collect()
    }

    pub(super) fn arrival(&self, visit: &visit::Model) -> Option<visit_arrival::Model> {
        self.arrivals.iter().find(|row| row.visit_id == visit.id).cloned()
    }
}

impl AskedSteps {
    pub(super) fn take(self, answers: &mut Rows) -> Result<Steps, DbErr> {
        Ok(Steps { rows: answers.take(self.rows)?, merged: answers.take(self.merged)?, arrivals: answers.take(self.arrivals)? })
    }
}

/// Since when answers for other visits count.
fn oldest(visit: &visit::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    judged_at(visit, now) - STILL_HOLDS
}
