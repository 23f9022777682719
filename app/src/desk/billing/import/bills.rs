//! Invoice, with its ChargeItems → a bill and its lines.

use chrono::{NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    amounts::money,
    guarantors,
    known::{Billed, is_off, visit_of_encounter},
};
use crate::{
    base::clock::local_date,
    desk::billing::{
        entity::{bill, bill_line},
        model::{BillState, CURRENCY, DUE_AFTER},
    },
    record::{
        fhir,
        import::{Context, Incoming, insert_all, of_type},
        visit::entity::visit,
    },
};

struct Line {
    code: Option<(String, Option<String>)>,
    title: String,
    charged: i64,
    adjusted: i64,
    /// A sum of it is in another currency, or no sum.
    unreadable: bool,
}

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>], billed: &mut Billed) -> Result<(), DbErr> {
    for row in of_type(rows, "Invoice") {
        let Some(patient) = row.patient.filter(|_| !row.cannot_be_told) else { continue };
        // A draft is no bill, and what became one again is none any more.
        if row.value["status"] == "draft" && bill::Entity::find_by_id(row.id).one(context.tx).await?.is_none() {
            continue;
        }
        if let Some(items) = one(context, row, patient).await? {
            billed.shown.insert(row.id);
            billed.shown.extend(items);
            billed.touched.insert(row.id);
        }
    }
    Ok(())
}

/// Returns the ChargeItems that it shows; `None` when nothing can be made of it.
async fn one(context: &mut Context<'_>, row: Incoming<'_>, patient: Uuid) -> Result<Option<Vec<Uuid>>, DbErr> {
    let (mut lines, mut items, mut visit, mut on): (Vec<Line>, Vec<Uuid>, Option<visit::Model>, Option<NaiveDate>) = Default::default();
    let currency = currency(row.value);
    for item in fhir::items(&row.value["lineItem"]) {
        let charge = match context.links.resolve(row.id, &item["chargeItemReference"]) {
            Some(id) => {
                context.links.depend(row.id, &item["chargeItemReference"]);
                context.value(id).await?.map(|body| (id, body))
            }
            None => None,
        };
        let body = charge.as_ref().map_or(&Value::Null, |(_, body)| body);
        if let Some((id, body)) = &charge {
            items.push(*id);
            if visit.is_none() {
                visit = visit_of_encounter(context, row.id, &body["context"], Some(patient)).await?;
            }
            on = on.or(fhir::date(&body["occurrenceDateTime"])).or(fhir::date(&body["occurrencePeriod"]["start"]));
        }
        let concept = if item["chargeItemCodeableConcept"].is_object() { &item["chargeItemCodeableConcept"] } else { &body["code"] };
        lines.push(line(item, concept, body, &currency));
    }
    let says_nothing = lines.is_empty() && row.value["totalNet"].is_null() && row.value["totalGross"].is_null();
    if says_nothing && bill::Entity::find_by_id(row.id).one(context.tx).await?.is_none() {
        return Ok(None);
    }
    let total_unreadable =
        ["totalGross", "totalNet"].iter().any(|total| row.value[total].is_object() && money(&row.value[total], &currency).is_none());
    let issued = fhir::date(&row.value["date"]).or_else(|| fhir::instant(&row.value["date"]).map(|at| local_date(at, &context.zone)));
    let issued = issued.unwrap_or_else(fhir::today);
    let number = fhir::items(&row.value["identifier"]).find_map(|identifier| identifier["value"].as_str());
    let number: String = number.map_or_else(|| row.id.simple().to_string()[20..].to_uppercase(), str::to_owned).chars().take(60).collect();
    let guarantor = guarantors::of_invoice(context, row.id, row.value).await?;
    let starts = visit.as_ref().and_then(|visit| visit.starts_at).map(|at| local_date(at, &context.zone));
    let due = fhir::items(&row.value["extension"])
        .find(|found| found["url"].as_str().is_some_and(|url| url.ends_with("due-date")))
        .and_then(|found| fhir::date(&found["valueDate"]));
    let bill = bill::ActiveModel {
        id: Set(row.id),
        moved_from: Set(None),
        guarantor_id: Set(guarantor),
        patient_id: Set(patient),
        visit_id: Set(visit.as_ref().map(|visit| visit.id)),
        number: Set(number),
        title: Set(visit.as_ref().map(|visit| visit.title.clone()).or_else(|| fhir::concept(&row.value["type"]))),
        service_on: Set(starts.or(on)),
        issued_on: Set(issued),
        due_on: Set(due.unwrap_or(issued + DUE_AFTER)),
        currency: Set(currency.clone()),
        state: Set(if is_off(row.value) { BillState::Cancelled } else { BillState::Open }),
        problem: Set(None),
        confidential: Set(is_confidential(row.value) || visit.as_ref().is_some_and(|visit| visit.sensitive)),
        agreed_at: Set(None),
        gross_cents: Set(money(&row.value["totalGross"], &currency)),
        net_cents: Set(money(&row.value["totalNet"], &currency)),
        unreadable: Set(total_unreadable || lines.iter().any(|line| line.unreadable)),
        balance_cents: Set(0),
        pending_cents: Set(0),
        is_open: Set(false),
        changed_at: Set(Utc::now()),
    };
    use bill::Column as C;
    let known = OnConflict::column(C::Id)
        .update_columns([
            C::GuarantorId,
            C::PatientId,
            C::VisitId,
            C::Number,
            C::Title,
            C::ServiceOn,
            C::IssuedOn,
            C::DueOn,
            C::Currency,
            C::State,
            C::Confidential,
            C::GrossCents,
            C::NetCents,
            C::Unreadable,
            C::ChangedAt,
        ])
        .to_owned();
    bill::Entity::insert(bill).on_conflict(known).exec_without_returning(context.tx).await?;
    bill_line::Entity::delete_many().filter(bill_line::Column::BillId.eq(row.id)).exec(context.tx).await?;
    let lines: Vec<bill_line::ActiveModel> = (0..).zip(lines).map(|(position, line)| stored(row.id, position, line)).collect();
    let never = OnConflict::columns([bill_line::Column::BillId, bill_line::Column::Position]).do_nothing().to_owned();
    insert_all!(context.tx, bill_line::Entity, lines, never.clone());
    Ok(Some(items))
}

fn stored(bill: Uuid, position: i32, line: Line) -> bill_line::ActiveModel {
    let (code, system) = line.code.map_or((None, None), |(code, system)| (Some(code), system));
    bill_line::ActiveModel {
        bill_id: Set(bill),
        position: Set(position),
        code: Set(code.map(|code| code.chars().take(60).collect())),
        system: Set(system.map(|system| system.chars().take(200).collect())),
        title: Set(line.title.chars().take(300).collect()),
        charged_cents: Set(line.charged),
        adjusted_cents: Set(line.adjusted),
    }
}

/// What a line asks for: the components of its price, or the price of its ChargeItem.
fn line(item: &Value, concept: &Value, charge: &Value, currency: &str) -> Line {
    let (mut charged, mut adjusted, mut any, mut unreadable) = (0, 0, false, false);
    for component in fhir::items(&item["priceComponent"]) {
        let is_informational = component["type"] == "informational";
        let Some(cents) = money(&component["amount"], currency) else {
            unreadable |= component["amount"].is_object() && !is_informational;
            continue;
        };
        match component["type"].as_str() {
            Some("base" | "surcharge" | "tax") => {
                charged += cents;
                any = true;
            }
            Some("discount" | "deduction") => adjusted -= cents.abs(),
            _ => {}
        }
    }
    if !any {
        let price = money(&charge["priceOverride"], currency);
        unreadable |= charge["priceOverride"].is_object() && price.is_none();
        charged = price.unwrap_or(0);
    }
    let coding = fhir::codings(concept).find(|coding| coding["code"].is_string());
    Line {
        code: coding.map(|coding| (coding["code"].as_str().unwrap_or_default().to_owned(), coding["system"].as_str().map(str::to_owned))),
        title: fhir::concept(concept).unwrap_or_default(),
        charged,
        adjusted,
        unreadable,
    }
}

fn currency(invoice: &Value) -> String {
    let sums = [&invoice["totalNet"], &invoice["totalGross"]].into_iter();
    let parts = fhir::items(&invoice["lineItem"]).flat_map(|line| fhir::items(&line["priceComponent"]).map(|part| &part["amount"]));
    let found = sums.chain(parts).find_map(|sum| sum["currency"].as_str());
    found.unwrap_or(CURRENCY).chars().take(3).collect()
}

/// By its own labels.
fn is_confidential(invoice: &Value) -> bool {
    let labels = fhir::labels::of(invoice);
    labels.sensitive || labels.withheld()
}
