//! What a card can be about.

use serde::{Deserialize, Serialize};

use crate::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Every dose of a COVID-19 vaccine.
    CovidVaccines,
    /// Every dose of the other vaccines.
    OtherVaccines,
    /// One laboratory result.
    Result,
}

stored_as_text!(Subject { CovidVaccines = "covid_vaccines", OtherVaccines = "other_vaccines", Result = "result" });
