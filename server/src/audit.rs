//! No answer leaves before the decisions behind it are in the audit log.

use app::access::{Access, Trail, not_done};
use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use http::{StatusCode, header};

/// Stands around pages, server functions and files. A body that is made while it is sent waits before each of its parts.
pub async fn write_first(request: Request, next: Next) -> Response {
    let Some(access) = request.extensions().get::<Access>().cloned() else { return next.run(request).await };
    let trail = access.trail.clone();
    let function = request.uri().path().strip_prefix("/api/").is_some().then(|| request.uri().path().to_owned());
    let html = request.headers().get(header::ACCEPT).is_some_and(|value| value.to_str().is_ok_and(|accept| accept.contains("text/html")));
    let response = next.run(request).await;
    access.connection.release().await;
    if trail.write().await.is_err() {
        return refused(function.filter(|_| !html));
    }
    if function.is_some()
        && was_refused(&response)
        && let Err(error) = not_done(&access).await
    {
        tracing::error!(kind = ?error.sql_err(), "the audit log cannot be written");
    }
    if response.body().size_hint().exact().is_some() { response } else { response.map(|body| watched(body, trail)) }
}

/// Whether a function did nothing: it answered with an error, or led back to its form.
fn was_refused(response: &Response) -> bool {
    let back = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    response.status().is_client_error() || response.status().is_server_error() || back.is_some_and(|to| to.contains("again=1"))
}

fn watched(body: Body, trail: Trail) -> Body {
    Body::from_stream(body.into_data_stream().then(move |part| {
        let trail = trail.clone();
        async move {
            trail.write().await.map_err(axum::Error::new)?;
            part
        }
    }))
}

/// As a server function says that it is busy, to whoever calls one.
fn refused(function: Option<String>) -> Response {
    match function {
        Some(path) => (StatusCode::SERVICE_UNAVAILABLE, [("serverfnerror", path)], "\"Busy\"").into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "The server is busy. Please try again.").into_response(),
    }
}
