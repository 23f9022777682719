//! Sends what is in the outbox, over SMTP.

use std::time::Duration;

use app::{
    access::as_system,
    platform::mail::{
        entity::outbox_mail,
        model::{NOTICE, SECURITY},
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
use sea_orm::DbErr;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::State;

/// No try takes longer: the letter is somebody else's after two minutes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The senders of one server, each with the classes up to which it takes letters: one is never busy with a notice.
const CLASSES: [i32; 4] = [SECURITY, NOTICE, NOTICE, NOTICE];

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

/// Sends what is due with all senders of a server, and says how many letters were tried.
///
/// # Errors
/// When the database fails.
pub async fn once(state: &State, sender: &Sender) -> Result<usize, DbErr> {
    let [first, second, third, fourth] = CLASSES.map(|class| send_due(state, sender, class));
    let (first, second, third, fourth) = tokio::try_join!(first, second, third, fourth)?;
    Ok(first + second + third + fourth)
}

/// Sends one letter after the other, until nothing of these classes is due.
async fn send_due(state: &State, sender: &Sender, class: i32) -> Result<usize, DbErr> {
    let system = as_system(&state.db, "mail");
    let mut tried = 0;
    while let Some(letter) = take(system.db(), state.clock.now().instant, class).await? {
        tried += 1;
        let outcome = sender.send(&letter).await;
        if let Outcome::Later(why) | Outcome::Refused(why) = &outcome {
            tracing::warn!(letter = %letter.id, tries = letter.tries, why, "a letter was not sent");
        }
        settle(system.db(), &letter, outcome, state.clock.now().instant).await?;
    }
    Ok(tried)
}

/// The senders of one server.
pub(super) fn start(state: &State, sender: &Sender, pause: Duration) -> Vec<JoinHandle<()>> {
    CLASSES.iter().map(|class| tokio::spawn(keep_sending(state.clone(), sender.clone(), *class, pause))).collect()
}

async fn keep_sending(state: State, sender: Sender, class: i32, pause: Duration) {
    loop {
        if let Err(error) = send_due(&state, &sender, class).await {
            tracing::warn!(kind = ?error.sql_err(), "the outbox cannot be read");
        }
        sleep(pause).await;
    }
}
