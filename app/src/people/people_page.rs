use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    account::model::{PersonCard, Session},
    error::Error,
    frame::{Face, relation, what_you_see},
    i18n::texts,
    ui::{ErrorNotice, PageHead, Skeleton},
};

#[component]
pub fn PeoplePage() -> impl IntoView {
    let t = texts();
    let session = expect_context::<Resource<Result<Session, Error>>>();
    view! {
        <Title text=t.people_title()/>
        <PageHead title=t.people_title() lead=t.people_lead()/>
        <Suspense fallback=Skeleton>
            {move || Suspend::new(async move {
                match session.await {
                    Ok(session) => view! { <PeopleList people=session.people/> }.into_any(),
                    Err(error) => view! { <ErrorNotice error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// One card a person: colour, name, relation, and what you may see before you go.
#[component]
pub fn PeopleList(people: Vec<PersonCard>) -> impl IntoView {
    let t = texts();
    view! {
        <ul class="people">
            {people.into_iter().map(|person| view! {
                <li class=format!("hue-{}", person.hue)>
                    <a class="person-card" href=person.path()>
                        <Face person=person.clone()/>
                        <span>
                            <b>{person.full_name.clone()}</b>
                            <span>{relation(t, &person)}</span>
                            <span>{what_you_see(t, &person)}</span>
                        </span>
                    </a>
                </li>
            }).collect_view()}
        </ul>
    }
}
