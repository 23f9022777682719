//! A form that is refused goes back to its page with what was typed. Leptos by itself would put the error into the address bar
//! and lose the rest.

use std::{borrow::Cow, collections::BTreeMap, sync::PoisonError};

use app::{
    access::{Access, draft},
    base::{
        error::Error,
        ids::AccountId,
        text::{is_local, visible},
        why::Why,
    },
    platform::request::{SECRETS, TypedBesideFile, refuse_payment_cards},
    site::features::{is_public_function, takes_files},
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State as Extract},
    middleware::Next,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};

use crate::{
    State,
    shield::{EndedSession, percent_encoded},
};

/// A form without files is no larger.
const MOST: usize = 256 * 1024;

/// Stands around the server functions, and around their admission: plain forms that say where they come back to (`?again=/path`)
/// are watched. Of whatever is typed, what cannot be seen is left out.
pub async fn keep_what_was_typed(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let way_back = request.uri().query().and_then(|query| form_value(query, "again")).filter(|path| is_local(path));
    // The redirect names its own place on the page.
    let way_back = way_back.map(|path| path.split('#').next().unwrap_or_default().to_owned());
    let action = request.uri().path().to_owned();
    let (mut parts, mut body) = request.into_parts();
    let mut typed = BTreeMap::new();
    // Server functions read whatever comes as a form: what is none does not reach them unread.
    let admitted = is_public_function(&action) || parts.extensions.get::<Access>().is_some_and(|access| access.caller.holder().is_some());
    if admitted && takes_files(&action) && !is(&parts.headers, "multipart/form-data") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    if !is(&parts.headers, "application/x-www-form-urlencoded") {
        if !(is(&parts.headers, "multipart/form-data") && takes_files(&action)) {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
        }
    } else {
        let Ok(bytes) = to_bytes(body, MOST).await else {
            return (StatusCode::PAYLOAD_TOO_LARGE, "This form is larger than any of ours.").into_response();
        };
        let Ok(text) = str::from_utf8(&bytes) else { return StatusCode::BAD_REQUEST.into_response() };
        let (sent, pairs) = without_hidden(text);
        if let Some(sent) = &sent {
            parts.headers.insert(header::CONTENT_LENGTH, sent.len().into());
        }
        typed = pairs.into_iter().collect();
        body = sent.map_or_else(|| Body::from(bytes.clone()), Body::from);
    }
    let card = refuse_payment_cards(&typed).err();
    let Some(way_back) = way_back.filter(|_| accepts_html(&parts.headers)) else {
        return match card {
            Some(error) => answer(&action, &error),
            None => next.run(Request::from_parts(parts, body)).await,
        };
    };
    let access = parts.extensions.get::<Access>().cloned();
    let account = access.as_ref().and_then(|access| access.caller.holder()).map(|holder| holder.account);
    let form = Form { state: &state, action: &action, way_back: &way_back };
    if account.is_none() && !is_public_function(&action) {
        let ended = parts.extensions.get::<EndedSession>().map(|ended| ended.0);
        return form.unsent(ended, &typed).await;
    }
    if let Some(error) = card {
        return form.refused(account, &typed, &error).await;
    }
    // Leptos redirects to where a form came from, with the error, and without that to `/`, without it.
    parts.headers.insert(header::REFERER, HeaderValue::from_static("http://form/"));
    let beside_file = TypedBesideFile::default();
    parts.extensions.insert(beside_file.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(error) = refusal(&response) else { return response };
    if error == Error::SignInNeeded {
        return Redirect::to("/sign-in?next=/home").into_response();
    }
    typed.append(&mut beside_file.0.lock().unwrap_or_else(PoisonError::into_inner));
    if let Some(access) = access.filter(|_| account.is_none())
        && draft::throttle(&state.db, access.address).await.is_err()
    {
        return (StatusCode::TOO_MANY_REQUESTS, "Too many tries. Please try again in a quarter of an hour.").into_response();
    }
    form.refused(account, &typed, &error).await
}

/// A form and where it comes back to.
struct Form<'a> {
    state: &'a State,
    action: &'a str,
    way_back: &'a str,
}

impl Form<'_> {
    /// Back to its page, with what was typed and the reason.
    async fn refused(&self, account: Option<AccountId>, typed: &BTreeMap<String, String>, error: &Error) -> Response {
        match self.keep(account, typed, error).await {
            Ok(token) => {
                let cookies = AppendHeaders([(header::SET_COOKIE, self.cookie(draft::COOKIE, &token))]);
                (cookies, Redirect::to(&format!("{}#problem", self.again()))).into_response()
            }
            Err(refused) => refused,
        }
    }

    /// It came without a session: to sign in first, and then back to its page, with what was typed when the session was `ended`'s.
    async fn unsent(&self, ended: Option<AccountId>, typed: &BTreeMap<String, String>) -> Response {
        let Some(account) = ended else {
            return Redirect::to(&format!("/sign-in?next={}", percent_encoded(self.way_back))).into_response();
        };
        match self.keep(Some(account), typed, &Error::form(Why::SESSION_ENDED)).await {
            Ok(token) => {
                let cookies = [self.cookie(draft::UNSENT_COOKIE, &token), self.cookie(draft::COOKIE, "")];
                let next = format!("/sign-in?left=unsent&next={}", percent_encoded(&self.again()));
                (AppendHeaders(cookies.map(|cookie| (header::SET_COOKIE, cookie))), Redirect::to(&next)).into_response()
            }
            Err(refused) => refused,
        }
    }

    async fn keep(&self, account: Option<AccountId>, typed: &BTreeMap<String, String>, error: &Error) -> Result<String, Response> {
        draft::keep(&self.state.db, account, self.action, typed, error).await.map_err(|error| {
            tracing::error!(kind = ?error.sql_err(), "a form could not be kept");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        })
    }

    /// The page, told to show what was typed.
    fn again(&self) -> String {
        let separator = if self.way_back.contains('?') { '&' } else { '?' };
        format!("{}{separator}again=1", self.way_back)
    }

    fn cookie(&self, name: &str, token: &str) -> String {
        let secure = if self.state.rules.secure { "; Secure" } else { "" };
        let seconds = if token.is_empty() { 0 } else { 900 };
        format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// What was typed, and the form anew when something in it cannot be seen. Secrets are compared as they were typed.
fn without_hidden(text: &str) -> (Option<String>, Vec<(String, String)>) {
    let mut changed = false;
    let pairs = form_pairs(text).map(|(name, value)| match visible(&value) {
        Cow::Owned(value) if !SECRETS.contains(&name.as_str()) => {
            changed = true;
            (name, value)
        }
        _ => (name, value),
    });
    let pairs: Vec<_> = pairs.collect();
    let anew = changed.then(|| form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish());
    (anew, pairs)
}

/// An error as server functions answer with it.
fn answer(action: &str, error: &Error) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, [(SERVER_FN_ERROR_HEADER, action.to_owned())], error.ser()).into_response()
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
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    found.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(kind))
}

fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned()
}

fn form_value(text: &str, name: &str) -> Option<String> {
    form_pairs(text).find(|(found, _)| found == name).map(|(_, value)| value)
}
