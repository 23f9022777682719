//! Sends what is in the outbox, over SMTP.

use std::time::Duration;

use app::{
    access::as_system,
    platform::mail::{
        entity::outbox_mail,
        store::{Outcome, settle, take},
    },
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use tokio::time::{sleep, timeout};

use crate::State;

/// No try takes longer: the letter is somebody else's after two minutes.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many letters are taken at a time: all of them are tried before the lease on the last one is over.
const AT_ONCE: u64 = 1;

/// A way to an SMTP server, and the address that letters come from.
#[derive(Clone)]
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Sender {
    /// `url` such as `smtps://user:password@mail.example` or `smtp://user:password@mail.example:587?tls=required`.
    ///
    /// # Errors
    /// A sentence for whoever starts the server; it names no password.
    pub fn new(url: &str, from: &str) -> Result<Self, String> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "--smtp-url: must look like smtps://user:password@host or smtp://host:587?tls=required.".to_owned())?;
        let from = from.parse().map_err(|_| format!("--mail-from {from}: not an e-mail address."))?;
        Ok(Self { transport: builder.timeout(Some(Duration::from_secs(20))).build(), from })
    }

    async fn send(&self, mail: &outbox_mail::Model) -> Outcome {
        let Ok(to) = mail.recipient.parse::<Mailbox>() else { return Outcome::Refused("not an address") };
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            // The same letter has the same id however often it is tried, so that mailboxes show it once.
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()));
        let Ok(message) = message else { return Outcome::Refused("not a letter") };
        match timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) if error.is_permanent() => Outcome::Refused("refused by the mail server"),
            Ok(Err(error)) if error.is_transient() => Outcome::Later("the mail server asks to try later"),
            Ok(Err(_)) => Outcome::Later("no connection to the mail server"),
            Err(_) => Outcome::Later("the mail server did not answer in time"),
        }
    }
}

/// Tells other mail systems that nobody reads an automatic reply (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Sends what is due, and says how many letters were tried.
///
/// # Errors
/// When the database fails.
pub async fn once(state: &State, sender: &Sender) -> Result<usize, sea_orm::DbErr> {
    let system = as_system(&state.db, "mail");
    let mut tried = 0;
    loop {
        let letters = take(&system, state.clock.now().instant, AT_ONCE).await?;
        if letters.is_empty() {
            return Ok(tried);
        }
        for letter in letters {
            tried += 1;
            let outcome = sender.send(&letter).await;
            if let Outcome::Later(why) | Outcome::Refused(why) = &outcome {
                tracing::warn!(letter = %letter.id, tries = letter.tries, why, "a letter was not sent");
            }
            settle(&system, &letter, outcome, state.clock.now().instant).await?;
        }
    }
}

pub(super) async fn keep_sending(state: State, sender: Sender, pause: Duration) {
    loop {
        if let Err(error) = once(&state, &sender).await {
            tracing::warn!(kind = ?error.sql_err(), "the outbox cannot be read");
        }
        sleep(pause).await;
    }
}
