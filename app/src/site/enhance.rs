//! What moves on pages that the server made. They come as HTML without handlers: one listener for the whole document acts on
//! attributes.
//!
//! - `data-print`: prints the page.
//! - `data-passkey`: asks the browser for a passkey; the words of `data-passkey-problem` are said beside it when that failed.
//! - `data-password-strength`: says below an input, while somebody types, how good the password is.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, Event, HtmlInputElement};

use crate::{
    features::account::passkey_prompt,
    platform::passwords::{Strength, strength},
};

/// Starts to listen. Called once, when the browser has taken over.
pub fn start() {
    listen("click", |target| {
        if closest(target, "[data-print]").is_some() {
            let _ = window().print();
        }
        if let Some(button) = closest(target, "[data-passkey]") {
            ask_for_passkey(&button);
        }
    });
    listen("input", |target| {
        if let Some(input) = target.dyn_ref::<HtmlInputElement>()
            && let Some(words) = input.get_attribute("data-password-strength")
        {
            say_strength(input, &words);
        }
    });
}

fn listen(event: &str, act: impl Fn(&Element) + 'static) {
    let act = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            act(&target);
        }
    });
    let _ = document().add_event_listener_with_callback(event, act.as_ref().unchecked_ref());
    act.forget();
}

fn closest(target: &Element, selector: &str) -> Option<Element> {
    target.closest(selector).ok().flatten()
}

fn ask_for_passkey(button: &Element) {
    let new = button.get_attribute("data-passkey").as_deref() == Some("new");
    let problem = button.parent_element().and_then(|parent| parent.query_selector("[data-passkey-problem]").ok().flatten());
    leptos::task::spawn_local(async move {
        let say = |words: Option<String>| {
            if let Some(problem) = &problem {
                // Spoken when it appears, and nothing before.
                let _ = problem.set_attribute("role", if words.is_some() { "alert" } else { "none" });
                problem.set_text_content(words.as_deref());
            }
        };
        say(None);
        match passkey_prompt::ask(new).await {
            Some(next) => crate::view::leave_for(&next),
            None => say(problem.as_ref().and_then(|problem| problem.get_attribute("data-passkey-problem"))),
        }
    });
}

/// `words` for a password that is too short, needs more, is good, is strong, with `|` between them.
fn say_strength(input: &HtmlInputElement, words: &str) {
    let Some(place) = input.next_element_sibling() else { return };
    let found = strength(&input.value());
    let index = match found {
        Strength::Empty => None,
        Strength::TooShort => Some(0),
        Strength::NeedsMore => Some(1),
        Strength::Good => Some(2),
        Strength::Strong => Some(3),
    };
    place.set_text_content(index.and_then(|index| words.split('|').nth(index)));
    let _ = place.class_list().toggle_with_force("strength--ok", matches!(found, Strength::Good | Strength::Strong));
}
