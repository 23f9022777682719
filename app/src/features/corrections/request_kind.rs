//! A request for a correction: staff of the records look into it, accept or decline; whoever asked may disagree with a refusal.

use std::collections::HashMap;

use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::{
    api::{Decide, Disagree, Review},
    model::AskedCorrection,
};
use crate::{
    access::{
        Grant,
        policy::{AskCorrection, UseOwnAccount},
    },
    base::{error::Error, i18n::Texts, ids::PatientId},
    desk::requests::{
        entity::request,
        kind::{Answer, Due, OwnRequests, RequestDetails, RequestKind, decided_state, some_text},
        model::RequestState,
    },
    people::relation::StaffRole,
    record::annotation::disagreement::disagreed,
    view::{
        document::Part,
        fields::{Field, Input, Radios},
        form::PostForm,
        sections::{Disclosure, QuietButton, Tag},
    },
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: AskedCorrection::KEY,
    letter: 'W',
    role: StaffRole::Records,
    // 45 CFR 164.526(b)(2).
    due: Due::Days(60),
    emails: true,
    title: |t| t.requests_correction(),
    state: |t, state| match state {
        RequestState::Open => Tag::neutral(t.correction_received()),
        state => decided_state(t, state),
    },
    describe,
    answer: Answer::Forms(decide),
    own: Some(OwnRequests { may_read, next: |grant, rows| Box::pin(next(grant, rows)) }),
};

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let asked: AskedCorrection = row.details()?;
    Ok(vec![
        Part::Heading(asked.title),
        Part::Quote(asked.quote),
        Part::facts([(t.correction_wrong(), some_text(&asked.wrong)), (t.correction_right(), some_text(&asked.right))]),
    ])
}

/// First somebody says that they look into it; then they decide.
fn decide(t: Texts, row: &request::Model) -> AnyView {
    let id = row.id.to_string();
    let review = (row.state == RequestState::Open).then(|| {
        view! { <PostForm action=Review::PATH submit=t.correction_review() quiet=true hidden=vec![("id", id.clone())]/> }
    });
    let choices = [("accept", t.queue_accept(), t.correction_accept_says()), ("decline", t.queue_decline(), t.correction_decline_says())];
    let choices = choices.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).into();
    view! {
        <p class="meta">{t.correction_staff_rule()}</p>
        {review}
        <PostForm action=Decide::PATH submit=t.queue_decide() hidden=vec![("id", id)]>
            <Radios name="decision" label=t.queue_decision() choices/>
            <Field name="words" label=t.correction_words() input=Input::Area hint=t.correction_words_hint()/>
        </PostForm>
    }
    .into_any()
}

/// Whoever may not read the chart any more does not read it here either.
fn may_read(grant: &Grant<UseOwnAccount>, row: &request::Model) -> bool {
    row.patient_id.is_none_or(|patient| grant.would_allow::<AskCorrection>(&PatientId(patient)))
}

async fn next(grant: &Grant<UseOwnAccount>, rows: &[&request::Model]) -> Result<HashMap<Uuid, AnyView>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let disagreed = disagreed(grant.db(), &ids).await?;
    let mut found = HashMap::new();
    for row in rows {
        let Some(patient) = row.patient_id else { continue };
        let page = row.details::<AskedCorrection>()?.page;
        if let Some(next) = after_decision(grant.texts(), row, patient, page, disagreed.contains(&row.id)) {
            found.insert(row.id, next);
        }
    }
    Ok(found)
}

/// Where an accepted correction stands, and what can be done about a declined one.
fn after_decision(t: Texts, row: &request::Model, patient: Uuid, page: String, disagreed: bool) -> Option<AnyView> {
    let see = || view! { <QuietButton href=page label=t.correction_see()/> };
    match row.state {
        RequestState::Accepted => Some(see().into_any()),
        RequestState::Declined if disagreed => Some(view! { <p class="text">{t.correction_you_disagreed()}</p>{see()} }.into_any()),
        RequestState::Declined => {
            let hidden = vec![("patient", patient.to_string()), ("id", row.id.to_string())];
            let id = format!("words-{}", row.number);
            Some(
                view! {
                    <Disclosure summary=t.correction_disagree()>
                        <p class="text">{t.correction_rights()}</p>
                        <PostForm action=Disagree::PATH submit=t.correction_disagree_send() quiet=true hidden>
                            <Field name="words" label=t.correction_disagree_words() input=Input::Area id/>
                        </PostForm>
                    </Disclosure>
                }
                .into_any(),
            )
        }
        RequestState::Open | RequestState::Review | RequestState::Withdrawn => None,
    }
}
