//! A correction as it is stored with its request.

use serde::{Deserialize, Serialize};

use crate::desk::requests::kind::RequestDetails;

#[derive(Serialize, Deserialize)]
pub struct AskedCorrection {
    /// A [`Place`](crate::record::annotation::model::Place), as it stands in an address.
    pub about: String,
    pub title: String,
    /// What the record said; empty for a note as a whole.
    pub quote: String,
    /// The page on which it stands.
    pub page: String,
    pub wrong: String,
    pub right: String,
}

impl RequestDetails for AskedCorrection {
    const KEY: &'static str = "correction";
}
