use leptos::prelude::*;

use crate::{
    access::{allow, policy::SeeSchedules},
    base::{error::Error, i18n::Texts},
    desk::scheduling::{
        kinds,
        staff::{self, SHOWN, Shelf, departments},
        words::request_state,
    },
    view::{
        fields::Select,
        form::SearchForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section},
    },
};

/// Who asks the departments of whoever looks for a visit, what is due first.
///
/// # Errors
/// `NotFound` for whoever keeps no calendar.
pub async fn requests(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<SeeSchedules>(()).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let asked = request.query("shelf").unwrap_or_default();
    let (shelf, here) = Shelf::ALL.into_iter().find(|(_, name)| *name == asked).unwrap_or(Shelf::ALL[0]);
    let mut found = staff::shelf(&grant, shelf).await?;
    let more = found.len() as u64 > SHOWN;
    found.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    let no_office = departments(&grant).await?.is_empty();
    let mut items = Vec::new();
    for (request, person) in found {
        let kind = match request.kind_id {
            Some(id) => kinds::kind(grant.db(), id).await?.map(|kind| kinds::name(t, &kind).to_owned()),
            None => None,
        };
        let title =
            format!("{} {}: {}", person.given_name, person.family_name, kind.unwrap_or_else(|| t.appointments_ask_move().to_owned()));
        let lines = vec![t.messages_due(&t.date_and_time(request.due_at, &zone)), request.reason.chars().take(120).collect()];
        items.push((title, request_state(t, &request, now), lines, format!("/staff/visit-requests/{}", request.id)));
    }
    let shelves = Shelf::ALL.map(|(shelf, name)| (name.to_owned(), label(t, shelf).to_owned())).into();
    let none = items.is_empty();
    Ok(Page::new(t.schedules_requests(), t.schedules_requests_lead()).narrow().back("/staff/schedule", t.schedules_title()).body(view! {
        {no_office.then(|| view! { <Section><p class="text">{t.messages_no_office()}</p></Section> })}
        <Section><SearchForm submit=t.messages_show()><Select name="shelf" label=t.messages_shelf() choices=shelves value=here/></SearchForm></Section>
        <Section heading=label(t, shelf)>
            {none.then(|| view! { <p class="text">{t.messages_inbox_none()}</p> })}
            {items.into_iter().map(|(title, tag, lines, href)| {
                let words = t.messages_open(&title);
                view! { <Item title tag=Some(tag) lines><QuietButton href label=words/></Item> }
            }).collect_view()}
            {more.then(|| view! { <p class="text" role="status">{t.medications_queue_first()}</p> })}
        </Section>
    }))
}

fn label(t: Texts, shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Waiting => t.medications_shelf_waiting(),
        Shelf::Overdue => t.messages_shelf_overdue(),
        Shelf::Offered => t.appointments_state_offered(),
        Shelf::All => t.messages_shelf_all(),
    }
}
