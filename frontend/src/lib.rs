//! The portal in the browser: takes over the page that the server rendered.

use leptos::prelude::document;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
pub fn hydrate() {
    app::view::navigation::remember_scroll();
    app::site::enhance::start();
    leptos::mount::hydrate_body(app::site::routes::App);
    // From here on, clicks are answered in the browser.
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "");
    }
}
