//! A way on to another page.

/// Where it leads, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub href: String,
    pub label: String,
}

impl Link {
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }

    /// `rel` for the router: what the server itself makes, such as a file, is no page of the router's; and a page with a script
    /// of its own is loaded anew.
    pub fn rel(&self) -> Option<&'static str> {
        let outside = ["#", "/files/", "tel:"].iter().any(|start| self.href.starts_with(start));
        let has_script = matches!(&*self.href, "/verify" | "/offline")
            || self.href.contains("/payments/")
            || self.href.starts_with("/billing/cards/new")
            || (self.href.contains("/visits/") && self.href.ends_with("/video"));
        (outside || has_script).then_some("external")
    }
}
