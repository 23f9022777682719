use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

use super::{
    header::Header,
    menu::{PublicMenu, SignedInMenu},
    person_bar::PersonBar,
};
use crate::{
    base::{boot::Boot, error::Error, i18n::texts},
    features::account::{
        api::read_session,
        model::{Session, patient_in_path},
        sign_in::IdleWarning,
    },
    site::tours::TourPanel,
    view::sign_in_again,
};

/// The frame around every page: with the menu of whoever is signed in, or with the way in.
#[component]
pub fn Layout() -> impl IntoView {
    let location = use_location();
    let Boot { demo, signed_in, .. } = expect_context::<Boot>();
    let head = if signed_in {
        // Whose charts are open is asked anew for every page.
        let session = Resource::new(move || location.pathname.get(), |_| read_session());
        provide_context(session);
        view! { <SignedInHead session/> }.into_any()
    } else {
        view! { <Header home="/"><PublicMenu/></Header> }.into_any()
    };
    // The first page for somebody who is not signed in welcomes them.
    let class = move || match (location.pathname.get() == "/sign-in", demo) {
        (false, _) => "page wrap",
        (true, false) => "welcome wrap",
        (true, true) => "welcome wrap welcome--demo",
    };
    view! {
        {head}
        <TourPanel/>
        <main id="main" class=class tabindex="-1"><Outlet/></main>
        <Footer/>
    }
    .into_any()
}

#[component]
fn SignedInHead(session: Resource<Result<Session, Error>>) -> impl IntoView {
    view! {
        <Transition fallback=|| view! { <Header home="/home"><nav class="menu"></nav></Header> }>
            {
                // Asked anew with every page, but drawn anew only when it has changed: an open menu stays open.
                let known = Memo::new(move |_| session.get());
                move || known.get().map(|session| view! { <Frame session/> })
            }
        </Transition>
    }
}

#[component]
fn Frame(session: Result<Session, Error>) -> impl IntoView {
    let session = match session {
        Ok(session) => session,
        Err(error) => {
            if error == Error::SignInNeeded {
                Effect::new(|| sign_in_again("needed"));
            }
            return view! { <Header home="/home"><nav class="menu"></nav></Header> }.into_any();
        }
    };
    let idle_seconds = session.idle_seconds;
    let session = StoredValue::new(session);
    let location = use_location();
    let person = Memo::new(move |_| {
        let patient = patient_in_path(&location.pathname.get())?;
        session.with_value(|session| session.person(patient).cloned())
    });
    view! {
        <Header home="/home"><SignedInMenu session person/></Header>
        {move || person.get().map(|person| view! { <PersonBar person session/> })}
        <IdleWarning idle_seconds/>
    }
    .into_any()
}

#[component]
fn Footer() -> impl IntoView {
    let t = texts();
    view! {
        <footer class="foot">
            <div class="wrap"><p>{t.frame_emergency()}</p></div>
        </footer>
    }
}
