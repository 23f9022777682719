use leptos::prelude::*;

use super::model::{DemoPerson, Desks};
use crate::base::i18n::{Locale, texts};

/// Every person with one sentence on what their account shows, and one tap to sign in as them. Nothing on a server that is not
/// the demo's.
pub fn desk() -> Option<AnyView> {
    let desks = use_context::<Desks>()?;
    let t = texts();
    let people = match t.0 {
        Locale::En => desks.en.people.clone(),
        Locale::Es => desks.es.people.clone(),
    };
    let desk = view! {
        <section class="desk" aria-labelledby="desk-title">
            <h2 id="desk-title">{t.demo_desk_title()}</h2>
            <p class="meta">{t.demo_desk_lead()}</p>
            <ul class="desk__people">{people.into_iter().map(|person| view! { <Person person/> }).collect_view()}</ul>
        </section>
    };
    Some(desk.into_any())
}

#[component]
fn Person(person: DemoPerson) -> impl IntoView {
    let t = texts();
    view! {
        <li class="sheet">
            <h3>{person.name.clone()}{person.staff.then(|| view! { <span class="tag tag--plain">{t.demo_staff()}</span> })}</h3>
            <p>{person.says}</p>
            {match person.username {
                Some(username) => view! {
                    <form method="post" action="/demo/sign-in">
                        <input type="hidden" name="username" value=username/>
                        <button class="btn quiet" type="submit">{t.demo_sign_in_as(&person.name)}</button>
                    </form>
                }.into_any(),
                None => view! { <p class="meta">{t.demo_no_account()}</p> }.into_any(),
            }}
        </li>
    }
    .into_any()
}
