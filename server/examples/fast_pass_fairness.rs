//! One random clinic, twice: times that become free are offered to one person after another, as the portal does, and to everybody at
//! once, as a race. What is printed: how many of them are filled, how many days people gain, and how many offers were gone when
//! somebody answered.
//!
//! `cargo run --release -p server --example fast_pass_fairness -- [SEED]`

use std::collections::HashSet;

use app::desk::scheduling::{
    fair::{LEAST_GAIN, Moment, Next, Opening, Passed, Waiter, Wishes, fits, in_order, next},
    hours::Slot,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::America::New_York;
use uuid::Uuid;

const WAITING: u64 = 120;
const DAYS: i64 = 90;
/// So many visits are called off a day.
const FREED_A_DAY: u64 = 4;
const MINUTES: i64 = 20;

/// The numbers of a seed, the same each time (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Somebody who waits, and how they answer.
#[derive(Clone)]
struct Person {
    waiter: Waiter,
    /// Minutes until they look at their telephone.
    looks_after: i64,
    /// Of a hundred offers they take so many.
    takes: u64,
}

#[derive(Default)]
struct Outcome {
    openings: usize,
    filled: usize,
    offers: usize,
    /// Offers that were somebody else's when they were answered.
    gone: usize,
    gained: Vec<i64>,
    /// In minutes, from becoming free to being taken.
    until_filled: Vec<i64>,
}

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(2026);
    println!(
        "{:<14} {:>9} {:>8} {:>8} {:>12} {:>8} {:>14} {:>16}",
        "", "openings", "filled", "offers", "per opening", "gone", "days (median)", "minutes (median)"
    );
    for (name, race) in [("one by one", false), ("race", true)] {
        let mut found = run(seed, race);
        found.gained.sort_unstable();
        found.until_filled.sort_unstable();
        let median = |list: &[i64]| list.get(list.len() / 2).copied().unwrap_or_default();
        println!(
            "{name:<14} {:>9} {:>7.0}% {:>8} {:>12.2} {:>7.0}% {:>14} {:>16}",
            found.openings,
            100.0 * found.filled as f64 / found.openings as f64,
            found.offers,
            found.offers as f64 / found.openings as f64,
            100.0 * found.gone as f64 / found.offers.max(1) as f64,
            median(&found.gained),
            median(&found.until_filled),
        );
    }
}

fn people(chance: &mut Chance, start: DateTime<Utc>) -> Vec<Person> {
    let person = |number: u64, chance: &mut Chance| Person {
        waiter: Waiter {
            entry: Uuid::from_u128(u128::from(number) + 1),
            patient: Uuid::from_u128(u128::from(number) + 1),
            starts_at: start + TimeDelta::days(20 + i64::try_from(chance.below(100)).unwrap_or(0)),
            minutes: i32::try_from(MINUTES).unwrap_or(20),
            since: start - TimeDelta::minutes(i64::try_from(chance.below(60 * 24 * 60)).unwrap_or(0)),
            urgent: chance.below(20) == 0,
            paused: false,
            has_offer: false,
            wishes: Wishes {
                notice_hours: [24, 48, 72][usize::try_from(chance.below(3)).unwrap_or(0)],
                weekdays: i32::try_from(chance.below(127)).unwrap_or(0) | 1,
                ..Wishes::EVERYTHING
            },
        },
        looks_after: i64::try_from(1 + chance.below(240)).unwrap_or(1),
        takes: 30 + chance.below(60),
    };
    (0..WAITING).map(|number| person(number, chance)).collect()
}

fn run(seed: u64, race: bool) -> Outcome {
    let mut chance = Chance(seed | 1);
    // Monday, January 4, 2027, 8 am in New York.
    let start = DateTime::from_timestamp(1_799_067_600, 0).unwrap_or_default();
    let mut people = people(&mut chance, start);
    let mut found = Outcome::default();
    // What is freed does not depend on who takes it: both have the same clinic.
    let freed: Vec<(DateTime<Utc>, DateTime<Utc>)> = (0..DAYS * i64::try_from(FREED_A_DAY).unwrap_or(0))
        .map(|number| {
            let at = start
                + TimeDelta::days(number / i64::try_from(FREED_A_DAY).unwrap_or(1))
                + TimeDelta::minutes(i64::try_from(chance.below(600)).unwrap_or(0));
            let ahead = TimeDelta::days(1 + i64::try_from(chance.below(25)).unwrap_or(0))
                + TimeDelta::minutes(20 * i64::try_from(chance.below(24)).unwrap_or(0));
            (at, at + ahead)
        })
        .collect();
    let mut answers = Chance(seed.wrapping_mul(31) | 1);
    for (at, starts_at) in freed {
        found.openings += 1;
        let opening = Opening {
            clinician: Uuid::nil(),
            department: Uuid::nil(),
            starts_at,
            ends_at: starts_at + TimeDelta::minutes(MINUTES),
            freed_at: at,
        };
        let taken = if race {
            in_a_race(&mut people, &opening, at, &mut answers, &mut found)
        } else {
            one_by_one(&mut people, &opening, at, &mut answers, &mut found)
        };
        if let Some((entry, when, slot)) = taken {
            found.filled += 1;
            found.until_filled.push((when - at).num_minutes());
            if let Some(person) = people.iter_mut().find(|person| person.waiter.entry == entry) {
                assert!(person.waiter.starts_at - slot.starts_at >= LEAST_GAIN, "nobody moves to a later time");
                found.gained.push((person.waiter.starts_at - slot.starts_at).num_days());
                person.waiter.starts_at = slot.starts_at;
            }
        }
    }
    found
}

type Taken = Option<(Uuid, DateTime<Utc>, Slot)>;

fn one_by_one(people: &mut [Person], opening: &Opening, at: DateTime<Utc>, answers: &mut Chance, found: &mut Outcome) -> Taken {
    let (mut now, mut asked) = (at, HashSet::new());
    loop {
        let mut waiters: Vec<Waiter> = people.iter().map(|person| person.waiter.clone()).collect();
        in_order(&mut waiters);
        let moment = Moment { now, zone: New_York, lead_hours: 24, asked: &asked, is_free: &|_| true };
        let (asks, passed) = next(opening, &waiters, &moment);
        let Next::Ask { entry, slot, until } = asks else {
            // At night nobody is asked: it goes on in the morning.
            if passed.iter().any(|(_, why)| *why == Passed::Night) && now < opening.starts_at {
                now += TimeDelta::minutes(30);
                continue;
            }
            return None;
        };
        found.offers += 1;
        asked.insert(entry);
        let person = people.iter().find(|person| person.waiter.entry == entry)?;
        let answered = now + TimeDelta::minutes(person.looks_after);
        let takes = answers.below(100) < person.takes;
        if answered >= until {
            now = until;
        } else if takes {
            return Some((entry, answered, slot));
        } else {
            now = answered;
        }
    }
}

fn in_a_race(people: &mut [Person], opening: &Opening, at: DateTime<Utc>, answers: &mut Chance, found: &mut Outcome) -> Taken {
    let asked = HashSet::new();
    let moment = Moment { now: at, zone: New_York, lead_hours: 24, asked: &asked, is_free: &|_| true };
    let mut told: Vec<(&Person, Slot)> =
        people.iter().filter_map(|person| Some((person, fits(opening, &person.waiter, &moment).ok()?))).collect();
    told.sort_by_key(|(person, _)| person.looks_after);
    found.offers += told.len();
    let mut taken: Taken = None;
    for (person, slot) in told {
        let wants = answers.below(100) < person.takes;
        match taken {
            Some(_) if wants => found.gone += 1,
            None if wants => taken = Some((person.waiter.entry, at + TimeDelta::minutes(person.looks_after), slot)),
            _ => {}
        }
    }
    taken
}
