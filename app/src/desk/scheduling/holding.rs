//! What somebody holds: renewing it, leaving it, coming back, and what they type meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{act::lock, entity::visit_hold, problem};
use crate::{
    access::{Grant, System, policy::BookVisits},
    base::{
        error::{Error, Problem},
        why::Why,
    },
    desk::danger,
    people::patient::with_merged,
    platform::batch::{Batch, Rows, alone},
    record::visit::taken,
};

/// A time is held for so long while somebody fills in the rest.
pub const HOLD: TimeDelta = TimeDelta::minutes(10);

/// Whoever leaves the page gives the time up after so long: time enough to load the page anew.
pub const LEAVING: TimeDelta = TimeDelta::seconds(20);

/// So many letters say why somebody comes, or what they need.
pub const MOST_REASON: usize = 500;

/// What the caller holds, or held, for this person and has not booked.
///
/// # Errors
/// When the database fails.
pub async fn own_hold(grant: &Grant<BookVisits>) -> Result<Option<visit_hold::Model>, Error> {
    Ok(own_hold_in(grant.db(), grant.holder()?.account.0, grant.patient().0).await?)
}

/// The same, as it is in a transaction.
///
/// # Errors
/// When the database fails.
pub async fn own_hold_in(db: &impl ConnectionTrait, account: Uuid, patient: Uuid) -> Result<Option<visit_hold::Model>, DbErr> {
    alone(db, |batch| ask_own_hold(batch, account, patient)).await
}

/// Asks for what an account holds, or held, for a person and has not booked.
pub fn ask_own_hold(
    batch: &mut Batch,
    account: Uuid,
    patient: Uuid,
) -> impl FnOnce(&mut Rows) -> Result<Option<visit_hold::Model>, DbErr> + use<> {
    let own = visit_hold::Entity::find()
        .filter(visit_hold::Column::AccountId.eq(account))
        .filter(visit_hold::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(visit_hold::Column::VisitId.is_null());
    let own = batch.ask(own.order_by_asc(visit_hold::Column::Id).limit(1));
    move |answers| Ok(answers.take(own)?.pop())
}

/// What the caller holds by its id.
///
/// # Errors
/// `NotFound` when it is not the caller's, or of another person.
pub async fn hold_of(grant: &Grant<BookVisits>, id: Uuid) -> Result<visit_hold::Model, Error> {
    let own = visit_hold::Entity::find_by_id(id)
        .filter(visit_hold::Column::AccountId.eq(grant.holder()?.account.0))
        .filter(visit_hold::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()));
    own.one(grant.db()).await?.ok_or(Error::NotFound)
}

/// Holds the time for ten more minutes, once.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` when it was renewed, or somebody else has the time.
pub async fn renew(grant: &Grant<BookVisits>, id: Uuid, typed: &Details<'_>) -> Result<(), Error> {
    let (found, now) = (hold_of(grant, id).await?, grant.now().instant);
    if found.renewed {
        return Err(Error::form(problem::RENEWED));
    }
    let tx = grant.begin().await?;
    lock(&tx, &[found.clinician_id]).await?;
    let until = found.until.max(now) + HOLD;
    if found.visit_id.is_some() || !taken::take(&tx, stretch(&found), id, Some(until), now).await? {
        return Err(Error::form(problem::HOLD_OVER));
    }
    let renewed = visit_hold::ActiveModel { until: Set(until), renewed: Set(true), ..as_typed(typed) };
    visit_hold::Entity::update_many().set(renewed).filter(visit_hold::Column::Id.eq(id)).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}

fn stretch(hold: &visit_hold::Model) -> taken::Stretch {
    taken::Stretch { clinician: hold.clinician_id, starts_at: hold.starts_at, ends_at: hold.ends_at }
}

/// What was typed so far, whatever it is: nobody has said that it is ready. What was not sent stays.
fn as_typed(typed: &Details<'_>) -> visit_hold::ActiveModel {
    let said = |text: &str, most: usize| match text.trim() {
        "" => NotSet,
        text => Set(text.chars().take(most).collect::<String>()),
    };
    visit_hold::ActiveModel {
        reason: said(typed.reason, MOST_REASON),
        phone: said(typed.phone, 40),
        interpreter: said(typed.interpreter, 60),
        needs: said(typed.needs, MOST_REASON),
        insurance: said(typed.insurance, 16),
        ..Default::default()
    }
}

/// Gives the time up soon: whoever comes back meanwhile has it still.
///
/// # Errors
/// `NotFound` when it is not the caller's.
pub async fn leave(grant: &Grant<BookVisits>, id: Uuid) -> Result<(), Error> {
    let (found, now) = (hold_of(grant, id).await?, grant.now().instant);
    if found.visit_id.is_none() {
        taken::hold_until(grant.db(), id, found.until.min(now + LEAVING)).await?;
    }
    Ok(())
}

/// Whoever is on the page has the time until it is over. Returns the seconds that are left; 0 when it is over.
///
/// # Errors
/// When the database fails.
pub async fn come_back(grant: &Grant<BookVisits>, hold: &visit_hold::Model) -> Result<i64, Error> {
    let now = grant.now().instant;
    let left = (hold.until - now).num_seconds();
    if hold.visit_id.is_some() || left <= 0 {
        return Ok(0);
    }
    let tx = grant.begin().await?;
    if !taken::take(&tx, stretch(hold), hold.id, Some(hold.until), now).await? {
        return Ok(0);
    }
    tx.commit().await?;
    Ok(left)
}

/// Gives the time up at once.
///
/// # Errors
/// `NotFound` when it is not the caller's.
pub async fn give_up(grant: &Grant<BookVisits>, id: Uuid) -> Result<(), Error> {
    let found = hold_of(grant, id).await?;
    if found.visit_id.is_none() {
        let tx = grant.begin().await?;
        lock(&tx, &[found.clinician_id]).await?;
        let unbooked =
            visit_hold::Entity::delete_many().filter(visit_hold::Column::Id.eq(id)).filter(visit_hold::Column::VisitId.is_null());
        if unbooked.exec(&tx).await?.rows_affected == 1 {
            taken::release(&tx, id).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// What somebody fills in beside the time.
pub struct Details<'a> {
    pub reason: &'a str,
    pub phone: &'a str,
    pub interpreter: &'a str,
    pub needs: &'a str,
    pub insurance: &'a str,
    /// The words of danger were read, and it is none.
    pub danger_confirmed: bool,
}

/// Keeps what was filled in, to be looked over.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` with everything that is wrong.
pub async fn keep_details(grant: &Grant<BookVisits>, id: Uuid, details: &Details<'_>) -> Result<(), Error> {
    let found = hold_of(grant, id).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let (reason, needs) = (details.reason, details.needs);
    match reason.trim() {
        "" => refuse("reason", Why::MISSING),
        text if text.chars().count() > MOST_REASON => refuse("reason", problem::REASON_LONG),
        text if !details.danger_confirmed && !danger::found(text).is_empty() => refuse("danger", problem::DANGER),
        _ => {}
    }
    if needs.chars().count() > MOST_REASON {
        refuse("needs", problem::REASON_LONG);
    }
    let phone = details.phone.trim();
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    if !phone.is_empty() && (!(7..=15).contains(&digits) || phone.chars().count() > 40) {
        refuse("phone", problem::NOT_A_PHONE);
    }
    if details.interpreter.chars().count() > 60 {
        refuse("interpreter", Why::TOO_LONG);
    }
    if !["same", "changed", "none"].contains(&details.insurance) {
        refuse("insurance", Why::MISSING);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let kept = visit_hold::ActiveModel {
        reason: Set(reason.trim().to_owned()),
        phone: Set(phone.to_owned()),
        interpreter: Set(details.interpreter.trim().to_owned()),
        needs: Set(needs.trim().to_owned()),
        insurance: Set(details.insurance.to_owned()),
        ..Default::default()
    };
    visit_hold::Entity::update_many().set(kept).filter(visit_hold::Column::Id.eq(found.id)).exec(grant.db()).await?;
    Ok(())
}

/// Forgets what was held a day ago, with what was typed.
///
/// # Errors
/// When the database fails.
pub async fn forget(system: &System, now: DateTime<Utc>) -> Result<(), Error> {
    let old = visit_hold::Column::Until.lt(now - TimeDelta::days(1));
    visit_hold::Entity::delete_many().filter(old).exec(system.db()).await?;
    Ok(())
}
