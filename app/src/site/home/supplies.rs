//! What the home page says of medicines: what runs out, and what became of requests for more.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    model::{Decided, Need, What},
    store::{Opened, need, of_charts, of_patient},
};
use crate::{
    access::{Grant, policy::RequestMedicine},
    base::{clock::local_date, error::Error},
    features::medications::{entity::refill_request, model::RequestState},
    platform::batch::{Asked, Batch, Columns, Rows},
    record::{
        item::{entity::health_item, model::State},
        prescription::entity::prescription,
    },
};

/// A medicine stands here from so many days before there is none left ...
const RUNS_OUT_DAYS: i64 = 7;
/// ... until so many days after it: later nobody takes it any more.
const RAN_OUT_DAYS: i64 = 30;
/// What was decided about a request stands here for so many days.
const DECIDED_DAYS: i64 = 7;

#[derive(FromQueryResult)]
struct Supply {
    id: Uuid,
    patient_id: Uuid,
    runs_out_on: Option<NaiveDate>,
    title: String,
}

/// Asks what became of requests for medicine, and for medicines that run out within a week, or did so within a month, and that nobody
/// asked for.
pub fn medicines<'a>(
    batch: &mut Batch,
    charts: &'a [Opened<RequestMedicine>],
) -> impl FnOnce(&mut Rows) -> Result<Vec<Need>, Error> + use<'a> {
    let asked = charts.first().map(|any| (batch.ask(decisions(charts, any.grant.now().instant)), ask_supplies(batch, charts, &any.grant)));
    move |answers| {
        let Some((decisions, supplies)) = asked else { return Ok(Vec::new()) };
        let mut decisions = answers.take(decisions)?;
        decisions.sort_by_key(|request| std::cmp::Reverse((request.requested_at, request.id)));
        let mut needs = decided(charts, decisions);
        let told: Vec<Uuid> =
            needs.iter().filter_map(|need| if let What::Decided { id, .. } = need.what { Some(id) } else { None }).collect();
        let mut supplies = answers.take(supplies)?;
        supplies.retain(|row| !told.contains(&row.id));
        supplies.sort_by_key(|row| (row.runs_out_on, row.id));
        needs.extend(supplies.into_iter().filter_map(|row| {
            let (chart, until) = (of_patient(charts, row.patient_id)?, row.runs_out_on?);
            let day = chart.grant.texts().day(until, false);
            let what = What::Supply { medicine: row.title, id: row.id, over: until < chart.grant.now().today };
            Some(need(day, chart.grant.person().ok()?, chart.hue, what))
        }));
        Ok(needs)
    }
}

fn ask_supplies(batch: &mut Batch, charts: &[Opened<RequestMedicine>], any: &Grant<RequestMedicine>) -> Asked<Supply> {
    let today = any.now().today;
    let this = (prescription::Entity, prescription::Column::Id);
    let asked = refill_request::Entity::find()
        .select_only()
        .column(refill_request::Column::Id)
        .filter(Expr::col((refill_request::Entity, refill_request::Column::OpenFor)).equals(this))
        .into_query();
    let supplies = prescription::Entity::find()
        .join(
            JoinType::InnerJoin,
            prescription::Entity::belongs_to(health_item::Entity).from(prescription::Column::Id).to(health_item::Column::Id).into(),
        )
        .filter(of_charts(charts, prescription::Column::PatientId, health_item::Column::Sensitive))
        .filter(prescription::Column::RunsOutOn.gte(today - TimeDelta::days(RAN_OUT_DAYS)))
        .filter(prescription::Column::RunsOutOn.lte(today + TimeDelta::days(RUNS_OUT_DAYS)))
        .filter(health_item::Column::State.eq(State::Active))
        .filter(Expr::not_exists(asked));
    let columns = Columns::default()
        .of([prescription::Column::Id, prescription::Column::PatientId, prescription::Column::RunsOutOn])
        .of([health_item::Column::Title]);
    batch.ask_columns(supplies, columns)
}

/// Requests that were declined, or to which a visit comes first, within a week; and what is ready.
fn decisions(charts: &[Opened<RequestMedicine>], now: DateTime<Utc>) -> Select<refill_request::Entity> {
    let refused = Condition::all()
        .add(refill_request::Column::State.is_in([RequestState::Declined, RequestState::NeedsVisit]))
        .add(refill_request::Column::DecidedAt.gte(now - TimeDelta::days(DECIDED_DAYS)));
    refill_request::Entity::find()
        .filter(of_charts(charts, refill_request::Column::PatientId, refill_request::Column::Sensitive))
        .filter(Condition::any().add(refused).add(refill_request::Column::OpenFor.is_not_null()))
}

/// Only the newest of each medicine; the newest comes first.
fn decided(charts: &[Opened<RequestMedicine>], found: Vec<refill_request::Model>) -> Vec<Need> {
    let mut seen: Vec<Uuid> = Vec::new();
    let mut needs = Vec::new();
    for request in found {
        if seen.contains(&request.prescription_id) {
            continue;
        }
        seen.push(request.prescription_id);
        let (said, at) = match request.state {
            RequestState::Declined => (Decided::Declined, request.decided_at),
            RequestState::NeedsVisit => (Decided::NeedsVisit, request.decided_at),
            RequestState::Approved => (Decided::Ready, request.ready_at.or(request.told_ready_at)),
            _ => continue,
        };
        let (Some(chart), Some(at)) = (of_patient(charts, request.patient_id), at) else { continue };
        let Ok(person) = chart.grant.person() else { continue };
        let day = chart.grant.texts().day(local_date(at, &chart.grant.zone()), true);
        needs.push(need(day, person, chart.hue, What::Decided { medicine: request.medicine, id: request.prescription_id, said }));
    }
    needs
}
