use chrono::{DateTime, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Danger, DraftNote, FileFields, away_words, kept, sending_key, topic};
use crate::{
    access::{allow, policy::WriteMessages},
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    features::messages::{
        api, drafts,
        entity::message_file,
        files::added,
        model::{Place, Topic},
        recipients::{Recipient, recipients},
    },
    platform::request as web,
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Facts, Section},
    },
};

/// A new message about a patient: what it is about, to whom, and what everybody should know before they write.
///
/// # Errors
/// What the policy refuses.
pub async fn compose(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<WriteMessages>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = recipients(&grant).await?;
    let phone = web::context::<Boot>()?.brand.support_phone;
    let page = Page::new(t.messages_write(), t.messages_write_lead(&grant.person()?.given_name))
        .narrow()
        .back(format!("/p/{patient}/messages"), t.messages_title());
    if found.is_empty() {
        return Ok(page.body(view! { <Section><p class="text">{t.messages_nobody(&phone)}</p></Section> }));
    }
    let draft = drafts::find(&grant, Uuid::nil()).await?;
    let given_up = draft.as_ref().is_some_and(|draft| draft.discarded_at.is_some());
    let here = Place { patient, thread: Uuid::nil() };
    let files = if given_up { Vec::new() } else { added(grant.db(), grant.holder()?.account.0, here).await? };
    let (note, typed) = kept(t, &zone, draft, &files, request.query("done").as_deref() == Some("kept"));
    let to = request.query("to").or_else(|| typed.as_ref().map(|draft| draft.recipient.clone())).unwrap_or_default();
    let about = request.query("topic").or_else(|| typed.as_ref().map(|draft| draft.topic.clone())).unwrap_or_default();
    let gone = typed.as_ref().is_some_and(|draft| !draft.recipient.is_empty() && !found.iter().any(|to| to.key() == draft.recipient));
    let (subject, body) = typed.map(|draft| (draft.subject, draft.body)).unwrap_or_default();
    let choices = found
        .iter()
        .map(|to| {
            let by = t.messages_answer_by(param::Due(&t.date_and_time(to.due, &zone)), param::Name(&to.name));
            let away = to.away.as_ref().map(|away| away_words(t, away));
            (to.key(), [Some(by), away].into_iter().flatten().collect::<Vec<_>>().join(". "))
        })
        .collect();
    let offices = offices(t, &found, |due| t.date_and_time(due, &zone));
    Ok(page.body(view! {
        <Notice warn=true>
            <p class="text">{t.frame_emergency()}</p>
            <p class="text">{t.messages_not_urgent()}</p>
        </Notice>
        <Section>
            <p class="meta">{t.messages_part_of_record()}</p>
            <Disclosure summary=t.messages_who_reads()><Facts facts=offices/></Disclosure>
            {note.map(|note| view! { <DraftNote patient thread=None note/> })}
            {gone.then(|| view! { <Notice warn=true><p class="text">{t.messages_why_no_recipient()}</p></Notice> })}
            <ComposeForm patient choices to about subject body files/>
        </Section>
    }))
}

/// Each office with its phone, by when it answers, and who of the staff may read what is written to it.
fn offices(t: Texts, found: &[Recipient], day: impl Fn(DateTime<Utc>) -> String) -> Vec<(String, Option<String>)> {
    let offices = found.iter().filter(|recipient| recipient.clinician.is_none());
    offices
        .map(|office| {
            let phone = office.phone.as_ref().map(|phone| t.messages_call(phone));
            let by = t.messages_due(&day(office.due));
            (office.name.clone(), Some([office.readers.join(", "), by].into_iter().chain(phone).collect::<Vec<_>>().join(" · ")))
        })
        .collect()
}

#[component]
fn ComposeForm(
    patient: PatientId,
    choices: Vec<(String, String)>,
    to: String,
    about: String,
    subject: String,
    body: String,
    files: Vec<message_file::Model>,
) -> impl IntoView {
    let t = texts();
    let action = api::SendMessage::PATH;
    let first = |words: &str| std::iter::once((String::new(), words.to_owned()));
    let topics = Topic::ALL.iter().map(|found| (found.as_str().to_owned(), topic(t, *found).to_owned()));
    let topics: Vec<(String, String)> = first(t.messages_choose_topic()).chain(topics).collect();
    let choices: Vec<(String, String)> = first(t.messages_choose_to()).chain(choices).collect();
    let hidden = vec![("patient", patient.to_string()), ("thread", String::new()), ("sending_key", sending_key(action))];
    view! {
        <PostForm action submit=t.messages_send() files=true hidden keeps=(api::KeepDraft::PATH, t.messages_keep())>
            <Select name="topic" label=t.messages_topic() choices=topics value=about/>
            <Select name="to" label=t.messages_to() choices value=to/>
            <Field name="subject" label=t.messages_subject() value=subject/>
            <Field name="body" label=t.messages_body() input=Input::Area hint=t.messages_body_hint() value=body/>
            <Danger action id="danger"/>
            <FileFields files/>
        </PostForm>
    }
}
