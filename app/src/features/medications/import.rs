//! Answers of the hospital's own system to requests that were made here: Task → how far they are. What was sent out and comes back
//! is known by its identifier.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{medicine_proposal, refill_request},
    model::{MOST, RequestState},
    told,
};
use crate::{
    desk::outgoing::resource::{named, systems},
    people::patient,
    record::{
        fhir,
        import::{Context, Incoming, of_type},
    },
};

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut known = Vec::new();
    let charts = of_type(rows, "MedicationRequest").chain(of_type(rows, "MedicationDispense")).filter_map(|row| row.patient);
    told::settle(context.tx, charts.collect()).await?;
    for row in of_type(rows, "MedicationRequest").filter(|row| row.value["intent"] == "proposal") {
        let Some(id) = named(&row.value["identifier"], systems::REQUESTS) else { continue };
        known.extend(request(context, row, id).await?.map(|_| row.id));
    }
    for row in of_type(rows, "MedicationStatement").chain(of_type(rows, "AllergyIntolerance")) {
        let Some(id) = named(&row.value["identifier"], systems::PROPOSALS) else { continue };
        let found = medicine_proposal::Entity::find_by_id(id).one(context.tx).await?;
        if let Some(found) = found
            && is_of_chart(context, row, found.patient_id).await?
        {
            known.push(row.id);
        }
    }
    for row in of_type(rows, "Task") {
        let Some(id) =
            named(&row.value["identifier"], systems::TASKS).or_else(|| named(&row.value["focus"]["identifier"], systems::REQUESTS))
        else {
            continue;
        };
        if let Some(found) = request(context, row, id).await? {
            apply(context, row.value, &found).await?;
            known.push(row.id);
        }
    }
    Ok(known)
}

/// A request of the chart in which the resource is.
async fn request(context: &Context<'_>, row: Incoming<'_>, id: Uuid) -> Result<Option<refill_request::Model>, DbErr> {
    let Some(found) = refill_request::Entity::find_by_id(id).one(context.tx).await? else { return Ok(None) };
    Ok(is_of_chart(context, row, found.patient_id).await?.then_some(found))
}

async fn is_of_chart(context: &Context<'_>, row: Incoming<'_>, patient: Uuid) -> Result<bool, DbErr> {
    let chart = patient::current(context.tx, patient).await?.map(|person| person.id);
    Ok(row.patient.is_some() && row.patient == chart)
}

/// Moves a request on, never back: what was decided here or taken back stays so.
async fn apply(context: &Context<'_>, task: &Value, request: &refill_request::Model) -> Result<(), DbErr> {
    let at: DateTime<Utc> = fhir::instant(&task["lastModified"]).unwrap_or_else(Utc::now);
    let (state, step) = match task["status"].as_str() {
        Some("received") => (None, refill_request::Column::SeenAt),
        Some("accepted") => (Some(RequestState::Approved), refill_request::Column::DecidedAt),
        Some("rejected" | "failed") => (Some(RequestState::Declined), refill_request::Column::DecidedAt),
        Some("in-progress") => (Some(RequestState::Approved), refill_request::Column::SentAt),
        Some("completed") => (Some(RequestState::Done), refill_request::Column::DoneAt),
        _ => return Ok(()),
    };
    let moves = match (request.state, state) {
        (RequestState::Requested, _) => true,
        (RequestState::Approved, Some(to)) => to == RequestState::Done || matches!(step, refill_request::Column::SentAt),
        _ => false,
    };
    if !moves {
        return Ok(());
    }
    let by = task["owner"]["display"].as_str().map(|name| name.chars().take(200).collect::<String>());
    let words = fhir::concept(&task["statusReason"]).map(|words| words.chars().take(MOST).collect::<String>());
    let mut told = refill_request::Entity::update_many().col_expr(step, Expr::value(Some(at)));
    if matches!(step, refill_request::Column::SeenAt) {
        told = told.col_expr(refill_request::Column::SeenBy, Expr::value(by.clone()));
    }
    if let Some(to) = state {
        told = told.col_expr(refill_request::Column::State, Expr::value(to.as_str()));
        if request.decided_at.is_none() && to != RequestState::Done {
            told = told.col_expr(refill_request::Column::DecidedBy, Expr::value(by));
            // PostgreSQL sets a column once.
            if !matches!(step, refill_request::Column::DecidedAt) {
                told = told.col_expr(refill_request::Column::DecidedAt, Expr::value(Some(at)));
            }
        }
        if !to.is_open() {
            told = told.col_expr(refill_request::Column::OpenFor, Expr::value(None::<Uuid>));
        }
        if let Some(words) = words {
            told = told.col_expr(refill_request::Column::Answer, Expr::value(Some(words)));
        }
    }
    told.filter(refill_request::Column::Id.eq(request.id)).exec(context.tx).await?;
    Ok(())
}
