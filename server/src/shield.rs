//! What stands before every page and server function: origin, session, admission, headers.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use app::{
    access::{
        Access, Connection, Memo, Trail, draft,
        session::{self, Found},
    },
    base::{i18n::Locale, ids::AccountId},
    desk::billing::processor::{CardEntry, Settings},
    platform::device::device,
    site::features::{is_public_function, is_public_page},
};
use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State as Extract},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    State,
    video::{is_of_room, is_room},
};

/// Only our own pages may post: browsers tell where a request comes from. There are no tokens in forms to forget.
pub async fn same_origin(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    // A SMART Health Link is opened by apps elsewhere; no cookie counts there.
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || request.uri().path().starts_with("/shl/")
        || is_of_machines(request.uri().path());
    if safe || is_same_origin(request.headers(), &state.origin) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request did not come from our own pages.").into_response()
}

/// What other servers ask, and no browser: they prove themselves by what they send.
fn is_of_machines(path: &str) -> bool {
    path == crate::payments::NOTICES || path.starts_with("/demo/bank/v1/")
}

fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    match text(headers, "sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(headers, "origin").is_some_and(|found| found == origin),
    }
}

/// Whose session was over when this request came.
#[derive(Clone, Copy)]
pub struct EndedSession(pub AccountId);

/// Finds out who is asking, and in which language. A static file is nobody's.
pub async fn resolve(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    if is_static(request.uri().path()) {
        return next.run(request).await;
    }
    let signed_in = match cookie(request.headers(), state.rules.cookie_name()) {
        None | Some("") => None,
        Some(token) => match session::resolve(&state.db, &state.rules, token, is_use(&request)).await {
            Ok(Found::Nobody) => None,
            Ok(Found::Ended(account)) => {
                request.extensions_mut().insert(EndedSession(account));
                None
            }
            Ok(Found::SignedIn(found)) => Some(found),
            Err(error) => {
                tracing::error!(kind = ?error.sql_err(), "sessions cannot be read");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
    };
    let locale = cookie(request.headers(), "language")
        .and_then(Locale::from_tag)
        .or_else(|| Locale::from_tag(&signed_in.as_ref()?.locale))
        .or_else(|| Locale::from_accept_language(text(request.headers(), "accept-language")?))
        .unwrap_or_default();
    // Only a page that says so shows what was typed before.
    let again = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == "again=1"));
    let (mut draft, account) = (None, signed_in.as_ref().map(|found| found.holder.account));
    if again {
        for name in [draft::COOKIE, draft::UNSENT_COOKIE] {
            if let Some(token) = cookie(request.headers(), name).filter(|token| !token.is_empty() && draft.is_none()) {
                draft = draft::load(&state.db, account, token).await.ok().flatten().map(Arc::new);
            }
        }
    }
    let access = Access {
        connection: Connection::of(&state.db),
        db: state.db.clone(),
        clock: state.clock.clone(),
        caller: Arc::new(session::caller(signed_in)),
        address: address(&request, state.client_address_header.as_deref()),
        locale,
        origin: state.origin.clone(),
        device: text(request.headers(), "user-agent").map(device).unwrap_or_default().into(),
        draft,
        trail: Trail::new(state.audit.clone()),
        memo: Memo::default(),
        leaves_out_sensitive: false,
    };
    request.extensions_mut().insert(locale);
    request.extensions_mut().insert(access);
    next.run(request).await
}

/// Whether somebody asks, and not an open page by itself.
fn is_use(request: &Request) -> bool {
    let path = request.uri().path();
    // The stream of a room says itself whether somebody is in it.
    let listens = path == LIVE || (is_of_room(path) && path.ends_with("/events"));
    !request.headers().contains_key(BY_ITSELF) && !listens
}

/// The header of what an open page asks by itself.
const BY_ITSELF: &str = "x-by-itself";
/// Where open pages listen.
pub const LIVE: &str = "/live";

/// Deny by default: without a session there are the public pages and server functions, and nothing else.
pub async fn admit(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let nobody = request.extensions().get::<Access>().is_none_or(|access| access.caller.holder().is_none());
    let public = is_static(path)
        || path.starts_with("/demo/")
        || path.starts_with("/shl/")
        || is_of_machines(path)
        || path.starts_with("/calendar/")
        // Whoever has no place there is told so in the words of the room's script.
        || is_of_room(path)
        || path.starts_with("/files/guest-receipt/")
        || path == "/verify/issuers.json"
        || path == "/manifest.webmanifest"
        || is_public_page(path)
        || is_public_function(path);
    if !nobody || public {
        return next.run(request).await;
    }
    if path == LIVE {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if path.starts_with("/api/") {
        let accepts_html = text(request.headers(), "accept").is_some_and(|accept| accept.contains("text/html"));
        return if accepts_html {
            Redirect::to("/sign-in").into_response()
        } else {
            (StatusCode::UNAUTHORIZED, [("serverfnerror", path.to_owned())], "\"SignInNeeded\"").into_response()
        };
    }
    let here = request.uri().path_and_query().map_or("/home", |here| here.as_str());
    match if here == "/" || here == "/home" { None } else { Some(here) } {
        None => Redirect::to("/sign-in").into_response(),
        Some(here) => Redirect::to(&format!("/sign-in?next={}", percent_encoded(here))).into_response(),
    }
}

/// The number used once that the scripts of one page bear and its header names.
#[derive(Clone)]
pub struct PageNonce(pub String);

/// The headers of every answer. Pages may run the scripts that bear their nonce; everything else runs no script at all.
pub async fn headers(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    request.extensions_mut().insert(PageNonce(nonce.clone()));
    let mut response = next.run(request).await;
    let is_page = text(response.headers(), "content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let ok = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(HeaderName::from_static(name)).or_insert(value);
        }
    };
    let processor = state.processor.settings().filter(|_| is_page && is_card_page(&path)).and_then(card_hosts);
    set(
        "content-security-policy",
        &content_security_policy(is_page.then_some(nonce.as_str()), &state.assets.style_source, processor.as_ref()),
    );
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "same-origin");
    let devices = if is_room(&path) {
        "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self)"
    } else {
        "camera=(self), microphone=()"
    };
    set("permissions-policy", &format!("{devices}, geolocation=(), payment=(), usb=(), browsing-topics=()"));
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set(
        "cache-control",
        match path.as_str() {
            hashed if ok && (hashed.starts_with("/pkg/") || hashed.starts_with("/fonts/")) => "public, max-age=31536000, immutable",
            fixed if ok && is_static(fixed) => "public, max-age=86400",
            _ => "no-store",
        },
    );
    if state.rules.secure {
        set("strict-transport-security", "max-age=63072000; includeSubDomains");
    }
    response
}

/// One line a request: no identifier, no query, no address.
pub async fn log(request: Request<Body>, next: Next) -> Response {
    let (method, path, start) = (request.method().clone(), crate::log::without_ids(request.uri().path()), Instant::now());
    let quiet = is_static(&path);
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_millis());
    if !quiet {
        tracing::info!(%method, path, status, ms, "request");
    }
    response
}

/// The pages on which a card or a bank account is typed, or the bank asks something: the only ones with a script of the payment processor.
fn is_card_page(path: &str) -> bool {
    path.starts_with("/billing/payments/") || path.starts_with("/billing/cards/new") || path.starts_with("/pay/payments/")
}

/// The hosts of the processor's script: its own, and those of its frames and questions.
struct CardHosts {
    script: String,
    frames: String,
    connect: String,
}

fn card_hosts(settings: &Settings) -> Option<CardHosts> {
    let CardEntry::Script(script) = &settings.card_entry else { return None };
    let origin = |url: &str| {
        let url: http::Uri = url.parse().ok()?;
        Some(format!("{}://{}", url.scheme_str()?, url.authority()?))
    };
    let (script, api) = (origin(script)?, origin(&settings.api)?);
    let stripe = script == "https://js.stripe.com";
    let (more_scripts, more_frames) =
        if stripe { (" https://*.js.stripe.com", " https://*.js.stripe.com https://hooks.stripe.com") } else { ("", "") };
    Some(CardHosts { script: format!("{script}{more_scripts}"), frames: format!("{script}{more_frames}"), connect: api })
}

/// Scripts by nonce only; WebAssembly may be compiled; nothing from elsewhere; no frame around us. Where a card is typed, the script and
/// the frames of the processor.
fn content_security_policy(nonce: Option<&str>, style: &str, card: Option<&CardHosts>) -> String {
    let mut scripts = nonce.map_or("'none'".to_owned(), |nonce| format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"));
    let (mut connect, mut frames) = ("'self'".to_owned(), String::new());
    if let Some(card) = card {
        scripts = format!("{scripts} {}", card.script);
        connect = format!("{connect} {}", card.connect);
        frames = format!("frame-src {}; ", card.frames);
    }
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self' {style}; img-src 'self' data:; font-src 'self'; connect-src {connect}; \
         {frames}worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn is_static(path: &str) -> bool {
    path.starts_with("/pkg/")
        || path.starts_with("/.well-known/")
        || path.starts_with("/fonts/")
        || path == "/icon.svg"
        || path == "/page.js"
        || path == "/card.js"
        || path == "/keep.js"
        || path == "/questions.js"
        || path == "/video.js"
        || path == "/offline.js"
        || path == "/phone.js"
        || path.starts_with("/icons/")
        || path.starts_with("/screenshots/")
        || path == "/sw.js"
        || path == "/offline"
        || path == "/favicon.ico"
        || path == "/robots.txt"
}

fn address(request: &Request, header: Option<&str>) -> IpAddr {
    let told = header.and_then(|name| text(request.headers(), name)?.split(',').next_back()?.trim().parse().ok());
    let connected = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    told.or_else(connected).unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(found, _)| *found == name))
        .map(|(_, value)| value)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// For one query value.
pub fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_our_own_pages_may_post() {
        let ours = "https://portal.example";
        for accepted in [&[("sec-fetch-site", "same-origin")][..], &[("sec-fetch-site", "none")], &[("origin", "https://portal.example")]] {
            assert!(is_same_origin(&headers(accepted), ours), "{accepted:?}");
        }
        for refused in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://portal.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
        ] {
            assert!(!is_same_origin(&headers(refused), ours), "{refused:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = headers(&[("cookie", "xsession=1; session=2; language=es")]);
        assert_eq!(cookie(&headers, "session"), Some("2"));
        assert_eq!(cookie(&headers, "__Host-session"), None);
    }
}
