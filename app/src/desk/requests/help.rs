//! Technical help with the portal, for anybody.

use serde::{Deserialize, Serialize};

use super::{
    entity::request,
    kind::{Answer, Due, RequestDetails, RequestKind, answered_state, some_text},
    opening::open,
};
use crate::{
    access::{Grant, policy::AskForHelp},
    base::{
        error::{Error, Problem},
        i18n::Texts,
        text::is_email,
        why::Why,
    },
    people::relation::StaffRole,
    platform::throttle::{self as attempts, network},
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: HelpDetails::KEY,
    letter: 'H',
    role: StaffRole::Support,
    due: Due::USUAL,
    emails: true,
    title: |t| t.requests_help(),
    state: answered_state,
    describe,
    answer: Answer::Words,
    own: None,
};

#[derive(Serialize, Deserialize)]
pub struct HelpDetails {
    /// One of [`TOPICS`].
    topic: String,
    text: String,
}

impl RequestDetails for HelpDetails {
    const KEY: &'static str = "help";
}

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let HelpDetails { topic, text } = row.details()?;
    let topic = some_text(&topic).map(|topic| topic_in_words(t, &topic).to_owned());
    Ok(vec![Part::facts([(t.help_topic(), topic)]), Part::Text(text)])
}

/// What help is asked for, by the key under which it is stored.
pub const TOPICS: [&str; 5] = ["sign_in", "code", "family", "page", "other"];

/// Of [`TOPICS`], those of people who cannot get in.
pub const BEFORE_SIGN_IN: [&str; 2] = ["sign_in", "code"];

pub fn topic_in_words(t: Texts, topic: &str) -> &'static str {
    match topic {
        "sign_in" => t.help_topic_sign_in(),
        "code" => t.help_topic_code(),
        "family" => t.help_topic_family(),
        "page" => t.help_topic_page(),
        _ => t.help_topic_other(),
    }
}

/// Tries from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 5;

/// Opens a request for technical help. Whoever is signed in need not say who they are.
///
/// # Errors
/// `Invalid` with everything that is wrong; `TooManyTries`.
pub async fn ask_help(grant: &Grant<AskForHelp>, name: &str, email: &str, topic: &str, text: &str) -> Result<request::Model, Error> {
    let key = format!("help:{}", network(grant.address()));
    attempts::limit(grant.db(), &key, PER_ADDRESS).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let holder = grant.holder().ok();
    let (name, email, text) = (name.trim(), email.trim(), text.trim());
    if holder.is_none() {
        if name.is_empty() || name.chars().count() > 100 {
            refuse("name", if name.is_empty() { Why::MISSING } else { Why::TOO_LONG });
        }
        if !is_email(email) {
            refuse("email", if email.is_empty() { Why::MISSING } else { Why::NOT_AN_EMAIL });
        }
    }
    if !TOPICS.contains(&topic) {
        refuse("topic", Why::MISSING);
    }
    if text.is_empty() || text.chars().count() > 4000 {
        refuse("text", if text.is_empty() { Why::MISSING } else { Why::TOO_LONG });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let details = HelpDetails { topic: topic.to_owned(), text: text.to_owned() };
    match holder {
        Some(holder) => open(grant, &holder.name, None, None, &details).await,
        None => open(grant, name, Some(email), None, &details).await,
    }
}
