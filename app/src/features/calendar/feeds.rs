//! Private addresses of calendars: one an account, for the persons that its owner chose, for as long as they may see those visits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::{calendar_feed, calendar_feed_person},
    events::{Told, of_person},
    ics::calendar,
    problem,
};
use crate::{
    access::{
        DelegatedAccess, Grant,
        policy::{ManageOwnAccount, ReadShared, ViewVisits},
    },
    base::{
        clock::local_date,
        error::Error,
        i18n::Locale,
        ids::{AccountId, PatientId, new_id},
    },
    people::{
        account,
        patient::{self, with_merged},
    },
    platform::{
        secret::Secret,
        tokens::{hash, token},
    },
};

/// When a calendar program read it is written down after so long again.
const READ_AGAIN: TimeDelta = TimeDelta::hours(1);
/// In the access log, who read the visits.
const READER: &str = "Calendar";

/// An address with what it shows.
pub struct Feed {
    pub row: calendar_feed::Model,
    pub people: BTreeSet<Uuid>,
    /// Below the portal's own; nothing when it was sealed with another secret.
    pub path: Option<String>,
}

/// The path under which a calendar program reads a feed.
fn path(token: &str) -> String {
    format!("/calendar/{token}.ics")
}

/// The name of the box of a person. A name in brackets that begins with a digit would be a place in a list.
pub(super) fn box_of(patient: PatientId) -> String {
    format!("people[p{patient}]")
}

/// The persons whose visits the caller sees, with their given names: oneself first.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn people(grant: &Grant<ManageOwnAccount>) -> Result<Vec<(PatientId, String)>, Error> {
    let holder = grant.holder()?;
    let own = holder.own_chart.iter().map(|person| (person.patient, person.given_name.clone()));
    let others = holder.acts_for(grant.now()).into_iter().map(|(found, _)| (found.person.patient, found.person.given_name.clone()));
    Ok(own.chain(others).filter(|(patient, _)| grant.would_allow::<ViewVisits>(patient)).collect())
}

/// The caller's own, where there is one.
///
/// # Errors
/// When the database fails.
pub async fn own(grant: &Grant<ManageOwnAccount>, secret: &Secret) -> Result<Option<Feed>, Error> {
    let found = calendar_feed::Entity::find().filter(calendar_feed::Column::AccountId.eq(grant.holder()?.account.0));
    let Some(row) = found.one(grant.db()).await? else { return Ok(None) };
    let people = of_feed(grant.db(), row.id).await?.into_keys().collect();
    let token = secret.open(&row.sealed_token).and_then(|token| String::from_utf8(token).ok());
    Ok(Some(Feed { row, people, path: token.map(|token| path(&token)) }))
}

/// The charts that a feed shows, with the day on which each one's log said it last; in the place of one that went into another, that.
async fn of_feed(db: &impl ConnectionTrait, feed: Uuid) -> Result<BTreeMap<Uuid, Option<NaiveDate>>, DbErr> {
    let chosen = calendar_feed_person::Entity::find().filter(calendar_feed_person::Column::FeedId.eq(feed)).all(db).await?;
    let people: Vec<(Uuid, Option<Uuid>)> = patient::Entity::find()
        .select_only()
        .columns([patient::Column::Id, patient::Column::MergedInto])
        .filter(patient::Column::Id.is_in(chosen.iter().map(|row| row.patient_id)))
        .into_tuple()
        .all(db)
        .await?;
    let logged = |id: Uuid| chosen.iter().find(|row| row.patient_id == id).and_then(|row| row.logged_on);
    Ok(people.into_iter().map(|(id, merged)| (merged.unwrap_or(id), logged(id))).collect())
}

/// Says whose visits the address shows, and what of them; makes one where there is none, and returns whether it did.
///
/// # Errors
/// `Invalid` at the first person when nobody is chosen; `NotFound` for somebody whose visits the caller does not see.
pub async fn keep(grant: &Grant<ManageOwnAccount>, secret: &Secret, chosen: &[PatientId], told: Told) -> Result<bool, Error> {
    let all = people(grant)?;
    if chosen.is_empty() {
        let first = all.first().map(|(patient, _)| box_of(*patient)).unwrap_or_default();
        return Err(Error::field(&first, problem::NOBODY));
    }
    if chosen.iter().any(|patient| !all.iter().any(|(known, _)| known == patient)) {
        return Err(Error::NotFound);
    }
    let (account, token, now) = (grant.holder()?.account.0, token()?, grant.now().instant);
    let tx = grant.begin().await?;
    let row = calendar_feed::ActiveModel {
        id: Set(new_id()),
        account_id: Set(account),
        token_hash: Set(hash(&token)),
        sealed_token: Set(secret.seal(token.as_bytes())?),
        details: Set(told.details),
        names: Set(told.name),
        made_at: Set(now),
        changed_at: Set(now),
        fetched_at: Set(None),
    };
    // Who has an address keeps it.
    let known = OnConflict::column(calendar_feed::Column::AccountId)
        .update_columns([calendar_feed::Column::Details, calendar_feed::Column::Names, calendar_feed::Column::ChangedAt])
        .to_owned();
    let before = calendar_feed::Entity::find().filter(calendar_feed::Column::AccountId.eq(account)).one(&tx).await?;
    let is_new = before.is_none();
    let tells_more = before.is_some_and(|before| told.details && !before.details || told.name && !before.names);
    calendar_feed::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
    let found = calendar_feed::Entity::find().filter(calendar_feed::Column::AccountId.eq(account)).one(&tx).await?;
    let feed = found.ok_or(Error::NotFound)?.id;
    let of_feed = || calendar_feed_person::Column::FeedId.eq(feed);
    let others = calendar_feed_person::Column::PatientId.is_not_in(chosen.iter().map(|patient| patient.0));
    calendar_feed_person::Entity::delete_many().filter(of_feed()).filter(others).exec(&tx).await?;
    if tells_more {
        // What is told more is said in the logs at the next reading.
        let unsaid = calendar_feed_person::ActiveModel { logged_on: Set(None), ..Default::default() };
        calendar_feed_person::Entity::update_many().set(unsaid).filter(of_feed()).exec(&tx).await?;
    }
    let rows = chosen.iter().collect::<BTreeSet<_>>().into_iter();
    let rows =
        rows.map(|patient| calendar_feed_person::ActiveModel { feed_id: Set(feed), patient_id: Set(patient.0), logged_on: Set(None) });
    let known = [calendar_feed_person::Column::FeedId, calendar_feed_person::Column::PatientId];
    let known = OnConflict::columns(known).do_nothing().to_owned();
    calendar_feed_person::Entity::insert_many(rows).on_conflict(known).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(is_new)
}

/// Another address for the same: the one before is worth nothing any more.
///
/// # Errors
/// `NotFound` without an address.
pub async fn renew(grant: &Grant<ManageOwnAccount>, secret: &Secret) -> Result<(), Error> {
    let token = token()?;
    let row = calendar_feed::ActiveModel {
        token_hash: Set(hash(&token)),
        sealed_token: Set(secret.seal(token.as_bytes())?),
        made_at: Set(grant.now().instant),
        fetched_at: Set(None),
        ..Default::default()
    };
    let own = calendar_feed::Entity::update_many().set(row).filter(calendar_feed::Column::AccountId.eq(grant.holder()?.account.0));
    if own.exec(grant.db()).await?.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends the address.
///
/// # Errors
/// When the database fails.
pub async fn end(grant: &Grant<ManageOwnAccount>) -> Result<(), Error> {
    let tx = grant.begin().await?;
    let own = calendar_feed::Entity::find().filter(calendar_feed::Column::AccountId.eq(grant.holder()?.account.0));
    if let Some(row) = own.one(&tx).await? {
        calendar_feed_person::Entity::delete_many().filter(calendar_feed_person::Column::FeedId.eq(row.id)).exec(&tx).await?;
        calendar_feed::Entity::delete_by_id(row.id).exec(&tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The calendar behind an address, in the language of its owner: of each person who was chosen, as far as the owner sees their visits
/// now. Once a day the chart's access log says that it was read.
///
/// # Errors
/// `NotFound` for an address that there is not, or not any more.
pub async fn read(grant: &Grant<ReadShared>, token: &str, product: &str, organisation: &str) -> Result<String, Error> {
    let (db, now) = (grant.db(), grant.now().instant);
    let found = calendar_feed::Entity::find().filter(calendar_feed::Column::TokenHash.eq(hash(token)));
    let feed = found.one(db).await?.ok_or(Error::NotFound)?;
    let owner = account::Entity::find_by_id(feed.account_id).one(db).await?.ok_or(Error::NotFound)?;
    let locale = Locale::from_tag(&owner.locale).unwrap_or_default();
    let access = DelegatedAccess::of(grant, AccountId(feed.account_id)).await?.in_language(locale);
    let (today, told) = (local_date(now, &grant.zone()), Told { details: feed.details, name: feed.names });
    let (mut events, mut unsaid) = (Vec::new(), Vec::new());
    for (patient, logged_on) in of_feed(db, feed.id).await? {
        // Whoever lost access meanwhile sees nothing more of it.
        let Ok(visits) = access.allow::<ViewVisits>(PatientId(patient)) else { continue };
        events.extend(of_person(&visits, told, feed.changed_at).await?);
        unsaid.extend((logged_on != Some(today)).then_some(patient));
    }
    events.sort_by(|one, other| (one.start, &one.uid).cmp(&(other.start, &other.uid)));
    if !unsaid.is_empty() || feed.fetched_at.is_none_or(|at| now - at > READ_AGAIN) {
        let tx = grant.begin().await?;
        for patient in unsaid {
            grant.log_recipient(&tx, READER, AccountId(feed.account_id), PatientId(patient)).await?;
            let charts = with_merged(patient).into_query();
            let said = calendar_feed_person::ActiveModel { logged_on: Set(Some(today)), ..Default::default() };
            let rows = calendar_feed_person::Entity::update_many().set(said).filter(calendar_feed_person::Column::FeedId.eq(feed.id));
            rows.filter(calendar_feed_person::Column::PatientId.in_subquery(charts)).exec(&tx).await?;
        }
        let fetched = calendar_feed::ActiveModel { fetched_at: Set(Some(now)), ..Default::default() };
        calendar_feed::Entity::update_many().set(fetched).filter(calendar_feed::Column::Id.eq(feed.id)).exec(&tx).await?;
        tx.commit().await?;
    }
    Ok(calendar(product, organisation, &events))
}
