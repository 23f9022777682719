//! Every page, one line each, grouped by who may see it.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

use crate::{
    base::{boot::Boot, error::Error, i18n::texts},
    features::{
        account::sign_in::SignInPage, family::PeoplePage, notes::NotesPage, personal::PersonalInformationPage, summaries::SummaryPage,
        visits::VisitsPage,
    },
    site::{
        demo::DemoBar,
        home::HomePage,
        layout::{Header, OpenLayout, PublicLayout, PublicMenu, SignedInLayout},
    },
    view::{ErrorNotice, screens::ScreenPage},
};

/// Pages for which nobody needs to be signed in. All others send nobody to the sign-in page.
pub const PUBLIC_PAGES: &[&str] = &[
    "/demo/outbox",
    "/help",
    "/help/ask",
    "/help/asked",
    "/help/bill",
    "/help/family-records",
    "/help/getting-started",
    "/help/linking-accounts",
    "/help/new-experience",
    "/help/notes",
    "/help/phone",
    "/help/proxy-access",
    "/help/questions",
    "/help/sharing-your-record",
    "/help/virtual-visits",
    "/invitation",
    "/invitation/declined",
    "/recover",
    "/recover/email",
    "/recover/email-proved",
    "/recover/link",
    "/recover/sent",
    "/shared",
    "/shared/record",
    "/sign-in",
    "/sign-in/second-step",
    "/sign-up",
    "/sign-up/contact",
    "/sign-up/id",
    "/sign-up/request",
    "/sign-up/requested",
    "/verify",
];

/// Server functions that nobody in particular may call: they ask for a permission of their own. All others need a session.
pub const PUBLIC_SERVER_FUNCTIONS: &[&str] = &[
    "/api/account/choose-language",
    "/api/credentials/check",
    "/api/credentials/check-file",
    "/api/demo/desk",
    "/api/family/decline-invitation",
    "/api/portable/enter",
    "/api/portable/finish",
    "/api/portable/leave-note",
    "/api/recovery/ask",
    "/api/recovery/choose-password",
    "/api/recovery/prove-email",
    "/api/requests/ask-help",
    "/api/screens/read",
    "/api/second-step/finish-passkey",
    "/api/second-step/mail-code",
    "/api/second-step/pass",
    "/api/second-step/start-passkey",
    "/api/sign-in/sign-in",
    "/api/sign-up/begin-as-invited",
    "/api/sign-up/choose-id",
    "/api/sign-up/enter-code",
    "/api/sign-up/finish",
    "/api/sign-up/request-code",
    "/api/tours/read",
];

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
                </ParentRoute>
                <ParentRoute path=path!("") view=OpenLayout ssr=SsrMode::Async>
                    // Which screens there are behind these is told by `screens::SCREENS`.
                    <Route path=path!("account") view=ScreenPage/>
                    <Route path=path!("account/:one") view=ScreenPage/>
                    <Route path=path!("account/:one/:two") view=ScreenPage/>
                    <Route path=path!("demo/outbox") view=ScreenPage/>
                    <Route path=path!("help") view=ScreenPage/>
                    <Route path=path!("help/:one") view=ScreenPage/>
                    <Route path=path!("invitation") view=ScreenPage/>
                    <Route path=path!("invitation/:one") view=ScreenPage/>
                    <Route path=path!("p/:patient/share") view=ScreenPage/>
                    <Route path=path!("p/:patient/share/:one") view=ScreenPage/>
                    <Route path=path!("p/:patient/take-along") view=ScreenPage/>
                    <Route path=path!("people/:patient") view=ScreenPage/>
                    <Route path=path!("p/:patient/access-log") view=ScreenPage/>
                    <Route path=path!("p/:patient/correction") view=ScreenPage/>
                    <Route path=path!("p/:patient/health") view=ScreenPage/>
                    <Route path=path!("p/:patient/health/:one") view=ScreenPage/>
                    <Route path=path!("p/:patient/health/:one/:two") view=ScreenPage/>
                    <Route path=path!("p/:patient/results") view=ScreenPage/>
                    <Route path=path!("p/:patient/results/:one") view=ScreenPage/>
                    <Route path=path!("p/:patient/personal-information/change") view=ScreenPage/>
                    <Route path=path!("recover") view=ScreenPage/>
                    <Route path=path!("recover/:one") view=ScreenPage/>
                    <Route path=path!("requests") view=ScreenPage/>
                    <Route path=path!("shared") view=ScreenPage/>
                    <Route path=path!("shared/:one") view=ScreenPage/>
                    <Route path=path!("sharing") view=ScreenPage/>
                    <Route path=path!("sharing/:one") view=ScreenPage/>
                    <Route path=path!("sharing/:one/:two") view=ScreenPage/>
                    <Route path=path!("sign-in/second-step") view=ScreenPage/>
                    <Route path=path!("sign-up") view=ScreenPage/>
                    <Route path=path!("sign-up/:one") view=ScreenPage/>
                    <Route path=path!("staff/:one") view=ScreenPage/>
                    <Route path=path!("staff/:one/:two") view=ScreenPage/>
                    <Route path=path!("staff/:one/:two/:three") view=ScreenPage/>
                    <Route path=path!("verify") view=ScreenPage/>
                </ParentRoute>
                <ParentRoute path=path!("") view=SignedInLayout ssr=SsrMode::Async>
                    <Route path=path!("home") view=HomePage/>
                    <Route path=path!("people") view=PeoplePage/>
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
