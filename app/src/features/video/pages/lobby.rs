use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{about, closed, opens, opens_notice};
use crate::{
    access::{Grant, allow, policy::JoinVideo},
    base::{
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::{
        check_in::entity::visit_arrival,
        video::{
            call_backs,
            entity::video_call_back,
            model::{Gate, Role, Way},
            room::VideoVisit,
        },
    },
    features::video::{api, room_page::RoomPage},
    people::patient,
    record::visit::model::Status,
    view::{
        Notice,
        fields::{Field, Input},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest, html},
        sections::{Buttons, Section},
    },
};
use sea_orm::EntityTrait;

/// A visit by video for the patient's side: tests and room where it is held here, tests and the link where it is not, and being called instead.
/// Without a script, when it is, with whom, and how to be called.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart, or that is none by video.
pub async fn lobby(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<JoinVideo>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = VideoVisit::of(&grant, id).await?;
    let (mut lead, phone) = about(grant.db(), t, &found.visit, &zone).await?;
    if grant.relationship().is_some() {
        lead = format!("{lead} · {}", t.video_for_whom(&grant.person()?.given_name));
    }
    let asked = call_backs::of_visit(&grant, id).await?;
    let back = format!("/p/{patient}/visits/{id}");
    let own_phone = match grant.relationship() {
        None => patient::current(grant.db(), patient.0).await?.and_then(|person| person.phone_mobile),
        Some(_) => None,
    };
    let call = CallMe { patient, visit: id, asked, taken: call_backs::is_taken(&found, grant.now().instant), phone, own_phone, zone };
    let opens = opens(t, found.gate, grant.now(), &zone);
    let opens_in = opens.as_ref().map(|(_, seconds)| *seconds);
    let room = format!("/p/{patient}/visits/{id}/video");
    let is_near = matches!(found.gate, Gate::Open | Gate::Early(_));
    if !is_near || found.way == Way::Unknown {
        let says = closed(t, found.gate).unwrap_or(t.video_unknown());
        return Ok(Page::new(t.video_title(), lead).narrow().back(back, t.appointments_the_visit()).body(view! {
            <Section><p class="text">{says}</p></Section>
            {call.draw()}
        }));
    }
    let role = if grant.relationship().is_some() { Role::Proxy } else { Role::Patient };
    let guests = format!("/p/{patient}/visits/{id}/guests");
    let links = [Link::new(back, t.appointments_the_visit()), Link::new(guests.clone(), t.video_guests())];
    let outside = matches!(found.way, Way::Outside(_));
    if outside {
        let link = outside_link(&grant, &found, opens.map(|(at, _)| at)).await?;
        let [back, _] = links;
        let below = html(view! { {call.draw()} <Buttons links=vec![back]/> });
        let page =
            RoomPage { room: &room, role, lead, home: &format!("/p/{patient}/visits"), outside, opens_in, guests: None, zone, below };
        return Ok(Page::bare(t.video_title()).body(view! { {link} <div inner_html=page.html(grant.locale())></div> }));
    }
    let below = html(view! { {call.draw()} <Buttons links=links.to_vec()/> });
    let page =
        RoomPage { room: &room, role, lead, home: &format!("/p/{patient}/visits"), outside, opens_in, guests: Some(&guests), zone, below };
    let early = opens_notice(t, opens.as_ref());
    Ok(Page::bare(t.video_title()).body(view! {
        {early}
        <div inner_html=page.html(grant.locale())></div>
    }))
}

/// Saying that one is ready, and then the link: it is on no page before.
async fn outside_link(grant: &Grant<JoinVideo>, found: &VideoVisit, opens: Option<String>) -> Result<AnyView, Error> {
    let (t, patient, id) = (grant.texts(), grant.patient(), found.visit.id);
    if let Some(at) = opens {
        return Ok(view! { <Notice><p class="text">{t.video_opens_out(&at)}</p></Notice> }.into_any());
    }
    let arrival = visit_arrival::Entity::find_by_id(id).one(grant.db()).await?;
    let waits = found.visit.status != Status::Booked;
    let (Some(url), true) = (found.link(), waits || arrival.is_some()) else {
        let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
        return Ok(view! {
            <Section>
                <p class="text">{t.video_ready_says()}</p>
                <PostForm action=api::SayReady::PATH submit=t.video_ready() hidden/>
            </Section>
        }
        .into_any());
    };
    let (url, host) = (url.to_owned(), url.split('/').nth(2).unwrap_or_default().to_owned());
    let since = arrival.map(|row| t.video_ready_since(&t.time(row.arrived_at, &grant.zone())));
    Ok(view! {
        <Section>
            {since.map(|words| view! { <p class="text">{words}</p> })}
            <p class="text">{t.video_outside(&host)}</p>
            <div class="acts"><a class="btn" href=url rel="external noopener noreferrer" target="_blank">{t.video_open_outside()}</a></div>
        </Section>
    }
    .into_any())
}

/// The last way, which always works: being called, or calling.
struct CallMe {
    patient: PatientId,
    visit: Uuid,
    asked: Option<video_call_back::Model>,
    /// Somebody sees what is asked.
    taken: bool,
    phone: Option<String>,
    /// Where the reader is called, as the record has it.
    own_phone: Option<String>,
    zone: chrono_tz::Tz,
}

impl CallMe {
    fn draw(self) -> AnyView {
        let t = texts();
        let Self { patient, visit, asked, taken, phone, own_phone, zone } = self;
        let says = asked.as_ref().map(|row| match row.called_at {
            Some(at) => t.video_call_called(&t.date_and_time(at, &zone)),
            None => t.video_call_asked(param::At(&t.date_and_time(row.asked_at, &zone)), param::Phone(&row.phone)),
        });
        let known = asked.map(|row| row.phone).or(own_phone).unwrap_or_default();
        let heading = if taken { t.video_call_title() } else { t.video_call_office_title() };
        let hidden = vec![("patient", patient.to_string()), ("visit", visit.to_string())];
        view! {
            <Section heading>
                {says.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
                {taken.then(|| view! {
                    <p class="text">{t.video_call_says()}</p>
                    <PostForm action=api::CallMe::PATH submit=t.video_call_me() quiet=true hidden problem_at="phone">
                        <Field name="phone" label=t.video_call_phone() input=Input::Phone value=known autocomplete="tel"/>
                    </PostForm>
                })}
                {phone.map(|phone| {
                    let href = format!("tel:{}", phone.chars().filter(|sign| sign.is_ascii_digit() || *sign == '+').collect::<String>());
                    view! { <p><a class="link" href=href rel="external">{t.video_call_office(&phone)}</a></p> }
                })}
            </Section>
        }
        .into_any()
    }
}
