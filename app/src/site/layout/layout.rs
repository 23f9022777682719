use leptos::{html::Main, prelude::*};
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

/// The frame of pages that anybody may see.
#[component]
pub fn PublicLayout() -> impl IntoView {
    view! {
        <Header home="/"><PublicMenu/></Header>
        <Outlet/>
        <Footer/>
    }
    .into_any()
}

/// The frame of pages for everybody: whoever is signed in keeps their menu.
#[component]
pub fn OpenLayout() -> impl IntoView {
    if expect_context::<Boot>().signed_in {
        return view! { <SignedInLayout/> }.into_any();
    }
    view! {
        <Header home="/"><PublicMenu/></Header>
        <TourPanel/>
        <main id="main" class="page wrap" tabindex="-1"><Outlet/></main>
        <Footer/>
    }
    .into_any()
}

/// The frame of pages for somebody who is signed in. Whose charts are open is asked anew for every page.
#[component]
pub fn SignedInLayout() -> impl IntoView {
    let location = use_location();
    let session = Resource::new(move || location.pathname.get(), |_| read_session());
    provide_context(session);
    let main = NodeRef::<Main>::new();
    // With a new page, a screen reader goes on at its beginning; not so with the first one, which the browser reads itself.
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if before.is_some_and(|before| before != path)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
        }
        path
    });
    view! {
        <Transition fallback=|| view! { <Header home="/home"><nav class="menu"></nav></Header> }>
            {
                // Asked anew with every page, but drawn anew only when it has changed: an open menu stays open.
                let known = Memo::new(move |_| session.get());
                move || known.get().map(|session| view! { <Frame session/> })
            }
        </Transition>
        <TourPanel/>
        <main id="main" class="page wrap" tabindex="-1" node_ref=main><Outlet/></main>
        <Footer/>
    }
    .into_any()
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
