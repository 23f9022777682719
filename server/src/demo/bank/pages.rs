//! The pages of the demo's bank: choosing a card, and the bank's question. They work without scripts.

use axum::{
    Form, Router,
    extract::{Query, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::{Card, Fields, Method, new};
use crate::{State, shield::percent_encoded};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/demo/bank/card", get(card).post(choose))
        .route("/demo/bank/question", get(question).post(answer))
        .route("/demo/bank/verify", get(verify).post(verified))
}

const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1c2b33;background:#f6f3ee}\
     h1{font-size:1.5rem}label{display:block;padding:.75rem;margin:.5rem 0;border:1px solid #cfc8bc;border-radius:.75rem;background:#fff}\
     label small{display:block;color:#57636b}button{font:inherit;padding:.75rem 1.25rem;border:0;border-radius:.75rem;background:#1c2b33;color:#fff}\
     button.quiet{background:#fff;color:#1c2b33;border:1px solid #cfc8bc}p{margin:.75rem 0}@media(prefers-color-scheme:dark){\
     body{background:#12181c;color:#e8edf0}label,button.quiet{background:#1b2328;color:#e8edf0;border-color:#37424a}label small{color:#a8b3ba}\
     button{background:#e8edf0;color:#12181c}}";

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)], html).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Only back to this portal.
fn way_back(state: &State, back: &str) -> String {
    if back.starts_with(&format!("{}/", state.origin)) { back.to_owned() } else { format!("{}/billing", state.origin) }
}

async fn card(Extract(state): Extract<State>, Query(fields): Query<Fields>) -> Response {
    let Some(demo) = &state.demo else { return StatusCode::NOT_FOUND.into_response() };
    let (setup, back) = (fields.get("setup_intent").cloned().unwrap_or_default(), fields.get("back").cloned().unwrap_or_default());
    let Some(begun) = demo.bank.books().setups.get(&setup).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let for_account = begun.customer.is_some();
    let says = |card: Card| match card {
        Card::Works => ("A card that works", "Visa ending in 4242"),
        Card::Declined => ("A card without enough money", "Visa ending in 0341"),
        Card::Asks => ("A card whose bank asks something more", "Visa ending in 3220"),
        Card::Lost => ("A card that is charged while the answer gets lost", "Visa ending in 0119"),
        Card::Late => ("A card that takes twenty seconds", "Visa ending in 0077"),
        Card::Account => ("An account whose debit arrives, here after twenty seconds", "Shoreline Bank, ending in 6789"),
        Card::EmptyAccount => ("An account without enough money, known after twenty seconds", "Shoreline Bank, ending in 2227"),
        Card::UnverifiedAccount => ("An account to which two small deposits are sent first", "Shoreline Bank, ending in 1116"),
    };
    let choices: String = Card::ALL
        .into_iter()
        .filter(|(card, _, _)| card.is_account() == for_account)
        .map(|(card, name, _)| {
            let (words, below) = says(card);
            let checked = if matches!(card, Card::Works | Card::Account) { " checked" } else { "" };
            format!("<label><input type=\"radio\" name=\"card\" value=\"{name}\"{checked}> {words}<small>{below}</small></label>")
        })
        .collect();
    let thing = if for_account { "bank account" } else { "card" };
    let body = format!(
        "<p>This stands in for the payment processor's page. No real {thing} is taken here.</p><form method=\"post\">\
         <input type=\"hidden\" name=\"setup_intent\" value=\"{}\"><input type=\"hidden\" name=\"back\" value=\"{}\">{choices}\
         <button>Use this {thing}</button></form>",
        escaped(&setup),
        escaped(&way_back(&state, &back))
    );
    page("Demo bank", &body)
}

async fn choose(Extract(state): Extract<State>, Form(fields): Form<Fields>) -> Response {
    let Some(demo) = &state.demo else { return StatusCode::NOT_FOUND.into_response() };
    let (setup, back) = (fields.get("setup_intent").cloned().unwrap_or_default(), fields.get("back").cloned().unwrap_or_default());
    let Some((card, _, _)) = Card::ALL.into_iter().find(|(_, name, _)| fields.get("card").is_some_and(|chosen| chosen == name)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let done = demo.bank.change(|books| {
        let found = books.setups.get_mut(&setup)?;
        let token = new("pm");
        if card.is_account() != found.customer.is_some() {
            return None;
        }
        found.method = Some(token.clone());
        let customer = found.customer.clone();
        books.methods.insert(token, Method { card, customer, used: false });
        Some(())
    });
    if done.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    Redirect::to(&format!("{}?setup_intent={}", way_back(&state, &back), percent_encoded(&setup))).into_response()
}

/// Confirming two small deposits.
async fn verify(Extract(state): Extract<State>, Query(fields): Query<Fields>) -> Response {
    let Some(demo) = &state.demo else { return StatusCode::NOT_FOUND.into_response() };
    let setup = fields.get("setup_intent").cloned().unwrap_or_default();
    if demo.bank.books().setups.get(&setup).is_none_or(|found| found.method.is_none() || found.verified) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let body = format!(
        "<p>Two small deposits came to the account ending in 1116: $0.32 and $0.45. Did you see them?</p><form method=\"post\">\
         <input type=\"hidden\" name=\"setup_intent\" value=\"{}\"><button>Yes, these two</button></form>",
        escaped(&setup)
    );
    page("Demo bank", &body)
}

async fn verified(Extract(state): Extract<State>, Form(fields): Form<Fields>) -> Response {
    let Some(demo) = &state.demo else { return StatusCode::NOT_FOUND.into_response() };
    let setup = fields.get("setup_intent").cloned().unwrap_or_default();
    let done =
        demo.bank.change(|books| books.setups.get_mut(&setup).filter(|found| found.method.is_some()).map(|found| found.verified = true));
    if done.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    demo.bank.notify("setup_intent.succeeded", setup, std::time::Duration::ZERO);
    Redirect::to(&format!("{}/billing/cards", state.origin)).into_response()
}

async fn question(Extract(state): Extract<State>, headers: HeaderMap, Query(fields): Query<Fields>) -> Response {
    let Some(demo) = &state.demo else { return StatusCode::NOT_FOUND.into_response() };
    let intent = fields.get("payment_intent").cloned().unwrap_or_default();
    let amount = demo.bank.books().intents.iter().find(|(id, _)| *id == intent).map(|(_, intent)| intent.amount);
    let Some(amount) = amount else { return StatusCode::NOT_FOUND.into_response() };
    let back = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body = format!(
        "<p>Is it you who pays {} to the hospital?</p><form method=\"post\"><input type=\"hidden\" name=\"payment_intent\" value=\"{}\">\
         <input type=\"hidden\" name=\"back\" value=\"{}\"><button name=\"answer\" value=\"yes\">Yes, it is me</button> \
         <button class=\"quiet\" name=\"answer\" value=\"no\">No</button></form>",
        app::base::money::price(amount),
        escaped(&intent),
        escaped(&way_back(&state, back))
    );
    page("Demo bank", &body)
}

async fn answer(Extract(state): Extract<State>, Form(fields): Form<Fields>) -> Response {
    let Some(demo) = &state.demo else { return StatusCode::NOT_FOUND.into_response() };
    let intent = fields.get("payment_intent").cloned().unwrap_or_default();
    let yes = fields.get("answer").is_some_and(|answer| answer == "yes");
    let done = demo.bank.change(|books| {
        let (_, found) = books.intents.iter_mut().find(|(id, found)| *id == intent && found.status == "requires_action")?;
        found.status = if yes { "succeeded" } else { "requires_payment_method" }.into();
        found.error = (!yes).then(|| "authentication_failed".to_owned());
        Some(())
    });
    if done.is_some() {
        let kind = if yes { "payment_intent.succeeded" } else { "payment_intent.payment_failed" };
        demo.bank.notify(kind, intent, std::time::Duration::ZERO);
    }
    Redirect::to(&way_back(&state, fields.get("back").map_or("", String::as_str))).into_response()
}
