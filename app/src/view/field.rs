use leptos::prelude::*;

/// A label above its input, with a hint between.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    /// The id of the input inside.
    #[prop(into)]
    id: String,
    #[prop(optional, into)] hint: Option<String>,
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {children()}
        </div>
    }
}
