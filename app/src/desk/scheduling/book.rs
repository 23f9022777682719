//! Choosing a time, holding it, and booking it.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    act::{Actor, at_words, first_name, lock, lock_account, overlaps},
    email,
    entity::{booking, visit_hold, visit_kind},
    free::{At, Search, free},
    holding::{HOLD, hold_of, own_hold, own_hold_in},
    hours::Slot,
    kinds::{KindFor, kind_for},
    model::Happened,
    problem, put, waiting,
};
use crate::{
    access::{Grant, Level, policy::BookVisits},
    base::{error::Error, ids::new_id, why::Why},
    desk::office::tell::tell_readers,
    platform::throttle::limit,
    record::visit::{entity::visit, taken},
};

/// So many times are chosen by one account in a window of the throttle.
const PER_ACCOUNT: i32 = 60;

/// "clinician~department~2026-12-01T14:00:00+00:00".
pub fn slot_value(slot: &Slot) -> String {
    format!("{}~{}~{}", slot.clinician, slot.department, slot.starts_at.to_rfc3339())
}

/// What a form says of a time; `None` of what is none.
pub fn parse_slot(value: &str) -> Option<(Uuid, Uuid, DateTime<Utc>)> {
    let mut parts = value.split('~');
    let (clinician, department) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let at = DateTime::parse_from_rfc3339(parts.next()?).ok()?;
    parts.next().is_none().then(|| (clinician, department, at.with_timezone(&Utc)))
}

/// The time that is offered at this moment, for this kind of visit, by this clinician.
///
/// # Errors
/// `Invalid` when it is not offered, or somebody has it.
pub async fn offered(
    db: &impl ConnectionTrait,
    kind: &visit_kind::Model,
    at: At,
    starts_at: DateTime<Utc>,
    (now, zone): (DateTime<Utc>, chrono_tz::Tz),
    except: Option<Uuid>,
) -> Result<Slot, Error> {
    let until = starts_at + TimeDelta::seconds(1);
    let search = Search { kind: kind.id, minutes: kind.minutes, at: &[at], from: starts_at, until, except };
    let found = free(db, &search, now, zone).await?;
    found.into_iter().find(|slot| slot.starts_at == starts_at).ok_or(Error::field("slot", problem::TAKEN))
}

/// What somebody chose.
pub struct Choice<'a> {
    pub kind: Uuid,
    /// As [`slot_value`] writes it.
    pub slot: &'a str,
    /// The visit that is to be moved there.
    pub moves: Option<Uuid>,
    pub order: Option<Uuid>,
}

/// Holds a time for whoever chose it, and gives up the one that they held for this person before. What they typed stays.
///
/// # Errors
/// `NotFound` for a kind or a visit that is not this person's; `Invalid` when the time is not to be had.
pub async fn hold(grant: &Grant<BookVisits>, choice: &Choice<'_>) -> Result<Uuid, Error> {
    let (holder, now) = (grant.holder()?, grant.now().instant);
    limit(grant.db(), &format!("hold:{}", holder.account), PER_ACCOUNT).await?;
    let found = kind_for(grant, choice.kind).await?;
    let (clinician, department, starts_at) = parse_slot(choice.slot).ok_or(Error::field("slot", problem::NOT_OFFERED))?;
    let who = found.who(clinician, department).filter(|who| who.direct.is_ok()).ok_or(Error::field("slot", problem::NOT_OFFERED))?;
    if starts_at < now + TimeDelta::hours(found.kind.lead_hours.into()) {
        return Err(Error::field("slot", problem::NOT_OFFERED));
    }
    let moved = match choice.moves {
        Some(id) => Some(super::change::movable(grant, id).await?),
        None => None,
    };
    let order = order(&found, choice.order)?;
    let mut before = own_hold(grant).await?;
    // The same time again is the same hold.
    let same = |held: &visit_hold::Model| held.clinician_id == clinician && held.starts_at == starts_at && held.kind_id == found.kind.id;
    if let Some(held) = before.as_ref().filter(|held| same(held) && held.moves == choice.moves && held.until > now) {
        return Ok(held.id);
    }
    let slot = offered(grant.db(), &found.kind, who.at(), starts_at, (now, grant.zone()), before.as_ref().map(|hold| hold.id)).await?;
    let tx = grant.begin().await?;
    lock_account(&tx, holder.account.0).await?;
    lock(&tx, &[clinician]).await?;
    // Another tab may have chosen meanwhile: one time at once.
    before = own_hold_in(&tx, holder.account.0, grant.patient().0).await?;
    if overlaps(&tx, grant.patient().0, &slot, choice.moves).await? {
        return Err(Error::field("slot", problem::OVERLAPS));
    }
    let id = new_id();
    if let Some(before) = &before {
        taken::release(&tx, before.id).await?;
        let unbooked = visit_hold::Entity::delete_many().filter(visit_hold::Column::Id.eq(before.id));
        unbooked.filter(visit_hold::Column::VisitId.is_null()).exec(&tx).await?;
    }
    if !taken::take(&tx, slot.stretch(), id, Some(now + HOLD), now).await? {
        return Err(Error::field("slot", problem::TAKEN));
    }
    let fresh = blank(holder.account.0, grant.patient().0, now);
    let typed = match (before, moved) {
        (Some(before), _) if !before.reason.is_empty() => before,
        (_, Some((visit, booking))) => as_before(fresh, &visit, &booking, grant.sees_clinical()),
        (before, None) => before.unwrap_or(fresh),
    };
    let row = visit_hold::Model {
        id,
        kind_id: found.kind.id,
        clinician_id: clinician,
        department_id: department,
        slot_id: slot.slot_id,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        until: now + HOLD,
        renewed: false,
        moves: choice.moves,
        order_id: order,
        visit_id: None,
        ..typed
    };
    visit_hold::Entity::insert(visit_hold::ActiveModel::from(row)).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// Of one kind of orders the one that is asked for, or the first.
fn order(found: &KindFor, wanted: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    match wanted {
        Some(id) => found.orders.iter().find(|order| order.id == id).map(|order| Some(order.id)).ok_or(Error::NotFound),
        None => Ok(found.orders.first().map(|order| order.id)),
    }
}

/// What was filled in for the visit that moves.
fn as_before(fresh: visit_hold::Model, visit: &visit::Model, booking: &booking::Model, clinical: bool) -> visit_hold::Model {
    visit_hold::Model {
        reason: visit.reason.clone().filter(|_| clinical).unwrap_or_default(),
        phone: booking.phone.clone().unwrap_or_default(),
        interpreter: booking.interpreter.clone().unwrap_or_default(),
        needs: booking.needs.clone().unwrap_or_default(),
        insurance: if booking.insurance_same == Some(false) { "changed" } else { "same" }.to_owned(),
        ..fresh
    }
}

fn blank(account: Uuid, patient: Uuid, now: DateTime<Utc>) -> visit_hold::Model {
    let nil = Uuid::nil();
    visit_hold::Model {
        id: nil,
        account_id: account,
        patient_id: patient,
        kind_id: nil,
        clinician_id: nil,
        department_id: nil,
        slot_id: None,
        starts_at: now,
        ends_at: now,
        until: now,
        renewed: false,
        moves: None,
        order_id: None,
        reason: String::new(),
        phone: String::new(),
        interpreter: String::new(),
        needs: String::new(),
        insurance: String::new(),
        visit_id: None,
    }
}

/// Books what is held, or moves the visit there: the new time is taken before the old one is free, in one transaction. Twice is once.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` when the details are missing, or somebody else has the time meanwhile.
pub async fn book(grant: &Grant<BookVisits>, id: Uuid) -> Result<Uuid, Error> {
    let (hold, now) = (hold_of(grant, id).await?, grant.now().instant);
    if let Some(visit) = hold.visit_id {
        return Ok(visit);
    }
    if hold.reason.is_empty() {
        return Err(Error::field("reason", Why::MISSING));
    }
    let found = kind_for(grant, hold.kind_id).await?;
    let who = found.who(hold.clinician_id, hold.department_id).filter(|who| who.direct.is_ok());
    let who = who.ok_or(Error::form(problem::NOT_OFFERED))?;
    // Hours may have changed since it was chosen.
    let slot = offered(grant.db(), &found.kind, who.at(), hold.starts_at, (now, grant.zone()), Some(id)).await;
    let slot = slot.map_err(|error| if let Error::Invalid(_) = error { Error::form(problem::HOLD_OVER) } else { error })?;
    let moved = match hold.moves {
        Some(visit) => Some(super::change::movable(grant, visit).await?),
        None => None,
    };
    if hold.starts_at <= now {
        return Err(Error::form(problem::HOLD_OVER));
    }
    let actor = Actor::patients_side(grant)?;
    let tx = grant.begin().await?;
    let old = moved.as_ref().and_then(|(visit, booking)| Some((visit.starts_at?, booking.clinician_id)));
    lock(&tx, &[Some(hold.clinician_id), old.map(|(_, clinician)| clinician)].into_iter().flatten().collect::<Vec<_>>()).await?;
    let visit = hold.moves.unwrap_or_else(new_id);
    let free = visit_hold::Entity::update_many()
        .col_expr(visit_hold::Column::VisitId, Expr::value(Some(visit)))
        .filter(visit_hold::Column::Id.eq(id))
        .filter(visit_hold::Column::VisitId.is_null())
        .exec(&tx)
        .await?;
    if free.rows_affected == 0 {
        drop(tx);
        return hold_of(grant, id).await?.visit_id.ok_or(Error::form(problem::HOLD_OVER));
    }
    if overlaps(&tx, grant.patient().0, &slot, hold.moves).await? {
        return Err(Error::form(problem::OVERLAPS));
    }
    let new = put::New {
        visit,
        patient: grant.patient().0,
        kind: &found.kind,
        office: &who.office,
        slot,
        from: id,
        details: put::Details::of(&hold),
        request: None,
        overbooked: false,
    };
    let sensitive = match &moved {
        None => put::insert(&tx, &new, &actor, now).await?,
        Some((visit, booking)) => put::change(&tx, visit, booking, &new, (Happened::Moved, None), &actor, now).await?,
    };
    let (zone, link) = (grant.zone(), grant.link(&format!("/p/{}/visits/{visit}", grant.patient())));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let (after, whose) = (at_words(slot.starts_at, zone), first_name(&tx, new.patient).await?);
    match old {
        Some((before, _)) => {
            tell_readers(&tx, grant, new.patient, opens, email::moved(whose.clone(), at_words(before, zone), after, link)).await?
        }
        None => tell_readers(&tx, grant, new.patient, opens, email::booked(whose.clone(), after, link)).await?,
    }
    waiting::look_anew(&tx, new.patient, visit, now).await?;
    if hold.moves.is_none() {
        waiting::join_by_default(&tx, grant, visit, &found.kind).await?;
    }
    tx.commit().await?;
    Ok(visit)
}
