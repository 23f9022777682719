//! What is no page: photos, papers, the access log as a file. Each asks for its own permission.

use app::{
    access::{Access, allow, policy},
    access_log,
    error::Error,
    family, i18n,
    ids::PatientId,
    requests,
};
use axum::{
    Router,
    extract::{Path, Request, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::{
    prelude::{Owner, provide_context},
    reactive::computed::ScopedFuture,
};
use uuid::Uuid;

use crate::{State, router::provide_contexts};

pub fn routes() -> Router<State> {
    Router::new()
        .route("/files/photo/{patient}", get(photo))
        .route("/files/access-log/{patient}", get(log))
        .route("/files/attachment/{id}", get(attachment))
}

async fn photo(Extract(state): Extract<State>, Path(patient): Path<Uuid>, request: Request) -> Response {
    let found = with_contexts(state, request, || async move {
        let grant = allow::<policy::OpenChart>(PatientId(patient)).await?;
        family::store::look(&grant).await?.and_then(|look| look.photo).ok_or(Error::NotFound)
    });
    match found.await {
        Ok(jpeg) => ([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")], jpeg).into_response(),
        Err(error) => refused(&error),
    }
}

async fn log(Extract(state): Extract<State>, Path(patient): Path<Uuid>, request: Request) -> Response {
    match with_contexts(state, request, move || access_log::screens::csv(PatientId(patient))).await {
        Ok(csv) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"access-log.csv\""),
            ];
            (headers, csv).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Papers are downloaded and never shown in our own origin, whatever they are.
async fn attachment(Extract(state): Extract<State>, Path(id): Path<Uuid>, request: Request) -> Response {
    let found = with_contexts(state, request, move || async move {
        let grant = allow::<policy::SeeQueues>(()).await?;
        requests::store::file(&grant, id).await
    });
    match found.await {
        Ok(file) => {
            let extension = file.media_type.rsplit('/').next().unwrap_or("bin").to_owned();
            let headers = [
                (header::CONTENT_TYPE, file.media_type),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"papers.{extension}\"")),
            ];
            (headers, file.body).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Runs work with the contexts that server functions have.
async fn with_contexts<T, F>(state: State, request: Request, work: impl FnOnce() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let (parts, _) = request.into_parts();
    let locale = parts.extensions.get::<Access>().map(|access| access.locale).unwrap_or(i18n::Locale::default());
    let owner = Owner::new();
    let work = owner.with(|| {
        provide_context(parts);
        provide_context(locale);
        provide_contexts(&state);
        ScopedFuture::new(work())
    });
    work.await
}

fn refused(error: &Error) -> Response {
    match error {
        Error::SignInNeeded => StatusCode::UNAUTHORIZED,
        Error::NotAllowed => StatusCode::FORBIDDEN,
        Error::NotFound | Error::AccessEnded(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
    .into_response()
}
