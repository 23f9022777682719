//! What SMART Health Links lead to, for any app on any page.

use app::{
    base::error::Error,
    features::sharing::{
        api::{Ask, open_link},
        manifest::Refused,
    },
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use crate::{
    State,
    files::{query_value, with_contexts},
};

pub fn routes() -> Router<State> {
    Router::new()
        .route("/shl/{path}", post(manifest).get(shared_file).options(preflight))
        .route("/shl/{path}/{ticket}", get(fetched_file).options(preflight))
}

/// What a SMART Health Link leads to, for any app on any page: the address and the key are the permission.
async fn manifest(Extract(state): Extract<State>, Path(path): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = to_bytes(body, MOST_ASKED).await.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(asked): Option<serde_json::Value> = asked else { return cross_origin(StatusCode::BAD_REQUEST, JSON, "{}".into()) };
    linked(state, path, Ask::Manifest(asked), Request::from_parts(parts, Body::empty())).await
}

async fn shared_file(Extract(state): Extract<State>, Path(path): Path<String>, request: Request) -> Response {
    let recipient = query_value(&request, "recipient");
    linked(state, path, Ask::File(recipient), request).await
}

async fn fetched_file(Extract(state): Extract<State>, Path((path, ticket)): Path<(String, String)>, request: Request) -> Response {
    linked(state, path, Ask::Ticket(ticket), request).await
}

async fn linked(state: State, path: String, ask: Ask, request: Request) -> Response {
    let kind = if matches!(ask, Ask::Manifest(_)) { JSON } else { "application/jose" };
    let answer = with_contexts(state, request, move || async move { Ok::<_, Error>(open_link(&path, ask).await) });
    match answer.await {
        Ok(Ok(found)) => cross_origin(StatusCode::OK, kind, found),
        Ok(Err(Refused::Passcode { tries_left })) => {
            cross_origin(StatusCode::UNAUTHORIZED, JSON, json!({ "remainingAttempts": tries_left }).to_string())
        }
        Ok(Err(Refused::NotFound)) => cross_origin(StatusCode::NOT_FOUND, JSON, "{}".into()),
        Ok(Err(Refused::Failed(error))) | Err(error) => {
            tracing::warn!(%error, "a health link could not be opened");
            cross_origin(StatusCode::SERVICE_UNAVAILABLE, JSON, "{}".into())
        }
    }
}

const JSON: &str = "application/json";
/// A request for a manifest is a few words.
const MOST_ASKED: usize = 4096;

fn cross_origin(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, kind), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], body).into_response()
}

/// Browsers ask before a page elsewhere may post JSON.
async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
