use leptos::prelude::*;

use crate::{
    base::{
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::video::{entity::video_guest, model::MOST_GUESTS},
    view::{
        fields::Field,
        form::PostForm,
        sections::{Disclosure, Item, Section},
    },
};
use uuid::Uuid;

/// A guest's link as a page shows it.
pub struct GuestLink {
    pub row: video_guest::Model,
    /// The whole address; nothing when it was sealed with another secret.
    pub link: Option<String>,
    pub made_at: String,
}

/// The links that live, and making one.
#[component]
pub fn Guests(patient: PatientId, visit: Uuid, links: Vec<GuestLink>, invite: &'static str, end: &'static str) -> impl IntoView {
    let t = texts();
    let hidden = move || vec![("patient", patient.to_string()), ("visit", visit.to_string())];
    let has_room = links.len() < MOST_GUESTS;
    let links = links.into_iter().map(|GuestLink { row, link, made_at }| {
        let made = t.video_guest_made(param::At(&made_at), param::By(&row.made_by));
        let called = row.name.as_ref().map(|name| t.video_guest_called(name));
        let lines: Vec<String> = [Some(made), called].into_iter().flatten().collect();
        let (label, id) = (t.video_guest_link(&row.whom), format!("guest-{}", row.id));
        let shown = match link {
            Some(link) => view! {
                <div class="field"><label for=id.clone()>{label}</label><input id=id readonly value=link/></div>
            }
            .into_any(),
            None => view! { <p class="text">{t.video_guest_hidden()}</p> }.into_any(),
        };
        let fields = [hidden(), vec![("guest", row.id.to_string())]].concat();
        view! { <Item title=row.whom lines>{shown}<PostForm action=end submit=t.video_guest_end() quiet=true hidden=fields/></Item> }
    });
    let links = links.collect_view();
    view! {
        <Section heading=t.video_guests() id="guests">
            <p class="text">{t.video_guests_says()}</p>
            {links}
            {has_room.then(|| view! {
                <Disclosure summary=t.video_guest_invite()>
                    <PostForm action=invite submit=t.video_guest_invite() quiet=true hidden=hidden()>
                        <Field name="whom" label=t.video_guest_whom() hint=t.video_guest_whom_hint()/>
                    </PostForm>
                </Disclosure>
            })}
        </Section>
    }
}
