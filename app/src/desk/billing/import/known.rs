//! What the mappers of bills have in common.

use std::collections::{BTreeSet, HashSet};

use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    desk::billing::entity::{bill, payment_attempt},
    record::{fhir::items, import::Context, visit::entity::visit},
};

/// What became of the resources of one import.
#[derive(Default)]
pub struct Billed {
    /// A page shows something of these.
    pub shown: HashSet<Uuid>,
    /// Bills whose entries are to be looked at anew.
    pub(super) touched: BTreeSet<Uuid>,
}

/// The visit that an Encounter is shown as, when it is this patient's.
pub(super) async fn visit_of_encounter(
    context: &mut Context<'_>,
    from: Uuid,
    encounter: &Value,
    patient: Option<Uuid>,
) -> Result<Option<visit::Model>, DbErr> {
    if !encounter.is_object() {
        return Ok(None);
    }
    let Some(id) = context.links.resolve(from, encounter) else { return Ok(None) };
    context.links.depend(from, encounter);
    let found = visit::Entity::find().filter(visit::Column::EncounterId.eq(id)).one(context.tx).await?;
    Ok(found.filter(|visit| patient.is_none_or(|patient| visit.patient_id == patient)))
}

/// The bills of a visit, or with a number that a plan names.
pub(super) async fn bills_of(context: &Context<'_>, patient: Uuid, visit: Option<Uuid>, number: Option<&str>) -> Result<Vec<Uuid>, DbErr> {
    if visit.is_none() && number.is_none() {
        return Ok(Vec::new());
    }
    let mut either = Condition::any();
    if let Some(visit) = visit {
        either = either.add(bill::Column::VisitId.eq(visit));
    }
    if let Some(number) = number {
        either = either.add(bill::Column::Number.eq(number));
    }
    let found = bill::Entity::find().filter(bill::Column::PatientId.eq(patient)).filter(either).all(context.tx).await?;
    Ok(found.into_iter().map(|bill| bill.id).collect())
}

/// Whether a resource says that it holds no more.
pub(super) fn is_off(value: &Value) -> bool {
    matches!(value["status"].as_str(), Some("cancelled" | "entered-in-error" | "draft"))
}

/// Whether an identifier names a payment that was made here.
pub(super) async fn is_ours(context: &Context<'_>, value: &Value) -> Result<bool, DbErr> {
    let ids: Vec<Uuid> = items(&value["identifier"])
        .filter_map(|identifier| identifier["value"].as_str()?.trim_start_matches("urn:uuid:").parse().ok())
        .collect();
    Ok(!ids.is_empty() && payment_attempt::Entity::find().filter(payment_attempt::Column::Id.is_in(ids)).one(context.tx).await?.is_some())
}
