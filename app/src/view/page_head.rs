use leptos::prelude::*;

/// The title of a page and one sentence on what is here.
#[component]
pub fn PageHead(#[prop(into)] title: String, #[prop(into)] lead: String, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="head">
            <div>
                <h1 tabindex="-1">{title}</h1>
                <p class="lead">{lead}</p>
            </div>
            {children.map(|children| children())}
        </div>
    }
}
