//! What several pages of visits say.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    access::{Grant, Permission, current, proxy::next_change_by_age},
    base::{
        clock::local_date,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    desk::{
        danger::{self, Help},
        scheduling::{
            entity::{scheduling_office, visit_kind},
            kinds::{self, Closed},
            words::way,
        },
    },
    view::{Notice, document::Part, fields::Checkbox},
};

/// The given name of the patient, where somebody else acts for them.
pub fn for_whom<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Option<String> {
    grant.relationship().and_then(|_| grant.person().ok().map(|person| person.given_name.clone()))
}

/// Why somebody cannot be booked directly.
pub fn closed(t: Texts, closed: Closed, clinician: &str) -> String {
    match closed {
        Closed::ByRequest => t.appointments_by_request(clinician),
        Closed::NotSeen => t.appointments_not_seen(clinician),
        Closed::NeedsOrder => t.appointments_needs_order(clinician),
    }
}

/// What is to be known before booking: what to do before, how to get in, interpreters, until when it is free to cancel.
pub fn before_booking(t: Texts, kind: &visit_kind::Model, office: Option<&scheduling_office::Model>) -> Part {
    let interpreter =
        office.map(|office| if office.interpreter { t.appointments_interpreter_yes() } else { t.appointments_interpreter_no() });
    Part::facts([
        (t.visits_before(), kinds::before(t, kind).map(str::to_owned)),
        (
            t.appointments_access(),
            office.and_then(|office| kinds::access(t, office)).map(str::to_owned).filter(|_| way(t, kind.way).is_none()),
        ),
        (t.appointments_interpreter(), interpreter.map(str::to_owned)),
        (t.appointments_cutoff(), Some(t.appointments_cutoff_hours(&kind.cutoff_hours.to_string()))),
    ])
}

/// The numbers that help at once, where the words that were typed tell of danger, and the way to go on all the same.
#[component]
pub fn Danger(action: &'static str) -> impl IntoView {
    let t = texts();
    let draft = current().ok().and_then(|access| access.draft).filter(|draft| draft.action == action);
    let said = draft.and_then(|draft| draft.entries.get("reason").cloned()).unwrap_or_default();
    let lines = danger::found(&said).into_iter().map(move |help| match help {
        Help::Emergency => t.messages_danger_911(),
        Help::Crisis => t.messages_danger_988(),
        Help::Poison => t.messages_danger_poison(),
    });
    let lines: Vec<&'static str> = lines.collect();
    (!lines.is_empty()).then(|| {
        view! {
            <Notice warn=true>{lines.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}</Notice>
            <Checkbox name="danger_confirmed" label=t.appointments_danger_confirm() id="danger"/>
        }
    })
}

/// "Monday, December 7, 2026".
pub fn day_words(t: Texts, at: DateTime<Utc>, zone: &Tz) -> String {
    t.day(local_date(at, zone), false).long
}

/// The day on which the access of whoever acts for somebody changes or ends, where that is before a visit.
pub fn access_ends<P: Permission<Scope = PatientId>>(grant: &Grant<P>, visit: DateTime<Utc>) -> Option<NaiveDate> {
    let (found, _) = grant.holder().ok()?.proxy(grant.patient(), grant.now())?;
    let by_age = next_change_by_age(&found.facts, grant.now()).map(|(day, _)| day);
    let by_date = found.facts.expires_at.map(|at| local_date(at, &grant.zone()));
    let day = [by_age, by_date].into_iter().flatten().min()?;
    (day <= local_date(visit, &grant.zone())).then_some(day)
}
