//! Buttons of which each sends a form with its own value, such as free times.

use leptos::prelude::*;

use super::fields::Surroundings;

/// Value, label, and what a screen reader says of a button.
pub type Choice = (String, String, String);

/// Buttons that send a form with one of several values.
pub struct ButtonGroup {
    pub heading: String,
    /// What the buttons beside it have in common, such as a part of the day.
    pub rows: Vec<(String, Vec<Choice>)>,
}

/// One of several, each a button of its own that sends the form at once.
#[component]
pub fn ChoiceButtons(#[prop(into)] name: String, #[prop(into)] label: String, groups: Vec<ButtonGroup>) -> impl IntoView {
    let Surroundings { id, problem, .. } = Surroundings::of(&name, &label, None, String::new());
    let groups = groups.into_iter().map(|group| {
        let rows = group.rows.into_iter().map(|(row, buttons)| {
            let buttons = buttons.into_iter().map(|(value, label, spoken)| {
                view! { <li><button class="time" type="submit" name=name.clone() value=value aria-label=spoken>{label}</button></li> }
            });
            view! { <div class="times__row"><p class="meta">{row}</p><ul class="times">{buttons.collect_view()}</ul></div> }
        });
        view! { <section class="times__day"><h3>{group.heading}</h3>{rows.collect_view()}</section> }
    });
    view! { <div id=id tabindex="-1">{problem}{groups.collect_view()}</div> }.into_any()
}
