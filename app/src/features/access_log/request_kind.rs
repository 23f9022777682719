//! "This was not me": a case about one line of the access log, answered by support.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    base::{error::Error, i18n::Texts},
    desk::requests::{
        entity::request,
        kind::{Answer, Due, RequestDetails, RequestKind, answered_state},
    },
    people::relation::StaffRole,
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: QuestionedLine::KEY,
    letter: 'N',
    role: StaffRole::Support,
    due: Due::USUAL,
    emails: true,
    title: |t| t.requests_not_me(),
    state: answered_state,
    describe,
    answer: Answer::Words,
    own: None,
};

/// The line, as whoever asked read it.
#[derive(Serialize, Deserialize)]
pub struct QuestionedLine {
    pub event: Uuid,
    pub who: String,
    pub what: String,
    pub when: String,
    pub device: Option<String>,
}

impl RequestDetails for QuestionedLine {
    const KEY: &'static str = "not_me";
}

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let QuestionedLine { who, what, when, device, .. } = row.details()?;
    Ok(vec![Part::facts([
        (t.log_who(), Some(who)),
        (t.log_what(), Some(what)),
        (t.log_when(), Some(when)),
        (t.log_device(), device.filter(|device| !device.is_empty())),
    ])])
}
