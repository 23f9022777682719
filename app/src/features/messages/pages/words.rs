//! What several pages of messages say.

use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::current,
    base::{
        i18n::{Texts, param, texts},
        ids::PatientId,
        money::price,
    },
    desk::{
        danger::{self, Help},
        office::away::Away,
    },
    features::messages::{
        api,
        entity::{e_visit, message_draft, message_file, message_thread},
        model::{FILE_BYTES, FILES, FileState, ThreadState, Topic},
    },
    view::{
        Notice,
        fields::{Checkbox, Files},
        form::{OtherButton, PostForm},
        sections::Tag,
    },
};

pub fn topic(t: Texts, topic: Topic) -> &'static str {
    match topic {
        Topic::Question => t.messages_topic_question(),
        Topic::Medication => t.messages_topic_medication(),
        Topic::Result => t.messages_topic_result(),
        Topic::FollowUp => t.messages_topic_follow_up(),
        Topic::Form => t.messages_topic_form(),
        Topic::Appointment => t.messages_topic_appointment(),
        Topic::Other => t.messages_topic_other(),
    }
}

/// Whose turn it is; that an answer is overdue.
pub fn state(t: Texts, thread: &message_thread::Model, overdue: bool) -> Tag {
    match thread.state {
        ThreadState::Waiting if overdue => Tag::warning(t.messages_overdue()),
        ThreadState::Waiting => Tag::neutral(t.messages_waiting()),
        ThreadState::Answered => Tag::good(t.messages_answered()),
        ThreadState::NoAnswerNeeded => Tag::muted(t.messages_no_answer_needed()),
        ThreadState::Closed => Tag::muted(t.messages_closed()),
    }
}

/// What was typed into a field of a form that was refused.
pub fn typed(action: &str, name: &str) -> Option<String> {
    let draft = current().ok()?.draft.filter(|draft| draft.action == action)?;
    draft.entries.get(name).cloned()
}

/// The key of a form: the one that it had when it was refused, so that what was typed comes back.
pub fn sending_key(action: &str) -> String {
    typed(action, "sending_key").unwrap_or_else(|| Uuid::now_v7().to_string())
}

/// Where the text that was refused has words of danger: the numbers that help at once, and the way to send it all the same.
#[component]
pub fn Danger(action: &'static str, id: &'static str) -> impl IntoView {
    let t = texts();
    let said = [typed(action, "subject"), typed(action, "body")].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let found = danger::found(&said);
    let lines = found.into_iter().map(move |help| match help {
        Help::Emergency => t.messages_danger_911(),
        Help::Crisis => t.messages_danger_988(),
        Help::Poison => t.messages_danger_poison(),
    });
    let lines: Vec<&'static str> = lines.collect();
    (!lines.is_empty()).then(|| {
        view! {
            <Notice warn=true>{lines.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}</Notice>
            <Checkbox name="danger_confirmed" label=t.messages_danger_confirm() id=id/>
        }
    })
}

/// What is said of a draft.
#[derive(Clone)]
pub enum Note {
    /// It was kept at this time.
    Kept(String),
    /// It was given up, and can be brought back.
    Discarded,
}

/// What is said of a draft, be it of files alone, and the draft to go on with.
pub fn kept(
    t: Texts,
    zone: &chrono_tz::Tz,
    draft: Option<message_draft::Model>,
    files: &[message_file::Model],
    just_now: bool,
) -> (Option<Note>, Option<message_draft::Model>) {
    match draft {
        Some(draft) if draft.discarded_at.is_some() => (Some(Note::Discarded), None),
        draft => {
            let file = files.iter().filter(|file| file.state.is_kept()).map(|file| file.added_at).max();
            let at = draft.as_ref().map(|draft| draft.saved_at).max(file).map(|at| t.date_and_time(at, zone));
            let words = |at: String| if just_now { t.messages_draft_kept(&at) } else { t.messages_draft_from(&at) };
            (at.map(words).map(Note::Kept), draft)
        }
    }
}

/// Says that there is a draft, with the way to give it up or to bring it back.
#[component]
pub fn DraftNote(patient: PatientId, thread: Option<Uuid>, note: Note) -> impl IntoView {
    let t = texts();
    let mut hidden = vec![("patient", patient.to_string()), ("thread", thread.map(|id| id.to_string()).unwrap_or_default())];
    let (words, submit) = match note {
        Note::Kept(words) => (words, t.messages_draft_discard()),
        Note::Discarded => {
            hidden.push(("undo", "true".to_owned()));
            (t.messages_draft_discarded().to_owned(), t.messages_draft_undo())
        }
    };
    view! { <Notice><p class="text">{words}</p><PostForm action=api::DiscardDraft::PATH submit quiet=true hidden/></Notice> }
}

/// "4.2 MB"; "38 kB".
fn size(bytes: i64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    if tenths >= 10 { format!("{}.{} MB", tenths / 10, tenths % 10) } else { format!("{} kB", (bytes + 999) / 1000) }
}

/// Why a file is not there, or does not go yet.
fn why(t: Texts, state: FileState) -> Option<&'static str> {
    match state {
        FileState::Arriving | FileState::Ready => None,
        FileState::NotScanned => Some(t.messages_file_not_scanned()),
        FileState::TooMany => Some(t.messages_file_too_many()),
        FileState::TooLarge => Some(t.messages_file_too_large()),
        FileState::Empty => Some(t.messages_file_empty()),
        FileState::Twice => Some(t.messages_file_twice()),
        FileState::Kind => Some(t.messages_file_kind()),
        FileState::Infected => Some(t.messages_file_infected()),
    }
}

/// The files of a message that is being written, each with the way to take it back, or the reason why it was not taken; and a field
/// for more.
#[component]
pub fn FileFields(files: Vec<message_file::Model>) -> impl IntoView {
    let t = texts();
    let drawn: Vec<_> = files
        .into_iter()
        .map(|file| {
            let refused = why(t, file.state).map(|words| view! { <span class="problem">{words}</span> });
            let label = if file.state.is_kept() { t.messages_file_remove(&file.name) } else { t.messages_file_dismiss(&file.name) };
            let size = file.state.is_kept().then(|| view! { <span class="meta">{size(file.size)}</span> });
            let remove = view! { <OtherButton action=api::KeepDraft::PATH name="remove" value=file.id.to_string() label/> };
            // What the page shows goes with the message, and nothing else.
            let kept = file.state.is_kept().then(|| view! { <input type="hidden" name=format!("kept[{}]", file.id) value="true"/> });
            view! { <li>{kept}<b>{file.name}</b>{size}{refused}{remove}</li> }
        })
        .collect();
    let any = !drawn.is_empty();
    view! {
        {any.then(|| view! { <ul class="files" aria-label=t.messages_files()>{drawn}</ul> })}
        <Files name="files" label=t.messages_files_add() hint=t.messages_files_hint() accept="image/jpeg,image/png,image/webp,application/pdf,text/plain,.pdf,.txt"
            most=FILES most_bytes=FILE_BYTES too_many=t.messages_file_too_many() too_large=t.messages_file_too_large()/>
    }
}

/// The files of a message that was sent: pictures to be seen, and everything to be downloaded from below `at`.
#[component]
pub fn SentFiles(files: Vec<message_file::Model>, #[prop(into)] at: String, staff: bool) -> impl IntoView {
    let t = texts();
    let drawn = files.into_iter().map(|file| {
        let href = format!("{at}/{}", file.id);
        let picture = (file.media_type == "image/jpeg").then(|| {
            let (src, at, alt) = (href.clone(), href.clone(), t.messages_picture(&file.name));
            view! { <a class="files__picture" href=at rel="external" target="_blank"><img src=src alt=alt loading="lazy"/></a> }
        });
        let unscanned = (staff && !file.scanned).then(|| view! { <span class="meta">{t.messages_file_unscanned()}</span> });
        let words = t.messages_file_open(param::Name(&file.name), param::Size(&size(file.size)));
        view! { <li>{picture}<a href=href rel="external" download=file.name.clone()>{words}</a>{unscanned}</li> }
    });
    let drawn: Vec<_> = drawn.collect();
    (!drawn.is_empty()).then(|| view! { <ul class="files">{drawn}</ul> })
}

/// What was said to the offer of a visit by message.
pub fn e_visit_state(t: Texts, offer: &e_visit::Model, staff: bool) -> String {
    let price = price(offer.price_cents);
    match offer.accepted {
        None if !staff => t.messages_e_visit_asked(&price),
        None => t.messages_e_visit_offered(&price),
        Some(true) => t.messages_e_visit_accepted(&price),
        Some(false) => t.messages_e_visit_declined().to_owned(),
    }
}

/// "Away until December 3; Dr. Lee answers."
pub fn away_words(t: Texts, away: &Away) -> String {
    let until = t.date(away.until);
    match &away.cover {
        Some(cover) => t.messages_away_covered(param::Name(cover), param::Until(&until)),
        None => t.messages_away(&until),
    }
}
