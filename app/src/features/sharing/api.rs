//! Sharing a record, and reading what was shared.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{DelegatedAccess, Grant, allow, policy},
    base::{answer::Answer, boot::Boot, error::Error, ids::PatientId, period::Period, why::Why},
    features::credentials::keys::Issuer,
    platform::{password_hash::Passwords, request as web},
    record::chapter::{Chapter, Chapters, RecordSection},
};

/// The cookie of somebody who reads a shared record.
pub const COOKIE: &str = "shared";

fn ticked(sections: &HashMap<String, String>) -> Vec<RecordSection> {
    RecordSection::ALL.iter().copied().filter(|section| sections.get(section.as_str()).is_some_and(|ticked| ticked == "true")).collect()
}

#[cfg(feature = "ssr")]
fn chosen(sections: &HashMap<String, String>, sensitive: &str) -> super::shares::Chosen {
    super::shares::Chosen { sections: ticked(sections), sensitive: sensitive == "true" }
}

/// Makes a share code.
///
/// # Errors
/// `NotFound` for a chart that the caller does not read; `Invalid` with everything that is wrong.
#[server(endpoint = "portable/share", output = Answer)]
pub async fn share(
    patient: PatientId,
    #[server(default)] recipient: String,
    #[server(default)] sections: HashMap<String, String>,
    #[server(default)] sensitive: String,
    #[server(default)] minutes: String,
) -> Result<(), Error> {
    let grant = allow::<policy::ShareRecord>(patient).await?;
    let (id, code) = super::shares::make(&grant, &recipient, &chosen(&sections, &sensitive), minutes.parse().unwrap_or_default()).await?;
    web::show_once(id, &code)?;
    web::redirect_plain_form(&format!("/p/{patient}/share/{id}"));
    Ok(())
}

/// Makes a SMART Health Link.
///
/// # Errors
/// As [`share`].
#[server(endpoint = "portable/make-link", output = Answer)]
pub async fn make_link(
    patient: PatientId,
    #[server(default)] recipient: String,
    #[server(default)] sections: HashMap<String, String>,
    #[server(default)] sensitive: String,
    #[server(default)] days: String,
    #[server(default)] passcode: String,
) -> Result<(), Error> {
    let grant = allow::<policy::ShareRecord>(patient).await?;
    let (issuer, passwords) = (web::context::<Issuer>()?, web::context::<Passwords>()?);
    let days = days.parse().unwrap_or_default();
    let id = super::links::make(&grant, &issuer, &passwords, &recipient, &chosen(&sections, &sensitive), days, &passcode).await?;
    web::redirect_plain_form(&format!("/p/{patient}/share/{id}"));
    Ok(())
}

/// Makes a new code in the place of one that nobody has used.
///
/// # Errors
/// `NotFound` when there is no such code of this chart that the caller made and that can still be used.
#[server(endpoint = "portable/renew-code", output = Answer)]
pub async fn renew_code(patient: PatientId, id: Uuid) -> Result<(), Error> {
    let grant = allow::<policy::ShareRecord>(patient).await?;
    let code = super::shares::renew(&grant, id).await?;
    web::show_once(id, &code)?;
    web::redirect_plain_form(&format!("/p/{patient}/share/{id}"));
    Ok(())
}

/// Ends a share code or a link at once.
///
/// # Errors
/// `NotFound` when there is no such thing in this chart that the caller may end.
#[server(endpoint = "portable/revoke", output = Answer)]
pub async fn revoke(patient: PatientId, id: Uuid) -> Result<(), Error> {
    let grant = allow::<policy::EndShares>(patient).await?;
    match super::shares::revoke(&grant, id).await {
        Err(Error::NotFound) => super::links::revoke(&grant, id).await?,
        done => done?,
    }
    web::redirect_plain_form(&format!("/p/{patient}/share"));
    Ok(())
}

/// Orders the record as a file.
///
/// # Errors
/// `NotFound` for a chart that the caller does not read; `Invalid` with everything that is wrong.
#[server(endpoint = "portable/take-along", output = Answer)]
pub async fn take_along(
    patient: PatientId,
    #[server(default)] sections: HashMap<String, String>,
    #[server(default)] since: String,
    #[server(default)] until: String,
    #[server(default)] password: String,
    #[server(default)] repeat: String,
) -> Result<(), Error> {
    let grant = allow::<policy::TakeAlong>(patient).await?;
    let day = |field: &str, text: &str| match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::field(field, Why::NOT_A_DATE)),
    };
    let period = Period { since: day("since", &since)?, until: day("until", &until)? };
    let issuer = web::context::<Issuer>()?;
    super::export::order(&grant, &issuer.secret, &ticked(&sections), period, &password, &repeat).await?;
    web::redirect_plain_form(&format!("/p/{patient}/take-along?done=ordered"));
    Ok(())
}

/// Deletes a file before its time.
///
/// # Errors
/// `NotFound` for a chart that the caller does not read.
#[server(endpoint = "portable/delete-file", output = Answer)]
pub async fn delete_file(patient: PatientId, id: Uuid) -> Result<(), Error> {
    let grant = allow::<policy::TakeAlong>(patient).await?;
    super::export::delete(&grant, id).await?;
    web::redirect_plain_form(&format!("/p/{patient}/take-along"));
    Ok(())
}

/// The file itself, for the server's own route.
///
/// # Errors
/// `NotFound` when it is somebody else's, not ready, or was deleted.
pub async fn file(patient: PatientId, id: Uuid) -> Result<Vec<u8>, Error> {
    let grant = allow::<policy::TakeAlong>(patient).await?;
    super::export::file(&grant, id).await
}

/// Some sections of a chart, for the server to write down: who the caller is, what the sections say.
///
/// # Errors
/// `NotFound` for a chart that the caller does not read, or when no section has the name.
pub async fn sections(patient: PatientId, name: &str) -> Result<(Grant<policy::TakeAlong>, DelegatedAccess, Vec<Chapter>), Error> {
    let grant = allow::<policy::TakeAlong>(patient).await?;
    let section = RecordSection::ALL.iter().copied().find(|section| section.as_str() == name).ok_or(Error::NotFound)?;
    let reader = DelegatedAccess::oneself(&grant);
    let chapters = web::context::<Chapters>()?.gather(&reader, patient, &[section], Period::default()).await?;
    Ok((grant, reader, chapters))
}

/// Opens a shared record with the code and the birth date.
///
/// # Errors
/// `Invalid`, without a word on what is wrong; `TooManyTries`.
#[server(endpoint = "portable/enter", output = Answer)]
pub async fn enter(#[server(default)] share_code: String, #[server(default)] birth_date: String) -> Result<(), Error> {
    let grant = allow::<policy::ReadShared>(()).await?;
    if share_code.trim().is_empty() {
        return Err(Error::field("share_code", Why::MISSING));
    }
    let birth_date = birth_date.parse().map_err(|_| Error::field("birth_date", Why::NOT_A_DATE))?;
    let token = super::reader::enter(&grant, &share_code, Some(birth_date)).await?;
    web::keep_cookie(COOKIE, &token, super::model::READING.num_seconds())?;
    web::redirect_plain_form("/shared/record");
    Ok(())
}

/// Leaves a note for whoever shared the record.
///
/// # Errors
/// `NotFound` when nothing is being read; `Invalid` without words.
#[server(endpoint = "portable/leave-note", output = Answer)]
pub async fn leave_note(#[server(default)] note: String) -> Result<(), Error> {
    let grant = allow::<policy::ReadShared>(()).await?;
    super::reader::leave_note(&grant, web::cookie(COOKIE), &note).await?;
    web::redirect_plain_form("/shared/record?done=note");
    Ok(())
}

/// Ends the reading.
///
/// # Errors
/// When the database fails.
#[server(endpoint = "portable/finish", output = Answer)]
pub async fn finish() -> Result<(), Error> {
    let grant = allow::<policy::ReadShared>(()).await?;
    super::reader::finish(&grant, web::cookie(COOKIE)).await?;
    web::keep_cookie(COOKIE, "", 0)?;
    web::redirect_plain_form("/shared?done=finished");
    Ok(())
}

/// How somebody comes with a SMART Health Link.
pub enum Ask {
    /// For the manifest, with what they say about themselves.
    Manifest(serde_json::Value),
    /// For the file, under the name they give themselves.
    File(Option<String>),
    /// For the file that a manifest named.
    Ticket(String),
}

/// What a SMART Health Link leads to: for the server's own routes, not for forms. A manifest is JSON, a file a JWE.
///
/// # Errors
/// See [`super::manifest::Refused`].
pub async fn open_link(path: &str, ask: Ask) -> Result<String, super::manifest::Refused> {
    use super::manifest::{Shares, direct, fetched, manifest};
    let grant = allow::<policy::ReadShared>(()).await?;
    let (issuer, passwords, boot) = (web::context::<Issuer>()?, web::context::<Passwords>()?, web::context::<Boot>()?);
    let chapters = web::context::<Chapters>()?;
    let shares = Shares { issuer: &issuer, passwords: &passwords, organisation: &boot.brand.organisation, chapters: &chapters };
    match ask {
        Ask::Manifest(asked) => Ok(manifest(&grant, &shares, path, &asked).await?.to_string()),
        Ask::File(recipient) => direct(&grant, &shares, path, recipient.as_deref()).await,
        Ask::Ticket(ticket) => fetched(&grant, &shares, path, &ticket).await,
    }
}
