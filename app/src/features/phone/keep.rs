//! What is kept on a phone. It is written `emergency:PATIENT` and `card:PATIENT:CARD`.

use chrono::{DateTime, NaiveTime, TimeZone, Utc};
use uuid::Uuid;

use super::store;
use crate::{
    access::{
        AccessKind, DelegatedAccess, Grant, Permission, allow,
        policy::{UseHealthCards, UsePhone, ViewHealthSummary},
        proxy::birthday,
    },
    base::{
        error::Error,
        ids::{AccountId, PatientId},
    },
    features::{credentials, health},
    platform::{push::phone, request as web, throttle::limit},
    view::keep_offline::Kept,
};

/// Nobody keeps more.
const MOST: usize = 50;
/// How often one account keeps something in a window of the throttle.
const PER_ACCOUNT: i32 = 60;
/// The ages at which a parent sees less.
const AGES: [i32; 2] = [13, 18];

enum Thing {
    EmergencyCard(PatientId),
    HealthCard(PatientId, Uuid),
}

impl Thing {
    fn read(id: &str) -> Option<Self> {
        let mut parts = id.split(':');
        let thing = match (parts.next()?, parts.next()?.parse().ok()?, parts.next()) {
            ("emergency", patient, None) => Thing::EmergencyCard(patient),
            ("card", patient, Some(card)) => Thing::HealthCard(patient, card.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(thing)
    }
}

/// Hands out a part of a record, and knows this browser from now on.
///
/// # Errors
/// What the policy refuses; `NotFound` for what cannot be kept.
pub async fn keep(id: &str, sensitive: bool) -> Result<Kept, Error> {
    match Thing::read(id).ok_or(Error::NotFound)? {
        Thing::EmergencyCard(patient) => {
            let grant = allow::<ViewHealthSummary>(patient).await?;
            begin(&grant).await?;
            let until = until(&grant)?;
            health::kept_emergency_card(grant, sensitive, until).await
        }
        Thing::HealthCard(patient, card) => {
            let grant = allow::<UseHealthCards>(patient).await?;
            begin(&grant).await?;
            credentials::kept(&grant, card, until(&grant)?).await
        }
    }
}

async fn begin<P: Permission>(grant: &Grant<P>) -> Result<(), Error> {
    limit(grant.db(), &format!("phone-keep:{}", grant.holder()?.account), PER_ACCOUNT).await?;
    store::here(grant).await?;
    Ok(())
}

/// When the caller's access ends or shrinks by itself: a phone that never comes online again shows nothing from then on.
fn until<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Option<DateTime<Utc>>, Error> {
    if grant.access_kind() == AccessKind::Own {
        return Ok(None);
    }
    let Some((proxy, _)) = grant.holder()?.proxy(grant.patient(), grant.now()) else { return Err(Error::NotFound) };
    let birthdays = AGES.map(|age| birthday(proxy.facts.birth_date, age));
    let next = birthdays.into_iter().find(|day| *day > grant.now().today);
    let midnight = next.and_then(|day| grant.zone().from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest());
    Ok(midnight.map(|at| at.with_timezone(&Utc)).into_iter().chain(proxy.facts.expires_at).min())
}

/// Of these, what the owner of this browser may still see.
///
/// # Errors
/// When the database fails.
pub async fn still(grant: &Grant<UsePhone>, ids: &str) -> Result<Vec<String>, Error> {
    let Some(found) = phone::find(grant.db(), web::cookie(phone::COOKIE).as_deref()).await? else { return Ok(Vec::new()) };
    let access = match DelegatedAccess::by_phone(grant, AccountId(found.account_id)).await {
        Ok(access) => access,
        Err(Error::NotFound) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut open = Vec::new();
    for id in ids.split(',').take(MOST) {
        let allowed = match Thing::read(id) {
            None => Err(Error::NotFound),
            Some(Thing::EmergencyCard(patient)) => access.allow::<ViewHealthSummary>(patient).map(|_| ()),
            Some(Thing::HealthCard(patient, card)) => match access.allow::<UseHealthCards>(patient) {
                Ok(grant) => credentials::is_there(&grant, card).await,
                Err(error) => Err(error),
            },
        };
        match allowed {
            Ok(()) => open.push(id.to_owned()),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_named_in_one_way_only() {
        let (a, b) = ("0192b3c4-0000-7000-8000-000000000001", "0192b3c4-0000-7000-8000-000000000002");
        assert!(matches!(Thing::read(&format!("emergency:{a}")), Some(Thing::EmergencyCard(_))));
        assert!(matches!(Thing::read(&format!("card:{a}:{b}")), Some(Thing::HealthCard(..))));
        for wrong in
            [String::new(), a.into(), format!("emergency:{a}:{b}"), format!("card:{a}"), format!("card:{a}:{b}:{b}"), "card:x:y".into()]
        {
            assert!(Thing::read(&wrong).is_none(), "{wrong}");
        }
    }
}
