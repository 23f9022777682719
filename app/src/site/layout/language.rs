use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    base::i18n::{Locale, texts},
    features::account::settings::CHOOSE_LANGUAGE,
};

/// One button per other language. A plain form, so that it works before and without wasm.
#[component]
pub(super) fn LanguageForm() -> impl IntoView {
    let here = texts().0;
    let location = use_location();
    let back = move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        if search.is_empty() { path } else { format!("{path}?{search}") }
    };
    view! {
        <form class="language" method="post" action=CHOOSE_LANGUAGE>
            <input type="hidden" name="back" value=back/>
            {Locale::ALL.into_iter().filter(|locale| *locale != here).map(|locale| view! {
                <button type="submit" class="link" name="language" value=locale.tag() lang=locale.tag()>{locale.own_name()}</button>
            }).collect_view()}
        </form>
    }
}
