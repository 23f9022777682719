use leptos::{html::Details, prelude::*};

use super::menu::MenuLink;
use crate::{
    access::Level,
    base::i18n::{Texts, texts},
    features::account::model::{PersonCard, Session, Via},
    people::relation::{AdultLevel, Relationship},
    site::places::TABS,
};

/// Whose chart this is: colour, face, name, and why you may see it; the way to the others; the parts of the chart.
#[component]
pub fn PersonBar(person: PersonCard, session: StoredValue<Session>) -> impl IntoView {
    let t = texts();
    let several = session.with_value(|session| session.people.len() > 1);
    view! {
        <section class=format!("band hue-{}", person.hue) class:band--own=person.is_own() aria-label=t.frame_person()>
            <div class="wrap">
                <Face person=person.clone()/>
                <p><b>{shown_name(&person)}</b><span>{who_you_are(t, &person)}</span></p>
                {several.then(|| view! { <Switch session here=person.clone()/> })}
            </div>
        </section>
        <nav class="tabs" aria-label=t.frame_chart()>
            <div class="wrap">
                {TABS.iter().filter(|place| (place.opens)(&person)).map(|place| view! {
                    <MenuLink href=format!("/p/{}/{}", person.patient, place.path) label=(place.label)(t)/>
                }).collect_view()}
            </div>
        </nav>
    }
    .into_any()
}

/// Every person, with what you may see before you go. A native disclosure: it opens without JavaScript too.
#[component]
fn Switch(session: StoredValue<Session>, here: PersonCard) -> impl IntoView {
    let t = texts();
    let details = NodeRef::<Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            let _ = details.remove_attribute("open");
        }
    };
    let people = session.with_value(|session| session.people.clone());
    view! {
        <details class="switch" node_ref=details on:keydown=move |event| if event.key() == "Escape" { close() }>
            <summary>{t.people_switch()}</summary>
            <ul>
                {people.into_iter().map(|person| {
                    let current = (person.patient == here.patient).then_some("true");
                    let (class, href) = (format!("hue-{}", person.hue), person.path());
                    view! {
                        <li class=class><a href=href aria-current=current on:click=move |_| close()><PersonWords person/></a></li>
                    }
                }).collect_view()}
            </ul>
        </details>
    }
}

/// Who somebody is to the reader, and what the reader will see.
#[component]
pub fn PersonWords(person: PersonCard) -> impl IntoView {
    let t = texts();
    let (relation, sees, name) = (relation(t, &person), what_you_see(t, &person), shown_name(&person));
    view! {
        <Face person=person.clone()/>
        <span>
            <b>{name}</b>
            <span>{relation}</span>
            <span>{sees}</span>
        </span>
    }
}

/// The photo that the account holder chose, or initials, on the person's colour.
#[component]
fn Face(person: PersonCard) -> impl IntoView {
    let inside = if person.photo {
        view! { <img src=format!("/files/photo/{}", person.patient) alt="" width="42" height="42"/> }.into_any()
    } else {
        person.initials.into_any()
    };
    view! { <span class="face" aria-hidden="true">{inside}</span> }
}

/// "Emmi (Emma Rivera)": the nickname never stands alone, so that nobody takes one chart for another.
fn shown_name(person: &PersonCard) -> String {
    match &person.nickname {
        Some(nickname) => format!("{nickname} ({})", person.full_name),
        None => person.full_name.clone(),
    }
}

/// "You are viewing Emma's chart as a parent".
fn who_you_are(t: Texts, person: &PersonCard) -> String {
    let age = t.age(person.age);
    match person.via {
        Via::Own => t.people_own_chart().to_owned(),
        Via::Proxy(relationship, _) => {
            let role = match relationship {
                Relationship::Parent => t.people_as_parent(&person.given_name),
                Relationship::Child => t.people_as_child(&person.given_name),
                Relationship::Spouse => t.people_as_spouse(&person.given_name),
                Relationship::Caregiver => t.people_as_caregiver(&person.given_name),
                Relationship::Guardian => t.people_as_guardian(&person.given_name),
            };
            format!("{role} · {age}")
        }
    }
}

/// "Your child, 9 years".
fn relation(t: Texts, person: &PersonCard) -> String {
    let age = t.age(person.age);
    let relation = match person.via {
        Via::Own => t.people_you(),
        Via::Proxy(Relationship::Parent, _) => t.people_your_child(),
        Via::Proxy(Relationship::Child, _) => t.people_your_parent(),
        Via::Proxy(Relationship::Spouse, _) => t.people_your_spouse(),
        Via::Proxy(Relationship::Caregiver, _) => t.people_you_care_for(),
        Via::Proxy(Relationship::Guardian, _) => t.people_your_ward(),
    };
    format!("{relation} · {age}")
}

/// What opens when this person is chosen.
fn what_you_see(t: Texts, person: &PersonCard) -> &'static str {
    match person.via {
        Via::Own => t.people_own_record(),
        Via::Proxy(_, Level::Full | Level::Adult(AdultLevel::All)) => t.people_sees_all(),
        Via::Proxy(_, Level::Demographics) => t.people_sees_demographics(),
        Via::Proxy(_, Level::Adult(AdultLevel::ScheduleMessages | AdultLevel::ScheduleMessagesBilling)) => t.people_sees_schedule(),
        Via::Proxy(_, Level::Adult(AdultLevel::AllButSensitive)) => t.people_sees_all_but_sensitive(),
    }
}
