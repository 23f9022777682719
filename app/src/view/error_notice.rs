use leptos::prelude::*;

use crate::base::{
    boot::Boot,
    end_reason::EndReason,
    error::Error,
    i18n::{Texts, param, texts},
};

/// Something a person should know, without a fault of theirs.
#[component]
pub fn Notice(#[prop(optional)] warn: bool, children: Children) -> impl IntoView {
    view! { <div class="notice" class:notice--warn=warn role="status">{children()}</div> }
}

/// A page, or a part of one, that cannot be shown: what happened and what to do.
#[component]
pub fn ErrorNotice(
    error: Error,
    /// Tries again what may succeed the next time.
    #[prop(optional)]
    again: Option<Callback<()>>,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::platform::request::set_page_status(&error);
    if error == Error::SignInNeeded {
        Effect::new(|| crate::view::sign_in_again("needed"));
    }
    let t = texts();
    let phone = expect_context::<Boot>().brand.support_phone;
    let (title, text) = error_words(t, &error, &phone);
    let again = again.filter(|_| matches!(error, Error::Offline | Error::Busy | Error::Unexpected { .. }));
    view! {
        <section class="sheet sorry" role="alert">
            <h1 tabindex="-1">{title}</h1>
            <p>{text}</p>
            <div class="acts">
                {again.map(|again| view! {
                    <button class="btn needs-wasm" type="button" on:click=move |_| again.run(())>{t.error_try_again()}</button>
                })}
                <a class="btn" class:quiet=again.is_some() href="/home">{t.error_go_home()}</a>
            </div>
        </section>
    }
    .into_any()
}

/// Title and text of an error.
pub fn error_words(t: Texts, error: &Error, phone: &str) -> (String, String) {
    let (title, text) = match error {
        Error::SignInNeeded => (t.error_sign_in_title(), t.error_sign_in_text().to_owned()),
        Error::NotAllowed => (t.error_not_allowed_title(), t.error_not_allowed_text(phone)),
        Error::NotFound => (t.error_not_found_title(), t.error_not_found_text(phone)),
        Error::AccessEnded(reason) => (t.error_ended_title(), ended(t, *reason).to_owned()),
        Error::WrongCredentials => (t.error_credentials_title(), t.error_credentials_text().to_owned()),
        Error::Locked { minutes } => {
            (t.error_locked_title(), t.error_locked_text(param::Minutes(&minutes.to_string()), param::Phone(phone)))
        }
        Error::TooManyTries { minutes } => (t.error_tries_title(), t.error_tries_text(&minutes.to_string())),
        Error::Invalid(_) => (t.error_invalid_title(), t.error_invalid_text().to_owned()),
        Error::Busy => (t.error_busy_title(), t.error_busy_text().to_owned()),
        Error::Offline => (t.error_offline_title(), t.error_offline_text().to_owned()),
        Error::Unexpected { reference } => {
            (t.error_unexpected_title(), t.error_unexpected_text(param::Phone(phone), param::Reference(reference)))
        }
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
        EndReason::Deceased => t.error_ended_deceased(),
    }
}
