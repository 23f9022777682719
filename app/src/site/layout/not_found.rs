use leptos::prelude::*;
use leptos_meta::Title;

use super::{Header, PublicMenu};
use crate::{
    base::{error::Error, i18n::texts},
    view::ErrorNotice,
};

/// For an address outside of every route.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text=texts().error_not_found_title()/>
        <Header home="/"><PublicMenu/></Header>
        <main id="main" class="page wrap" tabindex="-1"><ErrorNotice error=Error::NotFound/></main>
    }
}
