//! The demo's own routes: one tap to sign in, the clock, start over.

use app::{
    access::{as_system, session},
    base::text::is_local,
    features::account::sign_in::store::open_for_demo,
    platform::{device::device, push::phone, request::language_cookie},
};
use axum::{
    Form, Router,
    extract::State as Extract,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::post,
};
use chrono::{NaiveDateTime, TimeZone, Utc};
use serde::Deserialize;

use super::household;
use crate::{State, shield::cookie};

/// Merged into the router of `server demo` and of no other.
pub fn routes() -> Router<State> {
    super::bank::routes()
        .route("/demo/sign-in", post(sign_in))
        .route("/demo/clock", post(move_clock))
        .route("/demo/start-over", post(start_over))
}

#[derive(Deserialize)]
struct SignIn {
    username: String,
}

async fn sign_in(Extract(state): Extract<State>, headers: HeaderMap, Form(form): Form<SignIn>) -> Response {
    super::begin_video_soon(&state).await;
    let device = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(device).unwrap_or_default();
    let system = as_system(&state.db, "demo sign-in");
    match open_for_demo(&system, &form.username, &device).await {
        Ok(Some(opened)) => {
            if session::in_browser(&system, &opened.token, cookie(&headers, phone::COOKIE)).await.is_err() {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            let cookies =
                [(header::SET_COOKIE, state.rules.cookie(&opened.token)), (header::SET_COOKIE, language_cookie(&opened.locale, false))];
            (AppendHeaders(cookies), Redirect::to("/home")).into_response()
        }
        Ok(None) => Redirect::to("/sign-in").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Deserialize)]
struct MoveClock {
    /// Local time as `<input type="datetime-local">` has it; empty for now.
    at: String,
}

async fn move_clock(Extract(state): Extract<State>, headers: HeaderMap, Form(form): Form<MoveClock>) -> Response {
    let wall =
        NaiveDateTime::parse_from_str(&form.at, "%Y-%m-%dT%H:%M").or_else(|_| NaiveDateTime::parse_from_str(&form.at, "%Y-%m-%dT%H:%M:%S"));
    // In the hour that does not exist in spring, the next one that does.
    let instant = wall.ok().and_then(|wall| {
        let zone = state.clock.zone();
        zone.from_local_datetime(&wall).earliest().or_else(|| zone.from_local_datetime(&(wall + chrono::TimeDelta::hours(1))).earliest())
    });
    let offset = state.clock.move_to(instant.map(|local| local.with_timezone(&Utc)));
    if let Err(error) = household::keep_clock_offset(&as_system(&state.db, "demo clock"), offset).await {
        tracing::error!(error, "the clock's offset was not kept");
    }
    Redirect::to(&page_of(&headers, &state.origin)).into_response()
}

/// The page of this site on which the form stood.
fn page_of(headers: &HeaderMap, origin: &str) -> String {
    let page = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).and_then(|page| page.strip_prefix(origin));
    page.filter(|page| is_local(page)).unwrap_or("/home").to_owned()
}

async fn start_over(Extract(state): Extract<State>) -> Response {
    match super::start_over(&state).await {
        Ok(()) => Redirect::to("/sign-in").into_response(),
        Err(error) => {
            tracing::error!(error, "the household was not told anew");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
