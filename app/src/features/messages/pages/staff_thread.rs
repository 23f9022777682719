use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::{
    thread::told,
    words::{SentFiles, e_visit_state, sending_key, state, topic},
};
use crate::{
    access::{
        allow,
        policy::{OpenThread, SeeInbox},
    },
    base::{
        error::Error,
        i18n::{Locale, Texts, texts},
        ids::PatientId,
        money::price,
    },
    desk::office::{store::office, words::about},
    features::messages::{
        api,
        inbox::{self, StaffThread},
        model::ThreadState,
        recipients,
        store::papers,
    },
    people::relation::StaffRole,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Select},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{Disclosure, Item, KeptNames, LivePart, LiveStatus, Section, Tag},
    },
};

/// The reply that asks somebody to come in.
const COME_IN: &str = "visit";

/// A thread with everything that staff do with it.
///
/// # Errors
/// `NotFound` for a thread of other departments.
pub async fn staff_thread(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = inbox::patient_of(&allow::<SeeInbox>(()).await?, id).await?;
    let grant = allow::<OpenThread>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let found = inbox::open(&grant, id).await?;
    let (name, phone) = recipients::office_of(grant.db(), &found.thread).await?;
    let me = grant.holder()?.account.0;
    let StaffThread { thread, patient: person, messages, opened, files, colleagues, replies, e_visit, known, readers } = found;
    let overdue = thread.due_at.is_some_and(|due| due < now.instant);
    let done = match request.query("done").as_deref() {
        Some("answered") => Some(t.messages_done_answered()),
        Some("noted") => Some(t.messages_done_noted()),
        Some("taken") => Some(t.messages_done_taken()),
        Some("closed") => Some(t.messages_done_closed()),
        Some("marked") => Some(t.messages_done_marked()),
        Some("no-answer") => Some(t.messages_done_no_answer()),
        Some("offered") => Some(t.messages_done_offered()),
        Some("begun") => Some(t.messages_done_begun()),
        _ => None,
    };
    let taken = thread.taken_by.and_then(|by| colleagues.iter().find(|(id, _)| *id == by)).map(|(_, name)| name.clone());
    let [born, language] = about(t, &person, now.today);
    let facts = Part::facts([
        born,
        language,
        (t.messages_topic(), Some(topic(t, thread.topic).to_owned())),
        (t.messages_to(), Some(name)),
        (t.messages_due_by(), thread.due_at.map(|due| t.date_and_time(due, &zone))),
        (t.messages_taken_by(), taken),
        (t.messages_e_visit(), e_visit.as_ref().map(|offer| e_visit_state(t, offer, true))),
    ]);
    let list = |titles: Vec<String>| Some(titles.join("; ")).filter(|words| !words.is_empty());
    let nobody_reads = readers.is_empty().then(|| t.messages_why_nobody_reads());
    let others = readers.into_iter().filter(|account| account.patient_id != Some(person.id)).map(|account| account.display_name);
    let known = Part::facts([
        (t.medications_allergies(), list(known.allergies)),
        (t.medications_current(), list(known.medicines)),
        (t.messages_also_reads(), list(others.collect())),
    ]);
    // In the patient's language.
    let theirs = Texts(person.language.as_deref().and_then(Locale::from_tag).unwrap_or_default());
    let chosen = request.query("reply").unwrap_or_default();
    let come_in = || theirs.messages_come_in(&phone.as_deref().map(|phone| theirs.messages_call(phone)).unwrap_or_default());
    let prefilled = match replies.iter().find(|reply| reply.id.to_string() == chosen) {
        Some(reply) if theirs.0 == Locale::Es => reply.spanish.clone(),
        Some(reply) => reply.english.clone(),
        None if chosen == COME_IN => come_in(),
        None => String::new(),
    };
    let replies: Vec<(String, String)> = std::iter::once((COME_IN.to_owned(), t.messages_reply_come_in().to_owned()))
        .chain(replies.into_iter().map(|reply| (reply.id.to_string(), reply.title)))
        .collect();
    let usual_price = office(grant.db(), thread.department_id).await?.e_visit_cents;
    let may_offer =
        grant.holder()?.staff == Some(StaffRole::Clinician) && e_visit.as_ref().is_none_or(|offer| offer.accepted != Some(true));
    let urged = thread.urged_at.map(|at| t.messages_urged_at(&t.date_and_time(at, &zone)));
    let given = person.given_name.clone();
    let papers = papers(grant.db(), &thread, &messages, false).await?;
    let told: Vec<_> = messages
        .iter()
        .map(|message| {
            let (title, lines, body) = told(t, message, &opened, &given, &zone);
            let tag = message.internal.then(|| Tag::muted(t.messages_internal()));
            let papers = papers.get(&message.sending_key).cloned().unwrap_or_default();
            let papers: Vec<String> = papers.iter().map(|name| t.messages_file_named(name)).collect();
            let warned = message.danger_confirmed.then(|| t.messages_danger_passed().to_owned());
            let with: Vec<_> = files.iter().filter(|file| file.message_id == Some(message.id)).cloned().collect();
            (title, tag, lines.into_iter().chain(warned).chain(papers).collect::<Vec<_>>(), body, with)
        })
        .collect();
    let tag = state(t, &thread, overdue);
    let waits = thread.state == ThreadState::Waiting;
    let (is_closed, sensitive, mine) = (thread.state == ThreadState::Closed, thread.sensitive, thread.taken_by == Some(me));
    let title = format!("{} {}: {}", person.given_name, person.family_name, thread.subject);
    Ok(Page::new(title, t.messages_thread_lead()).back("/staff/messages", t.messages_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <LiveStatus made_at=t.messages_as_of(&t.date_and_time(now.instant, &zone))/>
        <LivePart id="written" of=Some(id)><Section heading=t.messages_written()>
            {told.into_iter().map(|(title, tag, lines, body, files)| view! {
                <Item title tag lines><p class="text">{body}</p><SentFiles files at="/files/staff-message" staff=true/></Item>
            }).collect_view()}
        </Section></LivePart>
        <Section heading=t.messages_known()>
            <KeptNames><Document parts=vec![known]/></KeptNames>
            <p class="meta">{t.medications_without_sensitive()}</p>
        </Section>
        <Section>
            <LivePart id="state" of=Some(id)>
                <div>{tag.draw()}</div>
                {urged.map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> })}
                <Document parts=vec![facts]/>
            </LivePart>
            {(!mine).then(|| view! { <TakeForm patient thread=id me/> })}
            <HandOver patient thread=id me colleagues/>
        </Section>
        <Section heading=t.messages_answer()>
            {nobody_reads.map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> })}
            <SearchForm submit=t.messages_reply_use() quiet=true>
                <Select name="reply" id="kept-reply" label=t.messages_reply_choose() choices=replies value=chosen optional=true/>
            </SearchForm>
            <StaffAnswer patient thread=id body=prefilled/>
            {waits.then(|| view! { <NoAnswerForm patient thread=id usual=theirs.messages_last_word_usual()/> })}
            {(!is_closed).then(|| view! { <CloseForm patient thread=id/> })}
        </Section>
        <Section heading=t.messages_note()>
            <p class="meta">{t.messages_note_says()}</p>
            <NoteForm patient thread=id/>
            <SensitiveForm patient thread=id sensitive/>
        </Section>
        {may_offer.then(|| view! { <Section heading=t.messages_e_visit_offer()><OfferForm patient thread=id usual_price/></Section> })}
    }))
}

fn hidden(patient: PatientId, thread: Uuid) -> Vec<(&'static str, String)> {
    vec![("patient", patient.to_string()), ("thread", thread.to_string())]
}

fn with_key(patient: PatientId, thread: Uuid, action: &str) -> Vec<(&'static str, String)> {
    let mut hidden = hidden(patient, thread);
    hidden.push(("sending_key", sending_key(action)));
    hidden
}

#[component]
fn StaffAnswer(patient: PatientId, thread: Uuid, body: String) -> impl IntoView {
    let (t, action) = (texts(), api::AnswerAsStaff::PATH);
    view! {
        <PostForm action submit=t.messages_send() hidden=with_key(patient, thread, action)>
            <Field name="reply" label=t.messages_answer_text() input=Input::Area hint=t.messages_answer_hint() value=body/>
        </PostForm>
    }
}

#[component]
fn NoteForm(patient: PatientId, thread: Uuid) -> impl IntoView {
    let (t, action) = (texts(), api::AddNote::PATH);
    view! {
        <PostForm action submit=t.messages_note_add() quiet=true hidden=with_key(patient, thread, action)>
            <Field name="note" label=t.messages_note() input=Input::Area/>
        </PostForm>
    }
}

#[component]
fn TakeForm(patient: PatientId, thread: Uuid, me: Uuid) -> impl IntoView {
    let mut hidden = hidden(patient, thread);
    hidden.push(("to", me.to_string()));
    view! { <PostForm action=api::HandOver::PATH submit=texts().messages_take() quiet=true hidden/> }
}

#[component]
fn HandOver(patient: PatientId, thread: Uuid, me: Uuid, colleagues: Vec<(Uuid, String)>) -> impl IntoView {
    let t: Texts = texts();
    let choices: Vec<(String, String)> =
        colleagues.into_iter().filter(|(id, _)| *id != me).map(|(id, name)| (id.to_string(), name)).collect();
    (!choices.is_empty()).then(|| {
        view! {
            <Disclosure summary=t.messages_hand_over()>
                <PostForm action=api::HandOver::PATH submit=t.messages_hand_over() quiet=true hidden=hidden(patient, thread)>
                    <Select name="to" label=t.messages_colleague() choices id="colleague"/>
                </PostForm>
            </Disclosure>
        }
    })
}

#[component]
fn CloseForm(patient: PatientId, thread: Uuid) -> impl IntoView {
    let t = texts();
    view! {
        <Disclosure summary=t.messages_close()>
            <p class="text">{t.messages_close_says()}</p>
            <PostForm action=api::Close::PATH submit=t.messages_close() quiet=true hidden=hidden(patient, thread)/>
        </Disclosure>
    }
}

#[component]
fn NoAnswerForm(patient: PatientId, thread: Uuid, usual: &'static str) -> impl IntoView {
    let (t, action) = (texts(), api::NoAnswerNeeded::PATH);
    view! {
        <Disclosure summary=t.messages_no_answer()>
            <p class="text">{t.messages_no_answer_says()}</p>
            <PostForm action submit=t.messages_no_answer() quiet=true hidden=with_key(patient, thread, action)>
                <Field name="words" label=t.messages_last_word() input=Input::Area value=usual/>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn OfferForm(patient: PatientId, thread: Uuid, usual_price: Option<i64>) -> impl IntoView {
    let t = texts();
    let value = usual_price.map(|cents| price(cents).trim_start_matches('$').to_owned()).unwrap_or_default();
    view! {
        <p class="meta">{t.messages_e_visit_offer_says()}</p>
        <PostForm action=api::OfferEVisit::PATH submit=t.messages_e_visit_offer() quiet=true hidden=hidden(patient, thread)>
            <Field name="price" label=t.messages_e_visit_price_field() value/>
            <Field name="reason" label=t.messages_e_visit_reason_field() input=Input::Area/>
        </PostForm>
    }
}

#[component]
fn SensitiveForm(patient: PatientId, thread: Uuid, sensitive: bool) -> impl IntoView {
    let t = texts();
    let mut hidden = hidden(patient, thread);
    hidden.push(("sensitive", (!sensitive).to_string()));
    let submit = if sensitive { t.messages_not_sensitive() } else { t.messages_sensitive() };
    view! {
        <p class="meta">{t.messages_sensitive_says()}</p>
        <PostForm action=api::MarkSensitive::PATH submit quiet=true hidden/>
    }
}
