use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::choice::choice;
use crate::{
    access::{allow, policy},
    base::{
        error::Error,
        i18n::{Texts, texts},
    },
    desk::requests::{
        api,
        entity::request,
        kind::{About, Answer, Decision, RequestKinds},
        model::RequestState,
        store,
    },
    view::{
        document::{Document, Part},
        fields::{Field, Input, Radios},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{QuietButton, Section},
    },
};

/// One request, with what can be done about it.
///
/// # Errors
/// `NotFound` for one in another role's queue.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::SeeQueues>(()).await?;
    let t = grant.texts();
    let (row, files) = store::one(&grant, request.id(0)?).await?;
    let kind = RequestKinds::here()?.of(&row)?;
    let at = (kind.at)(&row);
    let mut about = vec![Part::facts([
        (t.queue_number(), Some(row.number.clone())),
        (t.queue_from(), Some(row.name.clone())),
        (t.signup_email(), row.email.clone()),
        (t.queue_received(), Some(t.date_and_time(row.created_at, &grant.zone()))),
        (t.queue_due_on(), Some(t.long_date(row.due_on))),
    ])];
    about.extend((kind.describe)(t, &row)?);
    if !files.is_empty() {
        about.push(Part::Buttons(files.into_iter().map(|(id, name)| Link::new(format!("/files/attachment/{id}"), name)).collect()));
    }
    let mut sections: Vec<AnyView> = Vec::new();
    if row.state.is_pending() {
        if let Answer::Decision(Decision { about: About::Known(beside), .. }) = &kind.answer {
            let patient = store::subject(&grant, &row).await?;
            about.extend(patient.map(|patient| beside(t, &row, &patient)).transpose()?);
        }
        let mut heading = t.queue_decision();
        if let Answer::Decision(decision @ Decision { about: About::Chosen(sought), .. }) = &kind.answer {
            sections.push(choice(&request, row.id, decision, sought(&row)?).await?);
            heading = t.queue_decline();
        }
        let form = answer_form(t, &kind.answer, &row);
        sections.push(view! { <Section heading>{form}</Section> }.into_any());
    } else {
        let answered_at = row.answered_at.map(|at| t.date_and_time(at, &grant.zone()));
        sections.push(view! { <Section heading=t.requests_answer()><Document parts=answer(t, row, answered_at)/></Section> }.into_any());
    }
    let page = Page::new((kind.title)(t), t.queue_one_lead()).back("/staff/queue", t.queue_title());
    Ok(page.body(view! {
        <Section heading=t.queue_asked()>
            <Document parts=about/>
            {at.map(|href| view! { <QuietButton href label=t.queue_see_about()/> })}
        </Section>
        {sections}
    }))
}

fn answer(t: Texts, row: request::Model, answered_at: Option<String>) -> Vec<Part> {
    let state = match row.state {
        RequestState::Accepted => t.queue_accepted(),
        RequestState::Withdrawn => t.requests_withdrawn(),
        RequestState::Open | RequestState::Review | RequestState::Declined => t.queue_declined(),
    };
    vec![Part::facts([
        (t.queue_state(), Some(state.to_owned())),
        (t.requests_answer(), row.answer),
        (t.queue_by(), row.answered_by),
        (t.family_when(), answered_at),
        (t.queue_confirmed(), row.confirmed),
    ])]
}

fn answer_form(t: Texts, answer: &'static Answer, row: &request::Model) -> AnyView {
    match answer {
        Answer::Words => view! {
            <p class="meta">{t.queue_answer_rule()}</p>
            <PostForm action=api::AnswerHelp::PATH submit=t.queue_send_answer() hidden=vec![("id", row.id.to_string())]>
                <Field name="answer_text" label=t.requests_answer() input=Input::Area/>
            </PostForm>
        }
        .into_any(),
        Answer::Decision(decision) => view! { <DecisionForm id=row.id decision/> }.into_any(),
        Answer::Forms(forms) => forms(t, row),
    }
}

/// The whole decision where the request names its patient; otherwise each chart that may be meant has a button of its own, and here
/// the request is declined.
#[component]
fn DecisionForm(id: Uuid, decision: &'static Decision) -> impl IntoView {
    let t = texts();
    let choices = [("accept", t.queue_accept(), (decision.accept_says)(t)), ("decline", t.queue_decline(), t.queue_decline_says())];
    let choices = choices.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).into();
    let mut hidden = vec![("id", id.to_string())];
    let known = matches!(decision.about, About::Known(_));
    let submit = if known { t.queue_decide() } else { t.queue_decline() };
    if !known {
        hidden.push(("decision", "decline".to_owned()));
    }
    view! {
        <PostForm action=api::Decide::PATH submit quiet=!known hidden>
            {known.then(|| view! { <Radios name="decision" label=t.queue_decision() choices/> })}
            <Field name="reason" label=t.queue_reason() input=Input::Area hint=t.queue_reason_hint() optional=known/>
        </PostForm>
    }
}
