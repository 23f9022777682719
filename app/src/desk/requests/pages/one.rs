use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy},
    base::{
        error::Error,
        i18n::{Texts, texts},
    },
    desk::requests::{
        api,
        entity::request,
        kind::{Answer, Decision, RequestKinds},
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
    let answered_at = row.answered_at.map(|at| t.date_and_time(at, &grant.zone()));
    let page = Page::new((kind.title)(t), t.queue_one_lead()).back("/staff/queue", t.queue_title());
    Ok(page.body(view! {
        <Section heading=t.queue_asked()><Document parts=about/></Section>
        {if row.state.is_pending() {
            view! { <Section heading=t.queue_decision()>{answer_form(t, &kind.answer, &row)}</Section> }.into_any()
        } else {
            view! { <Section heading=t.requests_answer()><Document parts=answer(t, row, answered_at)/></Section> }.into_any()
        }}
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

#[component]
fn DecisionForm(id: Uuid, decision: &'static Decision) -> impl IntoView {
    let t = texts();
    let choices = [("accept", t.queue_accept(), (decision.accept_says)(t)), ("decline", t.queue_decline(), t.queue_decline_says())];
    let choices = choices.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).into();
    let by_number = decision.by_record_number;
    view! {
        {by_number.then(|| view! { <QuietButton href="/staff/patients" label=t.staff_title()/> })}
        <PostForm action=api::Decide::PATH submit=t.queue_decide() hidden=vec![("id", id.to_string())]>
            <Radios name="decision" label=t.queue_decision() choices/>
            {by_number.then(|| view! {
                <Field name="record_number" label=t.queue_record_number() hint=t.queue_record_number_hint() optional=true/>
            })}
            <Field name="reason" label=t.queue_reason() input=Input::Area hint=t.queue_reason_hint() optional=true/>
        </PostForm>
    }
}
