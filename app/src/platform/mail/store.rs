//! Puts letters into the outbox, and takes them out again one sender at a time.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    entity::outbox_mail,
    letter::{House, Letter},
    model::{News, State, TRIES, after_quiet_hours, back_off},
};
use crate::{
    access::{Grant, System, policy::SeeDemo},
    base::{boot::Brand, error::Error, i18n::Locale, ids::new_id},
    people::account,
};

/// A sender that does not come back within so long has lost its letter to the next.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Whom a letter is for.
pub struct Recipient {
    pub account: Option<Uuid>,
    pub email: String,
    pub locale: Locale,
    off: Vec<String>,
    quiet: (Option<i32>, Option<i32>),
}

impl Recipient {
    /// An address that is not an account's.
    pub fn address(email: &str, locale: Locale) -> Self {
        Self { account: None, email: email.to_owned(), locale, off: Vec::new(), quiet: (None, None) }
    }

    /// An account, when it has an e-mail address.
    pub fn account(account: &account::Model) -> Option<Self> {
        Some(Self {
            account: Some(account.id),
            email: account.email.clone()?,
            locale: Locale::from_tag(&account.locale).unwrap_or_default(),
            off: account.mail_off.as_deref().unwrap_or_default().split(',').map(str::to_owned).collect(),
            quiet: (account.quiet_from, account.quiet_until),
        })
    }
}

/// The names of the house, as letters bear them.
pub fn house(brand: &Brand) -> House {
    House { product: brand.product.clone(), organisation: brand.organisation.clone(), phone: brand.support_phone.clone() }
}

/// The names of the house, from the context of a request.
///
/// # Errors
/// When the server was put together without a brand.
pub fn house_here() -> Result<House, Error> {
    Ok(house(&crate::platform::request::context::<crate::base::boot::Boot>()?.brand))
}

/// Puts a letter into the outbox, in the caller's transaction. Nothing happens when the recipient does not want such news.
///
/// # Errors
/// When the database fails.
pub async fn post(
    tx: &impl ConnectionTrait,
    to: &Recipient,
    letter: &Letter,
    house: &House,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(), DbErr> {
    let written = letter.write(to.locale, house);
    if to.off.iter().any(|off| off == written.news.as_str()) && News::OPTIONAL.contains(&written.news) {
        return Ok(());
    }
    let next_try_at = if written.news.waits() { after_quiet_hours(now, to.quiet.0, to.quiet.1, &zone) } else { now };
    outbox_mail::Entity::insert(outbox_mail::ActiveModel {
        id: Set(new_id()),
        account_id: Set(to.account),
        recipient: Set(to.email.clone()),
        news: Set(written.news),
        subject: Set(written.subject),
        text: Set(written.text),
        html: Set(written.html),
        state: Set(State::Waiting),
        tries: Set(0),
        next_try_at: Set(next_try_at),
        created_at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Takes letters whose time has come, for one sender alone: whoever sets `locked_until` has them, and loses them when it does
/// not come back in time.
///
/// # Errors
/// When the database fails.
pub async fn take(system: &System, now: DateTime<Utc>, most: u64) -> Result<Vec<outbox_mail::Model>, DbErr> {
    let due = || {
        Condition::all()
            .add(outbox_mail::Column::State.eq(State::Waiting))
            .add(outbox_mail::Column::NextTryAt.lte(now))
            .add(Condition::any().add(outbox_mail::Column::LockedUntil.is_null()).add(outbox_mail::Column::LockedUntil.lt(now)))
    };
    let candidates =
        outbox_mail::Entity::find().filter(due()).order_by_asc(outbox_mail::Column::NextTryAt).limit(most).all(system.db()).await?;
    let mut taken = Vec::new();
    for mail in candidates {
        let lock = outbox_mail::ActiveModel { locked_until: Set(Some(now + LEASE)), tries: Set(mail.tries + 1), ..Default::default() };
        // Of two senders, the condition holds for the first only.
        let locked = outbox_mail::Entity::update_many()
            .set(lock)
            .filter(due())
            .filter(outbox_mail::Column::Id.eq(mail.id))
            .filter(outbox_mail::Column::Tries.eq(mail.tries))
            .exec(system.db())
            .await?;
        if locked.rows_affected == 1 {
            taken.push(outbox_mail::Model { tries: mail.tries + 1, ..mail });
        }
    }
    Ok(taken)
}

/// What came of a try.
pub enum Outcome {
    Sent,
    /// The server refused for good.
    Refused(&'static str),
    /// Something that may pass: no connection, a full mailbox.
    Later(&'static str),
}

/// Writes down what came of a try.
///
/// # Errors
/// When the database fails.
pub async fn settle(system: &System, mail: &outbox_mail::Model, outcome: Outcome, now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut row = outbox_mail::ActiveModel { locked_until: Set(None), ..Default::default() };
    match outcome {
        Outcome::Sent => (row.state, row.sent_at) = (Set(State::Sent), Set(Some(now))),
        Outcome::Refused(why) => (row.state, row.refusal) = (Set(State::Failed), Set(Some(why.into()))),
        Outcome::Later(why) if mail.tries >= TRIES => (row.state, row.refusal) = (Set(State::Failed), Set(Some(why.into()))),
        Outcome::Later(why) => (row.next_try_at, row.refusal) = (Set(now + back_off(mail.tries)), Set(Some(why.into()))),
    }
    outbox_mail::Entity::update_many().set(row).filter(outbox_mail::Column::Id.eq(mail.id)).exec(system.db()).await?;
    Ok(())
}

/// The newest letters, for the demo's outbox.
///
/// # Errors
/// When the database fails.
pub async fn newest(grant: &Grant<SeeDemo>, most: u64) -> Result<Vec<outbox_mail::Model>, DbErr> {
    // Letters of one transaction bear the same time; their ids keep their order.
    outbox_mail::Entity::find()
        .order_by_desc(outbox_mail::Column::CreatedAt)
        .order_by_desc(outbox_mail::Column::Id)
        .limit(most)
        .all(grant.db())
        .await
}
