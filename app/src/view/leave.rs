//! Leaving the page for a new one, not by the router: everything starts afresh.

/// Goes to a path of this site. Nothing happens on the server.
pub fn leave_for(path: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(window) = web_sys::window() {
        let _ = window.location().assign(path);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// Goes to the sign-in page, and from there back to this one.
pub fn sign_in_again(why: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(location) = web_sys::window().map(|window| window.location()) {
        let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        let here = String::from(web_sys::js_sys::encode_uri_component(&here));
        leave_for(&format!("/sign-in?left={why}&next={here}"));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = why;
}
