use chrono::{DateTime, Utc};
use leptos::prelude::*;
use uuid::Uuid;

use super::{
    by_video::ByVideo,
    next::Next,
    next_times::{by_office, next_times},
    whole::Whole,
    words::{day_words, for_whom},
};
use crate::{
    access::{
        allow,
        policy::{BookVisits, CheckIn as MayCheckIn, JoinVideo, ViewVisits},
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    desk::{
        check_in::store::CheckIn,
        office::words::author,
        scheduling::{
            act::{May, visit_of},
            entity::{booking_event, fast_pass_entry},
            events::ask_events,
            fair::LEAST_AHEAD,
            kinds,
            model::Happened,
            requests::ask_of_chart,
            waiting::ask_waiting,
            words::{reason_for, request_state},
        },
        video::room::VideoVisit,
    },
    platform::batch::Batch,
    record::visit::model::{Kind, Status},
    view::{
        Notice,
        document::Document,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, MainButton, QuietButton, Section, Tag},
    },
};

/// A visit: when and where, what to do next, what can be changed, and what became of it.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart.
pub async fn visit(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewVisits>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let (visit, booking) = visit_of(&grant, id).await?;
    let mut batch = Batch::default();
    let (waiting, requests, happened) = (ask_waiting(&mut batch, id, now), ask_of_chart(&mut batch, &grant), ask_events(&mut batch, id));
    let video =
        (visit.kind == Kind::Video && grant.would_allow::<JoinVideo>(&patient)).then(|| VideoVisit::ask(&mut batch, visit.clone(), now));
    let check_in = match grant.would_allow::<MayCheckIn>(&patient) {
        true => Some(CheckIn::ask_one(&mut batch, &grant, visit.clone(), booking.clone())),
        false => None,
    };
    let whole = Whole::ask(&mut batch, visit, booking);
    let mut answers = batch.read(grant.db()).await?;
    let (whole, (entry, offer)) = (whole(&mut answers)?, waiting(&mut answers)?);
    let (requests, happened) = (requests(&mut answers)?, happened(&mut answers)?);
    let video = video.map(|found| found(&mut answers)).transpose()?;
    let check_in = check_in.map(|found| found(&mut answers)).transpose()?;
    let may = if grant.would_allow::<BookVisits>(&patient) {
        May::of(&whole.visit, whole.booking.as_ref(), whole.kind.as_ref(), now, zone)
    } else {
        May::default()
    };
    let offer = offer.map(|offer| {
        let words = t.appointments_offer_now(
            param::At(&t.date_and_time(offer.starts_at, &zone)),
            param::Until(&t.date_and_time(offer.until, &zone)),
        );
        (words, format!("/p/{patient}/visits/offers/{}", offer.id))
    });
    let asked = requests.into_iter().find(|request| request.state.is_open() && request.moves == Some(id));
    let asked = asked.map(|request| (request_state(t, &request, now), format!("/p/{patient}/visits/requests/{}", request.id)));
    let given = grant.person()?.given_name.clone();
    let history: Vec<(String, Option<String>, DateTime<Utc>)> = happened
        .iter()
        .map(|event| {
            // Why it is called off stands above.
            let why = event.words.clone().filter(|_| event.what == Happened::Moved && grant.sees_clinical());
            (told(t, event, &given, &zone), why, event.at)
        })
        .collect();
    let done = match request.query("done").as_deref() {
        Some("booked") if whole.visit.status == Status::Requested => Some(t.appointments_done_pending()),
        Some("booked") => Some(t.appointments_done_booked()),
        Some("moved") => Some(t.appointments_done_moved()),
        Some("confirmed") => Some(t.appointments_done_confirmed()),
        Some("cancelled") => Some(t.appointments_done_cancelled()),
        Some("waiting") => Some(t.appointments_done_waiting()),
        Some("not-waiting") => Some(t.appointments_done_not_waiting()),
        _ => None,
    };
    let waits_for_office = whole.outside && whole.visit.status == Status::Requested && whole.booking.is_some();
    let tag = tag(t, &whole, may.cutoff.is_some() || whole.visit.status == Status::Cancelled, waits_for_office);
    let before = whole.kind.as_ref().and_then(|kind| kinds::before(t, kind).map(str::to_owned)).or(whole.visit.patient_instruction.clone());
    let is_on = matches!(whole.visit.status, Status::Booked | Status::Requested) && whole.visit.starts_at.is_some_and(|at| at > now);
    let by_video = video.as_ref().map(|found| view! { <ByVideo patient found zone clinical=grant.sees_clinical()/> });
    let (facts, title) = (whole.facts(t, &zone, grant.sees_clinical()), whole.title(t));
    let lead = whole.visit.starts_at.map(|at| day_words(t, at, &zone)).unwrap_or_default();
    let has_history = !history.is_empty();
    let again = (whole.visit.status == Status::Cancelled && grant.would_allow::<BookVisits>(&patient)).then(|| {
        let page = whole.kind.as_ref().map_or_else(String::new, |kind| format!("/{}", kind.id));
        format!("/p/{patient}/visits/book{page}")
    });
    let next_times =
        if again.is_some() && by_office(whole.booking.as_ref()) { next_times(&grant, whole.kind.as_ref()).await? } else { None };
    let whom = for_whom(&grant);
    let because = whole.visit.cancel_reason.as_deref().filter(|_| grant.sees_clinical()).map(|words| reason_for(t, words));
    // Whoever is there is told what to do next there.
    let is_there = check_in.as_ref().is_some_and(|found| found.is_waiting() || found.is_open());
    let next = (is_on || is_there).then(|| view! { <Next patient whole=&whole may before now zone whom check_in=check_in/> });
    let change = may.cancel.then(|| view! { <Change patient whole=&whole may zone asked=asked.is_some()/> });
    let earlier = may.cancel.then(|| view! { <Earlier patient whole=&whole entry now/> });
    Ok(Page::new(title, lead).narrow().back(format!("/p/{patient}/visits"), t.visits_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.appointments_the_visit()>
            {tag.map(Tag::draw)}
            <Document parts=vec![facts]/>
            {waits_for_office.then(|| view! { <p class="text">{t.appointments_waits_for_office()}</p> })}
            {because.map(|words| view! { <p class="text">{t.visits_because(&words)}</p> })}
            {again.map(|href| view! { <MainButton href label=t.appointments_again()/> })}
        </Section>
        {by_video}
        {next_times}
        {offer.map(|(words, href)| view! { <Notice><p class="text">{words}</p><MainButton href label=t.home_see_offer_time()/></Notice> })}
        {asked.map(|(tag, href)| view! {
            <Section heading=t.appointments_asked_to_move()><div>{tag.draw()}</div><QuietButton href label=t.appointments_see_request()/></Section>
        })}
        {next}
        {change}
        {earlier}
        {has_history.then(|| view! {
            <Section heading=t.appointments_history()>
                <ol class="track">
                    {history.into_iter().map(|(words, why, at)| view! {
                        <li>
                            <b>{words}</b><span>{t.date_and_time(at, &zone)}</span>
                            {why.map(|why| view! { <span class="text">{t.visits_because(&why)}</span> })}
                        </li>
                    }).collect_view()}
                </ol>
            </Section>
        })}
    }))
}

fn tag(t: Texts, whole: &Whole, to_come: bool, waits: bool) -> Option<Tag> {
    let confirmed = whole.booking.as_ref().is_some_and(|booking| booking.confirmed_at.is_some());
    match whole.visit.status {
        _ if waits => Some(Tag::warning(t.appointments_tag_pending())),
        Status::Requested => Some(Tag::warning(t.visits_requested())),
        Status::Booked if to_come && confirmed => Some(Tag::good(t.appointments_tag_confirmed())),
        Status::Booked if to_come => Some(Tag::neutral(t.visits_booked())),
        Status::Cancelled => Some(Tag::muted(t.visits_cancelled())),
        Status::NoShow => Some(Tag::muted(t.visits_no_show())),
        Status::Arrived | Status::InProgress => Some(Tag::neutral(t.visits_arrived())),
        Status::Booked | Status::Finished => None,
    }
}

/// What happened, and who did it.
fn told(t: Texts, event: &booking_event::Model, given: &str, zone: &chrono_tz::Tz) -> String {
    let by = author(t, &event.by, event.role.as_deref(), given);
    let at = |at: Option<DateTime<Utc>>| at.map(|at| t.date_and_time(at, zone)).unwrap_or_default();
    let (from, to) = (at(event.from_at), at(event.to_at));
    match event.what {
        Happened::Booked => t.appointments_event_booked(&by),
        Happened::Moved => t.appointments_event_moved(param::By(&by), param::From(&from), param::To(&to)),
        Happened::MovedEarlier => t.appointments_event_earlier(param::By(&by), param::From(&from), param::To(&to)),
        Happened::Confirmed => t.appointments_event_confirmed(&by),
        Happened::Cancelled => t.appointments_event_cancelled(&by),
        Happened::Arrived => t.appointments_event_arrived(&by),
        Happened::NotArrived => t.appointments_event_not_arrived(&by),
        Happened::Began => t.appointments_event_began(&by),
        Happened::Ended => t.appointments_event_ended(&by),
        Happened::Acknowledged => t.appointments_event_acknowledged().to_owned(),
    }
}

/// Moving and cancelling, with what it means.
#[component]
fn Change<'a>(patient: PatientId, whole: &'a Whole, may: May, zone: chrono_tz::Tz, asked: bool) -> impl IntoView + use<> {
    let t = texts();
    let (id, phone) = (whole.visit.id, whole.place.as_ref().and_then(|place| place.phone.clone()));
    let cutoff = may.cutoff.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
    let words = if may.change { t.appointments_change_until(&cutoff) } else { t.appointments_change_over(&cutoff) };
    let call = phone.map(|phone| t.messages_call(&phone));
    let to_move = (may.change && !(asked && whole.kind.is_none())).then(|| match &whole.kind {
        Some(kind) => format!("/p/{patient}/visits/book/{}?moves={id}", kind.id),
        None => format!("/p/{patient}/visits/request?moves={id}"),
    });
    let label = if whole.kind.is_some() { t.appointments_move() } else { t.appointments_ask_move() };
    view! {
        <Section heading=t.appointments_change()>
            <p class="text">{words}</p>
            {(!may.change).then_some(call).flatten().map(|call| view! { <p class="text">{call}</p> })}
            <Buttons links=to_move.map(|href| Link::new(href, label)).into_iter().chain([Link::new(format!("/p/{patient}/visits/{id}/cancel"), t.appointments_cancel())]).collect()/>
        </Section>
    }
}

/// Waiting for an earlier time.
#[component]
fn Earlier<'a>(patient: PatientId, whole: &'a Whole, entry: Option<fast_pass_entry::Model>, now: DateTime<Utc>) -> impl IntoView + use<> {
    let t = texts();
    let far = whole.visit.starts_at.is_some_and(|at| at - now > LEAST_AHEAD);
    let kind = whole.kind.as_ref().filter(|kind| kind.fast_pass && far && whole.visit.status == Status::Booked);
    let href = format!("/p/{patient}/visits/{}/earlier", whole.visit.id);
    kind.map(|_| {
        let (tag, words) = match entry.filter(|entry| entry.on) {
            Some(entry) if entry.paused => (Tag::muted(t.appointments_wait_paused()), t.appointments_wait_paused_says()),
            Some(_) => (Tag::good(t.appointments_wait_on()), t.appointments_wait_on_says()),
            None => (Tag::muted(t.appointments_wait_off()), t.appointments_wait_off_says()),
        };
        view! {
            <Section heading=t.appointments_fast_pass()>
                <div>{tag.draw()}</div><p class="text">{words}</p><QuietButton href label=t.appointments_wishes()/>
            </Section>
        }
    })
}
