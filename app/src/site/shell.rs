//! The document around the app. Rendered on the server only.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{base::boot::Boot, site::routes::App};

/// The whole HTML document of a page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let boot = use_context::<Boot>().unwrap_or_default();
    let json = serde_json::to_string(&boot).unwrap_or_default();
    let font = "/fonts/atkinson-hyperlegible-next-latin.woff2";
    view! {
        <!DOCTYPE html>
        <html lang=boot.locale.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="boot" content=json/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <link rel="preload" href=font r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                <HydrationScripts options=options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
