//! Every page, one line each, grouped by who may see it.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

use crate::{
    account::AccountPage,
    boot::Boot,
    demo::DemoBar,
    error::Error,
    frame::{Header, PublicLayout, PublicMenu, SignedInLayout},
    help::{HelpPage, PublicHelpPage},
    home::HomePage,
    i18n::texts,
    notes::NotesPage,
    people::PeoplePage,
    personal_information::PersonalInformationPage,
    sign_in::SignInPage,
    staff::PatientsPage,
    summaries::SummaryPage,
    ui::ErrorNotice,
    visits::VisitsPage,
};

/// Pages for which nobody needs to be signed in. All others send nobody to the sign-in page.
pub const PUBLIC_PAGES: &[&str] = &["/sign-in", "/help"];

/// Server functions that nobody in particular may call: they ask for a permission of their own. All others need a session.
pub const PUBLIC_SERVER_FUNCTIONS: &[&str] = &["/api/sign-in/sign-in", "/api/account/choose-language", "/api/demo/desk"];

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let boot = Boot::provide();
    let t = texts();
    let product = boot.brand.product;
    view! {
        <Title formatter=move |title: String| format!("{title} – {product}")/>
        <Router>
            <a class="skip" href="#main" rel="external">{t.frame_skip()}</a>
            <DemoBar/>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=|| view! { <Redirect path="/home"/> }/>
                <ParentRoute path=path!("") view=PublicLayout ssr=SsrMode::Async>
                    <Route path=path!("sign-in") view=SignInPage/>
                    <Route path=path!("help") view=PublicHelpPage/>
                </ParentRoute>
                <ParentRoute path=path!("") view=SignedInLayout ssr=SsrMode::Async>
                    <Route path=path!("home") view=HomePage/>
                    <Route path=path!("people") view=PeoplePage/>
                    <Route path=path!("account") view=AccountPage/>
                    <Route path=path!("support") view=HelpPage/>
                    <Route path=path!("staff/patients") view=PatientsPage/>
                    <Route path=path!("p/:patient/visits") view=VisitsPage/>
                    <Route path=path!("p/:patient/visits/:visit/summary") view=SummaryPage/>
                    <Route path=path!("p/:patient/visits/:visit/notes") view=NotesPage/>
                    <Route path=path!("p/:patient/personal-information") view=PersonalInformationPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

#[component]
fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text=texts().error_not_found_title()/>
        <Header home="/"><PublicMenu/></Header>
        <main id="main" class="page wrap" tabindex="-1"><ErrorNotice error=Error::NotFound/></main>
    }
}
