use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::read_tour;
use crate::view::shown::{Asked, panel};

/// The panel of a walk-through, when the address asks for one.
#[component]
pub fn TourPanel() -> impl IntoView {
    let query = use_query_map();
    panel(
        Signal::derive(move || {
            let query = query.read();
            query.get("tour").filter(|name| !name.is_empty()).map(|name| format!("{name} {}", query.get("step").unwrap_or_default()))
        }),
        ask,
    )
}

fn ask(key: String) -> Asked {
    let (name, step) = key.split_once(' ').map(|(name, step)| (name.to_owned(), step.parse().unwrap_or(1))).unwrap_or_default();
    Box::pin(async move { read_tour(name, step).await.map(Into::into) })
}
