//! What happens at midnight without a click: access that is over by age is written down as ended, and people are told before
//! it happens. Whether a chart is open never depends on it: that is computed on every request.

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, SqlErr};

use super::{
    grants::end_row,
    model::{BIRTHDAY_NOTICES, EXPIRY_NOTICES},
};
use crate::{
    access::{
        Level, System,
        entity::form_draft,
        proxy::{ADULT_AGE, TEEN_AGE, birthday, level},
        session::facts,
    },
    base::{
        clock::{Clock, Now},
        end_reason::EndReason,
        error::Error,
    },
    features::account::sign_up::entity::sign_up,
    people::{account, patient, proxy_grant, relation::Basis},
    platform::{
        entity::{attempt, job_run},
        mail::{
            letter::{House, Letter},
            store::{Recipient, post},
        },
    },
};

/// What one night did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Night {
    pub ended: usize,
    pub told: usize,
}

/// Does the work of a day, once: of several servers, the one that writes the day down does it.
///
/// # Errors
/// When the database fails; then nothing was done, and the next try does all of it.
pub async fn run(system: &System, clock: &Clock, house: &House, origin: &str) -> Result<Option<Night>, Error> {
    let now = clock.now();
    let tx = system.begin().await?;
    let claimed = job_run::Entity::insert(job_run::ActiveModel { name: Set(format!("midnight {}", now.today)), at: Set(now.instant) })
        .exec_without_returning(&tx)
        .await;
    match claimed {
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut night = Night::default();
    let rows = proxy_grant::Entity::find().filter(proxy_grant::Column::EndedAt.is_null()).all(&tx).await?;
    for row in rows {
        let Some(person) = patient::Entity::find_by_id(row.patient_id).one(&tx).await? else { continue };
        let Some(holder) = account::Entity::find_by_id(row.account_id).one(&tx).await? else { continue };
        let post_to_holder = Recipient::account(&holder);
        let link = |path: &str| format!("{origin}{path}");
        match level(&facts(&row, &person), now) {
            Err(reason) => {
                end_row(&tx, row.id, reason, ended_at(reason, &person, row.expires_at, now, clock)).await?;
                night.ended += 1;
                if let Some(to) = &post_to_holder {
                    post(&tx, to, &Letter::AccessEnded { link: link("/sharing") }, house, now.instant, clock.zone()).await?;
                    night.told += 1;
                }
            }
            Ok(open) => {
                if let Some(days) =
                    row.expires_at.and_then(|at| notice(at.with_timezone(&clock.zone()).date_naive(), now.today, &EXPIRY_NOTICES))
                {
                    let letter = Letter::AccessExpires { days, link: link("/sharing") };
                    let patients = account::Entity::find().filter(account::Column::PatientId.eq(person.id)).one(&tx).await?;
                    for to in [post_to_holder.as_ref(), patients.as_ref().and_then(Recipient::account).as_ref()].into_iter().flatten() {
                        post(&tx, to, &letter, house, now.instant, clock.zone()).await?;
                        night.told += 1;
                    }
                }
                let age = match (row.basis, open) {
                    (Basis::ParentChild | Basis::Papers, Level::Full) => TEEN_AGE,
                    (Basis::ParentChild, Level::Demographics) => ADULT_AGE,
                    _ => continue,
                };
                let Some(days) = notice(birthday(person.birth_date, age), now.today, &BIRTHDAY_NOTICES) else { continue };
                night.told += tell_birthday(&tx, &person, age, days, post_to_holder.as_ref(), house, now, clock, origin).await?;
            }
        }
    }
    purge(&tx).await?;
    tx.commit().await?;
    Ok(Some(night))
}

/// When access ended by itself: the midnight of the birthday, the last moment it was given for, or now.
fn ended_at(
    reason: EndReason,
    person: &patient::Model,
    expires_at: Option<chrono::DateTime<Utc>>,
    now: Now,
    clock: &Clock,
) -> chrono::DateTime<Utc> {
    match reason {
        EndReason::TurnedEighteen => {
            let wall = birthday(person.birth_date, ADULT_AGE).and_time(NaiveTime::MIN);
            let local = clock.zone().from_local_datetime(&wall).earliest();
            local.map_or(now.instant, |local| local.with_timezone(&Utc))
        }
        EndReason::Expired => expires_at.unwrap_or(now.instant),
        EndReason::Emancipated | EndReason::Revoked => now.instant,
    }
}

/// The notice that is due today, in days before the day.
fn notice(day: NaiveDate, today: NaiveDate, notices: &[i64]) -> Option<i64> {
    let left = (day - today).num_days();
    notices.contains(&left).then_some(left)
}

/// Tells the parent, and the child at the address on file when it is not the parent's own.
#[allow(clippy::too_many_arguments)]
async fn tell_birthday(
    tx: &impl ConnectionTrait,
    person: &patient::Model,
    age: i32,
    days: i64,
    parent: Option<&Recipient>,
    house: &House,
    now: Now,
    clock: &Clock,
    origin: &str,
) -> Result<usize, Error> {
    let (child, sharing) = (person.given_name.clone(), format!("{origin}/sharing"));
    let mut told = 0;
    if let Some(to) = parent {
        let letter = match age {
            TEEN_AGE => Letter::ChildTurnsThirteen { child, days, link: sharing },
            _ => Letter::ChildTurnsEighteen { child, days, link: sharing },
        };
        post(tx, to, &letter, house, now.instant, clock.zone()).await?;
        told += 1;
    }
    let own = person.email.as_deref().filter(|email| parent.is_none_or(|parent| !parent.email.eq_ignore_ascii_case(email)));
    if let Some(email) = own {
        let locale = person.language.as_deref().and_then(crate::base::i18n::Locale::from_tag).unwrap_or_default();
        let letter = match age {
            TEEN_AGE => Letter::YouTurnThirteen { days, link: format!("{origin}/help/proxy-access") },
            _ => Letter::YouTurnEighteen { days, link: format!("{origin}/sign-up") },
        };
        post(tx, &Recipient::address(email, locale), &letter, house, now.instant, clock.zone()).await?;
        told += 1;
    }
    Ok(told)
}

/// Forgets what is of no use any more.
async fn purge(tx: &impl ConnectionTrait) -> Result<(), Error> {
    let yesterday = Utc::now() - TimeDelta::days(1);
    attempt::Entity::delete_many().filter(attempt::Column::WindowStartedAt.lt(yesterday)).exec(tx).await?;
    form_draft::Entity::delete_many().filter(form_draft::Column::CreatedAt.lt(yesterday)).exec(tx).await?;
    sign_up::Entity::delete_many().filter(sign_up::Column::CreatedAt.lt(yesterday)).exec(tx).await?;
    Ok(())
}
