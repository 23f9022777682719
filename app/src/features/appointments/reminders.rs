//! Letters before a visit: one for each day and person, by the preferences of whoever gets it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;

use super::links::{
    entity::{visit_link, visit_reminder},
    make,
};
use crate::{
    access::{Level, System},
    base::{
        clock::{Clock, local_date},
        error::Error,
    },
    desk::{
        check_in::{model::Progress, store::open_ones},
        office::tell::readers,
        scheduling::{act::at_words, email},
    },
    people::{account, patient},
    platform::mail::{letter::Organization, store::post},
    record::visit::{entity::visit, model::Status},
};

/// People are reminded so many days before.
pub const DAYS: [i32; 2] = [7, 1];
/// Links are kept for so long after their visit.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Reminds of the visits that come up; whoever was reminded of a visit at its time is not reminded again. Returns how many letters
/// were written.
///
/// # Errors
/// When the database fails.
pub async fn remind(system: &System, clock: &Clock, of: &Organization, origin: &str) -> Result<usize, Error> {
    let (now, zone, today) = (clock.now().instant, clock.zone(), clock.now().today);
    let furthest = TimeDelta::days(i64::from(DAYS[0]) + 1);
    let visits = visit::Entity::find()
        .filter(visit::Column::StartsAt.gt(now))
        .filter(visit::Column::StartsAt.lt(now + furthest))
        .filter(visit::Column::Status.eq(Status::Booked))
        .order_by_asc(visit::Column::StartsAt)
        .all(system.db())
        .await?;
    let mut days: BTreeMap<(Uuid, NaiveDate, i32), Vec<visit::Model>> = BTreeMap::new();
    for found in visits {
        let Some(at) = found.starts_at else { continue };
        let day = local_date(at, &zone);
        let ahead = (day - today).num_days();
        // A server that was away reminds later: of a visit in five days as of one in seven.
        let Some(before) = DAYS.iter().rev().find(|days| ahead <= i64::from(**days)).filter(|_| ahead >= 1) else { continue };
        days.entry((found.patient_id, day, *before)).or_default().push(found);
    }
    let mut letters = 0;
    for ((patient, _, before), visits) in days {
        letters += remind_of(system, clock, (of, origin), patient, before, &visits).await?;
    }
    visit_link::Entity::delete_many().filter(visit_link::Column::StartsAt.lt(now - KEPT)).exec(system.db()).await?;
    Ok(letters)
}

async fn remind_of(
    system: &System,
    clock: &Clock,
    (of, origin): (&Organization, &str),
    patient: Uuid,
    days: i32,
    visits: &[visit::Model],
) -> Result<usize, Error> {
    let tx = system.begin().await?;
    let Some(person) = patient::current(&tx, patient).await? else { return Ok(0) };
    if person.deceased_on.is_some() {
        return Ok(0);
    }
    let (now, mut letters) = (clock.now().instant, 0);
    let sensitive = visits.iter().all(|visit| visit.sensitive);
    let opens = |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let sees_all = |level: Level| level.sees_schedule() && level.sees_sensitive();
    let of_sensitive: Vec<Uuid> = readers(&tx, &person, clock.now(), sees_all).await?.into_iter().map(|account| account.id).collect();
    for account in readers(&tx, &person, clock.now(), opens).await? {
        let Some(to) = account.recipient() else { continue };
        let seen: Vec<&visit::Model> = visits.iter().filter(|visit| !visit.sensitive || of_sensitive.contains(&account.id)).collect();
        let Some((first, at)) = unsaid(&tx, &seen, &account, days, now).await? else { continue };
        // Nobody is asked for what is done already.
        let check_ins = open_ones(&tx, &seen, now, &clock.zone()).await?;
        let check_in = check_ins.values().any(|found| found.progress() != Progress::Done);
        let token = make(&tx, (first, person.id, account.id), at).await?;
        let letter = email::reminder(
            person.given_name.clone(),
            at_words(at, clock.zone()),
            seen.len() - 1,
            check_in,
            format!("{origin}/visit/{token}"),
        );
        post(&tx, &to.about([person.id]), letter, of, now, clock.zone()).await?;
        letters += 1;
    }
    tx.commit().await?;
    Ok(letters)
}

/// The first visit of the day, where this account was reminded of none of them so many days before.
async fn unsaid(
    tx: &sea_orm::DatabaseTransaction,
    visits: &[&visit::Model],
    account: &account::Model,
    days: i32,
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, DateTime<Utc>)>, Error> {
    let mut new = None;
    for visit in visits {
        let Some(at) = visit.starts_at else { continue };
        let row = visit_reminder::ActiveModel {
            visit_id: Set(visit.id),
            account_id: Set(account.id),
            starts_at: Set(at),
            days: Set(days),
            sent_at: Set(now),
        };
        let known = [
            visit_reminder::Column::VisitId,
            visit_reminder::Column::AccountId,
            visit_reminder::Column::StartsAt,
            visit_reminder::Column::Days,
        ];
        let known = OnConflict::columns(known).do_nothing().to_owned();
        if visit_reminder::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await? == 1 && new.is_none() {
            new = Some((visit.id, at));
        }
    }
    Ok(new)
}
