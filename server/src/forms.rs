//! A form that is refused goes back to its page with what was typed. Leptos by itself would put the error into the address bar
//! and lose the rest.

use std::collections::BTreeMap;

use app::{
    access::{Access, draft},
    base::{error::Error, text::is_local},
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State as Extract},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose};
use http::{HeaderMap, Method, StatusCode, header};

use crate::State;

/// A form without files is no larger.
const MOST: usize = 256 * 1024;

/// Stands around the server functions: plain forms that say where they come back to (`?again=/path`) are watched.
pub async fn keep_what_was_typed(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let way_back = request.uri().query().and_then(|query| form_value(query, "again")).filter(|path| is_local(path));
    let plain = request.method() == Method::POST && accepts_html(request.headers());
    let (Some(way_back), true) = (way_back, plain) else { return next.run(request).await };
    let action = request.uri().path().to_owned();
    let access = request.extensions().get::<Access>();
    let account = access.and_then(|access| access.caller.holder()).map(|holder| holder.account);
    let nobody = access.filter(|_| account.is_none()).map(|access| access.address);
    let (parts, body) = request.into_parts();
    let urlencoded = is(&parts.headers, "application/x-www-form-urlencoded");
    let (body, typed) = if urlencoded {
        match to_bytes(body, MOST).await {
            Ok(bytes) => (Body::from(bytes.clone()), bytes),
            Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        }
    } else {
        (body, Bytes::new())
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(error) = refusal(&response) else { return response };
    if error == Error::SignInNeeded {
        return Redirect::to("/sign-in?left=needed").into_response();
    }
    let entries: BTreeMap<String, String> = match std::str::from_utf8(&typed) {
        Ok(text) => form_pairs(text).collect(),
        Err(_) => BTreeMap::new(),
    };
    if let Some(address) = nobody
        && draft::throttle(&state.db, address).await.is_err()
    {
        return (StatusCode::TOO_MANY_REQUESTS, "Too many tries. Please try again in a quarter of an hour.").into_response();
    }
    let token = match draft::keep(&state.db, account, &action, &entries, &error).await {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(kind = ?error.sql_err(), "a form could not be kept");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let separator = if way_back.contains('?') { '&' } else { '?' };
    let secure = if state.rules.secure { "; Secure" } else { "" };
    let cookie = format!("{}={token}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax{secure}", draft::COOKIE);
    ([(header::SET_COOKIE, cookie)], Redirect::to(&format!("{way_back}{separator}again=1#problem"))).into_response()
}

/// The error that Leptos has put into the address it redirects a plain form to.
fn refusal(response: &Response) -> Option<Error> {
    if response.status() != StatusCode::FOUND {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let encoded = form_value(location.split_once('?')?.1, "__err")?;
    let json = general_purpose::URL_SAFE.decode(encoded.as_bytes()).ok()?;
    // An error without words of its own was not written by us.
    Some(serde_json::from_slice(&json).unwrap_or(Error::NotFound))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn is(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|found| found.starts_with(kind))
}

fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned()
}

fn form_value(text: &str, name: &str) -> Option<String> {
    form_pairs(text).find(|(found, _)| found == name).map(|(_, value)| value)
}
