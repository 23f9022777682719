//! What the portal asks of the demo's bank, as it asks Stripe.

use std::{sync::PoisonError, time::Duration};

use axum::{
    Form, Json, Router,
    extract::{Path, Query, State as Extract},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::Utc;
use serde_json::{Value, json};

use super::{Bank, Card, Fields, Intent, KEY, LATE, Method, Refund, Setup, new};
use crate::State;

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/demo/bank/v1/customers", post(customer))
        .route("/demo/bank/v1/setup_intents", post(begin_setup))
        .route("/demo/bank/v1/setup_intents/{id}", get(setup))
        .route("/demo/bank/v1/payment_methods/{id}", get(method))
        .route("/demo/bank/v1/payment_methods/{id}/attach", post(attach))
        .route("/demo/bank/v1/payment_methods/{id}/detach", post(detach))
        .route("/demo/bank/v1/payment_intents", post(charge).get(list))
        .route("/demo/bank/v1/payment_intents/{id}", get(intent))
        .route("/demo/bank/v1/payment_intents/{id}/cancel", post(cancel))
        .route("/demo/bank/v1/refunds", post(refund).get(refunds))
        .route("/demo/bank/v1/disputes", post(dispute))
        .route("/demo/bank/v1/disputes/{id}", get(disputed))
        .route("/demo/bank/v1/notices_to", post(notices_to))
}

fn bank(state: &State, headers: &HeaderMap) -> Result<Bank, StatusCode> {
    let known = headers.get("authorization").is_some_and(|value| value.as_bytes() == format!("Bearer {KEY}").as_bytes());
    let bank = state.demo.as_ref().map(|demo| demo.bank.clone()).ok_or(StatusCode::NOT_FOUND)?;
    if known { Ok(bank) } else { Err(StatusCode::UNAUTHORIZED) }
}

/// Another server asks this bank, and hears from it.
async fn notices_to(Extract(state): Extract<State>, headers: HeaderMap, Form(fields): Form<Fields>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    *bank.notices.lock().unwrap_or_else(PoisonError::into_inner) = fields.get("url").cloned().unwrap_or_default();
    Ok(Json(json!({})))
}

async fn customer(Extract(state): Extract<State>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    let id = bank.change(|books| books.keys.entry(key).or_insert_with(|| new("cus")).clone());
    Ok(Json(json!({"id": id, "object": "customer"})))
}

async fn begin_setup(Extract(state): Extract<State>, headers: HeaderMap, Form(fields): Form<Fields>) -> Result<Json<Value>, StatusCode> {
    let (bank, id) = (bank(&state, &headers)?, new("seti"));
    bank.change(|books| {
        books.setups.insert(
            id.clone(),
            Setup {
                attempt: fields.get("metadata[attempt]").cloned(),
                method: None,
                customer: fields.get("customer").cloned(),
                verified: false,
            },
        )
    });
    Ok(Json(json!({"id": id, "client_secret": format!("{id}_secret"), "status": "requires_payment_method"})))
}

async fn setup(Extract(state): Extract<State>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    let found = bank.books().setups.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)?;
    let card = found.method.as_ref().and_then(|method| bank.books().methods.get(method).map(|method| method.card));
    let status = match card {
        None => "requires_payment_method",
        Some(Card::UnverifiedAccount) if !found.verified => "requires_action",
        Some(_) => "succeeded",
    };
    let mut told = json!({"id": id, "status": status, "payment_method": found.method, "customer": found.customer, "metadata": {"attempt": found.attempt}});
    if status == "requires_action" {
        let url = format!("{}/demo/bank/verify?setup_intent={id}", state.origin);
        told["next_action"] = json!({"type": "verify_with_microdeposits", "verify_with_microdeposits": {"hosted_verification_url": url}});
    }
    Ok(Json(told))
}

async fn method(Extract(state): Extract<State>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    let found = bank.books().methods.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)?;
    if found.card.is_account() {
        let account = json!({"bank_name": "Shoreline Bank", "last4": found.card.last4(), "fingerprint": found.card});
        return Ok(Json(json!({"id": id, "customer": found.customer, "us_bank_account": account})));
    }
    let card = json!({"brand": "visa", "last4": found.card.last4(), "exp_month": 12, "exp_year": 2034, "fingerprint": found.card});
    Ok(Json(json!({"id": id, "customer": found.customer, "card": card})))
}

async fn attach(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, StatusCode> {
    let (bank, customer) = (bank(&state, &headers)?, fields.get("customer").cloned());
    let done = bank.change(|books| {
        let free = |found: &&mut Method| found.customer.is_none() && !found.used || found.customer == customer;
        let found = books.methods.get_mut(&id).filter(free)?;
        found.customer = customer;
        Some(())
    });
    Ok(match done {
        Some(()) => Json(json!({"id": id})).into_response(),
        None => invalid("The payment method may not be attached"),
    })
}

/// A question that is not taken as it is asked.
fn invalid(message: &str) -> Response {
    let error = json!({"error": {"type": "invalid_request_error", "message": message}});
    (StatusCode::BAD_REQUEST, Json(error)).into_response()
}

async fn detach(Extract(state): Extract<State>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    bank.change(|books| books.methods.remove(&id));
    Ok(Json(json!({"id": id})))
}

fn told(id: &str, intent: &Intent, origin: &str) -> Value {
    let mut value = json!({
        "id": id, "object": "payment_intent", "amount": intent.amount, "currency": "usd", "status": intent.status,
        "client_secret": format!("{id}_secret"), "created": intent.created, "metadata": {"attempt": intent.attempt},
    });
    if intent.status == "requires_action" {
        value["next_action"] = json!({"redirect_to_url": {"url": format!("{origin}/demo/bank/question?payment_intent={id}")}});
    }
    if let Some(error) = &intent.error {
        value["last_payment_error"] = json!({"code": error, "decline_code": error});
    }
    value
}

async fn charge(Extract(state): Extract<State>, headers: HeaderMap, Form(fields): Form<Fields>) -> Result<Response, StatusCode> {
    let bank = bank(&state, &headers)?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let known = key.as_ref().and_then(|key| bank.books().keys.get(key).cloned());
    if let Some(id) = known {
        let found = bank.books().intents.iter().find(|(known, _)| *known == id).map(|(_, intent)| told(&id, intent, &state.origin));
        return Ok(Json(found.unwrap_or_default()).into_response());
    }
    let amount: i64 =
        fields.get("amount").and_then(|amount| amount.parse().ok()).filter(|amount| *amount > 0).ok_or(StatusCode::BAD_REQUEST)?;
    let method = fields.get("payment_method").cloned().unwrap_or_default();
    let customer = fields.get("customer").cloned();
    let Some(found) = bank.books().methods.get(&method).cloned() else {
        let body = json!({"error": {"code": "resource_missing", "message": "No such payment method"}});
        return Ok((StatusCode::NOT_FOUND, Json(body)).into_response());
    };
    // As at Stripe: one that is kept is charged for its customer alone, and one that is not kept is charged once.
    if found.customer != customer {
        return Ok(invalid("The payment method belongs to another customer, or to none"));
    }
    if found.customer.is_none() && found.used {
        return Ok(invalid("The payment method was used before without a customer: it may not be used again"));
    }
    let card = found.card;
    let kind = if card.is_account() { "us_bank_account" } else { "card" };
    if fields.get("payment_method_types[]").is_some_and(|asked| asked != kind) {
        return Ok(invalid("The payment method is of another type"));
    }
    let unverified = card == Card::UnverifiedAccount
        && bank.books().setups.values().any(|setup| setup.method.as_ref() == Some(&method) && !setup.verified);
    if unverified {
        return Ok(invalid("The bank account is not verified"));
    }
    let (id, now) = (new("pi"), Utc::now().timestamp());
    let off_session = fields.get("off_session").is_some_and(|value| value == "true");
    let (status, error) = match card {
        Card::Works | Card::Lost => ("succeeded", None),
        Card::Late | Card::Account | Card::EmptyAccount | Card::UnverifiedAccount => ("processing", None),
        Card::Asks if off_session => ("requires_payment_method", Some("authentication_required")),
        Card::Asks => ("requires_action", None),
        Card::Declined => ("requires_payment_method", Some("insufficient_funds")),
    };
    let intent = Intent {
        amount,
        status: status.into(),
        attempt: fields.get("metadata[attempt]").cloned(),
        method,
        created: now,
        error: error.map(str::to_owned),
        fails: card == Card::EmptyAccount,
        debit_from: card.is_account().then(|| state.clock.now().instant.timestamp()),
        hidden_until: if card == Card::Lost { now + LATE } else { 0 },
    };
    let answer = told(&id, &intent, &state.origin);
    bank.change(|books| {
        if let Some(used) = books.methods.get_mut(&intent.method) {
            used.used = true;
        }
        books.intents.push((id.clone(), intent));
        if let Some(key) = key {
            books.keys.insert(key, id.clone());
        }
    });
    let late = Duration::from_secs(LATE.unsigned_abs() + 1);
    Ok(match card {
        Card::Works => {
            bank.notify("payment_intent.succeeded", id, Duration::ZERO);
            Json(answer).into_response()
        }
        Card::Asks if !off_session => Json(answer).into_response(),
        Card::Declined | Card::Asks => {
            bank.notify("payment_intent.payment_failed", id, Duration::ZERO);
            let error = json!({"error": {"code": "card_declined", "decline_code": error, "payment_intent": answer}});
            (StatusCode::PAYMENT_REQUIRED, Json(error)).into_response()
        }
        Card::EmptyAccount => {
            bank.notify("payment_intent.payment_failed", id, late);
            Json(answer).into_response()
        }
        Card::Lost => {
            bank.notify("payment_intent.succeeded", id, late);
            StatusCode::BAD_GATEWAY.into_response()
        }
        Card::Late | Card::Account | Card::UnverifiedAccount => {
            bank.notify("payment_intent.succeeded", id, late);
            Json(answer).into_response()
        }
    })
}

async fn intent(Extract(state): Extract<State>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    bank.settle_late(state.clock.now().instant);
    let found = bank.books().intents.iter().find(|(known, _)| *known == id).map(|(id, intent)| told(id, intent, &state.origin));
    found.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn list(Extract(state): Extract<State>, headers: HeaderMap, Query(fields): Query<Fields>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    bank.settle_late(state.clock.now().instant);
    let since: i64 = fields.get("created[gte]").and_then(|since| since.parse().ok()).unwrap_or(0);
    let limit: usize = fields.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
    let now = Utc::now().timestamp();
    let books = bank.books();
    let newest = books.intents.iter().rev().filter(|(_, intent)| intent.created >= since && intent.hidden_until <= now);
    let after = fields.get("starting_after");
    let mut rest: Vec<Value> = match after {
        Some(after) => newest.skip_while(|(id, _)| id != after).skip(1).map(|(id, intent)| told(id, intent, &state.origin)).collect(),
        None => newest.map(|(id, intent)| told(id, intent, &state.origin)).collect(),
    };
    let has_more = rest.len() > limit;
    rest.truncate(limit);
    Ok(Json(json!({"object": "list", "data": rest, "has_more": has_more})))
}

async fn cancel(Extract(state): Extract<State>, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, StatusCode> {
    let bank = bank(&state, &headers)?;
    let done = bank.change(|books| {
        let found = books.intents.iter_mut().find(|(known, intent)| *known == id && intent.status == "requires_action");
        found.map(|(id, intent)| {
            intent.status = "canceled".into();
            told(id, intent, &state.origin)
        })
    });
    Ok(match done {
        Some(intent) => Json(intent).into_response(),
        None => (StatusCode::BAD_REQUEST, Json(json!({"error": {"code": "payment_intent_unexpected_state"}}))).into_response(),
    })
}

async fn refund(Extract(state): Extract<State>, headers: HeaderMap, Form(fields): Form<Fields>) -> Result<Response, StatusCode> {
    let bank = bank(&state, &headers)?;
    let field = |name: &str| fields.get(name).cloned();
    let (intent, refund) = (field("payment_intent").unwrap_or_default(), field("metadata[refund]"));
    let amount: i64 = field("amount").and_then(|amount| amount.parse().ok()).unwrap_or(0);
    let done = bank.change(|books| {
        if let Some(known) = books.refunds.iter().find(|known| known.refund.is_some() && known.refund == refund) {
            return Some(known.clone());
        }
        let paid =
            books.intents.iter().find(|(id, intent_)| *id == intent && intent_.status == "succeeded").map(|(_, found)| found.amount)?;
        let gone: i64 = books.refunds.iter().filter(|known| known.intent == intent).map(|known| known.amount).sum();
        (amount > 0 && gone + amount <= paid).then(|| {
            let made = Refund { id: new("re"), intent: intent.clone(), amount, refund: refund.clone() };
            books.refunds.push(made.clone());
            made
        })
    });
    Ok(match done {
        Some(made) => Json(json!({"id": made.id, "amount": made.amount, "status": "succeeded"})).into_response(),
        None => (StatusCode::BAD_REQUEST, Json(json!({"error": {"code": "charge_already_refunded"}}))).into_response(),
    })
}

async fn refunds(Extract(state): Extract<State>, headers: HeaderMap, Query(fields): Query<Fields>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    let intent = fields.get("payment_intent").cloned().unwrap_or_default();
    let books = bank.books();
    let found = books.refunds.iter().filter(|refund| refund.intent == intent);
    let data: Vec<Value> =
        found.map(|refund| json!({"id": refund.id, "amount": refund.amount, "metadata": {"refund": refund.refund}})).collect();
    Ok(Json(json!({"object": "list", "data": data, "has_more": false})))
}

/// Somebody takes a payment back at their bank, or the bank gives that up: its name, the charge, the sum and how it stands are told.
async fn dispute(Extract(state): Extract<State>, headers: HeaderMap, Form(fields): Form<Fields>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    let field = |name: &str| fields.get(name).cloned().ok_or(StatusCode::BAD_REQUEST);
    let (id, charge, status) = (field("id")?, field("payment_intent")?, field("status")?);
    let amount: i64 = field("amount")?.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    bank.change(|books| books.disputes.insert(id.clone(), (charge, amount, status)));
    bank.notify("charge.dispute.updated", id, Duration::ZERO);
    Ok(Json(json!({})))
}

async fn disputed(Extract(state): Extract<State>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    let bank = bank(&state, &headers)?;
    let (charge, amount, status) = bank.books().disputes.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(json!({"id": id, "object": "dispute", "payment_intent": charge, "amount": amount, "status": status})))
}
