use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{proposal, proposal_state};
use crate::{
    access::{
        allow,
        policy::{OpenMedicineRequest, SeeMedicineRequests},
    },
    base::{
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::office::words::{about, author},
    features::medications::{api, model::ProposalState, proposals, store::said_of},
    people::relation::StaffRole,
    record::item::model::What,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// What a patient's side told that differs from the record, and the review of it.
///
/// # Errors
/// `NotFound` for what was told to other departments.
pub async fn staff_proposal(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = proposals::patient_of(&allow::<SeeMedicineRequests>(()).await?, id).await?;
    let grant = allow::<OpenMedicineRequest>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (told, person) = proposals::open(&grant, id).await?;
    let done = (request.query("done").as_deref() == Some("decided")).then(|| t.medications_done_decided());
    let by = author(t, &told.author, told.role.as_deref(), &person.given_name);
    let said = t.medications_said_by(param::At(&t.date_and_time(told.made_at, &zone)), param::Name(&by));
    let answered = told.decided_by.as_deref().map(|by| {
        let by = author(t, by, told.decided_role.as_deref(), &person.given_name);
        told.answer.as_ref().map_or_else(|| by.clone(), |words| format!("{by}: {words}"))
    });
    let [born, language] = about(t, &person, grant.now().today);
    let recorded = match told.item_id {
        Some(id) => said_of(grant.db(), id, What::Dose).await?,
        None => None,
    };
    let facts = Part::facts([born, language, (t.medications_dose(), recorded)]);
    let waits = told.state == ProposalState::Unreviewed;
    let may_review = waits && grant.holder()?.staff == Some(StaffRole::Clinician);
    let title = format!("{} {}: {}", person.given_name, person.family_name, proposal(t, &told));
    let tag = proposal_state(t, &told);
    let words = told.words;
    Ok(Page::new(title, t.medications_told_lead()).narrow().back("/staff/medications", t.medications_queue()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            <div>{tag.draw()}</div>
            <p class="meta">{said}</p>
            <Document parts=vec![facts]/>
            {(!words.is_empty()).then(|| view! { <blockquote class="quote">{words}</blockquote> })}
            {answered.map(|words| view! { <p class="text">{words}</p> })}
            {(waits && !may_review).then(|| view! { <p class="text">{t.medications_why_clinician_only()}</p> })}
        </Section>
        {may_review.then(|| view! { <Section heading=t.medications_review()><ReviewForm patient id/></Section> })}
    }))
}

#[component]
fn ReviewForm(patient: PatientId, id: Uuid) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    let choices = vec![
        ("accept".to_owned(), t.medications_accept().to_owned(), t.medications_accept_says().to_owned()),
        ("decline".to_owned(), t.medications_not_accept().to_owned(), t.medications_decline_says().to_owned()),
    ];
    view! {
        <PostForm action=api::Review::PATH submit=t.medications_decide_send() hidden>
            <Radios name="decision" label=t.medications_decision() choices/>
            <Field name="words" label=t.medications_answer() input=Input::Area hint=t.medications_answer_hint() optional=true/>
        </PostForm>
    }
}
