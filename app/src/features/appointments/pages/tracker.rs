use chrono::{DateTime, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::for_whom;
use crate::{
    access::{
        Grant, allow,
        policy::{BookVisits, ViewVisits},
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    desk::{
        office::words::author,
        scheduling::{
            act::visit_of,
            entity::{visit_offer, visit_request},
            kinds::{self, name},
            model::{OfferState, RequestState},
            requests::one,
            words::{asked, request_state},
        },
    },
    features::appointments::api,
    record::care_team::entity::{clinician, department},
    view::{
        Notice,
        document::Document,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, MainButton, Section, Tag},
    },
};

/// One request from being asked to being booked, with the times that are offered.
///
/// # Errors
/// `NotFound` when there is no such request in this chart.
pub async fn tracker(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewVisits>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let (found, offers) = one(&grant, id).await?;
    let acts = grant.would_allow::<BookVisits>(&patient);
    let kind = match found.kind_id {
        Some(id) => kinds::kind(grant.db(), id).await?,
        None => None,
    };
    let title = kind.as_ref().map_or_else(|| t.appointments_request_title().to_owned(), |kind| name(t, kind).to_owned());
    let moved = match found.moves {
        Some(id) => {
            visit_of(&grant, id).await.ok().and_then(|(visit, _)| Some(t.appointments_move_asks(&t.date_and_time(visit.starts_at?, &zone))))
        }
        None => None,
    };
    let given = grant.person()?.given_name.clone();
    let times = Times::of(&grant, offers, now).await?;
    let done = match request.query("done").as_deref() {
        Some("asked") => Some(t.appointments_done_asked()),
        Some("withdrawn") => Some(t.appointments_done_withdrawn()),
        _ => None,
    };
    let facts = asked(t, &found, grant.sees_clinical());
    let (tag, whom) = (request_state(t, &found, now), for_whom(&grant));
    let withdraws = acts && found.state.is_open();
    let booked = found.visit_id.map(|visit| format!("/p/{patient}/visits/{visit}"));
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    let steps = steps(t, &found, &given, &zone);
    Ok(Page::new(title, t.appointments_tracker_lead()).narrow().back(format!("/p/{patient}/visits/book"), t.appointments_book_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        {(!times.0.is_empty()).then(|| view! { <Offered patient times whom acts open=found.state == RequestState::Offered/> })}
        <Section heading=t.appointments_request_title()>
            <div>{tag.draw()}</div>
            {moved.map(|words| view! { <p class="text">{words}</p> })}
            <ol class="track" aria-label=t.appointments_tracker_lead()>
                {steps.into_iter().map(|(words, at)| match at {
                    Some(at) => view! { <li><b>{words}</b><span>{at}</span></li> }.into_any(),
                    None => view! { <li class="is-next">{words}</li> }.into_any(),
                }).collect_view()}
            </ol>
            {found.answer.clone().filter(|_| grant.sees_clinical()).map(|words| view! { <blockquote class="quote">{words}</blockquote> })}
            {booked.map(|href| view! { <MainButton href label=t.appointments_see_visit()/> })}
            <Document parts=vec![facts]/>
            {withdraws.then(|| view! {
                <Disclosure summary=t.appointments_withdraw_title()>
                    <p class="text">{t.appointments_withdraw_says()}</p>
                    <PostForm action=api::WithdrawRequest::PATH submit=t.appointments_withdraw() quiet=true hidden/>
                </Disclosure>
            })}
        </Section>
    }))
}

/// What happened with its time, and what comes next without one.
fn steps(t: Texts, found: &visit_request::Model, given: &str, zone: &chrono_tz::Tz) -> Vec<(String, Option<String>)> {
    let at = |at: DateTime<Utc>| Some(t.date_and_time(at, zone));
    let by = found.decided_by.as_deref().map(|name| author(t, name, found.decided_role.as_deref(), given)).unwrap_or_default();
    let mut steps = vec![(t.appointments_step_asked(&author(t, &found.author, found.role.as_deref(), given)), at(found.requested_at))];
    if let Some(seen) = found.seen_at {
        steps.push((t.appointments_step_seen(found.seen_by.as_deref().unwrap_or_default()), at(seen)));
    }
    if let Some(offered) = found.offered_at {
        steps.push((t.appointments_step_offered().to_owned(), at(offered)));
    }
    match (found.state, found.decided_at) {
        (RequestState::Booked, Some(decided)) => steps.push((t.appointments_step_booked(&by), at(decided))),
        (RequestState::Declined, Some(decided)) => steps.push((t.appointments_step_declined(&by), at(decided))),
        (RequestState::Withdrawn, Some(decided)) => steps.push((t.appointments_step_withdrawn(&by), at(decided))),
        (RequestState::Offered, _) => steps.push((t.appointments_step_choose().to_owned(), None)),
        _ => steps.push((t.appointments_answer_by(&t.date_and_time(found.due_at, zone)), None)),
    }
    steps
}

struct Time {
    id: Uuid,
    title: String,
    who: String,
    state: OfferState,
    until: String,
}

struct Times(Vec<Time>);

impl Times {
    async fn of(grant: &Grant<ViewVisits>, offers: Vec<visit_offer::Model>, now: DateTime<Utc>) -> Result<Self, Error> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        let (t, zone, db) = (grant.texts(), grant.zone(), grant.db());
        let people =
            clinician::Entity::find().filter(clinician::Column::Id.is_in(offers.iter().map(|offer| offer.clinician_id))).all(db).await?;
        let places =
            department::Entity::find().filter(department::Column::Id.is_in(offers.iter().map(|offer| offer.department_id))).all(db).await?;
        let time = |offer: visit_offer::Model| {
            let who = people.iter().find(|found| found.id == offer.clinician_id).map(|found| found.name.clone());
            let place = places.iter().find(|found| found.id == offer.department_id).map(|found| found.name.clone());
            Time {
                id: offer.id,
                title: t.date_and_time(offer.starts_at, &zone),
                who: who.into_iter().chain(place).collect::<Vec<_>>().join(" · "),
                state: offer.state_at(now),
                until: t.date_and_time(offer.until, &zone),
            }
        };
        Ok(Self(offers.into_iter().map(time).collect()))
    }
}

#[component]
fn Offered(patient: PatientId, times: Times, whom: Option<String>, acts: bool, open: bool) -> impl IntoView {
    let t = texts();
    view! {
        <Section heading=t.appointments_offered_times()>
            {open.then(|| view! { <p class="text">{t.appointments_one_tap()}</p> })}
            {times.0.into_iter().map(|time| {
                let tag = match time.state {
                    OfferState::Open => Tag::warning(t.appointments_offer_open()),
                    OfferState::Taken => Tag::good(t.appointments_offer_taken()),
                    OfferState::Declined => Tag::muted(t.appointments_offer_declined()),
                    OfferState::RunOut => Tag::muted(t.appointments_offer_run_out()),
                    OfferState::Withdrawn => Tag::muted(t.appointments_offer_withdrawn()),
                };
                let is_open = time.state == OfferState::Open;
                let held = is_open.then(|| t.appointments_held_until(&time.until));
                let lines: Vec<String> = [Some(time.who), held].into_iter().flatten().collect();
                let hidden = vec![("patient", patient.to_string()), ("id", time.id.to_string())];
                let submit = match &whom {
                    Some(given) => t.appointments_take_for(param::At(&time.title), param::Name(given)),
                    None => t.appointments_take(&time.title),
                };
                view! {
                    <Item title=time.title tag=Some(tag) lines>
                        {(is_open && acts).then(|| view! { <PostForm action=api::AcceptOffer::PATH submit hidden/> })}
                    </Item>
                }
            }).collect_view()}
        </Section>
    }
}
