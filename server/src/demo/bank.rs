//! The demo's bank, which is no bank: it speaks the part of Stripe's API that the portal asks, and has cards for each way in which a
//! payment can go. It sends signed notices over the same way as the real one.

mod api;
mod pages;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::desk::billing::processor::{CardEntry, Settings, sign};
use axum::Router;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::billing::{CUSTOMER, KEPT_CARD, MONTHLY, charge_name};
use crate::State;

/// The keys of the demo: of no use anywhere else.
const KEY: &str = "sk_test_demo";
const WEBHOOK_SECRET: &str = "whsec_demo";
/// So long the bank takes for what comes late.
const LATE: i64 = 20;
/// So long a debit takes by the demo's clock, which may be moved: seconds.
const DEBIT: i64 = 3 * 24 * 60 * 60;

/// What a card or a bank account does, as the page of the bank offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Card {
    Works,
    Declined,
    /// The bank asks whether it is really the payer.
    Asks,
    /// It is charged, and the answer is lost.
    Lost,
    /// It takes a while, and a notice tells how it ended.
    Late,
    /// A bank account: the debit arrives after a while.
    Account,
    /// One without enough money, which is known after a while.
    EmptyAccount,
    /// One that is verified by two small deposits first.
    UnverifiedAccount,
}

impl Card {
    const ALL: [(Card, &'static str, &'static str); 8] = [
        (Card::Works, "works", "4242"),
        (Card::Declined, "declined", "0341"),
        (Card::Asks, "asks", "3220"),
        (Card::Lost, "lost", "0119"),
        (Card::Late, "late", "0077"),
        (Card::Account, "account", "6789"),
        (Card::EmptyAccount, "empty_account", "2227"),
        (Card::UnverifiedAccount, "unverified_account", "1116"),
    ];

    fn is_account(self) -> bool {
        matches!(self, Card::Account | Card::EmptyAccount | Card::UnverifiedAccount)
    }

    fn last4(self) -> &'static str {
        Card::ALL.iter().find(|(card, _, _)| *card == self).map_or("0000", |(_, _, last4)| last4)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Setup {
    attempt: Option<String>,
    method: Option<String>,
    /// Whose bank account is typed; of a card it is not asked.
    #[serde(default)]
    customer: Option<String>,
    /// The small deposits were confirmed.
    #[serde(default)]
    verified: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Method {
    card: Card,
    customer: Option<String>,
    /// Without a customer, it is charged once.
    used: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    amount: i64,
    status: String,
    attempt: Option<String>,
    method: String,
    created: i64,
    error: Option<String>,
    /// How it ends, once it is no longer under way.
    #[serde(default)]
    fails: bool,
    /// When it was made by the demo's clock, for a debit.
    #[serde(default)]
    debit_from: Option<i64>,
    /// Nobody finds it before.
    hidden_until: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Refund {
    id: String,
    intent: String,
    amount: i64,
    refund: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Books {
    setups: HashMap<String, Setup>,
    methods: HashMap<String, Method>,
    intents: Vec<(String, Intent)>,
    refunds: Vec<Refund>,
    /// Payments that were taken back: by name the charge, what of it, and how it stands.
    #[serde(default)]
    disputes: HashMap<String, (String, i64, String)>,
    /// Questions that bore a key, and what became of them.
    keys: HashMap<String, String>,
}

impl Books {
    /// What the household paid before the demo began.
    fn remember_household(&mut self) {
        let card = Method { card: Card::Works, customer: Some(CUSTOMER.to_owned()), used: true };
        self.methods.insert(KEPT_CARD.to_owned(), card);
        for number in 0..3 {
            let id = charge_name(number);
            if self.intents.iter().all(|(known, _)| *known != id) {
                let paid = Intent {
                    amount: MONTHLY,
                    status: "succeeded".into(),
                    attempt: None,
                    method: KEPT_CARD.into(),
                    created: 0,
                    error: None,
                    fails: false,
                    debit_from: None,
                    hidden_until: 0,
                };
                self.intents.push((id, paid));
            }
        }
    }
}

/// The bank's books, kept in a file where there is one.
#[derive(Clone)]
pub struct Bank {
    books: Arc<Mutex<Books>>,
    file: Option<Arc<PathBuf>>,
    notices: Arc<Mutex<String>>,
    http: reqwest::Client,
}

impl Bank {
    /// # Errors
    /// A sentence for whoever starts the demo.
    pub fn open(file: Option<PathBuf>, notices: String) -> Result<Self, String> {
        let books = file.as_ref().and_then(|file| std::fs::read(file).ok()).and_then(|text| serde_json::from_slice(&text).ok());
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().map_err(|error| error.to_string())?;
        let bank = Self {
            books: Arc::new(Mutex::new(books.unwrap_or_default())),
            file: file.map(Arc::new),
            notices: Arc::new(Mutex::new(notices)),
            http,
        };
        bank.change(Books::remember_household);
        Ok(bank)
    }

    /// How the portal reaches this bank.
    pub fn settings(&self, origin: &str) -> Settings {
        Settings {
            api: format!("{origin}/demo/bank"),
            secret_key: KEY.into(),
            publishable_key: "pk_test_demo".into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            card_entry: CardEntry::Page(format!("{origin}/demo/bank/card")),
            bank_accounts: true,
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Books) -> T) -> T {
        let mut books = self.books();
        let done = change(&mut books);
        if let Some(file) = &self.file {
            let next = file.with_extension("next");
            let written = serde_json::to_vec(&*books).map_err(std::io::Error::other).and_then(|text| std::fs::write(&next, text));
            if let Err(error) = written.and_then(|()| std::fs::rename(&next, file.as_ref())) {
                tracing::warn!(%error, "the demo's bank could not keep its books");
            }
        }
        done
    }

    /// What became late is done now; `demo` is the demo's clock.
    fn settle_late(&self, demo: DateTime<Utc>) {
        let (now, demo) = (Utc::now().timestamp(), demo.timestamp());
        self.change(|books| {
            for (_, intent) in &mut books.intents {
                let late = now - intent.created >= LATE || intent.debit_from.is_some_and(|from| demo - from >= DEBIT);
                if intent.status == "processing" && late {
                    intent.status = if intent.fails { "requires_payment_method" } else { "succeeded" }.into();
                    intent.error = intent.fails.then(|| "insufficient_funds".to_owned());
                }
            }
        });
    }

    fn notify(&self, kind: &'static str, intent: String, after: Duration) {
        let bank = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            bank.settle_late(Utc::now());
            let body =
                json!({"id": format!("evt_{}", Uuid::new_v4().simple()), "type": kind, "data": {"object": {"id": intent}}}).to_string();
            let to = bank.notices.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let signature = sign(WEBHOOK_SECRET, body.as_bytes(), Utc::now().timestamp());
            let sent =
                bank.http.post(to).header("stripe-signature", signature).header("content-type", "application/json").body(body).send();
            if let Err(error) = sent.await {
                tracing::warn!(timeout = error.is_timeout(), "the demo's bank could not send a notice");
            }
        });
    }
}

pub fn routes() -> Router<State> {
    api::routes().merge(pages::routes())
}

type Fields = HashMap<String, String>;

fn new(kind: &str) -> String {
    format!("{kind}_{}", Uuid::new_v4().simple())
}
