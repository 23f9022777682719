//! The browsers of an account, and the notices they get.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::problem;
use crate::{
    access::{
        Grant, Permission,
        policy::{ManageOwnAccount, OpenChart, UsePhone},
    },
    base::{error::Error, ids::PatientId, why::Why},
    people::account,
    platform::{
        mail::model::News,
        push::{
            PushHosts,
            encrypt::BrowserKeys,
            entity::{phone_device, push_subscription},
            phone,
            queue::end_subscription,
        },
        request as web,
        throttle::limit,
        tokens::hash,
    },
};

/// How often the address of one account's browsers changes in a window of the throttle.
const PER_ACCOUNT: i32 = 60;
/// Nobody has more browsers with notices: the oldest one's end.
const MOST: usize = 20;

/// Where notices go, as a browser says it.
pub struct Address {
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
}

impl Address {
    fn check(&self) -> Result<(), Error> {
        if !web::context::<PushHosts>()?.allows(&self.endpoint) {
            return Err(Error::field("endpoint", problem::SERVICE));
        }
        BrowserKeys::read(&self.p256dh, &self.auth).map(|_| ()).ok_or_else(|| Error::field("p256dh", Why::MISSING))
    }
}

/// This browser, known by its cookie; made known where it is not.
///
/// # Errors
/// When the database fails.
pub async fn here<P: Permission>(grant: &Grant<P>) -> Result<phone_device::Model, Error> {
    let holder = grant.holder()?;
    let token = web::cookie(phone::COOKIE);
    if let Some(found) = phone::find(grant.db(), token.as_deref()).await?.filter(|found| found.account_id == holder.account.0) {
        phone::signed_in(grant.db(), token.as_deref(), holder.account.0, holder.session).await?;
        return Ok(found);
    }
    let (made, token) = phone::make(grant.db(), holder.account.0, holder.session, grant.device(), grant.now().instant).await?;
    web::keep_cookie(phone::COOKIE, &token, phone::LIFE)?;
    Ok(made)
}

/// Turns notices on in this browser. Told again, it keeps what was chosen. An address of another account's browser is this one's now:
/// a browser has one.
///
/// # Errors
/// `Invalid` for an address of no push service, or keys that are none.
pub async fn subscribe(grant: &Grant<ManageOwnAccount>, address: &Address) -> Result<(), Error> {
    address.check()?;
    let account = grant.holder()?.account.0;
    limit(grant.db(), &format!("phone-subscribe:{account}"), PER_ACCOUNT).await?;
    let here = here(grant).await?;
    let known = push_subscription::Entity::find_by_id(here.id).one(grant.db()).await?;
    let tx = grant.begin().await?;
    push_subscription::Entity::delete_many()
        .filter(push_subscription::Column::EndpointHash.eq(hash(&address.endpoint)))
        .filter(push_subscription::Column::PhoneId.ne(here.id))
        .exec(&tx)
        .await?;
    if known.is_some() {
        replace(&tx, here.id, address).await?;
    } else {
        let own = account::Entity::find_by_id(account).one(&tx).await?.ok_or(Error::NotFound)?;
        push_subscription::Entity::insert(push_subscription::ActiveModel {
            phone_id: Set(here.id),
            account_id: Set(account),
            endpoint_hash: Set(hash(&address.endpoint)),
            endpoint: Set(address.endpoint.clone()),
            p256dh: Set(address.p256dh.clone()),
            auth: Set(address.auth.clone()),
            kinds_off: Set(String::new()),
            people_off: Set(String::new()),
            quiet_from: Set(own.quiet_from),
            quiet_until: Set(own.quiet_until),
            instead_of_mail: Set(false),
            made_at: Set(grant.now().instant),
            failed: Set(0),
        })
        .exec_without_returning(&tx)
        .await?;
        let all = push_subscription::Entity::find()
            .filter(push_subscription::Column::AccountId.eq(account))
            .order_by_desc(push_subscription::Column::MadeAt)
            .all(&tx)
            .await?;
        for old in all.iter().skip(MOST).filter(|old| old.phone_id != here.id) {
            end_subscription(&tx, old.phone_id).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn replace(db: &impl sea_orm::ConnectionTrait, phone: Uuid, address: &Address) -> Result<(), Error> {
    let row = push_subscription::ActiveModel {
        endpoint_hash: Set(hash(&address.endpoint)),
        endpoint: Set(address.endpoint.clone()),
        p256dh: Set(address.p256dh.clone()),
        auth: Set(address.auth.clone()),
        failed: Set(0),
        ..Default::default()
    };
    push_subscription::Entity::update_many().set(row).filter(push_subscription::Column::PhoneId.eq(phone)).exec(db).await?;
    Ok(())
}

/// Turns notices off at an address of one's own; what is not there is off already.
///
/// # Errors
/// When the database fails.
pub async fn unsubscribe(grant: &Grant<ManageOwnAccount>, endpoint: &str) -> Result<(), Error> {
    let found = push_subscription::Entity::find()
        .filter(push_subscription::Column::AccountId.eq(grant.holder()?.account.0))
        .filter(push_subscription::Column::EndpointHash.eq(hash(endpoint)));
    if let Some(found) = found.one(grant.db()).await? {
        end_subscription(grant.db(), found.phone_id).await?;
    }
    Ok(())
}

/// Another address in the place of the one before.
///
/// # Errors
/// `NotFound` for a browser without notices, or with another address before; `Invalid` as for the first one.
pub async fn renew(grant: &Grant<UsePhone>, old: &str, address: &Address) -> Result<(), Error> {
    let found = phone::find(grant.db(), web::cookie(phone::COOKIE).as_deref()).await?.ok_or(Error::NotFound)?;
    address.check()?;
    limit(grant.db(), &format!("phone-subscribe:{}", found.account_id), PER_ACCOUNT).await?;
    let known = push_subscription::Entity::find_by_id(found.id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if !old.is_empty() && known.endpoint_hash != hash(old) {
        return Err(Error::NotFound);
    }
    let tx = grant.begin().await?;
    push_subscription::Entity::delete_many()
        .filter(push_subscription::Column::EndpointHash.eq(hash(&address.endpoint)))
        .filter(push_subscription::Column::PhoneId.ne(found.id))
        .exec(&tx)
        .await?;
    replace(&tx, found.id, address).await?;
    tx.commit().await?;
    Ok(())
}

/// What somebody chose for a browser.
pub struct Choices {
    pub kinds_off: Vec<News>,
    /// The names of the boxes of people that were ticked.
    pub people: BTreeSet<String>,
    pub quiet: (Option<i32>, Option<i32>),
    pub instead_of_mail: bool,
}

/// The name of the box of a person. A name in brackets that begins with a digit would be a place in a list.
pub fn box_of(patient: PatientId) -> String {
    format!("p{patient}")
}

/// The persons of whom notices may come, with their given names: oneself first.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn people<P: Permission>(grant: &Grant<P>) -> Result<Vec<(PatientId, String)>, Error> {
    let holder = grant.holder()?;
    let own = holder.own_chart.iter().map(|person| (person.patient, person.given_name.clone()));
    let others = holder.acts_for(grant.now()).into_iter().map(|(found, _)| (found.person.patient, found.person.given_name.clone()));
    Ok(own.chain(others).filter(|(patient, _)| grant.would_allow::<OpenChart>(patient)).collect())
}

/// # Errors
/// `Invalid` when notices are not on in this browser; `NotFound` for a stranger.
pub async fn choose(grant: &Grant<ManageOwnAccount>, choices: Choices) -> Result<(), Error> {
    let people = people(grant)?;
    let known = |name: &String| people.iter().any(|(patient, _)| box_of(*patient) == *name);
    if !choices.people.iter().all(known) {
        return Err(Error::NotFound);
    }
    let Some(found) = subscription(grant).await? else { return Err(Error::form(problem::NO_NOTICES)) };
    let off = people.iter().filter(|(patient, _)| !choices.people.contains(&box_of(*patient)));
    let hours = |hour: Option<i32>| hour.filter(|hour| (0..24).contains(hour));
    let (from, until) = match (hours(choices.quiet.0), hours(choices.quiet.1)) {
        (Some(from), Some(until)) if from != until => (Some(from), Some(until)),
        _ => (None, None),
    };
    let row = push_subscription::ActiveModel {
        kinds_off: Set(choices.kinds_off.iter().map(|news| news.as_str()).collect::<Vec<_>>().join(",")),
        people_off: Set(off.map(|(patient, _)| patient.to_string()).collect::<Vec<_>>().join(",")),
        quiet_from: Set(from),
        quiet_until: Set(until),
        instead_of_mail: Set(choices.instead_of_mail),
        ..Default::default()
    };
    push_subscription::Entity::update_many()
        .set(row)
        .filter(push_subscription::Column::PhoneId.eq(found.phone_id))
        .exec(grant.db())
        .await?;
    Ok(())
}

/// The notices of this browser, where they are on for whoever is signed in.
///
/// # Errors
/// When the database fails.
pub async fn subscription<P: Permission>(grant: &Grant<P>) -> Result<Option<push_subscription::Model>, Error> {
    let Some(found) = phone::find(grant.db(), web::cookie(phone::COOKIE).as_deref()).await? else { return Ok(None) };
    if found.account_id != grant.holder()?.account.0 {
        return Ok(None);
    }
    Ok(push_subscription::Entity::find_by_id(found.id).one(grant.db()).await?)
}

/// A browser of one's own.
pub struct Phone {
    pub row: phone_device::Model,
    pub has_notices: bool,
    pub here: bool,
}

/// The browsers of an account, the one that was seen last first.
///
/// # Errors
/// When the database fails.
pub async fn phones<P: Permission>(grant: &Grant<P>) -> Result<Vec<Phone>, Error> {
    let account = grant.holder()?.account.0;
    let here = phone::find(grant.db(), web::cookie(phone::COOKIE).as_deref()).await?.map(|found| found.id);
    let with: Vec<Uuid> = push_subscription::Entity::find()
        .filter(push_subscription::Column::AccountId.eq(account))
        .all(grant.db())
        .await?
        .into_iter()
        .map(|row| row.phone_id)
        .collect();
    let all = phone_device::Entity::find()
        .filter(phone_device::Column::AccountId.eq(account))
        .order_by_desc(phone_device::Column::SeenAt)
        .all(grant.db())
        .await?;
    Ok(all.into_iter().map(|row| Phone { has_notices: with.contains(&row.id), here: here == Some(row.id), row }).collect())
}

/// Ends what a browser of one's own has.
///
/// # Errors
/// `NotFound` for somebody else's.
pub async fn end(grant: &Grant<ManageOwnAccount>, id: Uuid) -> Result<(), Error> {
    let ended = phone_device::Entity::delete_many()
        .filter(phone_device::Column::Id.eq(id))
        .filter(phone_device::Column::AccountId.eq(grant.holder()?.account.0))
        .exec(grant.db())
        .await?;
    if ended.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}
