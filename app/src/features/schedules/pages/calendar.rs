use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::day::Day;
use crate::{
    access::{
        Grant, allow,
        policy::{ManageCalendars, SeeSchedules},
    },
    base::{error::Error, i18n::texts},
    desk::scheduling::{
        entity::working_hours,
        hours,
        settings::{may_change, pairs},
        staff::departments,
    },
    features::schedules::api,
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::{PostForm, SearchForm},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Section},
    },
};

/// Clinicians of the departments that the caller keeps, with the first of these departments.
pub async fn people(grant: &Grant<SeeSchedules>) -> Result<BTreeMap<String, (Uuid, Vec<(Uuid, String)>)>, Error> {
    let (own, manage) = (departments(grant).await?, allow::<ManageCalendars>(()).await?);
    let mut people: BTreeMap<String, (Uuid, Vec<(Uuid, String)>)> = BTreeMap::new();
    for (person, place) in pairs(&manage).await?.into_iter().filter(|(_, place)| own.contains(&place.id)) {
        people.entry(person.name).or_insert_with(|| (person.id, Vec::new())).1.push((place.id, place.name));
    }
    Ok(people)
}

/// The clinicians who have hours here.
async fn with_hours(grant: &Grant<SeeSchedules>) -> Result<Vec<Uuid>, Error> {
    use sea_orm::{EntityTrait, QuerySelect};
    let all = working_hours::Entity::find().select_only().column(working_hours::Column::ClinicianId).distinct();
    Ok(all.into_tuple().all(grant.db()).await?)
}

/// A day or a week of a clinician.
///
/// # Errors
/// `NotFound` for whoever keeps no calendar.
pub async fn calendar(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<SeeSchedules>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let people = people(&grant).await?;
    let wanted: Option<Uuid> = request.query("who").and_then(|id| id.parse().ok());
    let with_hours = with_hours(&grant).await?;
    let own = crate::desk::office::store::offices(&grant).await?.into_iter().find_map(|office| office.clinician_id);
    let shown = people
        .values()
        .find(|(id, _)| Some(*id) == wanted)
        .or_else(|| people.values().find(|(id, _)| Some(*id) == own))
        .or_else(|| people.values().find(|(id, _)| with_hours.contains(id)))
        .or(people.values().next())
        .cloned();
    let today = grant.now().today;
    let day = request.query("day").and_then(|typed| hours::day(&typed)).unwrap_or(today);
    let week = request.query("view").as_deref() == Some("week");
    let done = match request.query("done").as_deref() {
        Some("blocked") => Some(t.schedules_done_blocked()),
        Some("unblocked") => Some(t.schedules_done_unblocked()),
        _ => None,
    };
    let kinds = if may_change(&allow::<ManageCalendars>(()).await?).await? {
        Some(Link::new("/staff/schedule/kinds", t.schedules_kinds()))
    } else {
        None
    };
    let Some((who, places)) = shown else {
        return Ok(Page::new(t.schedules_title(), t.schedules_lead()).body(view! {
            <Section><p class="text">{t.schedules_none()}</p>{kinds.map(|kinds| view! { <Buttons links=vec![kinds]/> })}</Section>
        }));
    };
    let count = if week { 7 } else { 1 };
    let first = if week { day - TimeDelta::days(i64::from(chrono::Datelike::weekday(&day).num_days_from_monday())) } else { day };
    let mut days = Vec::new();
    for number in 0..count {
        days.push(Day::of(&grant, who, &places, first + TimeDelta::days(number), &zone).await?);
    }
    let choices = people.iter().map(|(name, (id, _))| (id.to_string(), name.clone())).collect::<Vec<_>>();
    let views = vec![("day".to_owned(), t.schedules_day().to_owned()), ("week".to_owned(), t.schedules_week().to_owned())];
    let view_value = if week { "week" } else { "day" };
    let to = |day: NaiveDate| format!("/staff/schedule?who={who}&view={view_value}&day={day}");
    let around = vec![
        Link::new(to(first - TimeDelta::days(count)), t.schedules_before()),
        Link::new(to(first + TimeDelta::days(count)), t.schedules_after()),
    ];
    let name = people.iter().find(|(_, (id, _))| *id == who).map(|(name, _)| name.clone()).unwrap_or_default();
    let mut more = vec![
        Link::new(format!("/staff/schedule/hours/{who}"), t.schedules_hours_of(&name)),
        Link::new("/staff/check-in", t.check_in_staff_title()),
        Link::new("/staff/visit-requests", t.schedules_requests()),
        Link::new("/staff/earlier", t.schedules_earlier()),
    ];
    more.extend(kinds);
    let (day_value, on) = (day.to_string(), day.to_string());
    Ok(Page::new(t.schedules_title(), t.schedules_lead()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <div class="wide">
        <Section>
            <SearchForm submit=t.messages_show()>
                <Select name="who" label=t.appointments_with_whom() choices value=who.to_string()/>
                <Field name="day" label=t.schedules_on() input=Input::Date value=on/>
                <Select name="view" label=t.schedules_view() choices=views value=view_value/>
            </SearchForm>
            <Buttons links=more/>
        </Section>
        <Section heading=name.clone()>
            <Buttons links=around/>
            <div class="week">{days.into_iter().map(Day::draw).collect_view()}</div>
        </Section>
        <Section><Disclosure summary=t.schedules_block()><BlockForm places who name day=day_value/></Disclosure></Section>
        </div>
    }))
}

#[component]
fn BlockForm(places: Vec<(Uuid, String)>, who: Uuid, name: String, day: String) -> impl IntoView {
    let t = texts();
    let departments = places.into_iter().map(|(id, name)| (id.to_string(), name)).collect::<Vec<_>>();
    let people = vec![(who.to_string(), name), (String::new(), t.schedules_everybody().to_owned())];
    view! {
        <PostForm action=api::Block::PATH submit=t.schedules_block()>
            <Select name="department" label=t.visits_department() choices=departments/>
            <Select name="clinician" label=t.schedules_whom() choices=people value=who.to_string() optional=true/>
            <Field name="day" label=t.schedules_on() input=Input::Date id="block-day" value=day/>
            <Field name="from" label=t.schedules_from() input=Input::Time/>
            <Field name="until" label=t.schedules_until() input=Input::Time/>
            <Field name="reason" label=t.schedules_reason() hint=t.schedules_reason_hint()/>
        </PostForm>
    }
}
