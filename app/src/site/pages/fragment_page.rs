use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use super::api::read_page;
use crate::view::shown::{Asked, page};

/// Whatever page the server has at this address.
#[component]
pub fn FragmentPage() -> impl IntoView {
    let (location, params) = (use_location(), use_params_map());
    // Only this page's own address counts: while somebody leaves, the new one is not asked for twice.
    let address = Signal::derive(move || {
        params.track();
        format!("{}?{}", location.pathname.get_untracked(), location.search.get())
    });
    page(address, ask)
}

fn ask(address: String) -> Asked {
    let (path, query) = address.split_once('?').map(|(path, query)| (path.to_owned(), query.to_owned())).unwrap_or_default();
    Box::pin(async move { read_page(path, query).await.map(Into::into) })
}
