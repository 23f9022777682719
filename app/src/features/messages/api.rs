//! Sending messages and answering them.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData},
};
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Begins a thread about a patient: the fields and the files of a form. The fields `patient`, `thread` and `sending_key` stand before the files.
///
/// # Errors
/// What the policy refuses; `Invalid` with everything that is wrong. Nothing was sent then.
#[server(endpoint = "messages/send", input = MultipartFormData, output = Answer)]
pub async fn send_message(data: MultipartData) -> Result<(), Error> {
    use super::{form, sending};
    use crate::platform::request as web;
    let mut letter = form::read(data).await?;
    let grant = letter.grant().await?;
    let patient = letter.at.patient;
    let thread = sending::begin(&grant, &letter).await?;
    web::redirect_plain_form(&format!("/p/{patient}/messages/{thread}?done=sent"));
    Ok(())
}

/// Answers in a thread, for the patient's side: the fields and the files of a form, as for a new thread.
///
/// # Errors
/// What the policy refuses; `NotFound` without such a thread; `Invalid` when it takes no answer, or with what is wrong.
#[server(endpoint = "messages/answer", input = MultipartFormData, output = Answer)]
pub async fn answer_message(data: MultipartData) -> Result<(), Error> {
    use super::{form, sending};
    use crate::platform::request as web;
    let mut letter = form::read(data).await?;
    let grant = letter.grant().await?;
    let (patient, thread) = (letter.at.patient, letter.at.thread);
    sending::answer(&grant, thread, &letter).await?;
    web::redirect_plain_form(&format!("/p/{patient}/messages/{thread}?done=sent"));
    Ok(())
}

/// Asks the office to look at what is overdue; once a day.
///
/// # Errors
/// What the policy refuses; `NotFound` without such a thread; `Invalid` when it is not overdue, or was asked today.
#[server(endpoint = "messages/urge", output = Answer)]
pub async fn urge(patient: PatientId, thread: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::WriteMessages>(patient).await?;
    super::sending::urge(&grant, thread).await?;
    web::redirect_plain_form(&format!("/p/{patient}/messages/{thread}?done=urged"));
    Ok(())
}

/// Answers as staff.
///
/// # Errors
/// `NotFound` for a thread of other departments; `Invalid` when nothing was written.
#[server(endpoint = "messages/answer-as-staff", output = Answer)]
pub async fn answer_as_staff(patient: PatientId, thread: Uuid, sending_key: Uuid, #[server(default)] reply: String) -> Result<(), Error> {
    use super::acting::{Kind, write};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    write(&grant, thread, Kind::Answer, &reply, sending_key).await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=answered"));
    Ok(())
}

/// Adds a note that only staff see.
///
/// # Errors
/// `NotFound` for a thread of other departments; `Invalid` when nothing was written.
#[server(endpoint = "messages/add-note", output = Answer)]
pub async fn add_note(patient: PatientId, thread: Uuid, sending_key: Uuid, #[server(default)] note: String) -> Result<(), Error> {
    use super::acting::{Kind, write};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    write(&grant, thread, Kind::Note, &note, sending_key).await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=noted"));
    Ok(())
}

/// Takes a thread, or hands it to a colleague.
///
/// # Errors
/// `NotFound` for a thread of other departments; `Invalid` for whoever does not answer for it.
#[server(endpoint = "messages/hand-over", output = Answer)]
pub async fn hand_over(patient: PatientId, thread: Uuid, to: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    super::acting::hand_over(&grant, thread, to).await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=taken"));
    Ok(())
}

/// Closes a thread that needs no answer, or no more.
///
/// # Errors
/// `NotFound` for a thread of other departments.
#[server(endpoint = "messages/close", output = Answer)]
pub async fn close(patient: PatientId, thread: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    super::acting::close(&grant, thread).await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=closed"));
    Ok(())
}

/// Says that a thread needs no answer, with a last word to the patient.
///
/// # Errors
/// `NotFound` for a thread of other departments; `Invalid` without words, or when they are too long.
#[server(endpoint = "messages/no-answer-needed", output = Answer)]
pub async fn no_answer_needed(patient: PatientId, thread: Uuid, sending_key: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    super::acting::write(&grant, thread, super::acting::Kind::LastWord, &words, sending_key).await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=no-answer"));
    Ok(())
}

/// Marks a thread as sensitive, or not any more.
///
/// # Errors
/// `NotFound` for a thread of other departments.
#[server(endpoint = "messages/mark-sensitive", output = Answer)]
pub async fn mark_sensitive(patient: PatientId, thread: Uuid, #[server(default)] sensitive: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    super::acting::mark_sensitive(&grant, thread, sensitive == "true").await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=marked"));
    Ok(())
}

/// Keeps what was typed so far, with the files of the form; takes the file `remove` away. Nothing is sent.
///
/// # Errors
/// `NotFound` when the caller may not write about this patient; `Invalid` for more than anybody writes, or for a file.
#[server(endpoint = "messages/keep-draft", input = MultipartFormData, output = Answer)]
pub async fn keep_draft(data: MultipartData) -> Result<(), Error> {
    use super::form;
    use crate::platform::request as web;
    let mut letter = form::read(data).await?;
    form::keep(&mut letter).await?;
    // What became of the draft stands above the form; who took a file away is at the files.
    let place = if letter.text("remove").is_empty() { "" } else { "#files" };
    web::redirect_plain_form(&format!("{}?done=kept{place}", page_of(&letter.at)));
    Ok(())
}

/// Wants no e-mail about a thread, or wants it again.
///
/// # Errors
/// What the policy refuses; `NotFound` without such a thread.
#[server(endpoint = "messages/mute", output = Answer)]
pub async fn mute(patient: PatientId, thread: Uuid, #[server(default)] muted: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::WriteMessages>(patient).await?;
    super::sending::mute(&grant, thread, muted == "true").await?;
    web::redirect_plain_form(&format!("/p/{patient}/messages/{thread}"));
    Ok(())
}

/// Offers to answer a thread as a visit by message that costs something.
///
/// # Errors
/// `NotFound` for a thread of other departments, and for whoever is no clinician; `Invalid` with what is wrong.
#[server(endpoint = "messages/offer-e-visit", output = Answer)]
pub async fn offer_e_visit(
    patient: PatientId,
    thread: Uuid,
    #[server(default)] price: String,
    #[server(default)] reason: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerMessages>(patient).await?;
    super::e_visit::offer(&grant, thread, &price, &reason).await?;
    web::redirect_plain_form(&format!("/staff/messages/{thread}?done=offered"));
    Ok(())
}

/// Accepts or declines a visit by message at the price, in cents, that was read.
///
/// # Errors
/// What the policy refuses; `NotFound` without an offer; `Invalid` when it was decided already or changed.
#[server(endpoint = "messages/decide-e-visit", output = Answer)]
pub async fn decide_e_visit(patient: PatientId, thread: Uuid, price: i64, #[server(default)] accepted: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::DecideEVisit>(patient).await?;
    let accepted = accepted.parse().map_err(|_| Error::form(crate::base::why::Why::MISSING))?;
    super::e_visit::decide(&grant, thread, accepted, price).await?;
    web::redirect_plain_form(&format!("/p/{patient}/messages/{thread}?done=decided"));
    Ok(())
}

/// Begins a thread with a patient, as staff.
///
/// # Errors
/// `NotFound` for a patient whom no department of the caller knows; `Invalid` with everything that is wrong.
#[server(endpoint = "messages/start", output = Answer)]
pub async fn start_thread(
    patient: PatientId,
    sending_key: Uuid,
    #[server(default)] department: String,
    #[server(default)] subject: String,
    #[server(default)] reply: String,
) -> Result<(), Error> {
    use super::starting::{Begun, begin};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::StartThread>(patient).await?;
    let new = Begun { department: &department, subject: &subject, body: &reply, sending_key };
    let thread = begin(&grant, &new).await?;
    // The front desk answers for no department, and goes back to the patient.
    let next = if grant.would_allow::<policy::OpenThread>(&patient) {
        format!("/staff/messages/{thread}?done=begun")
    } else {
        format!("/staff/patients/{patient}?done=written")
    };
    web::redirect_plain_form(&next);
    Ok(())
}

/// Gives a draft up, or brings back one that was given up.
///
/// # Errors
/// `NotFound` when the caller may not write about this patient.
#[server(endpoint = "messages/discard-draft", output = Answer)]
pub async fn discard_draft(patient: PatientId, #[server(default)] thread: String, #[server(default)] undo: String) -> Result<(), Error> {
    use super::{drafts::set_discarded, model::Place};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    let place = Place { patient, thread: thread_of(&thread)? };
    set_discarded(&grant, place, undo != "true").await?;
    web::redirect_plain_form(&page_of(&place));
    Ok(())
}

/// The thread of a draft; nil for a new one.
#[cfg(feature = "ssr")]
fn thread_of(text: &str) -> Result<Uuid, Error> {
    if text.is_empty() { Ok(Uuid::nil()) } else { text.parse().map_err(|_| Error::NotFound) }
}

/// The page of the form.
#[cfg(feature = "ssr")]
fn page_of(place: &super::model::Place) -> String {
    let (patient, thread) = (place.patient, place.thread);
    if thread.is_nil() { format!("/p/{patient}/messages/new") } else { format!("/p/{patient}/messages/{thread}") }
}
