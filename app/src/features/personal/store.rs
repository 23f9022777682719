//! Reads demographics, from a grant for one chart.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    model::{PersonalInformation, Related},
    overlay,
};
use crate::{
    access::{
        AccessKind, Grant, Level,
        policy::{ChangePersonalInformation, ViewPersonalInformation},
        proxy,
    },
    base::{
        error::{Error, Problem},
        terms::{marital_status, relationship},
        text::{is_phone, is_postal_code},
        why::Why,
    },
    desk::requests::{kind::RequestDetails, model::RequestState, opening::open, store::open_of},
    features::personal::problem,
    people::{patient, related_person},
};

/// # Errors
/// When the database fails.
pub async fn read(grant: &Grant<ViewPersonalInformation>) -> Result<PersonalInformation, Error> {
    let found = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let related = related_person::Entity::find()
        .filter(related_person::Column::PatientId.eq(found.id))
        .order_by_asc(related_person::Column::Name)
        .all(grant.db())
        .await?;
    let t = grant.texts();
    let address = found.address();
    Ok(PersonalInformation {
        patient: grant.patient(),
        full_name: format!("{} {}", found.given_name, found.family_name),
        birth_date: t.when_as_said(&found.born()),
        age: found.known_birth_date().map(|born| proxy::age_on(born, grant.now().today)),
        sex: found.sex,
        record_number: found.mrn,
        marital_status: found.marital_status.map(|said| marital_status(t, &said)),
        language: found.language,
        address,
        phone_home: found.phone_home,
        phone_mobile: found.phone_mobile,
        phone_work: found.phone_work,
        email: found.email,
        related: related
            .into_iter()
            .map(|person| Related {
                name: person.name,
                relationship: person.relationship.map(|said| relationship(t, &said)),
                phone: person.phone,
            })
            .collect(),
        demographics_only: grant.access_kind() == AccessKind::Proxy(Level::Demographics),
        may_change: grant.would_allow::<ChangePersonalInformation>(&grant.patient()),
    })
}

/// What somebody wants to be changed; empty fields stay as they are.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address_line: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone_mobile: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone_home: String,
}

impl Details {
    /// As the record has them.
    pub(crate) fn of(patient: &patient::Model) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            address_line: text(&patient.address_line),
            city: text(&patient.city),
            state: text(&patient.state),
            postal_code: text(&patient.postal_code),
            phone_mobile: text(&patient.phone_mobile),
            phone_home: text(&patient.phone_home),
        }
    }

    pub(crate) fn entries(&self) -> [(&'static str, &str); 6] {
        [
            ("address_line", &self.address_line),
            ("city", &self.city),
            ("state", &self.state),
            ("postal_code", &self.postal_code),
            ("phone_mobile", &self.phone_mobile),
            ("phone_home", &self.phone_home),
        ]
    }

    /// What cannot be right; what is empty stays as it is.
    fn problems(&self) -> Vec<Problem> {
        let why = |field: &str, text: &str| match field {
            _ if text.chars().count() > 200 => Some(Why::TOO_LONG),
            "postal_code" if !is_postal_code(text) => Some(problem::NOT_A_POSTAL_CODE),
            "phone_mobile" | "phone_home" if !is_phone(text) => Some(problem::NOT_A_PHONE),
            _ => None,
        };
        let typed = self.entries().into_iter().filter(|(_, text)| !text.is_empty());
        typed.filter_map(|(field, text)| Some(Problem { field: field.into(), why: why(field, text)? })).collect()
    }
}

/// A change as it is stored with its request.
#[derive(Serialize, Deserialize)]
pub struct RequestedChange {
    /// The patient's name.
    #[serde(rename = "for")]
    pub name: String,
    #[serde(flatten)]
    pub details: Details,
}

impl RequestDetails for RequestedChange {
    const KEY: &'static str = "details";
}

/// What is known now, for the form.
///
/// # Errors
/// When the database fails.
pub async fn known(grant: &Grant<ChangePersonalInformation>) -> Result<(String, Details), Error> {
    let found = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let details = Details::of(&found);
    Ok((found.given_name, details))
}

/// What was asked to be changed and nobody has decided about, over what the record has.
///
/// # Errors
/// When the database fails.
pub async fn as_asked(grant: &Grant<ChangePersonalInformation>) -> Result<Details, Error> {
    let (_, mut details) = known(grant).await?;
    let open = open_of(grant, RequestedChange::KEY).await?.into_iter().filter(|request| request.state.is_pending());
    // The newest comes first, and wins.
    for request in open.collect::<Vec<_>>().into_iter().rev() {
        let asked = request.details::<RequestedChange>()?.details;
        let over = |known: &mut String, asked: String| {
            if !asked.is_empty() {
                *known = asked;
            }
        };
        over(&mut details.address_line, asked.address_line);
        over(&mut details.city, asked.city);
        over(&mut details.state, asked.state);
        over(&mut details.postal_code, asked.postal_code);
        over(&mut details.phone_mobile, asked.phone_mobile);
        over(&mut details.phone_home, asked.phone_home);
    }
    Ok(details)
}

/// The caller's own requests for a change of this chart about which nobody has decided.
///
/// # Errors
/// When the database fails.
pub async fn pending(grant: &Grant<ChangePersonalInformation>) -> Result<Vec<Uuid>, Error> {
    let own = grant.holder()?.account.0;
    let open = open_of(grant, RequestedChange::KEY).await?;
    Ok(open.into_iter().filter(|row| row.account_id == Some(own) && row.state == RequestState::Open).map(|row| row.id).collect())
}

/// Whether all of this was asked for already, and differs from the record.
///
/// # Errors
/// When the database fails.
pub async fn is_asked(grant: &Grant<ChangePersonalInformation>, typed: &Details) -> Result<bool, Error> {
    let ((_, known), asked) = (known(grant).await?, as_asked(grant).await?);
    let same = |one: &Details, other: &Details| one.entries().iter().zip(other.entries()).all(|((_, a), (_, b))| a.trim() == b.trim());
    Ok(!same(typed, &known) && same(typed, &asked))
}

/// Opens a request with what is different from the record.
///
/// # Errors
/// `Invalid` when nothing is different, and with each field that cannot be right.
pub async fn ask_change(grant: &Grant<ChangePersonalInformation>, typed: Details) -> Result<String, Error> {
    let (_, known) = known(grant).await?;
    let changed = |typed: String, known: String| Some(typed.trim().to_owned()).filter(|typed| *typed != known).unwrap_or_default();
    let details = Details {
        address_line: changed(typed.address_line, known.address_line),
        city: changed(typed.city, known.city),
        state: changed(typed.state, known.state),
        postal_code: changed(typed.postal_code, known.postal_code),
        phone_mobile: changed(typed.phone_mobile, known.phone_mobile),
        phone_home: changed(typed.phone_home, known.phone_home),
    };
    if details.entries().iter().all(|(_, text)| text.is_empty()) {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let problems = details.problems();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let change = RequestedChange { name: grant.person()?.full_name.clone(), details };
    let name = grant.holder()?.name.clone();
    let row = open(grant, &name, None, Some(grant.patient().0), &change).await?;
    Ok(row.number)
}

/// Writes an accepted change.
///
/// # Errors
/// When the database fails.
pub(crate) async fn apply(tx: &impl ConnectionTrait, patient: &patient::Model, details: &Details, now: DateTime<Utc>) -> Result<(), Error> {
    let typed = details.entries().into_iter().filter(|(_, text)| !text.is_empty());
    let changes = typed.map(|(field, text)| (field, text.to_owned())).collect();
    Ok(overlay::accept(tx, patient, &changes, now).await?)
}
