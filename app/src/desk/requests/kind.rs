//! What a feature says of the requests that it brings to staff: whose queue they are in, how they read, what acceptance does.
//! The desk knows them through the list that the site collects.

use std::{collections::HashMap, pin::Pin};

use chrono::{Days, NaiveDate};
use leptos::prelude::AnyView;
use sea_orm::DatabaseTransaction;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    entity::request,
    model::{RequestState, business_days_after},
    sought::Sought,
};
use crate::{
    access::{
        Grant,
        policy::{DecideRequests, UseOwnAccount},
    },
    base::{error::Error, i18n::Texts},
    people::{patient, relation::StaffRole},
    platform::request::context,
    view::{document::Part, sections::Tag},
};

pub type RequestFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// One kind of requests.
pub struct RequestKind {
    /// In the database, and in the address of its queue.
    pub key: &'static str,
    /// The numbers of its requests begin with it.
    pub letter: char,
    /// Whose queue it is in.
    pub role: StaffRole,
    pub due: Due,
    /// Whether whoever asked gets e-mails with the number and about the answer.
    pub emails: bool,
    /// Where staff see what it is about.
    pub at: fn(&request::Model) -> Option<String>,
    /// Whether other systems of the hospital are told of it, and of its answer.
    pub goes_out: bool,
    pub title: fn(Texts) -> &'static str,
    pub state: fn(Texts, RequestState) -> Tag,
    /// What was asked, as staff and whoever asked read it.
    pub describe: fn(Texts, &request::Model) -> Result<Vec<Part>, Error>,
    pub answer: Answer,
    /// What is special on the page of whoever asked.
    pub own: Option<OwnRequests>,
}

/// By when staff answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    BusinessDays(u32),
    /// Days of the calendar.
    Days(u64),
}

impl Due {
    /// Within so many business days, where no law says otherwise (the hospital's promise).
    pub const USUAL: Due = Due::BusinessDays(3);

    /// The last day for a request of `today`.
    pub fn on(self, today: NaiveDate) -> NaiveDate {
        match self {
            Due::BusinessDays(count) => business_days_after(today, count),
            Due::Days(count) => today.checked_add_days(Days::new(count)).unwrap_or(today),
        }
    }
}

/// How staff answer.
pub enum Answer {
    /// In words, with the desk's own form.
    Words,
    /// By accepting or declining, with the desk's own form.
    Decision(Decision),
    /// With forms of the feature.
    Forms(fn(Texts, &request::Model) -> AnyView),
}

pub struct Decision {
    pub about: About,
    /// What acceptance does, in words for staff.
    pub accept_says: fn(Texts) -> &'static str,
    pub accept: Accept,
}

/// Does what was asked, in the transaction that closes the request.
pub type Accept = for<'a> fn(
    &'a DatabaseTransaction,
    &'a Grant<DecideRequests>,
    &'a request::Model,
    &'a patient::Model,
) -> RequestFuture<'a, Option<GoOn>>;

/// Where staff go on after they accepted: a page that shows a secret once, of a person.
pub struct GoOn {
    pub page: String,
    pub secret: (Uuid, String),
}

/// Whose chart a decision is about.
pub enum About {
    /// The request names its patient; what their record says now is shown beside what was asked.
    Known(fn(Texts, &request::Model, &patient::Model) -> Result<Part, Error>),
    /// Staff choose among those who may be meant.
    Chosen(fn(&request::Model) -> Result<Sought, Error>),
}

/// Requests of one kind on the page of whoever asked.
pub struct OwnRequests {
    /// Whether whoever asked may still read what they asked and what was answered.
    pub may_read: fn(&Grant<UseOwnAccount>, &request::Model) -> bool,
    /// What can be done next, below the answer, by request.
    pub next: NextSteps,
}

pub type NextSteps = for<'a> fn(&'a Grant<UseOwnAccount>, &'a [&'a request::Model]) -> RequestFuture<'a, HashMap<Uuid, AnyView>>;

/// What somebody asks, as it is stored with the request.
pub trait RequestDetails: Serialize + DeserializeOwned {
    /// Of its [`RequestKind`].
    const KEY: &'static str;
}

impl request::Model {
    /// What was asked.
    ///
    /// # Errors
    /// `Unexpected` when the stored text is of another kind.
    pub fn details<D: RequestDetails>(&self) -> Result<D, Error> {
        serde_json::from_str(&self.body).map_err(|error| Error::unexpected("request details", &error))
    }
}

/// The kinds of all features.
#[derive(Clone)]
pub struct RequestKinds(pub Vec<&'static RequestKind>);

impl RequestKinds {
    /// # Errors
    /// `Unexpected` when the server was put together without them.
    pub fn here() -> Result<Self, Error> {
        context()
    }

    /// The kind of a request.
    ///
    /// # Errors
    /// `Unexpected` for a kind that no feature brings.
    pub fn of(&self, row: &request::Model) -> Result<&'static RequestKind, Error> {
        self.named(&row.kind)
    }

    /// The kind with a key.
    ///
    /// # Errors
    /// `Unexpected` for a kind that no feature brings.
    pub fn named(&self, key: &str) -> Result<&'static RequestKind, Error> {
        self.0.iter().copied().find(|kind| kind.key == key).ok_or_else(|| Error::unexpected("request kind", &key))
    }

    /// The kinds in the queues of a role.
    pub fn of_role(&self, role: StaffRole) -> impl Iterator<Item = &'static RequestKind> {
        self.0.iter().copied().filter(move |kind| kind.role == role)
    }
}

/// The state of a request that is accepted or declined.
pub fn decided_state(t: Texts, state: RequestState) -> Tag {
    match state {
        RequestState::Open => Tag::neutral(t.requests_open()),
        RequestState::Review => Tag::neutral(t.correction_under_review()),
        RequestState::Accepted => Tag::good(t.queue_accepted()),
        RequestState::Declined => Tag::muted(t.queue_declined()),
        RequestState::Withdrawn => Tag::muted(t.requests_withdrawn()),
    }
}

/// The state of a request that is answered in words.
pub fn answered_state(t: Texts, state: RequestState) -> Tag {
    match state {
        RequestState::Accepted => Tag::good(t.requests_answered()),
        state => decided_state(t, state),
    }
}

/// A text, if there is one.
pub fn some_text(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}
