use leptos::{prelude::*, server_fn::ServerFn};

use super::words::sending_key;
use crate::{
    access::{
        allow,
        policy::{ManageOffice, StartThread},
    },
    base::{error::Error, i18n::texts, ids::PatientId},
    features::messages::{api, starting},
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section},
    },
};

/// Whom to write to.
///
/// # Errors
/// `NotFound` for whoever answers no messages.
pub async fn find(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<ManageOffice>(()).await?;
    let t = grant.texts();
    let words = request.query("q").unwrap_or_default();
    let found = starting::patients(&grant, &words).await?;
    let none = !words.is_empty() && found.is_empty();
    let found: Vec<_> = found
        .into_iter()
        .map(|patient| {
            let name = format!("{} {}", patient.given_name, patient.family_name);
            let number = patient.mrn.clone().map(|number| t.messages_staff_number(&number));
            let lines: Vec<String> = std::iter::once(t.when_as_said(&patient.born())).chain(number).collect();
            (name, lines, format!("/staff/messages/new/{}", patient.id))
        })
        .collect();
    Ok(Page::new(t.messages_staff_write(), t.messages_staff_write_lead()).narrow().back("/staff/messages", t.messages_title()).body(
        view! {
            <Section>
                <SearchForm submit=t.messages_find()>
                    <Field name="q" label=t.messages_staff_query() input=Input::Search value=words optional=true/>
                </SearchForm>
                {none.then(|| view! { <p class="text">{t.messages_staff_none()}</p> })}
                {found.into_iter().map(|(title, lines, href)| {
                    let label = t.messages_staff_write_to(&title);
                    view! { <Item title lines><QuietButton href label/></Item> }
                }).collect_view()}
            </Section>
        },
    ))
}

/// A first message to a patient.
///
/// # Errors
/// `NotFound` for a patient whom no department of the caller knows.
pub async fn start(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<StartThread>(patient).await?;
    let t = grant.texts();
    let found = starting::start(&grant).await?;
    let name = format!("{} {}", found.patient.given_name, found.patient.family_name);
    let places: Vec<(String, String)> = found.departments.iter().map(|place| (place.id.to_string(), place.name.clone())).collect();
    // Where there are several, nobody's answers go where nobody meant them to go.
    let choose = (places.len() > 1).then(|| (String::new(), t.messages_staff_choose().to_owned()));
    let places = choose.into_iter().chain(places).collect();
    let is_read = found.is_read;
    let back = if grant.would_allow::<ManageOffice>(&()) {
        ("/staff/messages".to_owned(), t.messages_title())
    } else {
        (format!("/staff/patients/{patient}"), t.staff_title())
    };
    let page = Page::new(t.messages_staff_write_to(&name), t.messages_staff_lead()).narrow().back(back.0, back.1);
    Ok(page.body(view! {
        {(!is_read).then(|| view! { <Notice warn=true><p class="text">{t.messages_why_nobody_reads()}</p></Notice> })}
        {is_read.then(|| view! { <Section><StartForm patient places/></Section> })}
    }))
}

#[component]
fn StartForm(patient: PatientId, places: Vec<(String, String)>) -> impl IntoView {
    let (t, action) = (texts(), api::StartThread::PATH);
    let hidden = vec![("patient", patient.to_string()), ("sending_key", sending_key(action))];
    view! {
        <PostForm action submit=t.messages_send() hidden>
            <Select name="department" label=t.messages_staff_department() choices=places hint=t.messages_staff_department_hint()/>
            <Field name="subject" label=t.messages_subject()/>
            <Field name="reply" label=t.messages_staff_text() input=Input::Area hint=t.messages_answer_hint()/>
        </PostForm>
    }
}
