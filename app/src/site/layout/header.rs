use leptos::prelude::*;

use super::language::LanguageForm;
use crate::{base::boot::Boot, view::Mark};

/// The organisation's head: mark, name, menu, language. On paper it is the letter head.
#[component]
pub fn Header(home: &'static str, children: Children) -> impl IntoView {
    let brand = expect_context::<Boot>().brand;
    view! {
        <header class="top">
            <div class="wrap">
                <a class="logo" href=home><Mark/><span>{brand.product}<small>{brand.organisation}</small></span></a>
                {children()}
                <LanguageForm/>
            </div>
        </header>
    }
}
