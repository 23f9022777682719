use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::calendar::people;
use crate::{
    access::{allow, policy::SeeSchedules},
    base::{
        error::Error,
        i18n::{param, texts},
    },
    desk::scheduling::{entity::working_hours, hours::instant, staff_visits::misfits},
    features::schedules::api,
    people::patient,
    view::{
        Notice,
        fields::{Checkbox, Field, FieldGroup, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section},
    },
};

/// When a clinician sees patients, adding and ending that, and the visits that no longer fit.
///
/// # Errors
/// `NotFound` for a clinician of other departments.
pub async fn hours(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let who: Uuid = request.id(0)?;
    let grant = allow::<SeeSchedules>(()).await?;
    let (t, zone, today) = (grant.texts(), grant.zone(), grant.now().today);
    let people = people(&grant).await?;
    let (name, places) =
        people.iter().find(|(_, (id, _))| *id == who).map(|(name, (_, places))| (name.clone(), places.clone())).ok_or(Error::NotFound)?;
    let rows = working_hours::Entity::find()
        .filter(working_hours::Column::ClinicianId.eq(who))
        .order_by_asc(working_hours::Column::Weekday)
        .order_by_asc(working_hours::Column::FromMinute)
        .all(grant.db())
        .await?;
    let time = |minute: i32| instant(today, minute, &zone).map(|at| t.time(at, &zone)).unwrap_or_default();
    let items: Vec<_> = rows
        .into_iter()
        .filter(|row| row.last_on.is_none_or(|last| today <= last))
        .filter_map(|row| {
            let place = places.iter().find(|(id, _)| *id == row.department_id)?.1.clone();
            let day = usize::try_from(row.weekday - 1).unwrap_or_default();
            let words =
                t.schedules_hours_at(param::From(&time(row.from_minute)), param::Place(&place), param::Until(&time(row.until_minute)));
            let dates = match row.last_on {
                Some(last) => t.appointments_from_to(param::From(&t.date(row.first_on)), param::Until(&t.date(last))),
                None => t.schedules_since(&t.date(row.first_on)),
            };
            Some((row.id, weekday(t, day).to_owned(), vec![words, dates]))
        })
        .collect();
    let misfits = misfits(&grant, who).await?;
    let of_misfits = patient::Entity::find().filter(patient::Column::Id.is_in(misfits.iter().map(|visit| visit.patient_id)));
    let of_misfits = of_misfits.all(grant.db()).await?;
    let wrong: Vec<_> = misfits
        .into_iter()
        .map(|visit| {
            let at = visit.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
            let person = of_misfits.iter().find(|person| person.id == visit.patient_id);
            let name = person.map(|person| format!("{} {} · ", person.given_name, person.family_name)).unwrap_or_default();
            (format!("{name}{at}"), visit.title, format!("/staff/visits/{}", visit.id))
        })
        .collect();
    let done = match request.query("done").as_deref() {
        Some("added") => Some(t.schedules_done_added()),
        Some("ended") => Some(t.schedules_done_ended()),
        _ => None,
    };
    let (none, has_wrong, day, from) = (items.is_empty(), !wrong.is_empty(), today.to_string(), today.to_string());
    Ok(Page::new(t.schedules_hours_of(&name), t.schedules_hours_lead())
        .narrow()
        .back(format!("/staff/schedule?who={who}"), t.schedules_title())
        .body(view! {
            {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
            {has_wrong.then(|| view! {
                <Section heading=t.schedules_misfits()>
                    <Notice warn=true><p class="text">{t.schedules_misfits_says()}</p></Notice>
                    {wrong.into_iter().map(|(at, title, href)| {
                        let words = t.messages_open(&at);
                        view! { <Item title=at lines=vec![title]><QuietButton href label=words/></Item> }
                    }).collect_view()}
                </Section>
            })}
            <Section heading=t.schedules_hours()>
                {none.then(|| view! { <p class="text">{t.schedules_no_hours()}</p> })}
                {items.into_iter().map(|(id, title, lines)| {
                    let day = day.clone();
                    let hidden = vec![("id", id.to_string())];
                    view! {
                        <Item title lines>
                            <PostForm action=api::EndHours::PATH submit=t.schedules_end() quiet=true hidden>
                                <Field name="last_on" label=t.schedules_last_on() input=Input::Date id=format!("last-{id}") value=day/>
                            </PostForm>
                        </Item>
                    }
                }).collect_view()}
            </Section>
            <Section heading=t.schedules_add()><AddForm who places day=from/></Section>
        }))
}

fn weekday(t: crate::base::i18n::Texts, index: usize) -> &'static str {
    crate::desk::scheduling::words::weekday(t, index)
}

#[component]
fn AddForm(who: Uuid, places: Vec<(Uuid, String)>, day: String) -> impl IntoView {
    let t = texts();
    let places = places.into_iter().map(|(id, name)| (id.to_string(), name)).collect::<Vec<_>>();
    view! {
        <PostForm action=api::AddHours::PATH submit=t.schedules_add() hidden=vec![("clinician", who.to_string())]>
            <Select name="department" label=t.visits_department() choices=places/>
            <FieldGroup label=t.appointments_weekdays()/>
            {(0..7).map(|index| view! {
                <Checkbox name=format!("day[d{}]", index + 1) id=format!("day-{index}") label=weekday(t, index)/>
            }).collect_view()}
            <Field name="from" label=t.schedules_from() input=Input::Time/>
            <Field name="until" label=t.schedules_until() input=Input::Time/>
            <Field name="first_on" label=t.schedules_first_on() input=Input::Date value=day/>
            <Field name="last_on" label=t.schedules_last_on() input=Input::Date optional=true/>
        </PostForm>
    }
}
