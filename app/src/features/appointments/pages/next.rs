use chrono::{DateTime, TimeDelta, Utc};
use leptos::{prelude::*, server_fn::ServerFn};

use super::whole::Whole;
use crate::{
    base::{clock::local_date, i18n::texts, ids::PatientId},
    desk::{
        check_in::{
            model::{Arriving, Closed, Progress, Window, arriving},
            store::CheckIn,
        },
        scheduling::{act::May, words::way},
    },
    features::appointments::api,
    record::visit::model::Status,
    view::{
        form::PostForm,
        link::Link,
        sections::{MainButton, QuietButton, Section, Tag},
    },
};

/// What to do next, each with where it stands.
#[component]
pub fn Next<'a>(
    patient: PatientId,
    whole: &'a Whole,
    may: May,
    before: Option<String>,
    now: DateTime<Utc>,
    zone: chrono_tz::Tz,
    whom: Option<String>,
    check_in: Option<CheckIn>,
) -> impl IntoView + use<> {
    let t = texts();
    let id = whole.visit.id;
    let confirmed = whole.booking.as_ref().and_then(|booking| booking.confirmed_at);
    let opens = whole.visit.starts_at.map(|at| at - TimeDelta::days(crate::desk::scheduling::act::CONFIRM_DAYS));
    let confirm = match (confirmed, may.confirm) {
        (Some(at), _) => Some((Tag::good(t.appointments_task_done()), t.appointments_confirmed_on(&t.date_and_time(at, &zone)))),
        (None, true) => Some((Tag::warning(t.appointments_task_now()), t.appointments_please_confirm().to_owned())),
        (None, false) => opens
            .filter(|opens| *opens > now && whole.visit.status == Status::Booked)
            .map(|opens| (Tag::muted(t.appointments_task_later()), t.appointments_confirm_from(&t.long_date(local_date(opens, &zone))))),
    };
    let arrives = check_in.as_ref().is_some_and(|found| {
        matches!(arriving(&found.facts(), &found.office.rules, now), Arriving::Open | Arriving::Closed(Closed::Arrived))
    });
    let waits = check_in.as_ref().is_some_and(CheckIn::is_waiting);
    let check_in = check_in.and_then(|found| {
        let page = format!("/p/{patient}/visits/{id}/check-in");
        match (found.window, found.progress()) {
            (Window::Opens(at), _) => {
                Some((Tag::muted(t.appointments_task_later()), t.check_in_task_opens(&t.long_date(local_date(at, &zone))), None))
            }
            (Window::Open(_), Progress::Done) => {
                Some((Tag::good(t.appointments_task_done()), t.check_in_all_done().to_owned(), Some((page, t.check_in_see()))))
            }
            (Window::Open(_), progress) => {
                let label = if progress == Progress::Open { t.check_in_begin() } else { t.check_in_go_on() };
                Some((Tag::warning(t.appointments_task_now()), t.check_in_task_do().to_owned(), Some((page, label))))
            }
            (Window::Closed(_), _) => None,
        }
    });
    let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
    let submit = whom.map_or_else(|| t.appointments_confirm_own().to_owned(), |given| t.appointments_confirm_for(&given));
    let directions = whole.place.as_ref().and_then(|place| place.address.clone()).filter(|_| way(t, whole.visit.kind).is_none());
    let calendar = Link::new(format!("/p/{patient}/visits/{id}/calendar.ics"), t.calendar_add());
    view! {
        <Section heading=t.appointments_next()>
            {arrives.then(|| view! { <MainButton href=format!("/p/{patient}/visits/{id}/arrive") label=if waits { t.check_in_see_arrival() } else { t.check_in_here() }/> })}
            {check_in.map(|(tag, words, link)| view! {
                <div class="entry"><div class="entry__head"><h3>{t.check_in_task()}</h3>{tag.draw()}</div><p class="text">{words}</p>
                    {link.map(|(href, label)| view! { <QuietButton href label/> })}
                </div>
            })}
            {confirm.map(|(tag, words)| view! {
                <div class="entry"><div class="entry__head"><h3>{t.appointments_task_confirm()}</h3>{tag.draw()}</div><p class="text">{words}</p>
                    {may.confirm.then(|| view! { <PostForm action=api::Confirm::PATH submit hidden/> })}
                </div>
            })}
            {before.map(|words| view! {
                <div class="entry"><div class="entry__head"><h3>{t.visits_before()}</h3></div><p class="text">{words}</p></div>
            })}
            <div class="entry">
                <div class="entry__head"><h3>{t.appointments_task_calendar()}</h3></div>
                <div class="acts"><a class="btn quiet" href=calendar.href rel="external" download="visit.ics">{calendar.label}</a></div>
            </div>
            {directions.map(|address| {
                let query: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
                let href = format!("https://www.openstreetmap.org/search?query={query}");
                view! {
                    <div class="entry"><div class="entry__head"><h3>{t.appointments_directions()}</h3></div><p class="text">{address}</p>
                        <div class="acts"><a class="btn quiet" href=href rel="external noreferrer" target="_blank">{t.appointments_open_map()}</a></div>
                    </div>
                }
            })}
        </Section>
    }
}
