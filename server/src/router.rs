//! Puts the pages, the server functions and the edges together.

use std::time::Duration;

use app::{
    access::Access,
    base::{boot::Boot, error::Error, i18n::Locale},
    site::{
        demo::model::DemoClock,
        features::{self, FEATURES, page_paths},
        shell::{SessionMark, shell},
    },
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, Request, State as Extract},
    http::{Extensions, HeaderMap, Method, StatusCode, Version, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leptos::{nonce::Nonce, prelude::*, server_fn::axum::server_fn_paths};
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tower::ServiceExt;
use tower_http::{CompressionLevel, compression::CompressionLayer};

use crate::{
    State, audit, forms,
    shield::{self, PageNonce},
};

/// A photo or papers, and the fields beside them.
const MOST_UPLOADED: usize = app::base::text::MOST_BYTES + 64 * 1024;
/// Files of a message: a few more than it takes, so that each that is too much can be named.
const MOST_OF_MESSAGE: usize = 12 * app::features::messages::model::FILE_BYTES;
/// How long an answer may take, and how long where files come from a telephone.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_WITH_FILES: Duration = Duration::from_secs(600);

/// How many bytes the form with files at a path may have; nothing where none is taken.
fn uploads(path: &str) -> Option<usize> {
    match path {
        "/api/credentials/check-file" | "/api/family/bring-papers" | "/api/family/keep-photo" => Some(MOST_UPLOADED),
        "/api/billing/hardship" | "/api/billing/insurance" => Some(MOST_UPLOADED),
        "/api/messages/send" | "/api/messages/answer" | "/api/messages/keep-draft" | "/api/messages/share" => Some(MOST_OF_MESSAGE),
        _ => None,
    }
}

/// The whole service. Pages and server functions get what they need through contexts; who is asking is found out by
/// [`shield::resolve`] before either runs.
pub fn router(state: State) -> Router {
    // Fails when there is one already, in a process with several servers.
    let _ = any_spawner::Executor::init_tokio();
    let provide = {
        let state = state.clone();
        move || provide_contexts(&state)
    };
    let page = get(render_app_async_with_context(provide.clone(), shell));
    let pages = page_paths().into_iter().fold(Router::new(), |router, path| router.route(path, page.clone()));
    let mut router = pages
        .route("/api/{*function}", post(server_function).get(server_function))
        .merge(crate::files::routes())
        .merge(crate::health_links::routes())
        .merge(crate::payments::routes())
        .merge(crate::video::routes())
        .merge(crate::phone::routes())
        .route(shield::LIVE, get(crate::live::stream))
        .fallback(file_or_page);
    if state.demo.is_some() {
        router = router.merge(crate::demo::routes());
    }
    let service = router
        .layer(from_fn(body_limit))
        .layer(from_fn(audit::write_first))
        .layer(from_fn_with_state(state.clone(), shield::admit))
        .layer(from_fn_with_state(state.clone(), forms::keep_what_was_typed))
        .layer(from_fn_with_state(state.clone(), shield::resolve))
        .layer(from_fn_with_state(state.clone(), shield::same_origin))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(is_text))
        .with_state(state.clone());
    let drawn = service.clone();
    service
        .route("/healthz", get(|| async { "ok" }))
        .route(
            "/readyz",
            get({
                let state = state.clone();
                move || ready(state, drawn)
            }),
        )
        .layer(from_fn_with_state(state, shield::headers))
        .layer(from_fn(in_time))
        .layer(from_fn(shield::log))
}

/// Only what takes a file takes more than a megabyte, and nothing but a form with a file.
async fn body_limit(mut request: Request, next: Next) -> Response {
    let most = uploads(request.uri().path());
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if most.is_some() && !(kind.starts_with("multipart/form-data") && kind.contains("boundary=")) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "This takes a form with a file.").into_response();
    }
    DefaultBodyLimit::max(most.unwrap_or(1024 * 1024)).apply(&mut request);
    next.run(request).await
}

/// Nobody waits for ever.
async fn in_time(request: Request, next: Next) -> Response {
    let patience = if uploads(request.uri().path()).is_some() { PATIENCE_WITH_FILES } else { PATIENCE };
    timeout(patience, next.run(request)).await.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

/// Pages and answers are compressed on their way; the files of the site were by the build, and what people upload is as it is.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["text/html", "application/json", "text/csv"].iter().any(|text| kind.starts_with(text))
}

/// A file of the site; otherwise the page that says that there is none. Both are only read.
async fn file_or_page(Extract(state): Extract<State>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    if let Some(file) = state.assets.get(request.uri().path(), request.headers()) {
        return file;
    }
    render_app_async_with_context(move || provide_contexts(&state), shell)(request).await
}

/// The mark of a session or an account in its documents.
fn mark(of: uuid::Uuid) -> String {
    Sha256::digest(of.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether there is such a server function, and by this method.
fn is_registered(path: &str, method: &Method) -> Result<(), StatusCode> {
    let methods: Vec<Method> = server_fn_paths().filter(|(known, _)| *known == path).map(|(_, method)| method).collect();
    match methods.as_slice() {
        [] => Err(StatusCode::NOT_FOUND),
        methods if methods.contains(method) => Ok(()),
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// Leptos answers every error with status 500; a refusal is none of the server.
async fn server_function(Extract(state): Extract<State>, request: Request) -> Response {
    if let Err(status) = is_registered(request.uri().path(), request.method()) {
        return status.into_response();
    }
    let response = handle_server_fns_with_context(move || provide_contexts(&state), request).await.into_response();
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST_REFUSED).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    if let Ok(error) = serde_json::from_slice::<Error>(&bytes) {
        parts.status = status(&error);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A refusal names fields, and no more.
const MOST_REFUSED: usize = 64 * 1024;

/// The HTTP status of an error of a server function.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::SignInNeeded | Error::WrongCredentials => StatusCode::UNAUTHORIZED,
        Error::NotAllowed => StatusCode::FORBIDDEN,
        Error::NotFound | Error::AccessEnded(_) => StatusCode::NOT_FOUND,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Locked { .. } | Error::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Busy | Error::Offline => StatusCode::SERVICE_UNAVAILABLE,
        Error::Unexpected { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Whether the database answers, and a page can be drawn.
async fn ready(state: State, service: Router) -> Response {
    if state.connection.execute_unprepared("SELECT 1").await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response();
    }
    let request = Request::builder().uri("/sign-in").header(header::ACCEPT, "text/html").body(Body::empty());
    let drawn = match request {
        Ok(request) => is_drawn(service, request).await,
        Err(_) => false,
    };
    if drawn { "ready".into_response() } else { (StatusCode::SERVICE_UNAVAILABLE, "pages cannot be drawn").into_response() }
}

async fn is_drawn(service: Router, request: Request) -> bool {
    let Ok(Ok(page)) = timeout(READY_WITHIN, service.oneshot(request)).await else { return false };
    let is_page = page.status() == StatusCode::OK;
    let Ok(Ok(body)) = timeout(READY_WITHIN, to_bytes(page.into_body(), MOST_PAGE)).await else { return false };
    let page = String::from_utf8_lossy(&body);
    is_page && page.contains("<h1") && page.contains("</html>")
}

const READY_WITHIN: Duration = Duration::from_secs(5);
const MOST_PAGE: usize = 4 * 1024 * 1024;

/// What pages and server functions find in their context.
pub(crate) fn provide_contexts(state: &State) {
    let parts = use_context::<http::request::Parts>();
    let locale = parts.as_ref().and_then(|parts| parts.extensions.get::<Locale>().copied()).unwrap_or_default();
    let t = app::base::i18n::Texts(locale);
    if let Some(demo) = &state.demo {
        let (now, zone) = (state.clock.now(), state.clock.zone());
        provide_context(demo.desks.clone());
        provide_context(DemoClock {
            text: format!("{}, {}", t.long_date(now.today), t.time(now.instant, &zone)),
            input: now.instant.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string(),
            moved: state.clock.is_moved(),
            moments: demo.moments(t),
        });
    }
    provide_context(Boot {
        locale,
        brand: state.brand.clone(),
        signed_in: parts.as_ref().and_then(|parts| parts.extensions.get::<Access>()).is_some_and(|access| access.caller.holder().is_some()),
        demo: state.demo.is_some(),
    });
    let holder = parts.as_ref().and_then(|parts| parts.extensions.get::<Access>()?.caller.holder());
    provide_context(
        holder.map_or_else(SessionMark::default, |holder| SessionMark { session: mark(holder.session), account: mark(holder.account.0) }),
    );
    provide_context(FEATURES);
    provide_context(state.assets.document.clone());
    provide_context(state.rules);
    provide_context(state.passwords.clone());
    provide_context(state.regroup.clone());
    provide_context(state.live.clone());
    provide_context(state.scanner.clone());
    provide_context(state.push.hosts.clone());
    provide_context(state.processor.clone());
    provide_context(state.guest_pay);
    provide_context(state.alone_up_to);
    provide_context(state.issuer.clone());
    provide_context(state.issuer.secret.clone());
    provide_context(state.trust.clone());
    provide_context(state.card_reader.clone());
    provide_context(features::chapters());
    provide_context(features::quotes());
    provide_context(features::actions());
    provide_context(features::request_kinds());
    if let Some(PageNonce(nonce)) = parts.and_then(|parts| parts.extensions.get::<PageNonce>().cloned()) {
        provide_context(Nonce::from_value(nonce));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asks(service: Router) -> bool {
        is_drawn(service, Request::new(Body::empty())).await
    }

    #[tokio::test]
    async fn a_page_is_drawn_when_it_is_whole() {
        assert!(asks(Router::new().fallback(|| async { "<html><h1>Sign in</h1></html>" })).await);
        assert!(!asks(Router::new().fallback(|| async { "<html><h1>Sign in</h1>" })).await);
        assert!(!asks(Router::new().fallback(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "<h1></h1></html>") })).await);
        assert!(!asks(Router::new()).await);
    }

    #[test]
    fn a_refusal_is_no_fault_of_the_server() {
        assert_eq!(status(&Error::Invalid(Vec::new())), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status(&Error::NotFound), StatusCode::NOT_FOUND);
        assert_eq!(status(&Error::Unexpected { reference: "123456".into() }), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
