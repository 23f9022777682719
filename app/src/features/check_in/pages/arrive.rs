use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{about, closed};
use crate::{
    access::{allow, policy::CheckIn as MayCheckIn},
    base::{error::Error, i18n::param, ids::PatientId},
    desk::check_in::{
        arriving::ahead,
        model::{Arriving, Closed, Progress, arriving},
        store::CheckIn,
    },
    features::check_in::api,
    record::visit::model::{Kind, Status},
    view::{
        Notice,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{LiveStatus, QuietButton, RenewedPart, Section, Tag},
    },
};

/// "I'm here": when it is the time for it, and what to do then; otherwise why not, and what to do instead.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart.
pub async fn arrive(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<MayCheckIn>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let found = CheckIn::of(&grant, id).await?;
    let (name, place, when) = about(&grant, &found).await?;
    let given = grant.person()?.given_name.clone();
    let phone = place.as_ref().and_then(|place| place.phone.clone());
    let call = || phone.as_deref().map(|phone| t.check_in_call(phone));
    let at = place.map(|place| [Some(place.name), place.address].into_iter().flatten().collect::<Vec<_>>().join(", ")).unwrap_or_default();
    let state = arriving(&found.facts(), &found.office.rules, now);
    let says: Vec<String> = match state {
        Arriving::TooEarly(from) => {
            vec![t.check_in_too_early(param::At(&t.date_and_time(from, &zone)), param::Place(&at))]
        }
        Arriving::Open => vec![t.check_in_here_says(&at)],
        Arriving::TooLate => [Some(t.check_in_too_late().to_owned()), call()].into_iter().flatten().collect(),
        Arriving::NotInPerson => vec![t.check_in_not_in_person().to_owned()],
        Arriving::Closed(Closed::Arrived) => Vec::new(),
        Arriving::Closed(why) => closed(t, why, phone.as_deref()),
    };
    let waits = found.is_waiting();
    let delay = found.office.delay(now, &zone).filter(|_| found.is_today(now, &zone) && (waits || found.visit.status == Status::Booked));
    let delay = delay.map(|minutes| t.check_in_delay(&minutes.to_string()));
    let waiting = match &found.arrival {
        Some(own) if waits && own.called_at.is_none() => Some(ahead(grant.db(), own, &zone).await?),
        _ => None,
    };
    let there = matches!(state, Arriving::Closed(Closed::Arrived));
    let since = found.arrival.as_ref().filter(|_| there).map(|own| t.check_in_here_since(&t.time(own.arrived_at, &zone)));
    let called = found.arrival.as_ref().filter(|own| waits && own.called_at.is_some()).map(|own| match &own.called_to {
        Some(to) => t.check_in_come_in_to(to),
        None => t.check_in_come_in().to_owned(),
    });
    let queue = waiting.map(|ahead| match ahead {
        0 => t.check_in_next().to_owned(),
        1 => t.check_in_one_ahead().to_owned(),
        ahead => t.check_in_ahead(&ahead.to_string()),
    });
    let after = found.office.after(t).map(str::to_owned).unwrap_or_else(|| t.check_in_take_a_seat().to_owned());
    // Whoever comes by video waits at home, in the lobby of the visit.
    let by_video = found.visit.kind == Kind::Video;
    let after = (waits && called.is_none() && !by_video).then_some(after);
    let lobby = by_video.then(|| format!("/p/{patient}/visits/{id}/video"));
    let rest = (found.is_open() && found.progress() != Progress::Done).then(|| format!("/p/{patient}/visits/{id}/check-in"));
    let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
    let submit = if grant.relationship().is_some() { t.check_in_here_for(&given) } else { t.check_in_here().to_owned() };
    let open = state == Arriving::Open;
    Ok(Page::new(t.check_in_here(), format!("{name}, {when}"))
        .narrow()
        .back(format!("/p/{patient}/visits/{id}"), t.appointments_the_visit())
        .body(view! {
            <LiveStatus made_at=t.check_in_as_of(&t.time(now, &zone))/>
            <RenewedPart id="arrival" seconds=20>
                <Section heading=t.check_in_whose(&given)>
                    {there.then(|| view! { <div>{Tag::good(t.check_in_tag_here()).draw()}</div> })}
                    {called.map(|words| view! { <Notice><p class="text"><b>{words}</b></p></Notice> })}
                    {since.map(|words| view! { <p class="text">{words}</p> })}
                    {after.map(|words| view! { <p class="text">{words}</p> })}
                    {queue.map(|words| view! { <p class="text">{words}</p> })}
                    {says.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
                    {delay.map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> })}
                    {lobby.map(|href| view! { <QuietButton href label=t.video_title()/> })}
                    {open.then(|| view! { <PostForm action=api::SayArrived::PATH submit hidden/> })}
                    {rest.map(|href| view! { <QuietButton href label=t.check_in_finish_first()/> })}
                </Section>
            </RenewedPart>
        }))
}
