use chrono::Utc;
use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    access::{
        allow,
        policy::{ManageCalendars, SeeSchedules},
    },
    base::{
        error::Error,
        i18n::{Texts, param},
    },
    desk::{
        office::words::author,
        scheduling::{hours::instant, keepers::changes, staff::departments},
        video::{
            call_backs,
            day::{self, OfDay},
            model::{AWAY, Gate, Way},
            watching::shown_name,
        },
    },
    features::video::api,
    record::care_team::entity::department,
    view::{
        Notice,
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Item, LiveStatus, MainButton, QuietButton, RenewedPart, Section, Tag},
    },
};

/// The visits by video of today at the caller's departments: who waits since when, and who wants to be called.
///
/// # Errors
/// When the database fails.
pub async fn day(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<SeeSchedules>(()).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let found = day::day(&grant, now.today).await?;
    let lines: Vec<_> = found.iter().map(|one| line(t, one, now.instant, &zone)).collect();
    let since = instant(now.today, 0, &zone).unwrap_or(now.instant);
    let calls: Vec<_> = call_backs::open(&grant, since)
        .await?
        .into_iter()
        .map(|(row, person)| {
            let by = author(t, &row.author, row.role.as_deref(), &person.given_name);
            let asked = t.video_staff_asked(param::At(&t.date_and_time(row.asked_at, &zone)), param::By(&by));
            let called = row.called_at.map(|at| {
                let (at, by) = (t.date_and_time(at, &zone), row.called_by.clone().unwrap_or_default());
                t.video_staff_called(param::At(&at), param::By(&by))
            });
            let hidden = vec![("patient", row.patient_id.to_string()), ("visit", row.visit_id.to_string())];
            let is_called = called.is_some();
            let name = format!("{} {}", person.given_name, person.family_name);
            (name, [Some(asked), called].into_iter().flatten().collect::<Vec<_>>(), row.phone, hidden, is_called)
        })
        .collect();
    let mut settings = Vec::new();
    if grant.would_allow::<ManageCalendars>(&()) {
        let keeper = allow::<ManageCalendars>(()).await?;
        let mine = departments(&keeper).await?;
        let places = department::Entity::find().filter(department::Column::Id.is_in(mine)).order_by_asc(department::Column::Name);
        for place in places.all(keeper.db()).await? {
            if changes(&keeper, place.id).await? {
                settings.push(Link::new(format!("/staff/video/{}", place.id), place.name));
            }
        }
    }
    let (no_visits, no_calls) = (lines.is_empty(), calls.is_empty());
    let has_settings = !settings.is_empty();
    let done = (request.query("done").as_deref() == Some("called")).then(|| t.video_staff_saved());
    Ok(Page::new(t.video_staff_title(), t.long_date(now.today)).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <LiveStatus made_at=t.check_in_as_of(&t.time(now.instant, &zone))/>
        <RenewedPart id="video-day" seconds=15>
            <Section heading=t.video_staff_title()>
                {no_visits.then(|| view! { <p class="text">{t.video_staff_none()}</p> })}
                {lines.into_iter().map(|(title, tag, lines, href, starts)| view! {
                    <Item title tag=Some(tag) lines>
                        {if starts {
                            view! { <MainButton href label=t.video_staff_start()/> }.into_any()
                        } else {
                            view! { <QuietButton href label=t.video_staff_open()/> }.into_any()
                        }}
                    </Item>
                }).collect_view()}
            </Section>
            <Section heading=t.video_staff_calls()>
                {no_calls.then(|| view! { <p class="text">{t.video_staff_calls_none()}</p> })}
                {calls.into_iter().map(|(title, lines, phone, hidden, is_called)| {
                    let undo = [hidden.clone(), vec![("undo", "true".to_owned())]].concat();
                    view! {
                        <Item title lines>
                            <p><a class="link" href=format!("tel:{}", dialled(&phone)) rel="external">{t.video_staff_call(&phone)}</a></p>
                            {if is_called {
                                view! { <PostForm action=api::MarkCalled::PATH submit=t.video_staff_unmark() quiet=true hidden=undo/> }
                            } else {
                                view! { <PostForm action=api::MarkCalled::PATH submit=t.video_staff_mark() quiet=true hidden/> }
                            }}
                        </Item>
                    }
                }).collect_view()}
            </Section>
        </RenewedPart>
        {has_settings.then(|| view! { <Section heading=t.video_staff_settings()><Buttons links=settings/></Section> })}
    }))
}

/// As a telephone takes it.
pub(super) fn dialled(phone: &str) -> String {
    phone.chars().filter(|sign| sign.is_ascii_digit() || *sign == '+').collect()
}

/// A visit in the list: its time and person, where it stands, and whether it can be started.
fn line(t: Texts, one: &OfDay, now: chrono::DateTime<Utc>, zone: &chrono_tz::Tz) -> (String, Tag, Vec<String>, String, bool) {
    let time = one.found.visit.starts_at.map(|at| t.time(at, zone)).unwrap_or_default();
    let title = format!("{time} · {} {}", one.person.given_name, one.person.family_name);
    let begun = one.found.room.as_ref().and_then(|room| room.begun_at);
    let is_open = one.found.gate == Gate::Open;
    let waits = one.arrival.as_ref().filter(|_| is_open && begun.is_none());
    let tag = match one.found.gate {
        Gate::Ended | Gate::Late | Gate::Off => Tag::muted(t.video_tag_over()),
        _ if begun.is_some() => Tag::neutral(t.video_tag_on()),
        _ if waits.is_some() => Tag::good(t.video_tag_waits()),
        _ => Tag::neutral(t.video_tag_expected()),
    };
    let since = waits.map(|row| {
        let minutes = (now - row.arrived_at).num_minutes().max(0).to_string();
        t.video_staff_waits(param::At(&t.time(row.arrived_at, zone)), param::Minutes(&minutes))
    });
    let here = one.people.iter().filter(|person| person.inside && !person.gone && Utc::now() - person.seen_at < AWAY);
    let inside: Vec<String> = here.map(|person| shown_name(t, person)).collect();
    let inside = (!inside.is_empty()).then(|| t.video_staff_inside(&inside.join(", ")));
    let way = match one.found.way {
        Way::Portal => None,
        Way::Outside(_) => Some(t.video_staff_outside().to_owned()),
        Way::Unknown => Some(t.video_staff_unknown().to_owned()),
    };
    let lines = [Some(one.found.visit.title.clone()), since, inside, way].into_iter().flatten().collect();
    let href = format!("/staff/visits/{}/video", one.found.visit.id);
    (title, tag, lines, href, is_open && begun.is_none() && one.found.way == Way::Portal)
}
