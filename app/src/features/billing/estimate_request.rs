//! Asking for a good-faith estimate. Source: 45 CFR 149.610(b)(1)(vi)(C): within three business days.

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{
        Grant, allow,
        policy::{TellInsurance, ViewInsurance},
    },
    base::{
        error::{Error, Problem},
        i18n::Texts,
        ids::PatientId,
        why::Why,
    },
    desk::{
        billing::{
            estimates::{AskedEstimate, visits_to_come},
            store::sees_sensitive,
        },
        requests::{
            entity::request,
            kind::{Answer, Due, RequestDetails, RequestKind, answered_state, some_text},
            opening::open,
        },
    },
    people::relation::StaffRole,
    view::{document::Part, sections::QuietButton},
};

/// So many letters say what it is for.
const MOST_WORDS: usize = 1000;

pub const ESTIMATE: RequestKind = RequestKind {
    at: |_| None,
    goes_out: true,
    key: AskedEstimate::KEY,
    letter: 'E',
    role: StaffRole::Billing,
    due: Due::BusinessDays(3),
    emails: true,
    title: |t| t.billing_estimate_asked(),
    state: answered_state,
    describe: |t, row| {
        let asked: AskedEstimate = row.details()?;
        Ok(vec![Part::facts([(t.billing_estimate_for(), asked.title), (t.billing_estimate_words(), some_text(&asked.words))])])
    },
    answer: Answer::Forms(write),
    own: None,
};

fn write(t: Texts, row: &request::Model) -> AnyView {
    let href = format!("/staff/billing/requests/{}/estimate", row.id);
    view! { <QuietButton href label=t.ledgers_write_estimate()/> }.into_any()
}

/// Asks for an estimate for a visit to come, or for something else in words.
///
/// # Errors
/// `Invalid` for a visit that is not to come, and without any word on what it is for.
pub async fn ask(grant: &Grant<TellInsurance>, visit: &str, words: &str) -> Result<(), Error> {
    let patient: PatientId = grant.patient();
    let (reader, words) = (allow::<ViewInsurance>(patient).await?, words.trim());
    let id: Option<Uuid> = visit.parse().ok();
    let visits = visits_to_come(&reader, sees_sensitive(&reader, patient)).await?;
    let found = visits.into_iter().find(|visit| Some(visit.id) == id);
    let mut problems = Vec::new();
    if id.is_some() && found.is_none() {
        problems.push(Problem { field: "visit".into(), why: Why::ALREADY_DONE });
    }
    if found.is_none() && words.is_empty() {
        problems.push(Problem { field: "words".into(), why: Why::MISSING });
    }
    if words.chars().count() > MOST_WORDS {
        problems.push(Problem { field: "words".into(), why: Why::TOO_LONG });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let asked =
        AskedEstimate { visit: found.as_ref().map(|visit| visit.id), title: found.map(|visit| visit.title), words: words.to_owned() };
    open(grant, &grant.holder()?.name, None, Some(patient.0), &asked).await?;
    Ok(())
}
