use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};

use super::{api::read_screen, draw};
use crate::{
    base::i18n::texts,
    platform::passwords::{Strength, strength},
    view::{ErrorNotice, Skeleton, chart_page::Part},
};

/// Whatever the server says is at this address.
#[component]
pub fn ScreenPage() -> impl IntoView {
    let (location, params) = (use_location(), use_params_map());
    // Only this page's own address counts: while somebody leaves, the new one is not asked for twice.
    let asked = Memo::new(move |_| {
        params.track();
        (location.pathname.get_untracked(), location.search.get())
    });
    view! {
        {move || {
            let (path, query) = asked.get();
            page(path, query)
        }}
    }
    .into_any()
}

fn page(path: String, query: String) -> AnyView {
    let answer = Resource::new(
        || (),
        move |()| {
            let (path, query) = (path.clone(), query.clone());
            async move { read_screen(path, query).await.map(Part::Screen) }
        },
    );
    view! {
        <Suspense fallback=Skeleton>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok(Part::Screen(found)) => view! { <Title text=found.title.clone()/>{draw::screen(found)} }.into_any(),
                    Ok(_) => ().into_any(),
                    Err(error) => view! { <ErrorNotice error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// An input for a new password that says, while somebody types, whether it will do.
pub fn new_password(name: String, id: String, autocomplete: String, invalid: Option<&'static str>, described: Option<String>) -> AnyView {
    let t = texts();
    let typed = RwSignal::new(String::new());
    let found = Memo::new(move |_| strength(&typed.read()));
    let words = move || match found.get() {
        Strength::Empty => "",
        Strength::TooShort => t.password_too_short(),
        Strength::NeedsMore => t.password_needs_more(),
        Strength::Good => t.password_good(),
        Strength::Strong => t.password_strong(),
    };
    view! {
        <input type="password" id=id name=name required autocomplete=autocomplete maxlength="128" aria-invalid=invalid
            aria-describedby=described on:input:target=move |event| typed.set(event.target().value())/>
        <p class="strength" class:strength--ok=move || matches!(found.get(), Strength::Good | Strength::Strong) role="status">{words}</p>
    }
    .into_any()
}

/// Prints the page.
pub fn print_button(label: String) -> AnyView {
    view! {
        <button class="btn quiet needs-wasm no-print" type="button" on:click=move |_| {
            #[cfg(feature = "hydrate")]
            if let Some(window) = web_sys::window() {
                let _ = window.print();
            }
        }>{label}</button>
    }
    .into_any()
}

/// Asks the browser for a passkey: a new one, or to sign in with one.
pub fn passkey_button(label: String, new: bool) -> AnyView {
    let problem = RwSignal::new(false);
    view! {
        <div class="needs-wasm">
            <button class="btn quiet" type="button" on:click=move |_| crate::features::account::passkey_prompt::ask(new, problem)>{label}</button>
            {move || problem.get().then(|| view! { <p class="problem" role="alert">{texts().passkey_problem()}</p> })}
        </div>
    }
    .into_any()
}
