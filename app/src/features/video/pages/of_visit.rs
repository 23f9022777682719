use leptos::prelude::*;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::words::{about, closed, opens, opens_notice};
use crate::{
    access::{
        allow,
        policy::{ArrangeVisits, HoldVideo, OpenVisit, SeeSchedules},
    },
    base::{error::Error, i18n::param},
    desk::{
        scheduling::{entity::booking, staff_visits},
        video::{
            day,
            model::{Gate, Role, Way, minutes},
        },
    },
    features::video::room_page::RoomPage,
    view::{
        document::{Document, Part},
        link::Link,
        page::{Page, PageRequest, html},
        sections::{Buttons, Section},
    },
};

/// A visit by video for its office: the room for whoever holds it, who waits, guests, and the number to call.
///
/// # Errors
/// `NotFound` for a visit of other departments, or that is none by video.
pub async fn of_visit(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = staff_visits::patient_of_visit(&allow::<SeeSchedules>(()).await?, id).await?;
    let grant = allow::<OpenVisit>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let one = day::of_visit(&grant, id).await?;
    let found = &one.found;
    let name = format!("{} {}", one.person.given_name, one.person.family_name);
    let (with, _) = about(grant.db(), t, &found.visit, &zone).await?;
    let lead = format!("{name} · {with}");
    let booked = booking::Entity::find_by_id(id).one(grant.db()).await?;
    let phone = booked.and_then(|booking| booking.phone).or(one.person.phone_mobile.clone());
    let waits = one.arrival.as_ref().map(|row| {
        let minutes = (grant.now().instant - row.arrived_at).num_minutes().max(0).to_string();
        t.video_staff_waits(param::At(&t.time(row.arrived_at, &zone)), param::Minutes(&minutes))
    });
    let waits = waits.filter(|_| found.room.as_ref().is_none_or(|room| room.begun_at.is_none()) && found.gate == Gate::Open);
    let took = found.room.as_ref().and_then(|room| {
        let (from, until) = (room.begun_at?, room.ended_at?);
        let minutes = minutes(from, until).to_string();
        Some(t.video_took_says(param::From(&t.time(from, &zone)), param::Minutes(&minutes), param::Until(&t.time(until, &zone))))
    });
    let opens = opens(t, found.gate, grant.now(), &zone);
    let holds = grant.would_allow::<HoldVideo>(&patient);
    let is_near = matches!(found.gate, Gate::Open | Gate::Early(_));
    let says = closed(t, found.gate).or(match &found.way {
        Way::Portal if !holds => Some(t.video_staff_only()),
        Way::Portal => None,
        Way::Outside(_) => Some(t.video_staff_outside()),
        Way::Unknown => Some(t.video_staff_unknown()),
    });
    let outside = found.link().map(str::to_owned);
    let guests = format!("/staff/visits/{id}/guests");
    let invites = is_near && found.way == Way::Portal && grant.would_allow::<ArrangeVisits>(&patient);
    let invite = invites.then(|| Link::new(guests.clone(), t.video_guests()));
    let links = [Link::new(format!("/staff/visits/{id}"), t.appointments_the_visit()), Link::new("/staff/video", t.video_staff_title())];
    let links: Vec<Link> = links.into_iter().chain(invite).collect();
    let facts = Part::facts([(t.appointments_phone(), phone), (t.video_took(), took)]);
    let about = view! {
        <Section heading=t.appointments_the_visit()>
            {waits.map(|words| view! { <p class="text">{words}</p> })}
            {says.map(|words| view! { <p class="text">{words}</p> })}
            {outside.map(|url| view! {
                <div class="acts"><a class="btn" href=url rel="external noopener noreferrer" target="_blank">{t.video_open_outside()}</a></div>
            })}
            <Document parts=vec![facts]/>
            <Buttons links/>
        </Section>
    };
    if !(holds && is_near && found.way == Way::Portal) {
        return Ok(Page::new(t.video_title(), lead).narrow().back("/staff/video", t.video_staff_title()).body(view! { {about} }));
    }
    let room = format!("/staff/visits/{id}/video");
    let page = RoomPage {
        room: &room,
        role: Role::Clinician,
        lead,
        home: "/staff/video",
        outside: false,
        opens_in: opens.as_ref().map(|(_, seconds)| *seconds),
        guests: Some(&guests),
        zone,
        below: html(about),
    };
    Ok(Page::bare(t.video_title()).body(view! {
        {opens_notice(t, opens.as_ref())}
        <div inner_html=page.html(grant.locale())></div>
    }))
}
