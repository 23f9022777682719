use leptos::prelude::*;

use super::words::{proposal, state};
use crate::{
    access::{allow, policy::SeeMedicineRequests},
    base::{
        clock::local_date,
        error::Error,
        i18n::{Texts, param},
    },
    desk::office::store::offices,
    features::medications::{
        deciding::{self, Shelf},
        model::Kind,
        proposals,
    },
    view::{
        fields::Select,
        form::SearchForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section},
    },
};

/// What patients ask the departments of whoever looks for, what is due first; and what they told.
///
/// # Errors
/// `NotFound` for whoever decides about no medicine.
pub async fn queue(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<SeeMedicineRequests>(()).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let asked = request.query("shelf").unwrap_or_default();
    let (shelf, here) = Shelf::ALL.into_iter().find(|(_, name)| *name == asked).unwrap_or(Shelf::ALL[0]);
    let mut found = deciding::shelf(&grant, shelf).await?;
    let told = if shelf == Shelf::Waiting { proposals::unreviewed(&grant).await? } else { Vec::new() };
    let shown = usize::try_from(deciding::SHOWN).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let (none, no_office) = (found.is_empty(), offices(&grant).await?.is_empty());
    let items: Vec<_> = found
        .into_iter()
        .map(|(request, patient)| {
            let kind = if request.kind == Kind::Refill { t.medications_refill_plain() } else { t.medications_renewal_short() };
            let due = request.due_at.map(|due| t.messages_due(&t.date_and_time(due, &zone)));
            let left = request
                .days_left
                .zip(request.requested_at)
                .map(|(days, at)| t.medications_days_left_of(param::At(&t.date(local_date(at, &zone))), param::Days(&days.to_string())));
            let lines: Vec<String> = [Some(kind.to_owned()), due, left].into_iter().flatten().collect();
            let title = format!("{} {}: {}", patient.given_name, patient.family_name, request.medicine);
            let tag = state(t, &request, now);
            (title, tag, lines, format!("/staff/medications/{}", request.id))
        })
        .collect();
    let told: Vec<_> = told
        .into_iter()
        .map(|(told, patient)| {
            let title = format!("{} {}: {}", patient.given_name, patient.family_name, proposal(t, &told));
            let said = t.medications_said_by(param::At(&t.date_and_time(told.made_at, &zone)), param::Name(&told.author));
            (title, vec![said, t.messages_due(&t.date_and_time(told.due_at, &zone))], format!("/staff/medications/told/{}", told.id))
        })
        .collect();
    let shelves = Shelf::ALL.map(|(shelf, name)| (name.to_owned(), label(t, shelf).to_owned())).into();
    let has_told = !told.is_empty();
    Ok(Page::new(t.medications_queue(), t.medications_queue_lead()).narrow().body(view! {
        {no_office.then(|| view! { <Section><p class="text">{t.messages_no_office()}</p></Section> })}
        <Section>
            <SearchForm submit=t.messages_show()><Select name="shelf" label=t.messages_shelf() choices=shelves value=here/></SearchForm>
        </Section>
        <Section heading=label(t, shelf)>
            {none.then(|| view! { <p class="text">{t.messages_inbox_none()}</p> })}
            {items.into_iter().map(|(title, tag, lines, href)| {
                let words = t.messages_open(&title);
                view! { <Item title tag=Some(tag) lines><QuietButton href label=words/></Item> }
            }).collect_view()}
            {more.then(|| view! { <p class="text" role="status">{t.medications_queue_first()}</p> })}
        </Section>
        {has_told.then(|| view! {
            <Section heading=t.medications_told_by_patients()>
                {told.into_iter().map(|(title, lines, href)| {
                    let words = t.messages_open(&title);
                    view! { <Item title lines><QuietButton href label=words/></Item> }
                }).collect_view()}
            </Section>
        })}
    }))
}

fn label(t: Texts, shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Waiting => t.medications_shelf_waiting(),
        Shelf::Overdue => t.messages_shelf_overdue(),
        Shelf::UnderWay => t.medications_shelf_under_way(),
        Shelf::All => t.messages_shelf_all(),
    }
}
