//! Gathers what needs somebody: each part from a grant of its own.

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::model::{EndedAccess, Need, What};
use crate::{
    access::{
        Grant, Person,
        policy::{UseOwnAccount, ViewSummaries, ViewVisits},
        proxy,
    },
    base::{clock::local_date, dates::Day, error::Error, ids::PatientId},
    people::patient,
    record::{
        care_team::entity::department,
        summary::{entity::summary_item, model::Section},
        visit::{entity::visit, model::Status},
    },
};

/// Visits are announced so many days ahead.
const VISIT_DAYS: i64 = 14;
/// Follow-ups stand here from so many days before their date ...
const FOLLOW_UP_DAYS: i64 = 30;
/// ... until so many days after it.
const OVERDUE_DAYS: i64 = 7;
/// A birthday that changes what a parent sees is announced so many days ahead.
const BIRTHDAY_DAYS: i64 = 60;
/// So is the end of access that was given until a day.
const EXPIRY_DAYS: i64 = 30;

/// Everybody this account holder acts for, with their colours.
pub fn people(grant: &Grant<UseOwnAccount>) -> Result<Vec<(PatientId, u8)>, Error> {
    let holder = grant.holder()?;
    let own = holder.own_chart.iter().map(|person| (person.patient, 0));
    Ok(own.chain(holder.proxies.iter().map(|found| (found.person.patient, found.hue))).collect())
}

/// Birthdays and dates that will change what this account holder may see.
pub fn changes_of_access(grant: &Grant<UseOwnAccount>) -> Result<Vec<Need>, Error> {
    let now = grant.now();
    let mut needs = Vec::new();
    for found in &grant.holder()?.proxies {
        if proxy::level(&found.facts, now).is_err() {
            continue;
        }
        let mut tell = |date: NaiveDate, what: What| needs.push(need(grant.texts().day(date, false), &found.person, found.hue, what));
        if let Some((day, then)) = proxy::next_change_by_age(&found.facts, now)
            && day - now.today <= TimeDelta::days(BIRTHDAY_DAYS)
        {
            tell(day, if then.is_some() { What::TurnsThirteen } else { What::TurnsEighteen });
        }
        if let Some(day) = found.facts.expires_at.map(|at| local_date(at, &grant.zone()))
            && day - now.today <= TimeDelta::days(EXPIRY_DAYS)
        {
            tell(day, What::AccessExpires);
        }
    }
    Ok(needs)
}

/// Charts that are closed by now.
pub fn ended(grant: &Grant<UseOwnAccount>) -> Result<Vec<EndedAccess>, Error> {
    let now = grant.now();
    let holder = grant.holder()?;
    Ok(holder
        .proxies
        .iter()
        .filter_map(|found| {
            let reason = proxy::level(&found.facts, now).err()?;
            Some(EndedAccess { given_name: found.person.given_name.clone(), reason })
        })
        .collect())
}

/// The visits of the next two weeks.
pub async fn visits(grant: &Grant<ViewVisits>, hue: u8) -> Result<Vec<Need>, Error> {
    let now = grant.now();
    let mut query = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(grant.patient().0))
        .filter(visit::Column::Status.is_in([Status::Booked, Status::Arrived, Status::InProgress]))
        .filter(visit::Column::StartsAt.gte(now.instant - TimeDelta::hours(1)))
        .filter(visit::Column::StartsAt.lt(now.instant + TimeDelta::days(VISIT_DAYS)));
    if !grant.sees_sensitive() {
        query = query.filter(visit::Column::Sensitive.eq(false));
    }
    let person = person(grant.db(), grant.patient()).await?;
    let found = query.order_by_asc(visit::Column::StartsAt).all(grant.db()).await?;
    let places = department::Entity::find()
        .filter(department::Column::Id.is_in(found.iter().filter_map(|visit| visit.department_id)))
        .all(grant.db())
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|visit| {
            let starts_at = visit.starts_at?;
            let what = What::Visit {
                title: visit.title,
                time: grant.texts().time(starts_at, &grant.zone()),
                place: places.iter().find(|place| Some(place.id) == visit.department_id).map(|place| place.name.clone()),
                instruction: visit.patient_instruction,
            };
            Some(need(grant.texts().day(local_date(starts_at, &grant.zone()), false), &person, hue, what))
        })
        .collect())
}

/// What clinicians asked to be done around now.
pub async fn follow_ups(grant: &Grant<ViewSummaries>, hue: u8) -> Result<Vec<Need>, Error> {
    let today = grant.now().today;
    let mut query = summary_item::Entity::find()
        .filter(summary_item::Column::PatientId.eq(grant.patient().0))
        .filter(summary_item::Column::Section.eq(Section::FollowUp))
        .filter(summary_item::Column::DueOn.gte(today - TimeDelta::days(OVERDUE_DAYS)))
        .filter(summary_item::Column::DueOn.lte(today + TimeDelta::days(FOLLOW_UP_DAYS)));
    if !grant.sees_sensitive() {
        query = query.filter(summary_item::Column::Sensitive.eq(false));
    }
    let person = person(grant.db(), grant.patient()).await?;
    let items = query.order_by_asc(summary_item::Column::DueOn).all(grant.db()).await?;
    Ok(items
        .into_iter()
        .filter_map(|item| Some(need(grant.texts().day(item.due_on?, false), &person, hue, What::FollowUp { text: item.text })))
        .collect())
}

async fn person(db: &impl ConnectionTrait, patient: PatientId) -> Result<Person, Error> {
    let found = patient::Entity::find_by_id(patient.0).one(db).await?.ok_or(Error::NotFound)?;
    Ok(Person { patient, full_name: format!("{} {}", found.given_name, found.family_name), given_name: found.given_name })
}

fn need(day: Day, person: &Person, hue: u8, what: What) -> Need {
    Need { patient: person.patient, given_name: person.given_name.clone(), hue, day, what }
}
