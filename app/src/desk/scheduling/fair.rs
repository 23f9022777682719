//! Who is asked when time becomes free: pure, no database, no clock. Those who wait are asked in order, one at a time, and nobody is
//! passed over without a reason.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::hours::Slot;
use crate::base::clock::local_date;

/// An earlier time is one that is earlier by so many days at least.
pub const LEAST_GAIN: TimeDelta = TimeDelta::days(2);
/// Whoever comes within so many hours waits for nothing earlier.
pub const LEAST_AHEAD: TimeDelta = TimeDelta::hours(48);
/// Below so many hours several are asked at once.
pub const SHORT_NOTICE: TimeDelta = TimeDelta::hours(24);
/// So many are asked at once then.
pub const RACE: usize = 5;
/// Nothing is offered that begins sooner.
pub const LATEST: TimeDelta = TimeDelta::hours(2);
/// After so many times that somebody did not want, they are asked whether to stay.
pub const ASK_AFTER: i32 = 3;
/// No offer comes from this hour of the place's evening ...
const NIGHT_FROM: u32 = 20;
/// ... until this hour of its morning.
const NIGHT_UNTIL: u32 = 8;

/// What somebody wishes of an earlier time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Nothing that begins in fewer hours.
    pub notice_hours: i32,
    /// A bit for each day, Monday the lowest.
    pub weekdays: i32,
    /// Minutes of the place's day.
    pub from_minute: i32,
    pub until_minute: i32,
    /// Departments; none means all.
    pub places: Vec<Uuid>,
    /// Offers may come at night.
    pub nights: bool,
    /// Also what begins within a day, of which several are told at once.
    pub short_notice: bool,
}

impl Wishes {
    /// Of somebody who said nothing.
    pub const EVERYTHING: Wishes = Wishes {
        notice_hours: 24,
        weekdays: 0b111_1111,
        from_minute: 0,
        until_minute: super::hours::DAY_MINUTES,
        places: Vec::new(),
        nights: false,
        short_notice: false,
    };
}

/// Somebody who waits for an earlier time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    pub entry: Uuid,
    pub patient: Uuid,
    /// When their visit is now.
    pub starts_at: DateTime<Utc>,
    /// How long it takes.
    pub minutes: i32,
    pub since: DateTime<Utc>,
    /// Staff marked them, with a reason.
    pub urgent: bool,
    pub paused: bool,
    /// An offer for them is under way.
    pub has_offer: bool,
    pub wishes: Wishes,
}

/// Time that became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub clinician: Uuid,
    pub department: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// When it became free last.
    pub freed_at: DateTime<Utc>,
}

/// Why somebody is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passed {
    Paused,
    /// One offer at a time.
    HasOffer,
    /// They were asked for this time before.
    WasAsked,
    /// They joined when it was free already, and saw it.
    SawIt,
    /// Their visit is too close.
    VisitIsSoon,
    NotEarlier,
    /// Below their notice, or that of the department.
    TooSoon,
    Weekday,
    Hours,
    Place,
    /// They want no offers at night.
    Night,
    /// It is too short, or nothing of it is free.
    NoRoom,
}

/// What holds for an opening at a moment.
pub struct Moment<'a> {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    /// The department offers nothing that begins in fewer hours.
    pub lead_hours: i32,
    /// The entries that were asked for this opening before.
    pub asked: &'a HashSet<Uuid>,
    /// Whether nobody has this time.
    pub is_free: &'a dyn Fn(&Slot) -> bool,
}

/// Who is asked next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// One person, and the time is held for them until then.
    Ask {
        entry: Uuid,
        slot: Slot,
        until: DateTime<Utc>,
    },
    /// Several at once, and nothing is held.
    Race {
        asked: Vec<(Uuid, Slot)>,
        until: DateTime<Utc>,
    },
    Nobody,
}

/// The order in which people are asked: those whom staff marked as urgent, then whoever has waited longest.
pub fn in_order(waiters: &mut [Waiter]) {
    waiters.sort_by_key(|waiter| (!waiter.urgent, waiter.since, waiter.entry));
}

/// Whom to ask, of people in order, and why the others before them are passed over.
pub fn next(opening: &Opening, waiters: &[Waiter], moment: &Moment<'_>) -> (Next, Vec<(Uuid, Passed)>) {
    let mut passed = Vec::new();
    let mut race: Vec<(Uuid, Slot)> = Vec::new();
    for waiter in waiters {
        match fits(opening, waiter, moment) {
            Err(why) => passed.push((waiter.entry, why)),
            Ok(slot) if slot.starts_at - moment.now < SHORT_NOTICE => {
                race.push((waiter.entry, slot));
                if race.len() == RACE {
                    break;
                }
            }
            Ok(slot) => {
                let until = moment.now + held_for(slot.starts_at, moment.now);
                return (Next::Ask { entry: waiter.entry, slot, until: until.min(slot.starts_at - LATEST) }, passed);
            }
        }
    }
    match race.first() {
        Some((_, first)) => {
            let until = (moment.now + TimeDelta::minutes(30)).min(first.starts_at - LATEST);
            (Next::Race { asked: race, until }, passed)
        }
        None => (Next::Nobody, passed),
    }
}

/// How long a time is held: half an hour, two hours when it is more than five days ahead.
pub fn held_for(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    if starts_at - now > TimeDelta::days(5) { TimeDelta::hours(2) } else { TimeDelta::minutes(30) }
}

/// The first time of an opening that suits somebody, or why there is none.
///
/// # Errors
/// The reason.
pub fn fits(opening: &Opening, waiter: &Waiter, moment: &Moment<'_>) -> Result<Slot, Passed> {
    let Moment { now, zone, .. } = *moment;
    if waiter.paused {
        return Err(Passed::Paused);
    }
    if waiter.starts_at - now <= LEAST_AHEAD {
        return Err(Passed::VisitIsSoon);
    }
    if moment.asked.contains(&waiter.entry) {
        return Err(Passed::WasAsked);
    }
    if waiter.since > opening.freed_at {
        return Err(Passed::SawIt);
    }
    if waiter.has_offer {
        return Err(Passed::HasOffer);
    }
    let hour = now.with_timezone(&zone).hour();
    if !waiter.wishes.nights && !(NIGHT_UNTIL..NIGHT_FROM).contains(&hour) {
        return Err(Passed::Night);
    }
    let length = TimeDelta::minutes(waiter.minutes.max(5).into());
    let starts = (0..).map(|count| opening.starts_at + length * count).take_while(|start| *start + length <= opening.ends_at);
    let mut reason = Passed::NoRoom;
    for starts_at in starts {
        let slot =
            Slot { starts_at, ends_at: starts_at + length, clinician: opening.clinician, department: opening.department, slot_id: None };
        match suits(&slot, waiter, moment) {
            Ok(()) if (moment.is_free)(&slot) => return Ok(slot),
            Ok(()) => reason = Passed::NoRoom,
            Err(why) => reason = why,
        }
    }
    Err(reason)
}

fn suits(slot: &Slot, waiter: &Waiter, moment: &Moment<'_>) -> Result<(), Passed> {
    let (wishes, ahead) = (&waiter.wishes, slot.starts_at - moment.now);
    if waiter.starts_at - slot.starts_at < LEAST_GAIN {
        return Err(Passed::NotEarlier);
    }
    let notice = TimeDelta::hours(wishes.notice_hours.max(moment.lead_hours).into());
    let is_short = ahead < SHORT_NOTICE;
    if ahead <= LATEST || (ahead < notice && !(is_short && wishes.short_notice)) {
        return Err(Passed::TooSoon);
    }
    let local = slot.starts_at.with_timezone(&moment.zone);
    if wishes.weekdays & (1 << chrono::Datelike::weekday(&local_date(slot.starts_at, &moment.zone)).num_days_from_monday()) == 0 {
        return Err(Passed::Weekday);
    }
    let minute = i32::try_from(local.hour() * 60 + local.minute()).unwrap_or_default();
    if !(wishes.from_minute..wishes.until_minute).contains(&minute) {
        return Err(Passed::Hours);
    }
    if !wishes.places.is_empty() && !wishes.places.contains(&slot.department) {
        return Err(Passed::Place);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
