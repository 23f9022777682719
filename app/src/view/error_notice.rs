use leptos::prelude::*;

use crate::base::{
    boot::Boot,
    end_reason::EndReason,
    error::Error,
    i18n::{Texts, texts},
};

/// Something a person should know, without a fault of theirs.
#[component]
pub fn Notice(#[prop(optional)] warn: bool, children: Children) -> impl IntoView {
    view! { <div class="notice" class:notice--warn=warn role="status">{children()}</div> }
}

/// A page, or a part of one, that cannot be shown: what happened and what to do.
#[component]
pub fn ErrorNotice(error: Error) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::platform::request::set_page_status(&error);
    if error == Error::SignInNeeded {
        Effect::new(|| crate::view::sign_in_again("needed"));
    }
    let t = texts();
    let phone = expect_context::<Boot>().brand.support_phone;
    let (title, text) = error_words(t, &error, &phone);
    view! {
        <section class="sheet sorry" role="alert">
            <h1 tabindex="-1">{title}</h1>
            <p>{text}</p>
            <div class="acts"><a class="btn" href="/home">{t.error_go_home()}</a></div>
        </section>
    }
    .into_any()
}

/// What went wrong with a form, on top of it, with a link to the field.
#[component]
pub fn ErrorSummary(error: Error, field: &'static str) -> impl IntoView {
    let phone = expect_context::<Boot>().brand.support_phone;
    let (title, text) = error_words(texts(), &error, &phone);
    let summary = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        if let Some(summary) = summary.get() {
            let _ = summary.focus();
        }
    });
    view! {
        <div class="error-summary" role="alert" tabindex="-1" node_ref=summary>
            <h3>{title}</h3>
            <p><a href=format!("#{field}") rel="external">{text}</a></p>
        </div>
    }
}

/// Title and text of an error.
pub fn error_words(t: Texts, error: &Error, phone: &str) -> (String, String) {
    let (title, text) = match error {
        Error::SignInNeeded => (t.error_sign_in_title(), t.error_sign_in_text().to_owned()),
        Error::NotAllowed => (t.error_not_allowed_title(), t.error_not_allowed_text(phone)),
        Error::NotFound => (t.error_not_found_title(), t.error_not_found_text(phone)),
        Error::AccessEnded(reason) => (t.error_ended_title(), ended(t, *reason).to_owned()),
        Error::WrongCredentials => (t.error_credentials_title(), t.error_credentials_text().to_owned()),
        Error::Locked { minutes } => (t.error_locked_title(), t.error_locked_text(&minutes.to_string(), phone)),
        Error::TooManyTries { minutes } => (t.error_tries_title(), t.error_tries_text(&minutes.to_string())),
        Error::Invalid(_) => (t.error_invalid_title(), t.error_invalid_text().to_owned()),
        Error::Busy => (t.error_busy_title(), t.error_busy_text().to_owned()),
        Error::Offline => (t.error_offline_title(), t.error_offline_text().to_owned()),
        Error::Unexpected { reference } => (t.error_unexpected_title(), t.error_unexpected_text(phone, reference)),
    };
    (title.to_owned(), text)
}

/// Why a chart is closed to somebody who could open it once.
pub fn ended(t: Texts, reason: EndReason) -> &'static str {
    match reason {
        EndReason::TurnedEighteen => t.error_ended_eighteen(),
        EndReason::Emancipated => t.error_ended_emancipated(),
        EndReason::Expired => t.error_ended_expired(),
        EndReason::Revoked => t.error_ended_revoked(),
    }
}
