use leptos::prelude::*;

use crate::{
    base::{
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::video::{
        model::{Gate, Way, minutes},
        room::VideoVisit,
        words::PAGE,
    },
    view::{
        document::{Document, Part},
        sections::{MainButton, QuietButton, Section},
    },
};

/// A visit by video: joining it from some minutes before, trying camera and microphone on the days before, and afterwards how long it took and
/// what was written.
#[component]
pub fn ByVideo<'a>(patient: PatientId, found: &'a VideoVisit, zone: chrono_tz::Tz, clinical: bool) -> impl IntoView + use<> {
    let t = texts();
    let page = format!("/p/{patient}/visits/{}", found.visit.id);
    let room = format!("{page}/{PAGE}");
    let has_way = found.way != Way::Unknown;
    let join = (found.gate == Gate::Open && has_way).then(|| room.clone());
    let early = match found.gate {
        Gate::Early(at) if has_way => Some((t.video_opens_out(&t.date_and_time(at, &zone)), room)),
        _ => None,
    };
    let held = found.room.as_ref();
    let took = held.and_then(|held| Some((held.begun_at?, held.ended_at?))).map(|(from, until)| {
        let minutes = minutes(from, until).to_string();
        t.video_took_says(param::From(&t.time(from, &zone)), param::Minutes(&minutes), param::Until(&t.time(until, &zone)))
    });
    let took = took.map(|words| Part::facts([(t.video_took(), Some(words))]));
    let chat = held.is_some_and(|held| held.chat_kept && clinical).then(|| format!("{page}/chat"));
    let shown = join.is_some() || early.is_some() || took.is_some();
    shown.then(|| {
        view! {
            <Section heading=t.video_title()>
                {join.map(|href| view! { <MainButton href label=t.video_join()/> })}
                {early.map(|(words, href)| view! { <p class="text">{words}</p><QuietButton href label=t.video_test()/> })}
                {took.map(|facts| view! { <Document parts=vec![facts]/> })}
                {chat.map(|href| view! { <QuietButton href label=t.video_chat_see()/> })}
            </Section>
        }
    })
}
