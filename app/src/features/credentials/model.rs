//! What a card can be about.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Every dose of a COVID-19 vaccine.
    CovidVaccines,
    /// Every dose against one disease; which one is told beside it.
    Vaccine,
    /// Every dose of the vaccines that are not against COVID-19.
    OtherVaccines,
    /// One laboratory result.
    Result,
}

stored_as_text!(Subject {
    CovidVaccines = "covid_vaccines",
    Vaccine = "vaccine",
    OtherVaccines = "other_vaccines",
    Result = "result",
});
