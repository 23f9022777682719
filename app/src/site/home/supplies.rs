//! What the home page says of medicines: what runs out, and what became of requests for more.

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
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

/// What became of requests for medicine; medicines that run out within a week, or did so within a month, and that nobody asked for.
///
/// # Errors
/// When the database fails.
pub async fn medicines(charts: &[Opened<RequestMedicine>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let decided = decided(charts, any).await?;
    let today = any.now().today;
    let this = (prescription::Entity, prescription::Column::Id);
    let asked = refill_request::Entity::find()
        .select_only()
        .column(refill_request::Column::Id)
        .filter(Expr::col((refill_request::Entity, refill_request::Column::OpenFor)).equals(this))
        .into_query();
    let found: Vec<(Uuid, Uuid, Option<NaiveDate>, String)> = prescription::Entity::find()
        .select_only()
        .columns([prescription::Column::Id, prescription::Column::PatientId, prescription::Column::RunsOutOn])
        .column(health_item::Column::Title)
        .join(
            JoinType::InnerJoin,
            prescription::Entity::belongs_to(health_item::Entity).from(prescription::Column::Id).to(health_item::Column::Id).into(),
        )
        .filter(of_charts(charts, prescription::Column::PatientId, health_item::Column::Sensitive))
        .filter(prescription::Column::RunsOutOn.gte(today - TimeDelta::days(RAN_OUT_DAYS)))
        .filter(prescription::Column::RunsOutOn.lte(today + TimeDelta::days(RUNS_OUT_DAYS)))
        .filter(health_item::Column::State.eq(State::Active))
        .filter(Expr::not_exists(asked))
        .order_by_asc(prescription::Column::RunsOutOn)
        .into_tuple()
        .all(any.db())
        .await?;
    let told: Vec<Uuid> =
        decided.iter().filter_map(|need| if let What::Decided { id, .. } = need.what { Some(id) } else { None }).collect();
    let needs = found.into_iter().filter(|(id, ..)| !told.contains(id)).filter_map(|(id, patient, until, medicine)| {
        let (chart, until) = (of_patient(charts, patient)?, until?);
        let day = chart.grant.texts().day(until, false);
        Some(need(day, chart.grant.person().ok()?, chart.hue, What::Supply { medicine, id, over: until < today }))
    });
    let needs: Vec<Need> = needs.collect();
    Ok(decided.into_iter().chain(needs).collect())
}

/// Requests that were declined, or to which a visit comes first, within a week; and what is ready. Only the newest of each medicine.
async fn decided(charts: &[Opened<RequestMedicine>], any: &Grant<RequestMedicine>) -> Result<Vec<Need>, Error> {
    let since = any.now().instant - TimeDelta::days(DECIDED_DAYS);
    let refused = Condition::all()
        .add(refill_request::Column::State.is_in([RequestState::Declined, RequestState::NeedsVisit]))
        .add(refill_request::Column::DecidedAt.gte(since));
    let found = refill_request::Entity::find()
        .filter(of_charts(charts, refill_request::Column::PatientId, refill_request::Column::Sensitive))
        .filter(Condition::any().add(refused).add(refill_request::Column::OpenFor.is_not_null()))
        .order_by_desc(refill_request::Column::RequestedAt)
        .all(any.db())
        .await?;
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
    Ok(needs)
}
