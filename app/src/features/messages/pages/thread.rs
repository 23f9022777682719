use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Danger, DraftNote, FileFields, SentFiles, away_words, e_visit_state, kept, sending_key, state, topic};
use crate::{
    access::{
        allow,
        policy::{DecideEVisit, ReadMessages, WriteMessages},
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    desk::office::{away::away, words::author},
    features::messages::{
        api, drafts,
        entity::{message, message_file, message_opened},
        files::added,
        model::{NoAnswer, Place, ThreadState, may_answer, may_urge},
        recipients,
        store::{self, Thread},
    },
    people::relation::StaffRole,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, LivePart, LiveStatus, PrintButton, QuietButton, Section},
    },
};

/// A thread, the oldest message first, and the answer: or why there can be none.
///
/// # Errors
/// `NotFound` when there is no such thread in this chart.
pub async fn thread(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ReadMessages>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let found = store::thread(&grant, id).await?;
    let (name, phone) = recipients::office_of(grant.db(), &found.thread).await?;
    let given = grant.person()?.given_name.clone();
    let Thread { thread, messages, opened, files, e_visit, muted } = found;
    let overdue = thread.due_at.is_some_and(|due| due < now);
    let done = match request.query("done").as_deref() {
        Some("sent") => Some(t.messages_done_sent()),
        Some("urged") => Some(t.messages_done_urged()),
        Some("decided") => Some(t.messages_done_decided()),
        _ => None,
    };
    let due = thread.due_at.filter(|_| thread.state == ThreadState::Waiting).map(|due| t.date_and_time(due, &zone));
    let due = due.map(|due| if overdue { t.messages_overdue_since(&due) } else { t.messages_due(&due) });
    let clinician: Vec<Uuid> = thread.clinician_id.into_iter().collect();
    let is_away = away(grant.db(), clinician, grant.now().today).await?.into_values().next().map(|away| away_words(t, &away));
    let facts = Part::facts([
        (t.messages_topic(), Some(topic(t, thread.topic).to_owned())),
        (t.messages_to(), Some(name)),
        (t.messages_e_visit(), e_visit.as_ref().map(|offer| e_visit_state(t, offer, false))),
    ]);
    // Whoever may decide about it is led to the page with the price.
    let offer = e_visit.filter(|offer| offer.accepted.is_none() && grant.would_allow::<DecideEVisit>(&patient));
    let offer = offer.map(|offer| (t.messages_e_visit_by(&offer.offered_by_name), format!("/p/{patient}/messages/{id}/e-visit")));
    let may_write = grant.would_allow::<WriteMessages>(&patient);
    let answerable = may_answer(thread.state, thread.last_at, now);
    let urge = may_write && may_urge(thread.state, thread.due_at, thread.urged_at, now);
    let call = phone.map(|phone| t.messages_call(&phone)).unwrap_or_default();
    let draft = if may_write { drafts::find(&grant, id).await? } else { None };
    let given_up = draft.as_ref().is_some_and(|draft| draft.discarded_at.is_some());
    let here = Place { patient, thread: id };
    let adding = if given_up || !may_write { Vec::new() } else { added(grant.db(), grant.holder()?.account.0, here).await? };
    let (note, draft) = kept(t, &zone, draft, &adding, request.query("done").as_deref() == Some("kept"));
    let answer = match answerable {
        Ok(()) if may_write => {
            let body = draft.map(|draft| draft.body).unwrap_or_default();
            view! {
                {note.map(|note| view! { <DraftNote patient thread=Some(id) note/> })}
                <AnswerForm patient thread=id body files=adding/>
            }
            .into_any()
        }
        Ok(()) => ().into_any(),
        Err(why) => {
            let words = match why {
                NoAnswer::Closed => t.messages_closed_text(&call),
                NoAnswer::TooOld => t.messages_old_text(&call),
            };
            let new = may_write.then(|| format!("/p/{patient}/messages/new"));
            view! {
                <p class="text">{words}</p>
                {new.map(|href| view! { <QuietButton href label=t.messages_write()/> })}
            }
            .into_any()
        }
    };
    let at = format!("/files/message/{patient}");
    let papers = store::papers(grant.db(), &thread, &messages, grant.sees_sensitive()).await?;
    let messages: Vec<_> = messages
        .iter()
        .map(|message| {
            let with: Vec<_> = files.iter().filter(|file| file.message_id == Some(message.id)).cloned().collect();
            let address = format!("/files/record/{patient}/{}", message.sending_key);
            let papers = papers.get(&message.sending_key).cloned().unwrap_or_default();
            let ways =
                papers.into_iter().enumerate().map(|(number, name)| (format!("{address}?file={number}"), t.messages_file_in_record(&name)));
            (told(t, message, &opened, &given, &zone), with, ways.collect::<Vec<_>>())
        })
        .collect();
    let tag = state(t, &thread, overdue);
    let page = Page::new(thread.subject.clone(), t.messages_about(&grant.person()?.full_name));
    Ok(page.narrow().back(format!("/p/{patient}/messages"), t.messages_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <LiveStatus made_at=t.messages_as_of(&t.date_and_time(now, &zone))/>
        <LivePart id="state" of=Some(id)><Section>
            <div>{tag.draw()}</div>
            <Document parts=vec![facts]/>
            {due.map(|words| view! { <p class="text">{words}</p> })}
            {is_away.map(|words| view! { <p class="text">{words}</p> })}
            {urge.then(|| view! { <UrgeForm patient thread=id/> })}
            {offer.map(|(words, href)| view! { <Notice><p class="text">{words}</p><QuietButton href label=t.messages_e_visit_look()/></Notice> })}
            <PrintButton label=t.messages_print()/>
        </Section></LivePart>
        <LivePart id="written" of=Some(id)><Section heading=t.messages_written()>
            {messages.into_iter().map(|((title, lines, body), files, ways)| {
                let at = at.clone();
                let papers = (!ways.is_empty()).then(|| view! {
                    <ul class="files">{ways.into_iter().map(|(href, words)| view! { <li><a href=href rel="external" download="">{words}</a></li> }).collect_view()}</ul>
                });
                view! { <Item title lines><p class="text">{body}</p><SentFiles files at staff=false/>{papers}</Item> }
            }).collect_view()}
        </Section></LivePart>
        <Section heading=t.messages_answer()>{answer}</Section>
        {may_write.then(|| view! { <Section><MuteForm patient thread=id muted/></Section> })}
    }))
}

/// Who wrote, when, who opened it; and the text.
pub(super) fn told(
    t: Texts,
    message: &message::Model,
    opened: &[message_opened::Model],
    patient: &str,
    zone: &chrono_tz::Tz,
) -> (String, Vec<String>, String) {
    let sent = t.date_and_time(message.sent_at, zone);
    let by: Vec<String> = opened
        .iter()
        .filter(|row| row.message_id == message.id && row.role.is_some() != message.side.is_staff())
        .map(|row| {
            let role = row.role.as_deref().and_then(|role| StaffRole::ALL.iter().copied().find(|found| found.as_str() == role));
            let name = role.map_or_else(|| row.name.clone(), |role| format!("{} ({})", row.name, role.in_words(t)));
            t.messages_opened_by(param::At(&t.date_and_time(row.at, zone)), param::Name(&name))
        })
        .collect();
    (author(t, &message.author, message.role.as_deref(), patient), std::iter::once(sent).chain(by).collect(), message.body.clone())
}

#[component]
fn AnswerForm(patient: PatientId, thread: Uuid, body: String, files: Vec<message_file::Model>) -> impl IntoView {
    let t = texts();
    let action = api::AnswerMessage::PATH;
    let hidden = vec![("patient", patient.to_string()), ("thread", thread.to_string()), ("sending_key", sending_key(action))];
    view! {
        <PostForm action submit=t.messages_send() files=true hidden keeps=(api::KeepDraft::PATH, t.messages_keep())>
            <Field name="body" label=t.messages_body() input=Input::Area hint=t.messages_body_hint() value=body/>
            <Danger action id="danger"/>
            <FileFields files/>
        </PostForm>
    }
}

#[component]
fn UrgeForm(patient: PatientId, thread: Uuid) -> impl IntoView {
    let hidden = vec![("patient", patient.to_string()), ("thread", thread.to_string())];
    view! { <PostForm action=api::Urge::PATH submit=texts().messages_urge() quiet=true hidden/> }
}

#[component]
fn MuteForm(patient: PatientId, thread: Uuid, muted: bool) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("thread", thread.to_string()), ("muted", (!muted).to_string())];
    let (says, submit) = if muted { (t.messages_is_muted(), t.messages_unmute()) } else { (t.messages_mails(), t.messages_mute()) };
    view! {
        <p class="meta">{says}</p>
        <PostForm action=api::Mute::PATH submit quiet=true hidden/>
    }
}
