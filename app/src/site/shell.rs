//! The document around the app. Rendered on the server only.

use std::sync::Arc;

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use serde_json::json;

use crate::{
    access::current,
    base::{boot::Boot, i18n::Texts},
    platform::request,
    site::routes::App,
};

/// What a document says of the files of the site.
#[derive(Clone, Default)]
pub struct DocumentAssets {
    /// The content of the style sheet.
    pub style: Arc<str>,
    pub style_path: String,
    pub script: String,
    pub wasm: String,
}

/// Tells one session from another, and one account from another; opens none, and is empty without one.
#[derive(Clone, Default)]
pub struct SessionMark {
    pub session: String,
    pub account: String,
}

/// Says which style sheet the browser has.
const STYLE_COOKIE: &str = "style";
/// In seconds.
const A_YEAR: i64 = 31_536_000;

/// The whole HTML document of a page.
///
/// The first paint waits for nothing but the document: a browser that does not have the style sheet yet gets it inside.
pub fn shell() -> impl IntoView {
    if let Ok(access) = current() {
        access.connection.hold();
    }
    let boot = use_context::<Boot>().unwrap_or_default();
    let json = serde_json::to_string(&boot).unwrap_or_default();
    let assets = use_context::<DocumentAssets>().unwrap_or_default();
    let nonce = use_nonce();
    let SessionMark { session, account } = use_context::<SessionMark>().unwrap_or_default();
    let phone = phone_words(Texts(boot.locale));
    view! {
        <!DOCTYPE html>
        <html lang=boot.locale.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                // A number of a result is no telephone, and a page that was changed cannot be taken over.
                <meta name="format-detection" content="telephone=no, date=no, address=no, email=no"/>
                <meta name="session" content=session data-account=account/>
                <meta name="phone" content=phone/>
                <meta name="theme-color" content=THEME/>
                <meta name="apple-mobile-web-app-title" content=boot.brand.product.clone()/>
                // In the language that was chosen, which a cookie tells.
                <link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials"/>
                <link rel="apple-touch-icon" href="/icons/apple-touch-icon.png"/>
                {style(&assets)}
                <meta name="boot" content=json/>
                <meta name="padding" content=padding()/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <link rel="modulepreload" href=assets.script.clone() crossorigin="anonymous" fetchpriority="low"/>
                <script type="module" nonce=nonce>{hydration(&assets)}</script>
            </body>
        </html>
    }
}

/// The teal of the brand, as browsers draw it around an installed app.
const THEME: &str = "#005161";

/// What `public/phone.js` says on every page.
fn phone_words(t: Texts) -> String {
    let words = json!({
        "offline": t.phone_offline(),
        "online": t.phone_online(),
        "typed": t.phone_typed(),
        "unsent": t.phone_unsent(),
        "leave": t.phone_leave(),
        "signOut": t.phone_sign_out(),
    });
    words.to_string()
}

/// The style sheet: by its address for a browser that has it, otherwise as it is, and once more for the pages to come.
fn style(assets: &DocumentAssets) -> AnyView {
    let known = request::cookie(STYLE_COOKIE).is_some_and(|name| assets.style_path.contains(&name));
    if known || assets.style.is_empty() {
        return view! { <link rel="stylesheet" href=assets.style_path.clone()/> }.into_any();
    }
    let name = assets.style_path.rsplit('/').next().unwrap_or_default();
    let _ = request::keep_cookie(STYLE_COOKIE, name, A_YEAR);
    view! {
        <style inner_html=assets.style.to_string()></style>
        <link rel="prefetch" href=assets.style_path.clone() r#as="style"/>
    }
    .into_any()
}

/// Of another length each time, so that the size of a compressed page tells nothing of what is in it (BREACH, CVE-2013-3587).
fn padding() -> String {
    let random = crate::base::ids::new_id().into_bytes();
    random.iter().take(usize::from(random[15] % 16)).map(|byte| format!("{byte:02x}")).collect()
}

/// Asks for the code at once, with low priority, and starts the app when the page has been painted. What the page does by itself is
/// `public/page.js`.
fn hydration(assets: &DocumentAssets) -> String {
    format!(
        "const page=import(\"/page.js\"),code=fetch({:?},{{priority:\"low\"}});requestAnimationFrame(()=>setTimeout(async()=>{{\
         const{{fallBack}}=await page;\
         try{{const app=await import({:?});await app.default({{module_or_path:code}});app.hydrate()}}catch(error){{fallBack(error)}}}}))",
        assets.wasm, assets.script
    )
}
