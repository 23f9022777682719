use leptos::prelude::*;
use leptos_router::{
    hooks::{use_location, use_params_map},
    params::ParamsMap,
};

use super::api::read_page;
use crate::view::shown::{Asked, page};

/// Whatever page the server has at this address.
#[component]
pub fn FragmentPage() -> impl IntoView {
    let (location, params) = (use_location(), use_params_map());
    // Only this page's own address counts: while somebody leaves, the path is that of the next page already, and nothing is asked of it here.
    let own = Memo::new(move |before: Option<&(ParamsMap, String, String)>| {
        let (params, search, path) = (params.get(), location.search.get(), location.pathname.get_untracked());
        match before {
            Some(own) if own.0 == params && own.1 != path => own.clone(),
            _ => (params, path, search),
        }
    });
    let address = Signal::derive(move || own.with(|(_, path, search)| format!("{path}?{search}")));
    page(address, ask)
}

fn ask(address: String) -> Asked {
    let (path, query) = address.split_once('?').map(|(path, query)| (path.to_owned(), query.to_owned())).unwrap_or_default();
    Box::pin(async move { read_page(path, query).await.map(Into::into) })
}
