//! Notices on their way: written in the transaction of what they tell of, sent later by a job, each by one sender. A letter that a notice
//! stands for is held back, and goes out when no notice could be delivered.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
};
use uuid::Uuid;

use super::entity::{push_notice, push_subscription};
use crate::{
    base::{i18n::Locale, ids::new_id},
    platform::mail::{
        entity::outbox_mail,
        model::{News, State, TRIES, after_quiet_hours, back_off},
    },
};

/// A sender that does not come back within so long has lost its notice to the next.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Other senders take notices at the same time: one that they were quicker with is passed over.
const CANDIDATES: u64 = 8;
/// After so many refusals in a row an address is given up.
const REFUSALS: i32 = 5;

/// Whether one of several, with commas between.
pub fn is_among(list: &str, one: &str) -> bool {
    list.split(',').any(|found| found == one)
}

/// The browsers of an account that get such news about any of these people.
pub(crate) async fn wanting(
    db: &impl ConnectionTrait,
    account: Uuid,
    news: News,
    about: &[Uuid],
) -> Result<Vec<push_subscription::Model>, DbErr> {
    let all = push_subscription::Entity::find().filter(push_subscription::Column::AccountId.eq(account)).all(db).await?;
    let wants = |to: &push_subscription::Model| {
        !is_among(&to.kinds_off, news.as_str())
            && (about.is_empty() || about.iter().any(|person| !is_among(&to.people_off, &person.to_string())))
    };
    Ok(all.into_iter().filter(wants).collect())
}

/// What is told.
pub(crate) struct Notice<'a> {
    pub news: News,
    pub about: &'a [Uuid],
    pub locale: Locale,
    /// The letter that is held back for it.
    pub letter: Option<Uuid>,
}

/// Puts a notice on its way to these browsers, after their quiet hours.
pub(crate) async fn put(
    tx: &impl ConnectionTrait,
    to: &[push_subscription::Model],
    notice: &Notice<'_>,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(), DbErr> {
    for to in to {
        push_notice::Entity::insert(push_notice::ActiveModel {
            id: Set(new_id()),
            phone_id: Set(to.phone_id),
            news: Set(notice.news),
            about: Set(notice.about.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",")),
            locale: Set(notice.locale.tag().to_owned()),
            letter_id: Set(notice.letter.filter(|_| to.instead_of_mail)),
            tries: Set(0),
            next_try_at: Set(after_quiet_hours(now, to.quiet_from, to.quiet_until, &zone)),
            locked_until: Set(None),
            created_at: Set(now),
        })
        .exec_without_returning(tx)
        .await?;
    }
    Ok(())
}

/// Takes the next notice whose time has come, with where it goes; for one sender alone.
///
/// # Errors
/// When the database fails.
pub async fn take(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Option<(push_notice::Model, push_subscription::Model)>, DbErr> {
    let due = || {
        Condition::all()
            .add(push_notice::Column::NextTryAt.lte(now))
            .add(Condition::any().add(push_notice::Column::LockedUntil.is_null()).add(push_notice::Column::LockedUntil.lt(now)))
    };
    loop {
        let candidates =
            push_notice::Entity::find().filter(due()).order_by_asc(push_notice::Column::NextTryAt).limit(CANDIDATES).all(db).await?;
        if candidates.is_empty() {
            return Ok(None);
        }
        for notice in candidates {
            let lock =
                push_notice::ActiveModel { locked_until: Set(Some(now + LEASE)), tries: Set(notice.tries + 1), ..Default::default() };
            let locked = push_notice::Entity::update_many()
                .set(lock)
                .filter(due())
                .filter(push_notice::Column::Id.eq(notice.id))
                .filter(push_notice::Column::Tries.eq(notice.tries))
                .exec(db)
                .await?;
            if locked.rows_affected == 1
                && let Some(to) = push_subscription::Entity::find_by_id(notice.phone_id).one(db).await?
            {
                return Ok(Some((push_notice::Model { tries: notice.tries + 1, ..notice }, to)));
            }
        }
    }
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// The browser has given its address up.
    Gone,
    /// The service does not take it.
    Refused,
    /// Something that may pass, and when to come back where the service said it.
    Later(Option<TimeDelta>),
    /// Whoever it is for may not know of it any more.
    NotAllowed,
}

/// Writes down what came of a try.
///
/// # Errors
/// When the database fails.
pub async fn settle(db: &impl ConnectionTrait, notice: &push_notice::Model, outcome: Outcome, now: DateTime<Utc>) -> Result<(), DbErr> {
    match outcome {
        Outcome::Delivered => {
            end_letter(db, notice.letter_id, State::Pushed, now).await?;
            let fine = push_subscription::ActiveModel { failed: Set(0), ..Default::default() };
            push_subscription::Entity::update_many()
                .set(fine)
                .filter(push_subscription::Column::PhoneId.eq(notice.phone_id))
                .exec(db)
                .await?;
        }
        Outcome::NotAllowed => end_letter(db, notice.letter_id, State::Failed, now).await?,
        Outcome::Gone => end_subscription(db, notice.phone_id).await?,
        Outcome::Later(after) if notice.tries < TRIES => {
            let wait = Ord::max(after.unwrap_or_default(), back_off(notice.tries)).min(TimeDelta::days(1));
            let row = push_notice::ActiveModel { locked_until: Set(None), next_try_at: Set(now + wait), ..Default::default() };
            push_notice::Entity::update_many().set(row).filter(push_notice::Column::Id.eq(notice.id)).exec(db).await?;
            return Ok(());
        }
        Outcome::Refused | Outcome::Later(_) => {
            push_subscription::Entity::update_many()
                .col_expr(push_subscription::Column::Failed, Expr::col(push_subscription::Column::Failed).add(1))
                .filter(push_subscription::Column::PhoneId.eq(notice.phone_id))
                .exec(db)
                .await?;
            let found = push_subscription::Entity::find_by_id(notice.phone_id).one(db).await?;
            if found.is_some_and(|found| found.failed >= REFUSALS) {
                end_subscription(db, notice.phone_id).await?;
            }
        }
    }
    push_notice::Entity::delete_by_id(notice.id).exec(db).await?;
    Ok(())
}

/// A letter for which a notice stood is not sent; what it said is forgotten.
async fn end_letter(db: &impl ConnectionTrait, letter: Option<Uuid>, state: State, now: DateTime<Utc>) -> Result<(), DbErr> {
    let Some(letter) = letter else { return Ok(()) };
    let row = outbox_mail::ActiveModel {
        state: Set(state),
        sent_at: Set((state == State::Pushed).then_some(now)),
        text: Set(String::new()),
        html: Set(String::new()),
        ..Default::default()
    };
    outbox_mail::Entity::update_many()
        .set(row)
        .filter(outbox_mail::Column::Id.eq(letter))
        .filter(outbox_mail::Column::State.eq(State::Held))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends the notices of a browser, those on their way too.
///
/// # Errors
/// When the database fails.
pub async fn end_subscription(db: &impl ConnectionTrait, phone: Uuid) -> Result<(), DbErr> {
    push_notice::Entity::delete_many().filter(push_notice::Column::PhoneId.eq(phone)).exec(db).await?;
    push_subscription::Entity::delete_by_id(phone).exec(db).await?;
    Ok(())
}

/// Letters for which no notice stands any more, and none was delivered, go out by e-mail.
///
/// # Errors
/// When the database fails.
pub async fn let_go(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let standing = push_notice::Entity::find()
        .select_only()
        .column(push_notice::Column::Id)
        .filter(Expr::col((push_notice::Entity, push_notice::Column::LetterId)).equals((outbox_mail::Entity, outbox_mail::Column::Id)))
        .into_query();
    let row = outbox_mail::ActiveModel { state: Set(State::Waiting), ..Default::default() };
    let due =
        outbox_mail::Entity::update_many().set(row).filter(outbox_mail::Column::State.eq(State::Held)).filter(Expr::not_exists(standing));
    Ok(due.exec(db).await?.rows_affected)
}
