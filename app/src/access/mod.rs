//! Who may do what, and the only door to the database.
//!
//! A request carries a [`Caller`]: nobody, or an account holder with the people they act for. A server function asks
//! [`allow`] for one [`policy`] permission about one chart; [`policy`] decides by pure rules ([`proxy`]), the decision is
//! written to the audit log, and the answer is a [`Grant`]: the proof that every `store` function demands, and the
//! only value that holds a connection. No grant, no database.

pub mod caller;
pub mod deceased;
pub mod policy;
pub mod proxy;

pub use caller::{AccessKind, Caller, Holder, Person, Proxy};
pub use policy::{Decision, Permission};
pub use proxy::{Facts, Level};

#[cfg(feature = "ssr")]
mod audit;
#[cfg(feature = "ssr")]
mod audit_writer;
#[cfg(feature = "ssr")]
mod connection;
#[cfg(feature = "ssr")]
mod context;
#[cfg(feature = "ssr")]
mod db;
#[cfg(feature = "ssr")]
pub mod draft;
#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
mod grant;
#[cfg(feature = "ssr")]
mod opening;
#[cfg(feature = "ssr")]
pub mod session;

#[cfg(feature = "ssr")]
pub use audit::not_done;
#[cfg(feature = "ssr")]
pub(crate) use audit::{LOOKED, NOT_DONE, RECIPIENT};
#[cfg(feature = "ssr")]
pub use audit_writer::{AuditWriter, Trail};
#[cfg(feature = "ssr")]
pub use connection::Connection;
#[cfg(feature = "ssr")]
pub(crate) use context::current;
#[cfg(feature = "ssr")]
pub use context::{Access, Memo};
#[cfg(feature = "ssr")]
pub(crate) use db::begin;
#[cfg(feature = "ssr")]
pub use db::{Db, System, as_system};
#[cfg(feature = "ssr")]
pub use grant::{DelegatedAccess, Grant, allow};
