//! Puts letters into the outbox, and takes them out again: each by one sender.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    entity::outbox_mail,
    letter::{Message, Organization},
    model::{News, State, TRIES, after_quiet_hours, back_off},
};
use crate::{
    base::{
        boot::Brand,
        error::Error,
        i18n::{Locale, Texts},
        ids::new_id,
    },
    platform::push::queue,
};

/// A sender that does not come back within so long has lost its letter to the next.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Other senders take letters at the same time: one that they were quicker with is passed over.
const CANDIDATES: u64 = 8;

/// Whom a letter is for.
pub struct Recipient {
    pub account: Option<Uuid>,
    /// The given name of an account's owner: several may share one address.
    pub name: Option<String>,
    /// Empty for whoever has none.
    pub email: String,
    pub locale: Locale,
    /// The kinds of news that they do not want.
    pub off: Vec<String>,
    /// Hours of the organisation's day between which nothing is sent.
    pub quiet: (Option<i32>, Option<i32>),
    /// Whose charts it is about, for notices on phones; nobody's when it is about the account.
    pub about: Vec<Uuid>,
}

impl Recipient {
    /// An address that is not an account's.
    pub fn address(email: &str, locale: Locale) -> Self {
        Self { account: None, name: None, email: email.to_owned(), locale, off: Vec::new(), quiet: (None, None), about: Vec::new() }
    }

    /// The same, to be told about these charts.
    #[must_use]
    pub fn about(self, charts: impl IntoIterator<Item = Uuid>) -> Self {
        Self { about: charts.into_iter().collect(), ..self }
    }
}

/// The names of the organization, as letters bear them.
pub fn organization(brand: &Brand) -> Organization {
    Organization { product: brand.product.clone(), organisation: brand.organisation.clone(), phone: brand.support_phone.clone() }
}

/// The names of the organization, from the context of a request.
///
/// # Errors
/// When the server was put together without a brand.
pub fn organization_here() -> Result<Organization, Error> {
    Ok(organization(&crate::platform::request::context::<crate::base::boot::Boot>()?.brand))
}

/// Writes a message in the language of whom it is for, and puts it into the outbox, in the caller's transaction; their phones get a notice.
/// Nothing happens where the recipient does not want such news.
///
/// # Errors
/// When the database fails.
pub async fn post(
    tx: &impl ConnectionTrait,
    to: &Recipient,
    message: impl Fn(Texts, &Organization) -> Message,
    organization: &Organization,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(), DbErr> {
    let message = message(Texts(to.locale), organization);
    let phones = match to.account.filter(|_| message.news.waits()) {
        Some(account) => queue::wanting(tx, account, message.news, &to.about).await?,
        None => Vec::new(),
    };
    let unwanted = to.off.iter().any(|off| off == message.news.as_str()) && News::OPTIONAL.contains(&message.news);
    let held = phones.iter().any(|phone| phone.instead_of_mail);
    let letter = if unwanted || to.email.is_empty() {
        None
    } else {
        let state = if held { State::Held } else { State::Waiting };
        Some(put(tx, to, &message, state, organization, now, zone).await?)
    };
    let notice = queue::Notice { news: message.news, about: &to.about, locale: to.locale, letter };
    queue::put(tx, &phones, &notice, now, zone).await
}

/// Writes a letter into the outbox.
async fn put(
    tx: &impl ConnectionTrait,
    to: &Recipient,
    message: &Message,
    state: State,
    organization: &Organization,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<Uuid, DbErr> {
    let written = message.write(to.locale, to.name.as_deref(), organization);
    let next_try_at = if message.news.waits() { after_quiet_hours(now, to.quiet.0, to.quiet.1, &zone) } else { now };
    let id = new_id();
    outbox_mail::Entity::insert(outbox_mail::ActiveModel {
        id: Set(id),
        account_id: Set(to.account),
        recipient: Set(to.email.clone()),
        news: Set(message.news),
        class: Set(message.news.class()),
        subject: Set(written.subject),
        text: Set(written.text),
        html: Set(written.html),
        state: Set(state),
        tries: Set(0),
        next_try_at: Set(next_try_at),
        created_at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(id)
}

/// Takes the next letter whose time has come, for one sender alone: whoever sets `locked_until` has it, and loses it when it does
/// not come back in time. Of two letters, the one of the lower class goes first; none above `class` is taken.
///
/// # Errors
/// When the database fails.
pub async fn take(db: &impl ConnectionTrait, now: DateTime<Utc>, class: i32) -> Result<Option<outbox_mail::Model>, DbErr> {
    let due = || {
        Condition::all()
            .add(outbox_mail::Column::State.eq(State::Waiting))
            .add(outbox_mail::Column::Class.lte(class))
            .add(outbox_mail::Column::NextTryAt.lte(now))
            .add(Condition::any().add(outbox_mail::Column::LockedUntil.is_null()).add(outbox_mail::Column::LockedUntil.lt(now)))
    };
    loop {
        let candidates = outbox_mail::Entity::find()
            .filter(due())
            .order_by_asc(outbox_mail::Column::Class)
            .order_by_asc(outbox_mail::Column::NextTryAt)
            .limit(CANDIDATES)
            .all(db)
            .await?;
        if candidates.is_empty() {
            return Ok(None);
        }
        for mail in candidates {
            let lock = outbox_mail::ActiveModel { locked_until: Set(Some(now + LEASE)), tries: Set(mail.tries + 1), ..Default::default() };
            // Of two senders, the condition holds for the first only.
            let locked = outbox_mail::Entity::update_many()
                .set(lock)
                .filter(due())
                .filter(outbox_mail::Column::Id.eq(mail.id))
                .filter(outbox_mail::Column::Tries.eq(mail.tries))
                .exec(db)
                .await?;
            if locked.rows_affected == 1 {
                return Ok(Some(outbox_mail::Model { tries: mail.tries + 1, ..mail }));
            }
        }
    }
}

/// What came of a try.
pub enum Outcome {
    Sent,
    /// The server refused for good.
    Refused(&'static str),
    /// Something that may pass: no connection, a full mailbox.
    Later(&'static str),
}

/// Writes down what came of a try. What a letter said is forgotten with the last one.
///
/// # Errors
/// When the database fails.
pub async fn settle(db: &impl ConnectionTrait, mail: &outbox_mail::Model, outcome: Outcome, now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut row = outbox_mail::ActiveModel { locked_until: Set(None), ..Default::default() };
    let done = match outcome {
        Outcome::Sent => {
            (row.state, row.sent_at) = (Set(State::Sent), Set(Some(now)));
            true
        }
        Outcome::Later(why) if mail.tries < TRIES => {
            (row.next_try_at, row.refusal) = (Set(now + back_off(mail.tries)), Set(Some(why.into())));
            false
        }
        Outcome::Refused(why) | Outcome::Later(why) => {
            (row.state, row.refusal) = (Set(State::Failed), Set(Some(why.into())));
            true
        }
    };
    if done {
        (row.text, row.html) = (Set(String::new()), Set(String::new()));
    }
    outbox_mail::Entity::update_many().set(row).filter(outbox_mail::Column::Id.eq(mail.id)).exec(db).await?;
    Ok(())
}
