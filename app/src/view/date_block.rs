use leptos::prelude::*;

use crate::base::dates::Day;

/// A day at the left of a card, in the person's colour.
#[component]
pub fn DateBlock(day: Day) -> impl IntoView {
    view! {
        <time class="day" datetime=day.iso>
            <span class="visually-hidden">{day.long}</span>
            <i aria-hidden="true">{day.month}</i>
            <b aria-hidden="true">{day.day}</b>
            <i aria-hidden="true">{day.below}</i>
        </time>
    }
}
