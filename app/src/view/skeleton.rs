use leptos::prelude::*;

use crate::base::i18n::texts;

/// Keeps the place of a list that is on its way. Invisible for the first 200 ms.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{texts().ui_loading()}</span>
            <div class="skeleton__card" aria-hidden="true"></div>
            <div class="skeleton__card" aria-hidden="true"></div>
            <div class="skeleton__card" aria-hidden="true"></div>
        </div>
    }
}
