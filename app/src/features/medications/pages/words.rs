//! What several pages of medicines say.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    base::i18n::{Texts, param},
    desk::office::words::author,
    features::medications::{
        entity::{medicine_proposal, refill_request},
        model::{Kind, ProposalKind, ProposalState, Refused, RequestState},
        store::Medicine,
        tracker::{Steps, is_overdue},
    },
    record::prescription::supply::Supply,
    view::{document::Part, sections::Tag},
};

/// Why there is no more of a medicine now, and what to do instead.
pub fn refused(t: Texts, medicine: &Medicine, why: Refused, zone: &Tz) -> Option<String> {
    Some(match why {
        Refused::NotCurrent => return None,
        Refused::Asked(at) => t.medications_asked_on(&t.date_and_time(at, zone)),
        Refused::Controlled => t.medications_controlled().to_owned(),
        Refused::TooEarly(day) => t.medications_early(&t.date(day)),
        Refused::NotOfThisHouse => match &medicine.elsewhere {
            Some(place) => {
                let call = place.phone.as_ref().map(|phone| t.messages_call(phone)).unwrap_or_default();
                format!("{} {call}", t.medications_elsewhere(&place.name)).trim().to_owned()
            }
            None => t.medications_not_here().to_owned(),
        },
    })
}

/// What a request is for.
pub fn kind(t: Texts, kind: Kind, supply: &Supply) -> String {
    match (kind, supply.refills_left) {
        (Kind::Refill, Some(left)) => t.medications_refill(&left.to_string()),
        (Kind::Refill, None) => t.medications_refill_plain().to_owned(),
        (Kind::Renewal, _) => t.medications_renewal().to_owned(),
    }
}

/// How long it lasts and how often there is more.
pub fn supply(t: Texts, medicine: &Medicine) -> Part {
    let supply = &medicine.supply;
    let until = supply.until().map(|day| until(t, day, supply.computed));
    let valid = medicine.prescription.as_ref().and_then(|found| found.valid_until).map(|day| t.date(day));
    Part::facts([
        (t.medications_refills_left(), supply.refills_left.map(|left| left.to_string())),
        (t.medications_lasts_until(), until),
        (t.medications_valid_until(), valid),
        (t.medications_given_at(), medicine.pharmacy.clone()),
    ])
}

fn until(t: Texts, day: NaiveDate, computed: bool) -> String {
    if computed { t.medications_about(&t.date(day)) } else { t.date(day) }
}

/// Where a request stands, in a word.
pub fn state(t: Texts, request: &refill_request::Model, now: DateTime<Utc>) -> Tag {
    let steps = Steps::of(request);
    match request.state {
        RequestState::Prepared => Tag::muted(t.medications_state_prepared()),
        RequestState::Withdrawn => Tag::muted(t.medications_state_withdrawn()),
        RequestState::Declined => Tag::warning(t.medications_state_declined()),
        RequestState::NeedsVisit => Tag::warning(t.medications_state_visit()),
        RequestState::Done => Tag::good(t.medications_state_done()),
        _ if steps.ready.is_some() => Tag::good(if request.delivery { t.medications_state_shipped() } else { t.medications_state_ready() }),
        _ if steps.sent.is_some() => Tag::neutral(t.medications_state_sent()),
        RequestState::Approved => Tag::good(t.medications_state_approved()),
        _ if is_overdue(request, now) => Tag::warning(t.medications_state_overdue()),
        _ if steps.seen.is_some() => Tag::neutral(t.medications_state_seen()),
        _ => Tag::neutral(t.medications_state_requested()),
    }
}

/// The steps that were taken, in words, each with its time. `patient` is the given name of the patient.
pub fn taken(t: Texts, request: &refill_request::Model, patient: &str) -> Vec<(String, DateTime<Utc>)> {
    let steps = Steps::of(request);
    let decided = request.decided_by.as_deref().map(|name| author(t, name, request.decided_role.as_deref(), patient)).unwrap_or_default();
    let decision = match request.state {
        RequestState::Declined => t.medications_step_declined(&decided),
        RequestState::NeedsVisit => t.medications_step_visit(&decided),
        _ => t.medications_step_approved(&decided),
    };
    let asked = t.medications_step_requested(&author(t, &request.author, request.role.as_deref(), patient));
    let ready = if request.delivery { t.medications_step_shipped(&request.pharmacy) } else { t.medications_step_ready(&request.pharmacy) };
    [
        (asked, steps.requested),
        (t.medications_step_seen(request.seen_by.as_deref().unwrap_or_default()), steps.seen),
        (decision, steps.decided),
        (t.medications_step_sent(&request.pharmacy), steps.sent),
        (ready, steps.ready),
        (t.medications_step_done().to_owned(), steps.done),
        (t.medications_step_withdrawn().to_owned(), steps.withdrawn),
    ]
    .into_iter()
    .filter_map(|(words, at)| Some((words, at?)))
    .collect()
}

/// The steps that were taken, each with its time, and what comes next.
#[component]
pub fn Track(
    t: Texts,
    request: refill_request::Model,
    zone: Tz,
    now: DateTime<Utc>,
    /// The given name of the patient.
    patient: String,
    /// Whom to call when the office is late; nothing for the office itself.
    call: Option<String>,
) -> impl IntoView {
    let (steps, taken) = (Steps::of(&request), taken(t, &request, &patient));
    let due = request.due_at.map(|due| t.date_and_time(due, &zone)).unwrap_or_default();
    let next = if !request.state.is_open() {
        None
    } else if is_overdue(&request, now) {
        Some(match call {
            Some(call) => t.medications_next_overdue(param::Call(&call), param::Due(&due)).trim().to_owned(),
            None => t.messages_due(&due),
        })
    } else if steps.ready.is_some() {
        None
    } else if steps.sent.is_some() {
        Some(t.medications_next_ready().to_owned())
    } else if steps.decided.is_some() {
        Some(t.medications_next_sent().to_owned())
    } else {
        Some(t.medications_next_answer(&due))
    };
    view! {
        <ol class="track" aria-label=t.medications_track()>
            {taken.into_iter().map(|(words, at)| view! { <li><b>{words}</b><span>{t.date_and_time(at, &zone)}</span></li> }).collect_view()}
            {next.map(|words| view! { <li class="is-next">{words}</li> })}
        </ol>
        {request.answer.map(|words| view! { <blockquote class="quote">{words}</blockquote> })}
    }
    .into_any()
}

/// What was asked for beside the medicine.
pub fn details(t: Texts, request: &refill_request::Model) -> Part {
    let how = if request.delivery { t.medications_delivery() } else { t.medications_pickup() };
    Part::facts([
        (t.medications_pharmacy(), Some(request.pharmacy.clone())),
        (t.medications_how(), Some(how.to_owned())),
        (t.medications_days_left_told(), request.days_left.map(|days| days.to_string())),
        (t.medications_comment(), request.comment.clone()),
        (t.medications_refills_approved(), request.refills.map(|refills| refills.to_string())),
    ])
}

/// What somebody told, in a sentence.
pub fn proposal(t: Texts, told: &medicine_proposal::Model) -> String {
    match told.kind {
        ProposalKind::Differently => t.medications_told_differently(&told.title),
        ProposalKind::Stopped => t.medications_told_stopped(&told.title),
        ProposalKind::Another => t.medications_told_another(&told.title),
        ProposalKind::Allergy => t.medications_told_allergy(&told.title),
        ProposalKind::NoAllergy => t.medications_told_no_allergy(&told.title),
    }
}

pub fn proposal_state(t: Texts, told: &medicine_proposal::Model) -> Tag {
    match told.state {
        ProposalState::Unreviewed => Tag::neutral(t.medications_unreviewed()),
        ProposalState::Accepted => Tag::good(t.medications_accepted()),
        ProposalState::Declined => Tag::muted(t.medications_not_accepted()),
    }
}
