use chrono::NaiveDate;
use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::words::progress;
use crate::{
    access::{allow, policy::SeeSchedules},
    base::{error::Error, i18n::param},
    desk::{
        check_in::{offices, staff},
        scheduling::{hours, staff::departments},
    },
    features::check_in::api,
    record::{care_team::entity::department, visit::model::Status},
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::{PostForm, SearchForm},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Item, LiveStatus, QuietButton, RenewedPart, Section, Tag},
    },
};

/// Who is expected on a day at a department, how far their check-ins are, who is there and waits since when.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn day(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<SeeSchedules>(()).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let own = departments(&grant).await?;
    let places = department::Entity::find().filter(department::Column::Id.is_in(own)).order_by_asc(department::Column::Name);
    let places = places.all(grant.db()).await?;
    let asked: Option<Uuid> = request.query("department").and_then(|id| id.parse().ok());
    let Some(place) = places.iter().find(|place| Some(place.id) == asked).or(places.first()).cloned() else {
        return Ok(Page::new(t.check_in_staff_title(), String::new())
            .body(view! { <Section><p class="text">{t.check_in_no_department()}</p></Section> }));
    };
    let on: NaiveDate = request.query("day").and_then(|day| hours::day(&day)).unwrap_or(now.today);
    let found = staff::day(&grant, place.id, on).await?;
    let office = offices::office(grant.db(), Some(place.id)).await?;
    let delay = office.delay(now.instant, &zone);
    let done_count = found.iter().filter(|(one, _)| one.progress() == crate::desk::check_in::model::Progress::Done).count();
    let here: usize = found.iter().filter(|(one, _)| one.is_waiting()).count();
    let sums =
        t.check_in_day_sums(param::All(&found.len().to_string()), param::Done(&done_count.to_string()), param::Here(&here.to_string()));
    let lines: Vec<_> = found
        .into_iter()
        .map(|(one, person)| {
            let time = one.visit.starts_at.map(|at| t.time(at, &zone)).unwrap_or_default();
            let told = one.steps.iter().any(|of| of.done.as_ref().is_some_and(|row| row.told));
            let waits = one.arrival.as_ref().map(|there| {
                let minutes = (now.instant - there.arrived_at).num_minutes().max(0).to_string();
                match (&there.called_at, one.is_waiting()) {
                    (Some(at), _) => t.check_in_called_at(&t.time(*at, &zone)),
                    (None, true) => t.check_in_waits(param::At(&t.time(there.arrived_at, &zone)), param::Minutes(&minutes)),
                    _ => t.check_in_here_since(&t.time(there.arrived_at, &zone)),
                }
            });
            let tag = match one.visit.status {
                _ if one.is_waiting() => Tag::good(t.check_in_tag_here()),
                Status::InProgress => Tag::neutral(t.visits_arrived()),
                Status::NoShow => Tag::muted(t.visits_no_show()),
                Status::Finished => Tag::muted(t.check_in_tag_over()),
                _ if one.steps.is_empty() || !one.office.rules.is_on => Tag::neutral(t.visits_booked()),
                _ => progress(t, one.progress()),
            };
            let changed = told.then(|| t.check_in_something_told().to_owned());
            let lines: Vec<String> = [Some(one.visit.title.clone()), waits, changed].into_iter().flatten().collect();
            let name = format!("{time} · {} {}", person.given_name, person.family_name);
            (name, tag, lines, format!("/staff/visits/{}/check-in", one.visit.id))
        })
        .collect();
    let none = lines.is_empty();
    let done = (request.query("done").as_deref() == Some("delay")).then(|| t.check_in_done_delay());
    let choices: Vec<(String, String)> = places.iter().map(|place| (place.id.to_string(), place.name.clone())).collect();
    let department = place.id.to_string();
    let hidden = vec![("department", department.clone())];
    let late = delay.map(|minutes| t.check_in_late_by(&minutes.to_string()));
    Ok(Page::new(t.check_in_staff_title(), format!("{}, {}", place.name, t.long_date(on))).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            <SearchForm submit=t.check_in_show()>
                <Select name="department" label=t.check_in_department() choices value=department/>
                <Field name="day" label=t.billing_day() input=Input::Date value=on.to_string()/>
            </SearchForm>
            <Buttons links=vec![Link::new(format!("/staff/check-in/{}", place.id), t.check_in_settings())]/>
            {late.map(|words| view! { <p class="text">{words}</p> })}
            <Disclosure summary=t.check_in_delay_title()>
                <PostForm action=api::SayDelay::PATH submit=t.check_in_delay_say() quiet=true hidden>
                    <Field name="minutes" label=t.check_in_delay_minutes() hint=t.check_in_delay_hint() input=Input::Digits optional=true
                        value=delay.map(|minutes| minutes.to_string()).unwrap_or_default()/>
                </PostForm>
            </Disclosure>
        </Section>
        <LiveStatus made_at=t.check_in_as_of(&t.time(now.instant, &zone))/>
        <RenewedPart id="expected" seconds=20>
            <Section heading=t.check_in_expected()>
                {none.then(|| view! { <p class="text">{t.check_in_nobody()}</p> })}
                {(!none).then(|| view! { <p class="meta">{sums}</p> })}
                {lines.into_iter().map(|(title, tag, lines, href)| view! {
                    <Item title tag=Some(tag) lines><QuietButton href label=t.check_in_open()/></Item>
                }).collect_view()}
            </Section>
        </RenewedPart>
    }))
}
