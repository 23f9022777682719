use leptos::prelude::*;

use super::layout::PersonWords;
use crate::{base::i18n::texts, features::account::model::PersonCard};

/// One card a person: colour, name, relation, and what you may see before you go.
#[component]
pub fn PeopleList(
    people: Vec<PersonCard>,
    /// With the way to change colour, nickname and photo.
    #[prop(optional)]
    looks: bool,
) -> impl IntoView {
    let t = texts();
    view! {
        <ul class="people">
            {people.into_iter().map(|person| {
                let (class, href) = (format!("hue-{}", person.hue), person.path());
                let look = looks.then(|| {
                    let (href, name) = (format!("/people/{}", person.patient), person.given_name.clone());
                    view! { <a class="look" href=href>{t.family_look()}<span class="visually-hidden">": "{name}</span></a> }
                });
                view! { <li class=class><a class="person-card" href=href><PersonWords person/></a>{look}</li> }
            }).collect_view()}
        </ul>
    }
}
