//! What the payment processor tells by itself.

use app::desk::billing::notices::{Taken, take};
use axum::{
    Router,
    body::Bytes,
    extract::State as Extract,
    http::{HeaderMap, StatusCode},
    routing::post,
};

use crate::{State, jobs::payments::till};

/// Where the processor's notices go.
pub const NOTICES: &str = "/webhooks/payments";

pub fn routes() -> Router<State> {
    Router::new().route(NOTICES, post(notice))
}

/// The signature is over the very bytes: nothing reads them before.
async fn notice(Extract(state): Extract<State>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match take(&till(&state), signature, &body).await {
        Ok(Taken::Done | Taken::Known) => StatusCode::OK,
        Ok(Taken::Refused(refused)) => {
            tracing::warn!(?refused, "a notice of the payment processor is refused");
            StatusCode::BAD_REQUEST
        }
        Ok(Taken::Later) => StatusCode::SERVICE_UNAVAILABLE,
        Err(error) => {
            tracing::error!(%error, "a notice of the payment processor could not be taken");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
