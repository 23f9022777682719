use leptos::prelude::*;

use super::{api::read_desk, model::DemoPerson};
use crate::{base::i18n::texts, view::Skeleton};

/// Every person with one sentence on what their account shows, and one tap to sign in as them.
#[component]
pub fn DemoDesk() -> impl IntoView {
    let t = texts();
    let desk = Resource::new(|| (), |()| read_desk());
    view! {
        <section class="desk" aria-labelledby="desk-title">
            <h2 id="desk-title">{t.demo_desk_title()}</h2>
            <p class="meta">{t.demo_desk_lead()}</p>
            <Suspense fallback=Skeleton>
                {move || Suspend::new(async move {
                    desk.await.ok().map(|desk| view! {
                        <ul class="desk__people">{desk.people.into_iter().map(|person| view! { <Person person/> }).collect_view()}</ul>
                    })
                })}
            </Suspense>
        </section>
    }
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
