use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{Grant, policy::SeeSchedules},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
    },
    desk::scheduling::{
        day::{Entry, entries},
        entity::{open_slot, working_hours},
        hours::{DAY_MINUTES, hold_on, instant},
    },
    features::schedules::api,
    record::visit::entity::visit,
    record::visit::model::Status,
    view::{form::PostForm, sections::Tag},
};

/// A line of a day.
struct Line {
    class: &'static str,
    time: String,
    title: String,
    tags: Vec<Tag>,
    says: Option<String>,
    /// The page of a visit.
    href: Option<String>,
    /// What can be opened again.
    blocked: Option<Uuid>,
}

/// A day of a clinician: hours, visits, what is held and what is blocked.
pub struct Day {
    heading: String,
    hours: Vec<String>,
    lines: Vec<Line>,
}

impl Day {
    /// # Errors
    /// When the database fails.
    pub async fn of(grant: &Grant<SeeSchedules>, who: Uuid, places: &[(Uuid, String)], day: NaiveDate, zone: &Tz) -> Result<Self, Error> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
        let t = grant.texts();
        let from = instant(day, 0, zone).unwrap_or_default();
        let until = instant(day, DAY_MINUTES, zone).unwrap_or(from + TimeDelta::days(1));
        let found = entries(grant, who, (from, until)).await?;
        let hours = working_hours::Entity::find()
            .filter(working_hours::Column::ClinicianId.eq(who))
            .filter(working_hours::Column::DepartmentId.is_in(places.iter().map(|(id, _)| *id)))
            .order_by_asc(working_hours::Column::FromMinute)
            .all(grant.db())
            .await?;
        let words = |row: &working_hours::Model| {
            let place = places.iter().find(|(id, _)| *id == row.department_id).map(|(_, name)| name.as_str()).unwrap_or_default();
            let time = |minute: i32| instant(day, minute, zone).map(|at| t.time(at, zone)).unwrap_or_default();
            Some(t.schedules_hours_at(param::From(&time(row.from_minute)), param::Place(place), param::Until(&time(row.until_minute))))
        };
        let hours: Vec<String> = hours.iter().filter(|row| hold_on(row, day)).filter_map(words).collect();
        let theirs = open_slot::Entity::find()
            .filter(open_slot::Column::ClinicianId.eq(who))
            .filter(open_slot::Column::StartsAt.gte(from))
            .filter(open_slot::Column::StartsAt.lt(until))
            .all(grant.db())
            .await?;
        let mut hours: Vec<String> = hours;
        if !theirs.is_empty() {
            let free = theirs.iter().filter(|slot| slot.free).count();
            hours.push(t.schedules_outside_day(param::Count(&theirs.len().to_string()), param::Free(&free.to_string())));
        }
        let blocked: Vec<_> = found
            .iter()
            .filter_map(|entry| match entry {
                Entry::Blocked(row) => Some((row.starts_at, row.ends_at, row.clinician_id.is_none().then_some(row.department_id))),
                _ => None,
            })
            .collect();
        let is_blocked = |visit: &visit::Model| {
            let times = visit.starts_at.zip(visit.ends_at);
            times.is_some_and(|(from, until)| {
                blocked
                    .iter()
                    .any(|(first, last, at)| *first < until && from < *last && at.is_none_or(|at| visit.department_id == Some(at)))
            })
        };
        let lines = found
            .into_iter()
            .map(|entry| {
                let in_blocked = matches!(&entry, Entry::Visit { visit, .. } if is_blocked(visit));
                line(t, entry, in_blocked, zone)
            })
            .collect();
        Ok(Self { heading: t.day(day, false).long, hours, lines })
    }

    pub fn draw(self) -> impl IntoView {
        let t = texts();
        let free = self.lines.is_empty();
        let off = self.hours.is_empty();
        view! {
            <section>
                <h3>{self.heading}</h3>
                {self.hours.into_iter().map(|words| view! { <p class="meta">{words}</p> }).collect_view()}
                {off.then(|| view! { <p class="meta">{t.schedules_no_hours()}</p> })}
                {(free && !off).then(|| view! { <p class="text">{t.schedules_all_free()}</p> })}
                {self.lines.into_iter().map(draw).collect_view()}
            </section>
        }
    }
}

fn draw(line: Line) -> impl IntoView {
    let t = texts();
    let open = line.blocked.map(|id| {
        let hidden = vec![("id", id.to_string())];
        view! { <PostForm action=api::Unblock::PATH submit=t.schedules_unblock() quiet=true hidden/> }
    });
    let title = match line.href {
        Some(href) => view! { <a href=href>{line.title}</a> }.into_any(),
        None => view! { <span>{line.title}</span> }.into_any(),
    };
    view! {
        <article class=format!("slotline {}", line.class)>
            <p><b>{line.time}</b></p>
            <p>{title}</p>
            {line.says.map(|words| view! { <p class="meta">{words}</p> })}
            {line.tags.into_iter().map(Tag::draw).collect_view()}
            {open}
        </article>
    }
}

fn line(t: Texts, entry: Entry, in_blocked: bool, zone: &Tz) -> Line {
    let between = |from: DateTime<Utc>, until: DateTime<Utc>| format!("{} – {}", t.time(from, zone), t.time(until, zone));
    match entry {
        Entry::Visit { visit, booking, patient } => {
            let times = visit.starts_at.zip(visit.ends_at);
            let over = booking.as_ref().is_some_and(|booking| booking.overbooked);
            let state = match visit.status {
                Status::Requested => Some(Tag::warning(t.appointments_tag_pending())),
                _ if booking.as_ref().is_some_and(|booking| booking.confirmed_at.is_some()) => {
                    Some(Tag::good(t.appointments_tag_confirmed()))
                }
                _ => None,
            };
            Line {
                class: if over { "is-over" } else { "" },
                time: times
                    .map_or_else(|| visit.starts_at.map(|at| t.time(at, zone)).unwrap_or_default(), |(from, until)| between(from, until)),
                title: format!("{} {}", patient.given_name, patient.family_name),
                tags: state
                    .into_iter()
                    .chain(over.then(|| Tag::warning(t.schedules_overbooked())))
                    .chain(in_blocked.then(|| Tag::warning(t.schedules_in_blocked())))
                    .collect(),
                says: Some(visit.title.clone()),
                href: Some(format!("/staff/visits/{}", visit.id)),
                blocked: None,
            }
        }
        Entry::Offer { starts_at, ends_at, until } => Line {
            class: "is-held",
            time: between(starts_at, ends_at),
            title: t.schedules_held(&t.date_and_time(until, zone)),
            tags: Vec::new(),
            says: None,
            href: None,
            blocked: None,
        },
        Entry::Blocked(row) => Line {
            class: "is-blocked",
            time: between(row.starts_at, row.ends_at),
            title: row.reason,
            tags: Vec::new(),
            says: Some(if row.clinician_id.is_none() {
                t.schedules_blocked_all(&row.made_by)
            } else {
                t.schedules_blocked_by(&row.made_by)
            }),
            href: None,
            blocked: Some(row.id),
        },
    }
}
