//! The signed-in person: signing up and in, the second step, ways back in, settings.

pub mod api;
#[cfg(feature = "ssr")]
pub mod core;
#[cfg(feature = "ssr")]
pub mod email;
pub mod model;
#[cfg(feature = "hydrate")]
pub mod passkey_prompt;
#[cfg(feature = "ssr")]
pub mod problem;
#[cfg(feature = "ssr")]
pub mod recovery;
#[cfg(feature = "ssr")]
pub mod second_step;
pub mod settings;
pub mod sign_in;
#[cfg(feature = "ssr")]
pub mod sign_up;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "ssr")]
use leptos::server_fn::ServerFn;

#[cfg(feature = "ssr")]
use super::Feature;
#[cfg(feature = "ssr")]
use crate::view::page::Route;

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/account", |request| Box::pin(settings::pages::overview(request))),
        Route::signed_in("/account/close", |request| Box::pin(settings::pages::close(request))),
        Route::signed_in("/account/email", |request| Box::pin(settings::pages::email(request))),
        Route::signed_in("/account/notices", |request| Box::pin(settings::pages::notices(request))),
        Route::signed_in("/account/password", |request| Box::pin(settings::pages::password(request))),
        Route::signed_in("/account/username", |request| Box::pin(settings::pages::username(request))),
        Route::signed_in("/account/devices", |request| Box::pin(second_step::pages::devices(request))),
        Route::signed_in("/account/recovery-codes", |request| Box::pin(second_step::pages::recovery_codes(request))),
        Route::signed_in("/account/second-step", |request| Box::pin(second_step::pages::settings(request))),
        Route::signed_in("/account/second-step/app", |request| Box::pin(second_step::pages::app(request))),
        Route::signed_in("/account/second-step/passkey", |request| Box::pin(second_step::pages::passkey(request))),
        Route::public("/sign-in/second-step", |request| Box::pin(second_step::pages::at_sign_in(request))),
        Route::public("/recover", |request| Box::pin(recovery::pages::start(request))),
        Route::public("/recover/email", |request| Box::pin(recovery::pages::email(request))),
        Route::public("/recover/email-proved", |request| Box::pin(recovery::pages::email_proved(request))),
        Route::public("/recover/link", |request| Box::pin(recovery::pages::link(request))),
        Route::public("/recover/sent", |request| Box::pin(recovery::pages::sent(request))),
        Route::public("/sign-up", |request| Box::pin(sign_up::pages::code(request))),
        Route::public("/sign-up/contact", |request| Box::pin(sign_up::pages::contact(request))),
        Route::public("/sign-up/id", |request| Box::pin(sign_up::pages::id(request))),
        Route::public("/sign-up/request", |request| Box::pin(sign_up::pages::request(request))),
        Route::public("/sign-up/requested", |request| Box::pin(sign_up::pages::requested(request))),
    ],
    public_functions: &[
        settings::CHOOSE_LANGUAGE,
        recovery::api::AskRecovery::PATH,
        recovery::api::ChoosePassword::PATH,
        recovery::api::ProveEmail::PATH,
        api::FinishPasskey::PATH,
        api::StartPasskey::PATH,
        second_step::api::MailCode::PATH,
        second_step::api::PassSecondStep::PATH,
        sign_in::api::SignIn::PATH,
        sign_up::api::ChooseId::PATH,
        sign_up::api::EnterCode::PATH,
        sign_up::api::FinishSignUp::PATH,
        sign_up::api::RequestCode::PATH,
    ],
    request_kinds: &[&sign_up::request_kind::KIND],
    ..Feature::EMPTY
};
