//! What is known of one request.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use leptos::prelude::use_context;

use super::{audit_writer::Trail, caller::Caller, connection::Connection, db::Db, draft::Draft};
use crate::base::{clock::Clock, error::Error, i18n::Locale, ids::PatientId};

/// What the session middleware found out about one request.
#[derive(Clone)]
pub struct Access {
    pub db: Db,
    /// What this request reads with.
    pub connection: Connection,
    pub clock: Clock,
    pub caller: Arc<Caller>,
    /// Where the request came from, for throttling.
    pub address: IpAddr,
    /// The reader's language, for dates and other text that the server writes.
    pub locale: Locale,
    /// Where this portal is reached, such as `https://portal.example`, for links in e-mails.
    pub origin: Arc<str>,
    /// From which kind of device the request came: "Chrome, Windows".
    pub device: Arc<str>,
    /// What this browser typed into a form that was refused.
    pub draft: Option<Arc<Draft>>,
    /// The decisions of this request, written before its answer leaves.
    pub trail: Trail,
    pub memo: Memo,
    /// What is read is for somebody to whom sensitive parts were not shared.
    pub leaves_out_sensitive: bool,
}

impl Access {
    /// This request shows a page: nothing is done by it, and it reads from one connection.
    pub fn look(&self) {
        self.trail.look();
        self.connection.hold();
    }

    /// Reads without what is sensitive; what was read with it does not count.
    pub(super) fn without_sensitive(self) -> Self {
        Self { leaves_out_sensitive: true, memo: Memo::default(), ..self }
    }
}

/// What was read about a chart for this request, so that it is read once.
#[derive(Clone, Default)]
pub struct Memo(Arc<Mutex<HashMap<(TypeId, PatientId), Kept>>>);

type Kept = Arc<dyn Any + Send + Sync>;

impl Memo {
    pub(super) fn get<T: Send + Sync + 'static>(&self, patient: PatientId) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(TypeId::of::<T>(), patient)).cloned()?.downcast().ok()
    }

    pub(super) fn keep<T: Send + Sync + 'static>(&self, patient: PatientId, value: T) -> Arc<T> {
        let value = Arc::new(value);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((TypeId::of::<T>(), patient), value.clone());
        value
    }
}

/// The session middleware's findings; they reach server functions through the request's extensions.
pub(crate) fn current() -> Result<Access, Error> {
    use_context::<http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<Access>().cloned())
        .ok_or_else(|| Error::unexpected("access", &"a server function ran outside of a request"))
}
