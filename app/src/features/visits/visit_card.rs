use leptos::prelude::*;

use super::wire;
use crate::{
    base::i18n::{Texts, texts},
    record::visit::model::{Kind, Status},
    view::DateBlock,
};

/// One visit: when, where, with whom, and what can be read or done.
#[component]
pub fn VisitCard(visit: wire::VisitCard, past: bool) -> impl IntoView {
    let t = texts();
    let which = visit.day.as_ref().map(|day| format!(": {}, {}", visit.title, day.long)).unwrap_or_default();
    let where_and_who = [visit.time, visit.place, visit.clinicians].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let here = visit.id;
    let for_calendar = !past && matches!(visit.status, Status::Booked | Status::Requested) && visit.day.is_some();
    let details = !past && visit.day.is_some();
    view! {
        <article class="card" class:card--off=visit.status == Status::Cancelled>
            {match visit.day {
                Some(day) => view! { <DateBlock day/> }.into_any(),
                None => view! { <span class="day day--open">{t.visits_no_date()}</span> }.into_any(),
            }}
            <div class="card__body">
                <h3>{visit.title}</h3>
                <p class="meta">{where_and_who}</p>
                {visit.reason.map(|reason| view! { <p>{reason}</p> })}
                {tag(t, visit.status, visit.kind, past, visit.confirmed, visit.requested_on)}
                {visit.cancel_reason.map(|reason| view! { <p class="meta">{t.visits_because(&reason)}</p> })}
                {visit.instruction.map(|words| view! {
                    <div class="todo"><h4>{t.visits_before()}</h4><p>{words}</p></div>
                })}
                {(visit.has_summary || visit.has_notes || details).then(|| view! {
                    <div class="acts">
                        {visit.check_in.map(|(done, words, page)| view! {
                            <a class="btn" class:quiet=done href=format!("visits/{here}/{page}") rel=(page == "video").then_some("external")>
                                {words}<span class="visually-hidden">{which.clone()}</span>
                            </a>
                        })}
                        {details.then(|| view! {
                            <a class="btn quiet" href=format!("visits/{here}")>
                                {t.visits_details()}<span class="visually-hidden">{which.clone()}</span>
                            </a>
                        })}
                        {for_calendar.then(|| view! {
                            <a class="btn quiet" href=format!("visits/{here}/calendar.ics") rel="external" download="visit.ics">
                                {t.calendar_add()}<span class="visually-hidden">{which.clone()}</span>
                            </a>
                        })}
                        {visit.has_summary.then(|| view! {
                            <a class="btn quiet" href=format!("visits/{here}/summary")>
                                {t.visits_view_summary()}<span class="visually-hidden">{which.clone()}</span>
                            </a>
                        })}
                        {visit.has_notes.then(|| view! {
                            <a class="btn quiet" href=format!("visits/{here}/notes")>
                                {t.visits_view_notes()}<span class="visually-hidden">{which.clone()}</span>
                            </a>
                        })}
                    </div>
                })}
            </div>
        </article>
    }
    .into_any()
}

/// Where it stands, in words; an ordinary visit that took place needs none.
fn tag(t: Texts, status: Status, kind: Kind, past: bool, confirmed: bool, requested_on: Option<String>) -> impl IntoView {
    let state = match status {
        Status::Requested => {
            Some(("tag tag--warn", requested_on.map_or(t.visits_requested().to_owned(), |day| t.visits_requested_on(&day))))
        }
        Status::Booked if !past && confirmed => Some(("tag tag--good", t.appointments_tag_confirmed().to_owned())),
        Status::Booked if !past => Some(("tag", t.visits_booked().to_owned())),
        Status::Arrived | Status::InProgress if !past => Some(("tag", t.visits_arrived().to_owned())),
        Status::Cancelled => Some(("tag tag--off", t.visits_cancelled().to_owned())),
        Status::NoShow => Some(("tag tag--off", t.visits_no_show().to_owned())),
        Status::Booked | Status::Arrived | Status::InProgress | Status::Finished => None,
    };
    let kind = match kind {
        Kind::Video => Some(t.visits_by_video()),
        Kind::Phone => Some(t.visits_by_phone()),
        Kind::Emergency => Some(t.visits_emergency()),
        Kind::Inpatient => Some(t.visits_inpatient()),
        Kind::Home => Some(t.visits_at_home()),
        Kind::Office => None,
    };
    (state.is_some() || kind.is_some()).then(|| {
        view! {
            <p class="tags">
                {state.map(|(class, words)| view! { <span class=class>{words}</span> })}
                {kind.map(|words| view! { <span class="tag tag--plain">{words}</span> })}
            </p>
        }
    })
}
