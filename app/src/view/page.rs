//! Pages that the server makes: ordinary components, compiled for the server alone, rendered once and sent as HTML.
//!
//! A feature says with [`Route`]s which addresses it answers. A page asks for its own grants and returns a [`Page`]; whoever
//! asks for it, the browser with a whole document or the single-page app with a fragment, gets the same HTML.

use std::{pin::Pin, str::FromStr};

use leptos::prelude::*;

use super::{PageHead, fragment::Fragment, link::Link};
use crate::base::{error::Error, text::visible};

/// A page on its way.
pub type PageFuture = Pin<Box<dyn Future<Output = Result<Page, Error>> + Send>>;

/// One address, or one kind of address, and the page behind it.
#[derive(Clone, Copy)]
pub struct Route {
    /// Such as `/p/{patient}/results/{id}`.
    pub path: &'static str,
    /// Nobody needs to be signed in.
    pub public: bool,
    pub page: fn(PageRequest) -> PageFuture,
}

impl Route {
    pub const fn signed_in(path: &'static str, page: fn(PageRequest) -> PageFuture) -> Self {
        Self { path, public: false, page }
    }

    pub const fn public(path: &'static str, page: fn(PageRequest) -> PageFuture) -> Self {
        Self { path, public: true, page }
    }

    /// A request for an address of no route: only its query is of use.
    pub fn any(path: &str, query: &str) -> PageRequest {
        PageRequest { path: path.to_owned(), query: query.trim_start_matches('?').to_owned(), parameters: Vec::new() }
    }

    /// The request for this page, when `path` is one of its addresses.
    pub fn request(&self, path: &str, query: &str) -> Option<PageRequest> {
        let mut parameters = Vec::new();
        let (mut pattern, mut found) = (self.path.split('/'), path.split('/'));
        loop {
            match (pattern.next(), found.next()) {
                (None, None) => break,
                (Some(pattern), Some(part)) if pattern.starts_with('{') && !part.is_empty() => parameters.push(part.to_owned()),
                (Some(pattern), Some(part)) if pattern == part => {}
                _ => return None,
            }
        }
        Some(PageRequest { path: path.to_owned(), query: query.trim_start_matches('?').to_owned(), parameters })
    }
}

/// Nobody turns more pages, and no number that somebody types is too large.
pub const MOST_PAGES: u64 = 10_000;

/// What a page is asked with.
#[derive(Clone, Debug)]
pub struct PageRequest {
    path: String,
    query: String,
    parameters: Vec<String>,
}

impl PageRequest {
    /// The part of the path in the place of the `index`-th `{...}`.
    pub fn text(&self, index: usize) -> &str {
        self.parameters.get(index).map_or("", String::as_str)
    }

    /// An identifier in the path.
    ///
    /// # Errors
    /// `NotFound` for what is no identifier.
    pub fn id<T: FromStr>(&self, index: usize) -> Result<T, Error> {
        self.text(index).parse().map_err(|_| Error::NotFound)
    }

    /// The first value of a name in the query; `None` when it is empty or not there.
    pub fn query(&self, name: &str) -> Option<String> {
        self.queries(name).into_iter().next()
    }

    /// All values of a name in the query, in their order, without empty ones.
    pub fn queries(&self, name: &str) -> Vec<String> {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.filter(|(found, value)| found == name && !value.is_empty()).map(|(_, value)| visible(&value).into_owned()).collect()
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where a form of this page comes back to: without the mark of the last try, and without what was done before.
    pub fn way_back(&self) -> String {
        let of_before = |pair: &str| pair == "again=1" || pair.starts_with("done=");
        let kept: Vec<&str> = self.query.split('&').filter(|pair| !pair.is_empty() && !of_before(pair)).collect();
        if kept.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, kept.join("&")) }
    }
}

enum Width {
    /// Sections stand side by side where there is room.
    Columns,
    /// One column for reading and typing.
    Narrow,
    /// The body brings its own layout and heading.
    Bare,
}

/// A page: its heads, and a body of sections.
pub struct Page {
    title: String,
    lead: String,
    back: Option<Link>,
    width: Width,
    above: Option<AnyView>,
    body: AnyView,
}

impl Page {
    pub fn new(title: impl Into<String>, lead: impl Into<String>) -> Self {
        Self { title: title.into(), lead: lead.into(), back: None, width: Width::Columns, above: None, body: ().into_any() }
    }

    /// A page whose body has its own heading.
    pub fn bare(title: impl Into<String>) -> Self {
        Self { width: Width::Bare, ..Self::new(title, "") }
    }

    pub fn narrow(mut self) -> Self {
        self.width = Width::Narrow;
        self
    }

    /// The link above the body to the page that this one belongs to.
    pub fn back(mut self, href: impl Into<String>, label: impl Into<String>) -> Self {
        self.back = Some(Link::new(href, label));
        self
    }

    pub fn body(mut self, body: impl IntoView + 'static) -> Self {
        self.body = body.into_any();
        self
    }

    /// What stands above the body, whatever the page is.
    pub fn above(mut self, above: Option<AnyView>) -> Self {
        self.above = above;
        self
    }

    /// The page as HTML. Runs inside of the reactive owner of its request.
    pub fn render(self) -> Fragment {
        let title = self.title.clone();
        let class = match self.width {
            Width::Columns => "screen",
            Width::Narrow => "screen screen--narrow",
            Width::Bare => return Fragment { title, html: html(view! { {self.above}{self.body} }) },
        };
        let back = self.back.map(|link| {
            view! { <p class="back no-print"><a class="btn quiet" href=link.href>"‹ "{link.label}</a></p> }
        });
        let page = view! {
            <PageHead title=self.title lead=self.lead/>
            {back}
            {self.above}
            <div class=class>{self.body}</div>
        };
        Fragment { title, html: html(page) }
    }
}

/// Nothing of it is hydrated: the marks that hydration needs fall away. Text cannot contain them, since it is escaped.
pub fn html(view: impl IntoView) -> String {
    view.into_view().to_html().replace("<!>", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: PageRequest) -> PageFuture {
        Box::pin(async { Err(Error::NotFound) })
    }

    #[test]
    fn a_route_answers_its_own_addresses() {
        let route = Route::signed_in("/p/{patient}/results/{id}", nothing);
        let found = route.request("/p/7/results/9", "?a=1").expect("an address of the route");
        assert_eq!((found.text(0), found.text(1), found.query("a").as_deref()), ("7", "9", Some("1")));
        for other in ["/p/7/results", "/p/7/results/9/10", "/p/7/results/", "/q/7/results/9", "p/7/results/9"] {
            assert!(route.request(other, "").is_none(), "{other}");
        }
    }

    #[test]
    fn query_values_are_decoded_and_may_be_several() {
        let request = |query: &str| Route::public("/x", nothing).request("/x", query).expect("the route");
        assert_eq!(request("?a=1&name=Mar%C3%ADa+Rivera").query("name").as_deref(), Some("María Rivera"));
        assert_eq!(request("name=100%").query("name").as_deref(), Some("100%"));
        assert_eq!(request("a=1&name=").query("name"), None);
        assert_eq!(request("?with=a%7C1&code=x&with=&with=b").queries("with"), ["a|1", "b"]);
    }

    #[test]
    fn a_form_comes_back_without_the_mark_of_the_last_try() {
        let request = Route::public("/x", nothing).request("/x", "?a=1&again=1&b=2&done=kept").expect("the route");
        assert_eq!(request.way_back(), "/x?a=1&b=2");
    }
}
