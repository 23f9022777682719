//! What a client may be told when something cannot be done.

use std::fmt;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use super::{answer::JsonText, why::Why};

/// Fixed sentences only: no free text, no identifiers and no echo of what was typed, because a form sent without
/// JavaScript carries its error in the address bar. Causes go to the log under a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Error {
    /// Nobody is signed in, or the session has ended.
    SignInNeeded,
    /// The thing can be seen but not changed by this person.
    NotAllowed,
    /// There is no such thing, or none that this person may see: the two are not told apart.
    NotFound,
    /// Access to this chart has ended; the reason may be told to the person who had it.
    AccessEnded(crate::base::end_reason::EndReason),
    /// Unknown user name or wrong password: the two are not told apart.
    WrongCredentials,
    /// The account is locked after too many failures.
    Locked {
        /// Whole minutes until the next try, at least 1.
        minutes: u32,
    },
    /// Too many tries from one address.
    TooManyTries {
        /// Whole minutes until the next try, at least 1.
        minutes: u32,
    },
    /// A form was filled in so that it cannot be taken. Which field, and why; never what was typed.
    Invalid(Vec<Problem>),
    /// The server is busy; the same thing may be tried again at once.
    Busy,
    /// The browser could not reach the server.
    Offline,
    /// Anything else. The reference finds the cause in the server's log.
    Unexpected {
        /// Six characters that a person can read out to support.
        reference: String,
    },
}

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The name of the field; empty when it is about the whole form.
    pub field: String,
    pub why: Why,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {}

impl FromServerFnError for Error {
    type Encoder = JsonText;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => Error::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Error::NotFound,
            _ => Error::Unexpected { reference: "000000".into() },
        }
    }
}

#[cfg(feature = "ssr")]
impl Error {
    /// One field that cannot be taken.
    pub fn field(field: &str, why: Why) -> Self {
        Error::Invalid(vec![Problem { field: field.into(), why }])
    }

    /// The whole form cannot be taken.
    pub fn form(why: Why) -> Self {
        Self::field("", why)
    }

    /// Whether it says no more than that there is nothing here for whoever asks.
    pub fn is_absence(&self) -> bool {
        matches!(self, Error::NotFound | Error::NotAllowed | Error::AccessEnded(_))
    }

    /// What was read, or nothing where it cannot be taken: what is wrong with it joins the problems of the form.
    ///
    /// # Errors
    /// Any other error.
    pub fn gather<T>(read: Result<T, Error>, problems: &mut Vec<Problem>) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Error::Invalid(found)) => {
                problems.extend(found);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Logs the cause under a fresh reference and returns what the client may know.
    pub fn unexpected(what: &'static str, cause: &dyn fmt::Display) -> Self {
        let mut bytes = [0u8; 4];
        let _ = getrandom::fill(&mut bytes);
        let reference = format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000);
        tracing::error!(reference, what, %cause, "unexpected error");
        Error::Unexpected { reference }
    }
}

#[cfg(feature = "ssr")]
impl From<sea_orm::DbErr> for Error {
    fn from(cause: sea_orm::DbErr) -> Self {
        Error::unexpected("database", &DbCause(cause))
    }
}

/// A database error without the values that were bound or returned.
#[cfg(feature = "ssr")]
struct DbCause(sea_orm::DbErr);

#[cfg(feature = "ssr")]
impl fmt::Display for DbCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use sea_orm::DbErr;
        // PostgreSQL puts values into the *detail* of a message, SQLite and SeaORM put none into these kinds.
        let kind = match &self.0 {
            DbErr::ConnectionAcquire(_) => "no connection",
            DbErr::Conn(_) => "connection failed",
            DbErr::Exec(_) => "statement failed",
            DbErr::Query(_) => "query failed",
            DbErr::Type(_) | DbErr::Json(_) => "unexpected value",
            DbErr::RecordNotFound(_) => "row missing",
            DbErr::Migration(_) => "migration",
            _ => "other",
        };
        match self.0.sql_err() {
            Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => write!(f, "{kind}: unique constraint"),
            Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_)) => write!(f, "{kind}: foreign key"),
            _ => f.write_str(kind),
        }
    }
}
