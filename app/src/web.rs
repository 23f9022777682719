//! What server functions say to the browser besides their answer: cookies, redirects, statuses.

use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use crate::error::Error;

/// A part of the running server, such as the session rules.
///
/// # Errors
/// `Unexpected` when the server was put together without it.
pub fn context<T: Clone + Send + Sync + 'static>() -> Result<T, Error> {
    use_context::<T>().ok_or_else(|| Error::unexpected("context", &std::any::type_name::<T>()))
}

pub fn set_cookie(cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, value);
    }
}

/// The cookie that keeps the chosen language for a year.
pub fn language_cookie(locale: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("language={locale}; Path=/; Max-Age=31536000; SameSite=Lax{secure}")
}

/// Sends a form that was posted without wasm on to `path`. A caller with wasm gets its answer and goes on by itself.
pub fn redirect_plain_form(path: &str) {
    let plain = use_context::<Parts>().is_some_and(|parts| {
        parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
    });
    if plain && let Ok(value) = HeaderValue::from_str(path) {
        let response = expect_context::<ResponseOptions>();
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, value);
    }
}

/// The status of a page that shows an error. Server functions called by themselves keep theirs.
pub fn set_page_status(error: &Error) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.set_status(match error {
        Error::SignInNeeded => StatusCode::UNAUTHORIZED,
        Error::NotAllowed => StatusCode::FORBIDDEN,
        Error::NotFound | Error::AccessEnded(_) => StatusCode::NOT_FOUND,
        Error::Locked { .. } | Error::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::WrongCredentials => StatusCode::OK,
        Error::Busy | Error::Offline => StatusCode::SERVICE_UNAVAILABLE,
        Error::Unexpected { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    });
}
