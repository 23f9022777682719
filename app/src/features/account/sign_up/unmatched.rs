//! Somebody who signs up and matches no record, as stored with the request.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::desk::requests::kind::RequestDetails;

#[derive(Serialize, Deserialize)]
pub struct UnmatchedPerson {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: NaiveDate,
    pub zip: String,
    pub phone: String,
}

impl RequestDetails for UnmatchedPerson {
    const KEY: &'static str = "sign_up";
}
