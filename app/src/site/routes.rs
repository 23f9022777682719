//! Every page that is drawn in the browser; all others come from the server as HTML.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

use super::{
    demo::DemoBar,
    home::HomePage,
    layout::{Layout, NotFoundPage},
    pages::FragmentPage,
};
use crate::{
    base::{boot::Boot, i18n::texts, text::escaped},
    features::{notes::NotesPage, summaries::SummaryPage, visits::VisitsPage},
};

/// Into a document the pinned Leptos writes a title as it is (leptos_meta 0.8): what it is made of may come from anybody. The browser
/// sets it as text.
fn whole_title(title: &str, product: &str) -> String {
    // A page that is on its way has no title of its own yet.
    let whole = if title.is_empty() { product.to_owned() } else { format!("{title} – {product}") };
    if cfg!(feature = "ssr") { escaped(&whole) } else { whole }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let boot = Boot::provide();
    let t = texts();
    let product = boot.brand.product;
    view! {
        <Title text="" formatter=move |title: String| whole_title(&title, &product)/>
        <Router>
            <a class="skip" href="#main" rel="external">{t.frame_skip()}</a>
            <DemoBar/>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=|| view! { <Redirect path="/home"/> }/>
                <ParentRoute path=path!("") view=Layout ssr=SsrMode::Async>
                    <Route path=path!("home") view=HomePage/>
                    <Route path=path!("p/:patient/visits") view=VisitsPage/>
                    <Route path=path!("p/:patient/visits/:visit/summary") view=SummaryPage/>
                    <Route path=path!("p/:patient/visits/:visit/notes") view=NotesPage/>
                    <Route path=path!("*page") view=FragmentPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
