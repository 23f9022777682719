//! PaymentNotice and PaymentReconciliation → payments that the hospital's own system posted. Those that were made here are known.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    amounts::money,
    known::{Billed, bills_of, is_off, is_ours},
};
use crate::{
    base::clock::local_date,
    desk::billing::{
        entity::{claim_sent, posted_payment},
        model::CURRENCY,
    },
    record::{
        fhir,
        import::{Context, Incoming, insert_all, of_type},
    },
};

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>], billed: &mut Billed) -> Result<(), DbErr> {
    for row in of_type(rows, "PaymentReconciliation") {
        let parts: Vec<&Value> = fhir::items(&row.value["detail"]).collect();
        keep(context, row, &parts, billed).await?;
    }
    for row in of_type(rows, "PaymentNotice") {
        // The payment itself comes as a PaymentReconciliation: it counts once.
        if row.value["payment"].is_object() {
            billed.shown.insert(row.id);
            continue;
        }
        keep(context, row, &[row.value], billed).await?;
    }
    Ok(())
}

async fn keep(context: &mut Context<'_>, row: Incoming<'_>, parts: &[&Value], billed: &mut Billed) -> Result<(), DbErr> {
    if is_ours(context, row.value).await? {
        billed.shown.insert(row.id);
        return Ok(());
    }
    let before = posted_payment::Entity::find().filter(posted_payment::Column::Id.eq(row.id)).all(context.tx).await?;
    billed.touched.extend(before.iter().filter_map(|part| part.bill_id));
    let on = fhir::date(&row.value["paymentDate"]).or_else(|| fhir::instant(&row.value["created"]).map(|at| local_date(at, &context.zone)));
    let by_insurer = is_of_insurer(context, row).await?;
    let mut found: Vec<posted_payment::ActiveModel> = Vec::new();
    for (position, part) in (0..).zip(parts) {
        let request = &part["request"];
        let Some(cents) = money(&part["amount"], CURRENCY).or_else(|| money(&part["paymentAmount"], CURRENCY)) else { continue };
        let Some(id) = context.links.resolve(row.id, request) else { continue };
        context.links.depend(row.id, request);
        // The bill bears the id of its Invoice, also when it comes later.
        let bill = fhir::points_at(request, "Invoice").then_some(id);
        let claim = claim_sent::Entity::find_by_id(id).one(context.tx).await?;
        let of_claim = match &claim {
            Some(claim) => bills_of(context, claim.patient_id, claim.visit_id, claim.number.as_deref()).await?,
            None => Vec::new(),
        };
        billed.touched.extend(bill.into_iter().chain(of_claim));
        found.push(posted_payment::ActiveModel {
            id: Set(row.id),
            position: Set(position),
            bill_id: Set(bill),
            claim_id: Set(claim.map(|claim| claim.id)),
            cents: Set(cents),
            posted_on: Set(on.unwrap_or_else(fhir::today)),
            by_insurer: Set(by_insurer),
            cancelled: Set(is_off(row.value)),
        });
    }
    if !found.is_empty() {
        billed.shown.insert(row.id);
    }
    posted_payment::Entity::delete_many().filter(posted_payment::Column::Id.eq(row.id)).exec(context.tx).await?;
    let never = OnConflict::columns([posted_payment::Column::Id, posted_payment::Column::Position]).do_nothing().to_owned();
    insert_all!(context.tx, posted_payment::Entity, found, never.clone());
    Ok(())
}

/// Whether a plan pays: its issuer is an organization that is a payer, or it answers a claim.
async fn is_of_insurer(context: &mut Context<'_>, row: Incoming<'_>) -> Result<bool, DbErr> {
    let issuer: Option<Uuid> = context.links.resolve(row.id, &row.value["paymentIssuer"]);
    let Some(body) = (match issuer {
        Some(id) => context.value(id).await?,
        None => None,
    }) else {
        return Ok(fhir::items(&row.value["detail"]).any(|part| fhir::points_at(&part["request"], "Claim")));
    };
    Ok(fhir::items(&body["type"]).any(|kind| fhir::has_code(kind, &["ins", "pay", "payer"])))
}
