use std::collections::BTreeMap;

use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::for_whom;
use crate::{
    access::{allow, policy::BookVisits},
    base::{
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    desk::scheduling::{
        act::{kind_of, visit_of},
        fair::Wishes,
        kinds::kind_for,
        waiting::entry_of,
        words::{DAYS, weekday},
    },
    features::appointments::api,
    view::{
        fields::{Checkbox, FieldGroup, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// What somebody wishes of an earlier time.
///
/// # Errors
/// `NotFound` for a visit that cannot have one.
pub async fn wishes(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<BookVisits>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (visit, booking) = visit_of(&grant, id).await?;
    let kind = kind_of(grant.db(), booking.as_ref()).await?.filter(|kind| kind.fast_pass).ok_or(Error::NotFound)?;
    let found = kind_for(&grant, kind.id).await?;
    let places: BTreeMap<String, Uuid> =
        found.offered.iter().map(|offered| (offered.department.name.clone(), offered.department.id)).collect();
    let entry = entry_of(grant.db(), id).await?;
    let on = entry.as_ref().is_some_and(|entry| entry.on);
    let (wishes, paused) = entry.map_or((Wishes::EVERYTHING, false), |entry| (entry.wishes(), entry.paused));
    let lead = visit.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
    let back = format!("/p/{patient}/visits/{id}");
    let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
    let (whom, leaves) = (for_whom(&grant), hidden.clone());
    Ok(Page::new(t.appointments_fast_pass(), lead).narrow().back(back, t.appointments_the_visit()).body(view! {
        <Section>
            <p class="text">{t.appointments_fast_pass_how()}</p>
            <WishForm hidden wishes paused on places whom/>
        </Section>
        {on.then(|| view! { <Section><PostForm action=api::LeaveFastPass::PATH submit=t.appointments_leave_list() quiet=true hidden=leaves/></Section> })}
    }))
}

#[component]
fn WishForm(
    hidden: Vec<(&'static str, String)>,
    wishes: Wishes,
    paused: bool,
    on: bool,
    places: BTreeMap<String, Uuid>,
    whom: Option<String>,
) -> impl IntoView {
    let t = texts();
    let notices = [24, 48, 72, 168].map(|hours| (hours.to_string(), notice(t, hours))).into();
    let submit = match (on, whom) {
        (true, _) => t.family_save().to_owned(),
        (false, Some(given)) => t.appointments_wait_for(&given),
        (false, None) => t.appointments_wait_own().to_owned(),
    };
    let several = places.len() > 1;
    let (from, until) = (wishes.from_minute.to_string(), wishes.until_minute.to_string());
    view! {
        <PostForm action=api::JoinFastPass::PATH submit hidden>
            <Select name="notice" label=t.appointments_notice() choices=notices value=wishes.notice_hours.to_string() hint=t.appointments_notice_hint()/>
            <FieldGroup label=t.appointments_weekdays()/>
            {DAYS.iter().enumerate().map(|(index, name)| {
                let checked = wishes.weekdays & (1 << index) != 0;
                view! { <Checkbox name=format!("day[{name}]") id=format!("day-{name}") label=weekday(t, index) checked/> }
            }).collect_view()}
            <Select name="from" label=t.appointments_hours_from() choices=hours(t) value=from/>
            <Select name="until" label=t.appointments_hours_until() choices=hours(t) value=until/>
            {several.then(|| view! { <FieldGroup label=t.appointments_places()/> })}
            {places.into_iter().filter(|_| several).map(|(name, id)| {
                let checked = wishes.places.is_empty() || wishes.places.contains(&id);
                view! { <Checkbox name=format!("place[p{id}]") id=format!("place-{id}") label=name checked/> }
            }).collect_view()}
            <Checkbox name="nights" label=t.appointments_nights() checked=wishes.nights hint=t.appointments_nights_says()/>
            <Checkbox name="short_notice" label=t.appointments_short_notice() checked=wishes.short_notice hint=t.appointments_short_notice_says()/>
            <Checkbox name="paused" label=t.appointments_pause() checked=paused hint=t.appointments_pause_says()/>
        </PostForm>
    }
}

fn notice(t: Texts, hours: i32) -> String {
    if hours == 24 { t.appointments_notice_day().to_owned() } else { t.appointments_notice_days(&(hours / 24).to_string()) }
}

fn hours(t: Texts) -> Vec<(String, String)> {
    let hour = |hour: i32| {
        let words =
            if hour == 24 { t.appointments_end_of_day().to_owned() } else { t.clock_time(&format!("{hour:02}:00:00")).unwrap_or_default() };
        ((hour * 60).to_string(), words)
    };
    (0..=24).map(hour).collect()
}
