//! The proof of a permission, and the connection that comes with it.

use std::{marker::PhantomData, net::IpAddr, sync::Arc};

use chrono_tz::Tz;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{
    audit,
    audit_writer::Trail,
    caller::{AccessKind, Caller, Holder, Person},
    connection::Connection,
    context::{Access, Memo, current},
    db::Db,
    policy::{BookVisits, DecideRequests, Decision, GatherHome, Permission, ReadShared, TakeAlong, UsePhone, UseVisitLink},
    proxy::Level,
    session,
};
use crate::{
    base::{
        clock::{Clock, Now},
        error::Error,
        i18n::{Locale, Texts},
        ids::{AccountId, PatientId},
    },
    people::relation::Relationship,
};

/// Permission `P` was given for one scope, to one caller, now.
pub struct Grant<P: Permission> {
    scope: P::Scope,
    access: Access,
    now: Now,
    permission: PhantomData<P>,
}

/// Decides, adds the decision to the audit log, and opens the door.
///
/// # Errors
/// `SignInNeeded`, `NotFound`, `NotAllowed` or `AccessEnded` when the policy refuses; `Busy` when the decision cannot be logged.
pub async fn allow<P: Permission>(scope: P::Scope) -> Result<Grant<P>, Error> {
    let access = current()?;
    let now = access.clock.now();
    let decision = P::decide(&access.caller, &scope, now);
    audit::record::<P>(&access, &scope, now, decision).await?;
    match decision {
        Decision::Allow => Ok(Grant::given(access, scope, now)),
        Decision::SignInNeeded => Err(Error::SignInNeeded),
        Decision::NotFound => Err(Error::NotFound),
        Decision::NotAllowed => Err(Error::NotAllowed),
        Decision::Ended(reason) => Err(Error::AccessEnded(reason)),
    }
}

impl<P: Permission> Grant<P> {
    fn given(access: Access, scope: P::Scope, now: Now) -> Self {
        Self { scope, access, now, permission: PhantomData }
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.access.connection
    }

    /// A transaction that may write. Dropped without `commit`, it leaves everything as it was.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.access.connection.begin().await
    }

    /// Whether the same caller would be given another permission: for pages that gather from several charts and ask for none
    /// in vain.
    pub fn would_allow<Q: Permission>(&self, scope: &Q::Scope) -> bool {
        Q::decide(&self.access.caller, scope, self.now) == Decision::Allow
    }

    pub fn now(&self) -> Now {
        self.now
    }

    pub fn locale(&self) -> Locale {
        self.access.locale
    }

    /// An absolute address on this portal, for e-mails and QR codes.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.access.origin)
    }

    /// From which kind of device the request came.
    pub fn device(&self) -> &str {
        &self.access.device
    }

    /// The organisation's time zone.
    pub fn zone(&self) -> Tz {
        self.access.clock.zone()
    }

    /// The words of the reader's language.
    pub fn texts(&self) -> Texts {
        Texts(self.access.locale)
    }

    /// Where the request came from.
    pub fn address(&self) -> IpAddr {
        self.access.address
    }

    /// # Errors
    /// `SignInNeeded` when the permission is one that nobody in particular may use.
    pub fn holder(&self) -> Result<&Holder, Error> {
        self.access.caller.holder().ok_or(Error::SignInNeeded)
    }
}

impl<P: Permission<Scope = PatientId>> Grant<P> {
    /// Whose chart was opened.
    pub fn patient(&self) -> PatientId {
        self.scope
    }

    /// Name and birth date of the chart's owner, as they were when the request came.
    ///
    /// # Errors
    /// `NotFound` for staff, who open no chart.
    pub fn person(&self) -> Result<&Person, Error> {
        self.access.caller.holder().and_then(|holder| holder.person(self.scope)).ok_or(Error::NotFound)
    }

    /// Reads something about the chart, or takes what this request has read before.
    pub(crate) async fn once<T: Send + Sync + 'static, E>(&self, read: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E> {
        match self.access.memo.get(self.scope) {
            Some(kept) => Ok(kept),
            None => Ok(self.access.memo.keep(self.scope, read.await?)),
        }
    }

    /// What the caller is to the patient, when it is not their own chart.
    pub fn relationship(&self) -> Option<Relationship> {
        match self.access_kind() {
            AccessKind::Own => None,
            _ => self.access.caller.holder()?.proxy(self.scope, self.now).map(|(proxy, _)| proxy.relationship),
        }
    }

    pub fn access_kind(&self) -> AccessKind {
        self.access.caller.access_kind(self.scope, self.now)
    }

    pub fn sees_clinical(&self) -> bool {
        self.sees(Level::sees_clinical)
    }

    /// Sensitive parts are also left out of what is read for somebody to whom they were not shared.
    pub fn sees_sensitive(&self) -> bool {
        !self.access.leaves_out_sensitive && self.sees(Level::sees_sensitive)
    }

    /// Reads without what is sensitive: somebody else will read it too.
    #[must_use]
    pub fn without_sensitive(&self) -> Self {
        Self::given(self.access.clone().without_sensitive(), self.scope, self.now)
    }

    fn sees(&self, level: fn(Level) -> bool) -> bool {
        match self.access_kind() {
            AccessKind::Own => true,
            AccessKind::Proxy(found) => level(found),
            AccessKind::Nobody | AccessKind::Stranger | AccessKind::Ended(_) => false,
        }
    }
}

impl Grant<GatherHome> {
    /// A part of what home shows of this chart, where the policy opens it; the chart's log has the one line for all parts.
    pub fn part<P: Permission<Scope = PatientId>>(&self) -> Option<Grant<P>> {
        self.would_allow::<P>(&self.scope).then(|| Grant::given(self.access.clone(), self.scope, self.now))
    }
}

/// An account holder who is not here: for somebody to whom they gave a code, or a job they started. What they may do is
/// decided anew each time; whoever uses it writes down what it was used for.
pub struct DelegatedAccess {
    access: Access,
}

impl DelegatedAccess {
    /// For somebody who came with what the account holder gave them.
    ///
    /// # Errors
    /// `NotFound` when the account was closed.
    pub async fn of(grant: &Grant<ReadShared>, account: AccountId) -> Result<Self, Error> {
        Self::with(grant.access.clone(), account).await
    }

    /// For somebody who came with the link of a letter to the account holder.
    ///
    /// # Errors
    /// `NotFound` when the account was closed.
    pub async fn by_link(grant: &Grant<UseVisitLink>, account: AccountId) -> Result<Self, Error> {
        Self::with(grant.access.clone(), account).await
    }

    /// For somebody whose browser keeps something.
    ///
    /// # Errors
    /// `NotFound` when the account was closed.
    pub async fn by_phone(grant: &Grant<UsePhone>, account: AccountId) -> Result<Self, Error> {
        Self::with(grant.access.clone(), account).await
    }

    /// For the caller themselves, who takes parts of a chart along.
    pub fn oneself(grant: &Grant<TakeAlong>) -> Self {
        Self { access: grant.access.clone() }
    }

    /// For a job that the account holder started.
    ///
    /// # Errors
    /// `NotFound` when the account was closed.
    pub async fn for_job(db: &Db, clock: &Clock, origin: Arc<str>, locale: Locale, account: AccountId) -> Result<Self, Error> {
        let access = Access {
            db: db.clone(),
            connection: Connection::of(db),
            clock: clock.clone(),
            caller: Arc::new(Caller::Nobody),
            address: IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
            locale,
            origin,
            device: "".into(),
            draft: None,
            trail: Trail::default(),
            memo: Memo::default(),
            leaves_out_sensitive: false,
        };
        Self::with(access, account).await
    }

    async fn with(access: Access, account: AccountId) -> Result<Self, Error> {
        let holder = session::absent(&access.db.pool, account).await?.ok_or(Error::NotFound)?;
        // Another reader may see more or less of the same chart.
        Ok(Self { access: Access { caller: Arc::new(Caller::Holder(holder)), draft: None, memo: Memo::default(), ..access } })
    }

    /// In the language of whoever will read it.
    #[must_use]
    pub fn in_language(self, locale: Locale) -> Self {
        Self { access: Access { locale, ..self.access } }
    }

    /// Reads without what is sensitive.
    #[must_use]
    pub fn without_sensitive(self) -> Self {
        Self { access: self.access.without_sensitive() }
    }

    /// # Errors
    /// What the policy refuses.
    pub fn allow<P: Permission>(&self, scope: P::Scope) -> Result<Grant<P>, Error> {
        let (access, now) = (self.access.clone(), self.access.clock.now());
        let is_allowed = P::decide(&access.caller, &scope, now) == Decision::Allow;
        if is_allowed { Ok(Grant::given(access, scope, now)) } else { Err(Error::NotFound) }
    }
}

impl Grant<DecideRequests> {
    /// Writes into a chart's access log what is done to it, together with it.
    ///
    /// # Errors
    /// `NotAllowed` when the caller may not do it.
    pub(crate) async fn log_done<P: Permission<Scope = PatientId>>(
        &self,
        tx: &DatabaseTransaction,
        patient: PatientId,
    ) -> Result<(), Error> {
        if !self.would_allow::<P>(&patient) {
            return Err(Error::NotAllowed);
        }
        Ok(audit::record_done::<P>(tx, &self.access, patient).await?)
    }
}

impl Grant<BookVisits> {
    /// Writes into the chart's access log what is done by the link of a letter, as done by whoever got it.
    pub(crate) async fn log_by_link(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        audit::record_done::<BookVisits>(tx, &self.access, self.scope).await
    }
}

impl Grant<ReadShared> {
    /// Writes down that a record was opened by somebody to whom it was shared.
    pub(crate) async fn log_recipient(
        &self,
        tx: &DatabaseTransaction,
        recipient: &str,
        sharer: AccountId,
        patient: PatientId,
    ) -> Result<(), DbErr> {
        audit::record_recipient(tx, &self.access, recipient, sharer, patient).await
    }
}
