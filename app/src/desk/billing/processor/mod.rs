//! Who takes the money: one small interface to Stripe's API, or to what speaks it. Card numbers never come here.

mod answers;
mod client;
mod signature;

use std::{sync::Arc, time::Duration};

pub use answers::{Dispute, Listed, Method, Outcome, Returned, Setup, Typed};
pub use signature::{Refused, check as check_signature, sign};
use uuid::Uuid;

use super::model::MethodKind;

/// So long is waited for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What Stripe's API is asked with.
pub const API: &str = "https://api.stripe.com";
/// The script that brings the card field, in a frame of its own.
pub const SCRIPT: &str = "https://js.stripe.com/v3/";

/// How a processor is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Without a slash at its end.
    pub api: String,
    pub secret_key: String,
    pub publishable_key: String,
    pub webhook_secret: String,
    pub card_entry: CardEntry,
    /// Bank accounts are debited too.
    pub bank_accounts: bool,
}

/// Where somebody types a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardEntry {
    /// The processor's script brings a field in a frame of its own.
    Script(String),
    /// The processor's own page, which leads back.
    Page(String),
}

/// The processor of this portal; none where payments go by phone and mail.
#[derive(Clone)]
pub struct Processor(Option<Arc<Inner>>);

struct Inner {
    settings: Settings,
    http: reqwest::Client,
}

/// It cannot be told what the processor did: the question, or its answer, was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

/// What is to be charged.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The key of the question, and how it is found again.
    pub attempt: Uuid,
    pub cents: i64,
    pub kind: MethodKind,
    pub customer: Option<String>,
    pub method: String,
    /// Nobody sits before a screen.
    pub off_session: bool,
}

impl Processor {
    /// Payments by phone and mail only.
    pub fn none() -> Self {
        Self(None)
    }

    /// # Errors
    /// A sentence for whoever starts the server.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| format!("The payment processor cannot be asked: {error}."))?;
        Ok(Self(Some(Arc::new(Inner { settings, http }))))
    }

    pub fn settings(&self) -> Option<&Settings> {
        self.0.as_deref().map(|inner| &inner.settings)
    }

    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    pub fn takes_bank_accounts(&self) -> bool {
        self.settings().is_some_and(|settings| settings.bank_accounts)
    }
}
