//! The portal as an app on a phone: its manifest, its service worker, the page for when there is no network, and the ways that the
//! icon on a home screen offers.

use app::{
    access::{Access, allow, policy},
    base::{
        error::Error,
        i18n::{Locale, Texts},
    },
};
use axum::{
    Router,
    extract::{Path, Request, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::{State, files::with_contexts};

const MANIFEST: &str = include_str!("phone/manifest.json");
const OFFLINE: &str = include_str!("phone/offline.html");
const WORKER: &str = include_str!("phone/sw.js");

/// What the service worker keeps beside the files with a hash in their name.
const FILES: [&str; 8] = [
    "/card.js",
    "/icon.svg",
    "/icons/apple-touch-icon.png",
    "/icons/badge-96.png",
    "/icons/icon-192.png",
    "/offline.js",
    "/page.js",
    "/phone.js",
];

pub fn routes() -> Router<State> {
    Router::new()
        .route("/manifest.webmanifest", get(manifest))
        .route("/offline", get(offline))
        .route("/sw.js", get(worker))
        .route("/go/{place}", get(go))
}

/// What the portal is as an app. Source: W3C Web Application Manifest.
async fn manifest(Extract(state): Extract<State>, request: Request) -> Response {
    let locale = request.extensions().get::<Access>().map_or(Locale::default(), |access| access.locale);
    let (t, brand) = (Texts(locale), &state.brand);
    let words = [
        ("__PRODUCT__", &*brand.product),
        ("__ORGANISATION__", &brand.organisation),
        ("__DESCRIPTION__", &t.phone_app_about(&brand.organisation)),
        ("__LANGUAGE__", locale.tag()),
        ("__VISITS__", t.visits_title()),
        ("__MESSAGES__", t.messages_title()),
        ("__CARDS__", t.phone_app_cards()),
        ("__SCREENSHOT_LABEL__", t.phone_app_home()),
    ];
    let text = words.into_iter().fold(MANIFEST.to_owned(), |text, (name, words)| {
        let quoted = serde_json::Value::from(words).to_string();
        text.replace(name, &quoted[1..quoted.len() - 1])
    });
    ([(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "private, no-cache")], text).into_response()
}

/// The page for when there is no network: of nobody, in both languages.
async fn offline(Extract(state): Extract<State>) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], offline_page(&state)).into_response()
}

fn offline_page(state: &State) -> String {
    let words = [
        ("__STYLE__", &*state.assets.document.style_path),
        ("__PRODUCT__", &state.brand.product),
        ("__ORGANISATION__", &state.brand.organisation),
        ("__PHONE__", &state.brand.support_phone),
    ];
    words.into_iter().fold(OFFLINE.to_owned(), |text, (name, words)| text.replace(name, &escaped(words)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The service worker with the files of this build. Browsers ask for it at each visit, and take another one when a byte differs.
async fn worker(Extract(state): Extract<State>) -> Response {
    let (files, contents) = state.assets.kept_by_worker(&FILES);
    let list = serde_json::Value::from(files).to_string();
    let mut version = Sha256::new();
    for part in
        [WORKER.as_bytes(), list.as_bytes(), offline_page(&state).as_bytes()].into_iter().chain(contents.iter().map(|file| &file[..]))
    {
        version.update(Sha256::digest(part));
    }
    let version: String = version.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let text = WORKER.replace("__VERSION__", &version).replace("__FILES__", &list);
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        // Where it may fetch from: a worker has a policy of its own.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; connect-src 'self'"),
    ];
    (headers, text).into_response()
}

/// The ways that the icon of the app offers: to a page of one's own chart, or of the first one that is open.
async fn go(Extract(state): Extract<State>, Path(place): Path<String>, request: Request) -> Response {
    let page = match place.as_str() {
        "visits" => "visits",
        "messages" => "messages",
        "cards" => "health/credentials",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let found = with_contexts(state, request, move || async move {
        let grant = allow::<policy::UseOwnAccount>(()).await?;
        let holder = grant.holder()?;
        let own = holder.own_chart.iter().map(|person| person.patient);
        let others = holder.acts_for(grant.now()).into_iter().map(|(proxy, _)| proxy.person.patient);
        let open = |patient: &app::base::ids::PatientId| match page {
            "visits" => grant.would_allow::<policy::ViewVisits>(patient),
            "messages" => grant.would_allow::<policy::ReadMessages>(patient),
            _ => grant.would_allow::<policy::UseHealthCards>(patient),
        };
        Ok::<_, Error>(own.chain(others).find(open))
    });
    match found.await {
        Ok(Some(patient)) => Redirect::to(&format!("/p/{patient}/{page}")).into_response(),
        Ok(None) => Redirect::to("/home").into_response(),
        Err(Error::SignInNeeded) => Redirect::to("/sign-in").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_have_what_is_filled_in() {
        for (template, names) in [
            (WORKER, &["__VERSION__", "__FILES__"][..]),
            (OFFLINE, &["__STYLE__", "__PRODUCT__", "__ORGANISATION__", "__PHONE__"]),
            (MANIFEST, &["__PRODUCT__", "__ORGANISATION__", "__DESCRIPTION__", "__LANGUAGE__", "__VISITS__", "__MESSAGES__", "__CARDS__"]),
        ] {
            assert!(names.iter().all(|name| template.contains(name)), "{names:?}");
        }
        assert!(serde_json::from_str::<serde_json::Value>(MANIFEST).is_ok());
    }

    #[test]
    fn names_are_no_markup() {
        assert_eq!(escaped("Smith & \"Sons\" <b>"), "Smith &amp; &quot;Sons&quot; &lt;b&gt;");
    }
}
