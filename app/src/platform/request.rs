//! What server functions say to the browser besides their answer: cookies, redirects, statuses.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use crate::{
    base::{error::Error, payment_card, text::visible, why::Why},
    platform::session_rules::SessionRules,
};

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

/// A header of the answer, when the request came over HTTP.
pub fn set_header(name: &'static str, value: &'static str) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(HeaderName::from_static(name), HeaderValue::from_static(value));
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
        Error::WrongCredentials | Error::Invalid(_) => StatusCode::OK,
        Error::Busy | Error::Offline => StatusCode::SERVICE_UNAVAILABLE,
        Error::Unexpected { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    });
}

/// A cookie of the request.
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(found, _)| *found == name))
        .map(|(_, value)| value.to_owned())
        .filter(|value| !value.is_empty())
}

/// Keeps something for the server alone in the browser, for so many seconds.
///
/// # Errors
/// When the server was put together without session rules.
pub fn keep_cookie(name: &str, value: &str, seconds: i64) -> Result<(), Error> {
    let secure = if context::<SessionRules>()?.secure { "; Secure" } else { "" };
    set_cookie(&format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"));
    Ok(())
}

/// Holds what is shown on the next page, as `about=value`.
pub const ONCE_COOKIE: &str = "once";

/// Shows something once, on the next page: it is in the browser's keeping and not in the database. `about` says on which page: a
/// word, or the identifier of what the page shows.
///
/// # Errors
/// When the server was put together without session rules.
pub fn show_once(about: impl Display, value: &str) -> Result<(), Error> {
    keep_cookie(ONCE_COOKIE, &format!("{about}={value}"), 600)
}

/// What [`show_once`] said about the same; it may be read again for some minutes.
pub fn shown_once(about: impl Display) -> Option<String> {
    cookie(ONCE_COOKIE)?.strip_prefix(&format!("{about}=")).map(str::to_owned)
}

/// A secret that [`show_once`] was given: gone from the browser with the page that shows it.
///
/// # Errors
/// When the server was put together without session rules.
pub fn take_secret(about: impl Display) -> Result<Option<String>, Error> {
    let secret = shown_once(about);
    if secret.is_some() {
        keep_cookie(ONCE_COOKIE, "", 0)?;
    }
    Ok(secret)
}

/// Fields that are never kept: passwords, answers, one-time codes. Codes that are copied from paper have names of their own.
pub const SECRETS: &[&str] = &["password", "new_password", "repeat", "answer", "code", "passcode", "secret"];

/// What was typed beside a file, for whoever keeps it when the form is refused: an extension of the request.
#[derive(Clone, Default)]
pub struct TypedBesideFile(pub Arc<Mutex<BTreeMap<String, String>>>);

/// Bytes of a field that is no file: 4,000 characters of whatever script, and more.
const MOST_TEXT: usize = 32 * 1024;

/// The fields of a form with a file.
#[derive(Default)]
pub struct Multipart {
    pub texts: BTreeMap<String, String>,
    /// The name of the file and its bytes.
    pub file: Option<(String, Vec<u8>)>,
}

impl Multipart {
    /// A field; empty when it was left out.
    pub fn text(&self, name: &str) -> String {
        self.texts.get(name).cloned().unwrap_or_default()
    }
}

/// Reads a form with at most one file of at most so many bytes (and one byte more, which tells that it is too large).
///
/// # Errors
/// `NotFound` for what is no such form.
pub async fn multipart(data: leptos::server_fn::codec::MultipartData, most: usize) -> Result<Multipart, Error> {
    let mut data = data.into_inner().ok_or(Error::NotFound)?;
    let mut form = Multipart::default();
    while let Some(mut field) = data.next_field().await.map_err(|_| Error::NotFound)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let limit = if file_name.is_some() { most + 1 } else { MOST_TEXT };
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|_| Error::NotFound)? {
            let room = limit.saturating_sub(bytes.len()).min(chunk.len());
            bytes.extend_from_slice(&chunk[..room]);
        }
        match file_name {
            Some(file_name) => form.file = Some((payment_card::without_numbers(&file_name).into_owned(), bytes)),
            None => {
                form.texts.insert(name, visible(&String::from_utf8_lossy(&bytes)).into_owned());
            }
        }
    }
    if let Some(typed) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<TypedBesideFile>().cloned()) {
        *typed.0.lock().unwrap_or_else(PoisonError::into_inner) = form.texts.clone();
    }
    refuse_payment_cards(&form.texts)?;
    Ok(form)
}

/// Nothing that is typed may hold the number of a payment card; secrets are no text that anybody reads.
///
/// # Errors
/// `Invalid`, at the first field with one.
pub fn refuse_payment_cards(typed: &BTreeMap<String, String>) -> Result<(), Error> {
    let mut texts = typed.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str()));
    match texts.find(|(_, value)| payment_card::has_number(value)) {
        Some((name, _)) => Err(Error::field(name, Why::PAYMENT_CARD)),
        None => Ok(()),
    }
}

/// One line of comma-separated values (RFC 4180).
pub fn csv_line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell_of(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Quoted, and with nothing that a spreadsheet would take for a formula. Numbers stay numbers, negative ones too.
fn cell_of(text: &str) -> String {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let safe = if begins && !is_number(text) { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

/// "-2.5", "+3", "-1.5e-7".
fn is_number(text: &str) -> bool {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &str| text.strip_prefix(['-', '+']).unwrap_or(text).to_owned();
    let (number, exponent) = (unsigned(number), unsigned(exponent));
    let (whole, part) = number.split_once('.').unwrap_or((&number, "0"));
    digits(whole) && digits(part) && digits(&exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_numbers() {
        for number in ["-2.5", "-7", "+3", "-1.5e-7", "-0.0", "12"] {
            assert_eq!(cell_of(number), format!("\"{number}\""));
        }
        for formula in ["-2+3", "-", "-A1", "--2", "-2.5;1", "+cmd|' /C calc'!A0", "-1e", "-.5.", "@SUM(1)", "\t=1", "＝1+1"] {
            assert!(cell_of(formula).starts_with("\"'"), "{formula}");
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell_of("=1+1"), "\"'=1+1\"");
        assert_eq!(cell_of("Ann \"Annie\" Lee"), "\"Ann \"\"Annie\"\" Lee\"");
    }
}
