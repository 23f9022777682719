//! What a browser does by itself when it loads a page, and what the single-page app has to do in its place: a screen reader goes
//! on at the heading, and the way back leads to where the page was left.

/// A new page is about to stand in the document: once it does, moves focus to its heading and, on the way back, scrolls to where
/// it was left.
pub fn arrive() {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(browser::arrived);
}

#[cfg(feature = "hydrate")]
pub use browser::remember_scroll;

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::RefCell, collections::HashMap};

    use leptos::prelude::{document, window};
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{FocusOptions, HtmlElement};

    thread_local! {
        /// How far each address was scrolled down when it was left, and where the way back leads that somebody is on.
        static SCROLL: RefCell<(HashMap<String, f64>, Option<f64>)> = RefCell::default();
    }

    /// Starts to remember how far each page is scrolled. Called once.
    pub fn remember_scroll() {
        listen("scroll", || {
            SCROLL.with_borrow_mut(|(positions, going_to)| {
                if going_to.is_none()
                    && let (Some(here), Ok(y)) = (here(), window().scroll_y())
                {
                    positions.insert(here, y);
                }
            });
        });
        listen("popstate", || {
            SCROLL.with_borrow_mut(|(positions, going_to)| *going_to = here().and_then(|here| positions.get(&here).copied()));
        });
    }

    fn listen(event: &str, act: impl Fn() + 'static) {
        let act = Closure::<dyn Fn()>::new(act);
        let _ = window().add_event_listener_with_callback(event, act.as_ref().unchecked_ref());
        act.forget();
    }

    fn here() -> Option<String> {
        let location = window().location();
        Some(location.pathname().ok()? + &location.search().ok()?)
    }

    pub fn arrived() {
        let heading = document().query_selector("#main h1").ok().flatten().and_then(|found| found.dyn_into::<HtmlElement>().ok());
        let main = || document().get_element_by_id("main").and_then(|found| found.dyn_into::<HtmlElement>().ok());
        if let Some(target) = heading.or_else(main) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = target.focus_with_options(&options);
        }
        let y = SCROLL.with_borrow_mut(|(_, going_to)| going_to.take());
        if let Some(y) = y {
            window().scroll_to_with_x_and_y(0.0, y);
        }
    }
}
