//! Writing a visit into its time. Whoever calls it holds the time and the lock of its clinician.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};
use uuid::Uuid;

use super::{
    act::Actor,
    entity::{booking, booking_event, fast_pass_entry, opening, scheduling_office, visit_hold, visit_kind},
    hours::Slot,
    kinds,
    known::{self, as_it_is},
    model::{Freed, Happened, Owner},
    problem,
};
use crate::{
    base::{error::Error, i18n::Texts, ids::new_id, locale::Locale},
    desk::{
        office::store::office as message_office,
        outgoing::{model::ActKind, store::announce},
    },
    record::visit::{
        entity::{visit, visit_clinician},
        model::Status,
        taken,
    },
};

/// What was filled in beside the time.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub reason: Option<String>,
    pub phone: Option<String>,
    pub interpreter: Option<String>,
    pub needs: Option<String>,
    pub insurance_same: Option<bool>,
    pub order: Option<Uuid>,
}

impl Details {
    pub fn of(hold: &visit_hold::Model) -> Self {
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            reason: said(&hold.reason),
            phone: said(&hold.phone),
            interpreter: said(&hold.interpreter),
            needs: said(&hold.needs),
            insurance_same: match hold.insurance.as_str() {
                "same" => Some(true),
                "changed" => Some(false),
                _ => None,
            },
            order: hold.order_id,
        }
    }
}

/// A visit and the time that it gets.
pub struct New<'a> {
    pub visit: Uuid,
    pub patient: Uuid,
    pub kind: &'a visit_kind::Model,
    pub office: &'a scheduling_office::Model,
    pub slot: Slot,
    /// Who holds the time until now.
    pub from: Uuid,
    pub details: Details,
    pub request: Option<Uuid>,
    pub overbooked: bool,
}

impl New<'_> {
    /// Where another system keeps the calendar, it is booked when that says so.
    fn status(&self) -> Status {
        if self.office.owner == Owner::Outside { Status::Requested } else { Status::Booked }
    }

    /// Takes the time that was held; beside another visit only knowingly.
    async fn take(&self, tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), Error> {
        let stretch = self.slot.stretch();
        if self.overbooked {
            taken::take_what_is_free(tx, &[(stretch, self.visit)], now).await?;
        } else if !taken::hand_over(tx, stretch, self.from, self.visit, now).await? {
            return Err(Error::form(problem::HOLD_OVER));
        }
        Ok(())
    }

    async fn clinician(&self, tx: &impl ConnectionTrait) -> Result<(), Error> {
        visit_clinician::Entity::delete_many().filter(visit_clinician::Column::VisitId.eq(self.visit)).exec(tx).await?;
        let with = visit_clinician::ActiveModel {
            visit_id: Set(self.visit),
            clinician_id: Set(self.slot.clinician),
            role: Set(None),
            position: Set(0),
        };
        visit_clinician::Entity::insert(with).exec_without_returning(tx).await?;
        Ok(())
    }
}

/// Writes a new visit. Returns whether it is sensitive, as everything of its department.
///
/// # Errors
/// `Invalid` when the time is somebody else's.
pub async fn insert(tx: &impl ConnectionTrait, new: &New<'_>, actor: &Actor, now: DateTime<Utc>) -> Result<bool, Error> {
    let sensitive = new.office.sensitive || message_office(tx, new.slot.department).await?.sensitive;
    new.take(tx, now).await?;
    let row = visit::ActiveModel {
        id: Set(new.visit),
        patient_id: Set(new.patient),
        encounter_id: Set(None),
        appointment_id: Set(None),
        status: Set(new.status()),
        kind: Set(new.kind.way),
        title: Set(new.kind.name_en.clone()),
        reason: Set(new.details.reason.clone()),
        starts_at: Set(Some(new.slot.starts_at)),
        ends_at: Set(Some(new.slot.ends_at)),
        requested_at: Set(Some(now)),
        department_id: Set(Some(new.slot.department)),
        cancel_reason: Set(None),
        patient_instruction: Set(kinds::before(Texts(Locale::En), new.kind).map(str::to_owned)),
        named_clinicians: Set(None),
        join_url: Set(None),
        sensitive: Set(sensitive),
    };
    visit::Entity::insert(row).exec_without_returning(tx).await?;
    new.clinician(tx).await?;
    let booking = booking::Model {
        visit_id: new.visit,
        patient_id: new.patient,
        kind_id: Some(new.kind.id),
        department_id: new.slot.department,
        clinician_id: new.slot.clinician,
        slot_id: new.slot.slot_id,
        phone: new.details.phone.clone(),
        interpreter: new.details.interpreter.clone(),
        needs: new.details.needs.clone(),
        insurance_same: new.details.insurance_same,
        order_id: new.details.order,
        request_id: new.request,
        overbooked: new.overbooked,
        made_here: true,
        account_id: actor.account,
        author: actor.name.clone(),
        role: actor.role.clone(),
        made_at: now,
        changed_at: now,
        confirmed_at: None,
        confirmed_by: None,
        cancelled_at: None,
        cancelled_by: None,
        cancelled_role: None,
        acknowledged_at: None,
    };
    booking::Entity::insert(booking::ActiveModel::from(booking)).exec_without_returning(tx).await?;
    happened(tx, new.visit, Happened::Booked, actor, (None, Some(new.slot.starts_at)), None, now).await?;
    announce(tx, ActKind::Appointment, new.visit, now).await?;
    Ok(sensitive)
}

/// Gives a visit another time: the new one is taken, then the old one is free. Returns whether it is sensitive now. With what happened
/// go the words of whoever does it.
///
/// # Errors
/// `Invalid` when the time is somebody else's, or the visit was changed meanwhile.
pub async fn change(
    tx: &impl ConnectionTrait,
    visit: &visit::Model,
    before: &booking::Model,
    new: &New<'_>,
    (what, words): (Happened, Option<String>),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let sensitive = visit.sensitive || new.office.sensitive || message_office(tx, new.slot.department).await?.sensitive;
    let other_kind = before.kind_id != Some(new.kind.id);
    let changed = visit::ActiveModel {
        status: Set(new.status()),
        sensitive: Set(sensitive),
        title: if other_kind { Set(new.kind.name_en.clone()) } else { NotSet },
        patient_instruction: if other_kind { Set(kinds::before(Texts(Locale::En), new.kind).map(str::to_owned)) } else { NotSet },
        kind: Set(new.kind.way),
        starts_at: Set(Some(new.slot.starts_at)),
        ends_at: Set(Some(new.slot.ends_at)),
        department_id: Set(Some(new.slot.department)),
        reason: new.details.reason.clone().map_or(NotSet, |reason| Set(Some(reason))),
        ..Default::default()
    };
    let done = visit::Entity::update_many()
        .set(changed)
        .filter(visit::Column::Id.eq(visit.id))
        .filter(visit::Column::Status.is_in([Status::Booked, Status::Requested]))
        .filter(visit::Column::StartsAt.eq(visit.starts_at))
        .exec(tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::form(problem::CHANGED));
    }
    let before = &as_it_is(tx, before.clone()).await?;
    // What it gives back overlaps with what it gets where it moves by minutes.
    taken::release(tx, visit.id).await?;
    new.take(tx, now).await?;
    new.clinician(tx).await?;
    let row = booking::Model {
        kind_id: Some(new.kind.id),
        department_id: new.slot.department,
        clinician_id: new.slot.clinician,
        slot_id: new.slot.slot_id,
        phone: new.details.phone.clone().or(before.phone.clone()),
        interpreter: new.details.interpreter.clone().or(before.interpreter.clone()),
        needs: new.details.needs.clone().or(before.needs.clone()),
        order_id: new.details.order.or(before.order_id),
        insurance_same: new.details.insurance_same.or(before.insurance_same),
        overbooked: new.overbooked,
        changed_at: now,
        confirmed_at: None,
        confirmed_by: None,
        acknowledged_at: None,
        ..before.clone()
    };
    known::keep(tx, row).await?;
    happened(tx, visit.id, what, actor, (visit.starts_at, Some(new.slot.starts_at)), words, now).await?;
    if other_kind {
        let entry = fast_pass_entry::ActiveModel { kind_id: Set(new.kind.id), ..Default::default() };
        fast_pass_entry::Entity::update_many().set(entry).filter(fast_pass_entry::Column::VisitId.eq(visit.id)).exec(tx).await?;
    }
    if let (Some(starts_at), Some(ends_at)) = (visit.starts_at, visit.ends_at) {
        taken::pass_on(tx, taken::Stretch { clinician: before.clinician_id, starts_at, ends_at }, now).await?;
        let freed = Slot { starts_at, ends_at, clinician: before.clinician_id, department: before.department_id, slot_id: before.slot_id };
        became_free(tx, &freed, Freed::Moved, now).await?;
    }
    announce(tx, ActKind::Appointment, visit.id, now).await?;
    Ok(sensitive)
}

/// Writes down what happened to a visit.
///
/// # Errors
/// When the database fails.
pub async fn happened(
    tx: &impl ConnectionTrait,
    visit: Uuid,
    what: Happened,
    actor: &Actor,
    (from_at, to_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    words: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = booking_event::ActiveModel {
        id: Set(new_id()),
        visit_id: Set(visit),
        at: Set(now),
        what: Set(what),
        by: Set(actor.name.clone()),
        role: Set(actor.role.clone()),
        from_at: Set(from_at),
        to_at: Set(to_at),
        words: Set(words),
    };
    booking_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Time became free: those who wait for it are asked. Nothing of the past, and nothing of calendars that another system keeps.
///
/// # Errors
/// When the database fails.
pub async fn became_free(tx: &impl ConnectionTrait, slot: &Slot, why: Freed, now: DateTime<Utc>) -> Result<(), Error> {
    let office = scheduling_office::Entity::find_by_id(slot.department).one(tx).await?;
    if slot.ends_at <= now || slot.slot_id.is_some() || office.is_none_or(|office| office.owner == Owner::Outside) {
        return Ok(());
    }
    let row = opening::ActiveModel {
        id: Set(new_id()),
        clinician_id: Set(slot.clinician),
        department_id: Set(slot.department),
        starts_at: Set(slot.starts_at),
        ends_at: Set(slot.ends_at),
        freed_at: Set(now),
        why: Set(why),
        open: Set(true),
        filled_at: Set(None),
    };
    opening::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
