//! What was paid here, as FHIR R4: PaymentReconciliation, with what of it is for which Invoice, and what went back.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::{bill, payment_attempt, payment_part, payment_refund},
    model::{AttemptState, CURRENCY, RefundState},
};
use crate::{
    base::money::plain,
    desk::outgoing::resource::{identifier, reference, systems},
    people::patient::with_merged,
};

/// A payment that went through, as it is now.
///
/// # Errors
/// When the database fails.
pub async fn payment(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    let paid = payment_attempt::Entity::find_by_id(id).filter(payment_attempt::Column::State.eq(AttemptState::Paid)).one(db).await?;
    match paid {
        Some(attempt) => Ok(vec![told(db, &attempt).await?]),
        None => Ok(Vec::new()),
    }
}

/// Every payment for bills of a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let bills = bill::Entity::find()
        .select_only()
        .column(bill::Column::Id)
        .filter(bill::Column::PatientId.in_subquery(with_merged(patient).into_query()));
    let parts = payment_part::Entity::find()
        .select_only()
        .column(payment_part::Column::AttemptId)
        .filter(payment_part::Column::BillId.in_subquery(bills.into_query()));
    let paid = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::State.eq(AttemptState::Paid))
        .filter(payment_attempt::Column::Id.in_subquery(parts.into_query()))
        .order_by_asc(payment_attempt::Column::Id);
    let mut all = Vec::new();
    for attempt in paid.all(db).await? {
        all.push(told(db, &attempt).await?);
    }
    Ok(all)
}

/// Dollars with their cents, exact.
fn usd(cents: i64) -> Value {
    json!({"value": serde_json::from_str::<Value>(&plain(cents)).unwrap_or_default(), "currency": CURRENCY})
}

async fn told(db: &impl ConnectionTrait, attempt: &payment_attempt::Model) -> Result<Value, DbErr> {
    let at = attempt.settled_at.unwrap_or(attempt.made_at);
    let kind = |code: &str| json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/payment-type", "code": code}]});
    let mut details = Vec::new();
    for part in payment_part::Entity::find().filter(payment_part::Column::AttemptId.eq(attempt.id)).all(db).await? {
        let invoice = reference(db, part.bill_id).await?;
        details.push(json!({"type": kind("payment"), "request": invoice, "date": at.date_naive().to_string(), "amount": usd(part.cents)}));
    }
    let refunds = payment_refund::Entity::find()
        .filter(payment_refund::Column::AttemptId.eq(attempt.id))
        .filter(payment_refund::Column::State.eq(RefundState::Done));
    let mut total = attempt.cents;
    for refund in refunds.all(db).await? {
        let day = refund.settled_at.unwrap_or(refund.made_at).date_naive();
        let invoice = reference(db, refund.bill_id).await?;
        details.push(json!({"type": kind("adjustment"), "request": invoice, "date": day.to_string(), "amount": usd(-refund.cents)}));
        total -= refund.cents;
    }
    let mut value = json!({
        "resourceType": "PaymentReconciliation",
        "id": attempt.id.to_string(),
        "identifier": [identifier(systems::PAYMENTS, attempt.id)],
        "status": "active",
        "created": attempt.made_at.to_rfc3339(),
        "outcome": "complete",
        "disposition": format!("Receipt {}", attempt.receipt),
        "paymentDate": at.date_naive().to_string(),
        "paymentAmount": usd(total),
        "detail": details,
    });
    if let Some(charge) = &attempt.processor_id {
        value["paymentIdentifier"] = json!({"value": charge});
    }
    Ok(value)
}
