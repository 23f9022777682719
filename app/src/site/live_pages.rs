//! The addresses of pages that are drawn in the browser, too; all others come from the server as HTML.

/// As `site::routes::App` has them.
pub const LIVE_PAGES: &[&str] =
    &["/", "/home", "/p/{patient}/visits", "/p/{patient}/visits/{visit}/notes", "/p/{patient}/visits/{visit}/summary"];
