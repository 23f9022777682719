use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::api::SignIn;
use crate::{
    base::{boot::Boot, i18n::texts},
    site::demo::DemoDesk,
    view::{ErrorSummary, Field, Notice, leave_for},
};

/// User name and password; below it, in the demo, one tap to be anybody.
#[component]
pub fn SignInPage() -> impl IntoView {
    let t = texts();
    let boot = expect_context::<Boot>();
    let query = use_query_map();
    let next = move || query.read().get("next").unwrap_or_default();
    let left = move || {
        let query = query.read();
        let words = match (query.get("left").as_deref(), query.get("next")) {
            (Some("here"), _) => t.sign_in_left_here(),
            (Some("everywhere"), _) => t.sign_in_left_everywhere(),
            (Some("recovered"), _) => t.sign_in_left_recovered(),
            (Some("closed"), _) => t.sign_in_left_closed(),
            (Some("idle"), _) => t.sign_in_left_idle(),
            (_, Some(_)) => t.sign_in_needed(),
            _ => return None,
        };
        Some(view! { <Notice>{words}</Notice> })
    };
    let sign_in = ServerAction::<SignIn>::new();
    // A new page altogether: language, clock and people are the account's from here on.
    Effect::new(move || {
        if let Some(Ok(next)) = sign_in.value().get() {
            leave_for(&next);
        }
    });
    let problem = move || sign_in.value().get().and_then(Result::err);
    let demo = boot.demo.is_some();
    view! {
        <Title text=t.sign_in_title()/>
        <main id="main" class="welcome wrap" class:welcome--demo=demo>
            <section class="welcome__words">
                <h1>{t.sign_in_welcome(&boot.brand.product)}</h1>
                <p class="lead">{t.sign_in_lead(&boot.brand.organisation)}</p>
                <ul class="ticks">
                    <li>{t.sign_in_can_visits()}</li>
                    <li>{t.sign_in_can_notes()}</li>
                    <li>{t.sign_in_can_family()}</li>
                </ul>
            </section>
            <section class="sheet sign-in" aria-labelledby="sign-in-title">
                <h2 id="sign-in-title">{t.sign_in_title()}</h2>
                {left}
                {move || problem().map(|error| view! { <ErrorSummary error field="username"/> })}
                <ActionForm action=sign_in>
                    <input type="hidden" name="next" value=next/>
                    <Field label=t.sign_in_username() id="username">
                        <input id="username" name="username" type="text" autocomplete="username" autocapitalize="none"
                            spellcheck="false" required maxlength="100" aria-invalid=move || problem().map(|_| "true")/>
                    </Field>
                    <Field label=t.sign_in_password() id="password">
                        <input id="password" name="password" type="password" autocomplete="current-password" required
                            maxlength="200" aria-invalid=move || problem().map(|_| "true")/>
                    </Field>
                    <button class="btn btn--wide" type="submit" disabled=move || sign_in.pending().get()>
                        {move || if sign_in.pending().get() { t.sign_in_signing_in() } else { t.sign_in_submit() }}
                    </button>
                </ActionForm>
                {crate::view::screens::passkey_button(t.sign_in_passkey().to_owned(), false)}
                <p class="meta"><a class="link" href="/recover">{t.sign_in_forgot()}</a></p>
                <section class="new-user" aria-labelledby="new-user">
                    <h3 id="new-user">{t.sign_in_new_user()}</h3>
                    <a class="btn quiet btn--wide" href="/sign-up">{t.sign_in_sign_up_now()}</a>
                </section>
                <p class="meta">{t.sign_in_trouble(&boot.brand.support_phone)}</p>
            </section>
            {demo.then(|| view! { <DemoDesk/> })}
        </main>
    }
    .into_any()
}
