//! FHIR R4 in and out.
//!
//! A bundle goes through [`read`] (text to resources), [`check`] (is it what it says), [`import`] (kept whole, in one
//! transaction) and [`map`] (what pages show of it, by the mappers of the features). [`export`] writes back what was kept.

mod chart;
mod check;
mod current;
pub mod deceased;
mod encoding;
mod export;
mod groups;
mod hidden;
mod identity;
mod import;
mod layout;
mod left_out;
mod links;
mod map;
mod merge;
mod panels;
mod patient_link;
mod person;
mod persons;
mod read;
mod rows;
mod sources;
mod steps;
mod store;
mod summary;
mod upgrade;

use std::{fmt, path::PathBuf};

use app::record::resource::reference;
use chrono_tz::Tz;
pub use current::keep_current;
pub use export::{ExportError, export_patient};
pub use import::{import_bundle, import_bundle_from, import_paths, look_again, map_again};
pub use summary::Summary;
pub use upgrade::map_after_upgrade;

/// How `server import` behaves.
#[derive(Default)]
pub struct ImportOptions {
    /// Where the files come from, when it is told: the address of a FHIR server, or a name.
    pub source: Option<String>,
    /// The systems of identifiers by which one person's records of several sources are joined.
    pub trusted: Vec<String>,
    /// Days for which others read the chart of somebody who has died, counted from the import that tells it.
    pub deceased_access_days: Option<u16>,
    /// Where the organisation counts days and ages; Connecticut when it is not said.
    pub zone: Option<Tz>,
    /// Go on with the next file after one was refused.
    pub keep_going: bool,
    /// Show a progress bar.
    pub progress: bool,
}

/// Why a file was not taken. Nothing of it is in the database, unless it was accepted before the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub file: String,
    /// Such as `Encounter/12`, when it is one resource's fault.
    pub resource: Option<String>,
    /// Such as `Encounter.period.start`.
    pub path: Option<String>,
    /// Without any content of the record.
    pub reason: String,
    /// It was accepted: the next import brings in what is missing.
    pub accepted: bool,
}

/// Why a step of an import cannot be done.
pub(crate) enum Stop {
    Database(sea_orm::DbErr),
    /// The resource, and why it is not taken.
    Refused(String, String),
}

impl Stop {
    fn refused(row: &store::Row, reason: String) -> Stop {
        Stop::Refused(row.local.clone(), reason)
    }
}

impl From<sea_orm::DbErr> for Stop {
    fn from(error: sea_orm::DbErr) -> Self {
        Stop::Database(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(resource) = &self.resource {
            write!(f, "{resource}: ")?;
        }
        if let Some(path) = &self.path {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.reason)
    }
}

/// Why an import stopped as a whole.
#[derive(Debug)]
pub enum ImportError {
    /// A path that cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// The first refused file, when not told to keep going.
    Refused(Refusal),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::Unreadable(path, error) => write!(f, "{}: cannot be read: {error}", path.display()),
            ImportError::Refused(refusal) if refusal.accepted => {
                write!(f, "Interrupted: {refusal}\nThe file was accepted: the next import brings in what is missing of it.")
            }
            ImportError::Refused(refusal) => {
                write!(f, "Refused: {refusal}\nNothing of this file was stored. With --keep-going the other files are still read.")
            }
        }
    }
}
