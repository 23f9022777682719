//! Opaque identifiers, one type per thing, so that a visit cannot be taken for a patient.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// Someone who can sign in.
    AccountId,
    /// The person a chart is about.
    PatientId,
    /// One appointment or encounter.
    VisitId,
}

/// A new identifier that sorts by time of creation (UUID version 7).
#[cfg(feature = "ssr")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
