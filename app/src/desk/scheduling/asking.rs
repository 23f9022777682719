//! Asking those who wait when time becomes free: a job, done by one server at a time.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    act::{at_words, lock, lock_request},
    email, ending,
    entity::{fast_pass_entry, opening, scheduling_office, visit_kind, visit_kind_clinician, visit_offer},
    fair::{self, LATEST, Moment, Next, Opening, Passed, Waiter},
    free::Open,
    hours::Slot,
    model::OfferState,
    waiting::{open_offers, without_offers},
};
use crate::{
    access::{Level, System},
    base::{clock::Clock, error::Error, ids::new_id},
    desk::office::tell::readers,
    people::patient,
    platform::mail::{letter::Organization, store::post},
    record::visit::{
        entity::visit,
        model::Status,
        taken::{self, Taken},
    },
};

/// So many openings are looked at in one round.
const AT_ONCE: u64 = 200;
/// Openings are looked through at most so often for one that several want.
const ROUNDS: usize = 50;

/// Writes down which offers have run out, so that the next people are asked. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn run_out(system: &System, now: DateTime<Utc>) -> Result<usize, DbErr> {
    let over = visit_offer::Entity::find()
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .filter(visit_offer::Column::Until.lte(now))
        .limit(AT_ONCE)
        .all(system.db())
        .await?;
    let mut count = 0;
    for offer in over {
        let tx = system.begin().await?;
        lock_request(&tx, offer.request_id).await?;
        lock(&tx, &[offer.clinician_id]).await?;
        if ending::end(&tx, &offer, OfferState::RunOut, None, now).await? {
            count += 1;
            if let Some(request) = offer.request_id {
                without_offers(&tx, request, now).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(count)
}

/// Asks those who wait about every time that is free, each in turn. Returns how many were asked.
///
/// # Errors
/// When the database fails.
pub async fn ask(system: &System, clock: &Clock, of: &Organization, origin: &str) -> Result<usize, Error> {
    let now = clock.now().instant;
    let open = opening::Entity::find()
        .filter(opening::Column::Open.eq(true))
        .order_by_asc(opening::Column::FreedAt)
        .order_by_asc(opening::Column::Id)
        .limit(AT_ONCE)
        .all(system.db())
        .await?;
    let mut asked = 0;
    for found in open {
        for _ in 0..ROUNDS {
            let more = ask_about(system, clock, (of, origin), &found, now).await?;
            asked += more;
            if more == 0 {
                break;
            }
        }
    }
    Ok(asked)
}

/// An opening with everybody who waits for such a time, in order.
pub struct Waiting {
    pub opening: Opening,
    pub waiters: Vec<Waiter>,
    pub lead_hours: i32,
    asked: HashSet<Uuid>,
    taken: Taken,
    /// What is somebody's for good.
    booked: Taken,
    open: Open,
}

impl Waiting {
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &impl ConnectionTrait, found: &opening::Model, now: DateTime<Utc>, zone: Tz) -> Result<Self, DbErr> {
        let kinds: Vec<Uuid> = visit_kind_clinician::Entity::find()
            .select_only()
            .column(visit_kind_clinician::Column::KindId)
            .filter(visit_kind_clinician::Column::ClinicianId.eq(found.clinician_id))
            .filter(visit_kind_clinician::Column::DepartmentId.eq(found.department_id))
            .filter(visit_kind_clinician::Column::ByRequest.eq(false))
            .into_tuple()
            .all(db)
            .await?;
        let office = scheduling_office::Entity::find_by_id(found.department_id).one(db).await?;
        let (opening, lead_hours) = (opening_of(found), office.map_or(0, |office| office.fast_pass_lead_hours));
        let waiters = waiters(db, &kinds, now).await?;
        let asked: Vec<Option<Uuid>> = visit_offer::Entity::find()
            .select_only()
            .column(visit_offer::Column::EntryId)
            .filter(visit_offer::Column::OpeningId.eq(found.id))
            .into_tuple()
            .all(db)
            .await?;
        let taken = Taken::of(db, &[found.clinician_id], (found.starts_at, found.ends_at), now, None).await?;
        // Holds and offers end by then.
        let booked = Taken::of(db, &[found.clinician_id], (found.starts_at, found.ends_at), now + TimeDelta::days(400), None).await?;
        let open = Open::of(db, found.clinician_id, found.department_id, (found.starts_at, found.ends_at), zone).await?;
        Ok(Self { opening, waiters, lead_hours, asked: asked.into_iter().flatten().collect(), taken, booked, open })
    }

    /// Who is asked next, and why the others are not.
    pub fn next(&self, now: DateTime<Utc>, zone: Tz) -> (Next, Vec<(Uuid, Passed)>) {
        let is_free = |slot: &Slot| self.taken.is_free(slot.stretch()) && self.open.has(slot);
        let moment = Moment { now, zone, lead_hours: self.lead_hours, asked: &self.asked, is_free: &is_free };
        fair::next(&self.opening, &self.waiters, &moment)
    }

    fn is_full(&self) -> bool {
        let five = TimeDelta::minutes(taken::CELL_MINUTES.into());
        let starts = (0..).map(|count| self.opening.starts_at + five * count).take_while(|start| *start < self.opening.ends_at);
        let mut cells = starts.map(|starts_at| taken::Stretch { clinician: self.opening.clinician, starts_at, ends_at: starts_at + five });
        cells.all(|stretch| !self.booked.is_free(stretch))
    }
}

fn opening_of(found: &opening::Model) -> Opening {
    Opening {
        clinician: found.clinician_id,
        department: found.department_id,
        starts_at: found.starts_at,
        ends_at: found.ends_at,
        freed_at: found.freed_at,
    }
}

/// Everybody who waits for a visit of these kinds, in the order in which they are asked.
///
/// # Errors
/// When the database fails.
pub async fn waiters(db: &impl ConnectionTrait, kinds: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Waiter>, DbErr> {
    let entries = fast_pass_entry::Entity::find()
        .filter(fast_pass_entry::Column::KindId.is_in(kinds.iter().copied()))
        .filter(fast_pass_entry::Column::On.eq(true))
        .all(db)
        .await?;
    let visits = visit::Entity::find()
        .filter(visit::Column::Id.is_in(entries.iter().map(|entry| entry.visit_id)))
        .filter(visit::Column::Status.eq(Status::Booked))
        .all(db)
        .await?;
    let visits: BTreeMap<Uuid, visit::Model> = visits.into_iter().map(|visit| (visit.id, visit)).collect();
    let lengths = visit_kind::Entity::find()
        .filter(visit_kind::Column::Id.is_in(kinds.iter().copied()))
        .filter(visit_kind::Column::RetiredAt.is_null())
        .filter(visit_kind::Column::FastPass.eq(true))
        .all(db)
        .await?;
    let offered: Vec<Option<Uuid>> = visit_offer::Entity::find()
        .select_only()
        .column(visit_offer::Column::EntryId)
        .filter(visit_offer::Column::EntryId.is_in(entries.iter().map(|entry| entry.id)))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .filter(visit_offer::Column::Until.gt(now))
        .into_tuple()
        .all(db)
        .await?;
    let waiter = |entry: fast_pass_entry::Model| {
        let starts_at = visits.get(&entry.visit_id)?.starts_at?;
        let minutes = lengths.iter().find(|kind| kind.id == entry.kind_id)?.minutes;
        Some(Waiter {
            entry: entry.id,
            patient: entry.patient_id,
            starts_at,
            minutes,
            since: entry.since,
            urgent: entry.urgent_at.is_some(),
            paused: entry.paused,
            has_offer: offered.contains(&Some(entry.id)),
            wishes: entry.wishes(),
        })
    };
    let mut all: Vec<Waiter> = entries.into_iter().filter_map(waiter).collect();
    fair::in_order(&mut all);
    Ok(all)
}

async fn ask_about(
    system: &System,
    clock: &Clock,
    (of, origin): (&Organization, &str),
    found: &opening::Model,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let zone = clock.zone();
    let tx = system.begin().await?;
    lock(&tx, &[found.clinician_id]).await?;
    // Who was told at once is waited for.
    let under_way = open_offers(&tx, visit_offer::Column::OpeningId, found.id).await?;
    if under_way.iter().any(|offer| offer.race && offer.until > now) {
        return Ok(0);
    }
    let waiting = Waiting::of(&tx, found, now, zone).await?;
    let (next, _) = waiting.next(now, zone);
    let (asked, until, race) = match next {
        Next::Ask { entry, slot, until } => (vec![(entry, slot)], until, false),
        Next::Race { asked, until } => (asked, until, true),
        Next::Nobody => {
            if found.ends_at <= now + LATEST || (waiting.is_full() && under_way.is_empty()) {
                opening::Entity::update_many()
                    .col_expr(opening::Column::Open, Expr::value(false))
                    .filter(opening::Column::Id.eq(found.id))
                    .exec(&tx)
                    .await?;
                tx.commit().await?;
            }
            return Ok(0);
        }
    };
    let count = asked.len();
    for (entry, slot) in asked {
        let entry = fast_pass_entry::Entity::find_by_id(entry).one(&tx).await?.ok_or(Error::NotFound)?;
        let id = new_id();
        let sensitive = visit::Entity::find_by_id(entry.visit_id).one(&tx).await?.is_some_and(|visit| visit.sensitive);
        if !race && !taken::take(&tx, slot.stretch(), id, Some(until), now).await? {
            return Ok(0);
        }
        let offer = visit_offer::ActiveModel {
            id: Set(id),
            patient_id: Set(entry.patient_id),
            entry_id: Set(Some(entry.id)),
            opening_id: Set(Some(found.id)),
            kind_id: Set(Some(entry.kind_id)),
            clinician_id: Set(slot.clinician),
            department_id: Set(slot.department),
            starts_at: Set(slot.starts_at),
            ends_at: Set(slot.ends_at),
            state: Set(OfferState::Open),
            race: Set(race),
            sensitive: Set(sensitive),
            made_at: Set(now),
            until: Set(until),
            ..Default::default()
        };
        visit_offer::Entity::insert(offer).exec_without_returning(&tx).await?;
        if let Some(person) = patient::current(&tx, entry.patient_id).await? {
            let opens = |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
            let link = format!("{origin}/p/{}/visits/offers/{id}", person.id);
            let letter = email::earlier(person.given_name.clone(), at_words(until, zone), race, link);
            for to in readers(&tx, &person, clock.now(), opens).await?.iter().filter_map(|account| account.recipient()) {
                post(&tx, &to.about([person.id]), letter.clone(), of, now, zone).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(count)
}
