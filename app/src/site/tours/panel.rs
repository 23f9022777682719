use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{Step, api::read_tour};
use crate::{base::i18n::texts, view::chart_page::Part};

/// The panel of a walk-through, when the address asks for one.
#[component]
pub fn TourPanel() -> impl IntoView {
    let query = use_query_map();
    let name = Memo::new(move |_| query.read().get("tour").unwrap_or_default());
    view! {
        {move || {
            let name = name.get();
            (!name.is_empty()).then(|| panel(name))
        }}
    }
    .into_any()
}

fn panel(name: String) -> AnyView {
    let query = use_query_map();
    let step = move || query.read().get("step").and_then(|step| step.parse::<usize>().ok()).unwrap_or(1);
    let asked = name.clone();
    let steps = Resource::new(
        || (),
        move |()| {
            let name = asked.clone();
            async move { read_tour(name).await.map(Part::Tour) }
        },
    );
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let name = name.clone();
                Suspend::new(async move {
                    match steps.await {
                        Ok(Part::Tour(steps)) => view! { {move || show(&name, &steps, step())} }.into_any(),
                        _ => ().into_any(),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

fn show(name: &str, steps: &[Step], number: usize) -> AnyView {
    let t = texts();
    let count = steps.len();
    let number = number.clamp(1, count.max(1));
    let Some(step) = steps.get(number - 1).cloned() else { return ().into_any() };
    let href = |number: usize| steps.get(number - 1).map(|step| format!("{}?tour={name}&step={number}", step.path));
    let back = if number > 1 { href(number - 1) } else { None };
    let next = if number < count { href(number + 1) } else { None };
    let is_last = next.is_none();
    let end = step.path.clone();
    view! {
        <aside class=format!("tour tour--{}", step.marks) aria-label=t.tour_label()>
            <p class="meta">{t.tour_step_of(&count.to_string(), &number.to_string())}</p>
            <h2>{step.title}</h2>
            <p>{step.text}</p>
            <div class="acts">
                {next.map(|href| view! { <a class="btn" href=href>{t.tour_next()}</a> })}
                {back.map(|href| view! { <a class="btn quiet" href=href>{t.tour_back()}</a> })}
                <a class="btn" class:quiet=!is_last href=end>{t.tour_end()}</a>
            </div>
        </aside>
    }
    .into_any()
}
