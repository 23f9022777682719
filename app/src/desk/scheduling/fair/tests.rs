use chrono_tz::America::New_York;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Monday, November 30, 2026, 10 am in New York.
fn now() -> DateTime<Utc> {
    at("2026-11-30T15:00:00Z")
}

fn waiter(number: u128) -> Waiter {
    Waiter {
        entry: Uuid::from_u128(number),
        patient: Uuid::from_u128(number),
        starts_at: now() + TimeDelta::days(60),
        minutes: 20,
        since: now() - TimeDelta::days(10) + TimeDelta::minutes(i64::try_from(number).expect("small")),
        urgent: false,
        paused: false,
        has_offer: false,
        wishes: Wishes::EVERYTHING,
    }
}

fn opening_in(ahead: TimeDelta) -> Opening {
    let starts_at = now() + ahead;
    Opening {
        clinician: Uuid::from_u128(1),
        department: Uuid::from_u128(2),
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(20),
        freed_at: now(),
    }
}

fn ask(opening: &Opening, waiters: &[Waiter], asked: &HashSet<Uuid>, at: DateTime<Utc>) -> (Next, Vec<(Uuid, Passed)>) {
    next(opening, waiters, &Moment { now: at, zone: New_York, lead_hours: 24, asked, is_free: &|_| true })
}

fn asked(next: &Next) -> Vec<Uuid> {
    match next {
        Next::Ask { entry, .. } => vec![*entry],
        Next::Race { asked, .. } => asked.iter().map(|(entry, _)| *entry).collect(),
        Next::Nobody => Vec::new(),
    }
}

fn why(opening: &Opening, waiter: &Waiter) -> Option<Passed> {
    ask(opening, std::slice::from_ref(waiter), &HashSet::new(), now()).1.first().map(|(_, why)| *why)
}

#[test]
fn who_waited_longest_is_asked_first_and_who_is_urgent_before_them() {
    let mut waiters = vec![waiter(3), waiter(1), Waiter { urgent: true, ..waiter(2) }];
    in_order(&mut waiters);
    let opening = opening_in(TimeDelta::days(7));
    let mut before = HashSet::new();
    for wanted in [2, 1, 3] {
        let (found, _) = ask(&opening, &waiters, &before, now());
        assert_eq!(asked(&found), [Uuid::from_u128(wanted)]);
        before.insert(Uuid::from_u128(wanted));
    }
    assert_eq!(ask(&opening, &waiters, &before, now()).0, Next::Nobody);
}

#[test]
fn a_time_is_held_for_half_an_hour_or_two_hours_and_never_into_the_last_two_hours() {
    let until = |ahead: TimeDelta| match ask(&opening_in(ahead), &[waiter(1)], &HashSet::new(), now()).0 {
        Next::Ask { until, .. } => until - now(),
        other => panic!("{other:?}"),
    };
    assert_eq!(until(TimeDelta::days(6)), TimeDelta::hours(2));
    assert_eq!(until(TimeDelta::days(5)), TimeDelta::minutes(30));
    assert_eq!(until(TimeDelta::hours(25)), TimeDelta::minutes(30));
}

#[test]
fn each_reason_for_being_passed_over_is_said() {
    let opening = opening_in(TimeDelta::days(7));
    let wishes = |change: fn(&mut Wishes)| {
        let mut waiter = waiter(1);
        change(&mut waiter.wishes);
        waiter
    };
    let cases = [
        (Waiter { paused: true, ..waiter(1) }, Passed::Paused),
        (Waiter { has_offer: true, ..waiter(1) }, Passed::HasOffer),
        (Waiter { since: now() + TimeDelta::seconds(1), ..waiter(1) }, Passed::SawIt),
        (Waiter { starts_at: now() + TimeDelta::hours(48), ..waiter(1) }, Passed::VisitIsSoon),
        (Waiter { starts_at: now() + TimeDelta::days(9) - TimeDelta::seconds(1), ..waiter(1) }, Passed::NotEarlier),
        (Waiter { minutes: 40, ..waiter(1) }, Passed::NoRoom),
        (wishes(|wishes| wishes.notice_hours = 7 * 24 + 1), Passed::TooSoon),
        // The opening is on a Monday at 10 am.
        (wishes(|wishes| wishes.weekdays = 0b111_1110), Passed::Weekday),
        (wishes(|wishes| wishes.from_minute = 10 * 60 + 1), Passed::Hours),
        (wishes(|wishes| wishes.until_minute = 10 * 60), Passed::Hours),
        (wishes(|wishes| wishes.places = vec![Uuid::from_u128(9)]), Passed::Place),
    ];
    for (waiter, expected) in cases {
        assert_eq!(why(&opening, &waiter), Some(expected), "{waiter:?}");
    }
    assert_eq!(why(&opening, &Waiter { starts_at: now() + TimeDelta::days(9), ..waiter(1) }), None);
    assert_eq!(why(&opening, &wishes(|wishes| wishes.from_minute = 10 * 60)), None);
}

#[test]
fn nobody_is_woken_and_who_wishes_it_is_asked_at_night_too() {
    let opening = opening_in(TimeDelta::days(7));
    let at_eight = at("2026-12-01T01:00:00Z");
    let (found, passed) = ask(&opening, &[waiter(1)], &HashSet::new(), at_eight);
    assert_eq!((found, passed), (Next::Nobody, vec![(Uuid::from_u128(1), Passed::Night)]));
    let night = Waiter { wishes: Wishes { nights: true, ..Wishes::EVERYTHING }, ..waiter(2) };
    assert_eq!(asked(&ask(&opening, &[waiter(1), night], &HashSet::new(), at_eight).0), [Uuid::from_u128(2)]);
    let morning = at("2026-12-01T13:00:00Z");
    assert_eq!(asked(&ask(&opening, &[waiter(1)], &HashSet::new(), morning).0), [Uuid::from_u128(1)]);
}

#[test]
fn below_a_day_five_are_told_at_once_and_only_who_wants_that() {
    let opening = opening_in(TimeDelta::hours(10));
    let short = |number| Waiter { wishes: Wishes { short_notice: true, ..Wishes::EVERYTHING }, ..waiter(number) };
    let waiters: Vec<Waiter> = [waiter(1)].into_iter().chain((2..=8).map(short)).collect();
    let (found, passed) = ask(&opening, &waiters, &HashSet::new(), now());
    assert!(matches!(found, Next::Race { .. }));
    assert_eq!(asked(&found), (2..=6).map(Uuid::from_u128).collect::<Vec<_>>());
    assert_eq!(passed, [(Uuid::from_u128(1), Passed::TooSoon)]);
    assert_eq!(ask(&opening_in(TimeDelta::hours(2)), &waiters, &HashSet::new(), now()).0, Next::Nobody, "too late for anybody");
}

fn any_waiter(number: u128) -> impl Strategy<Value = Waiter> {
    (0i64..400, 0i64..20_000, any::<[bool; 5]>(), 0i32..128, 24i32..200, 0usize..3).prop_map(
        move |(days, since, [urgent, paused, nights, short_notice, has_offer], weekdays, notice_hours, places)| Waiter {
            starts_at: now() + TimeDelta::days(days),
            since: now() - TimeDelta::minutes(since - 100),
            urgent,
            paused: paused && number.is_multiple_of(3),
            has_offer: has_offer && number.is_multiple_of(4),
            wishes: Wishes {
                weekdays,
                notice_hours,
                nights,
                short_notice,
                places: (0..places).map(|place| Uuid::from_u128(place as u128 + 2)).collect(),
                ..Wishes::EVERYTHING
            },
            ..waiter(number)
        },
    )
}

fn any_list() -> impl Strategy<Value = Vec<Waiter>> {
    (1usize..12).prop_flat_map(|count| (0..count).map(|number| any_waiter(number as u128 + 1)).collect::<Vec<_>>())
}

proptest! {
    /// Whoever is asked is the first for whom there is no reason against it; whoever stands before them has one that is told.
    #[test]
    fn nobody_is_overtaken_without_a_stated_reason(mut waiters in any_list(), hours in 1i64..2000, at in 0i64..24) {
        in_order(&mut waiters);
        let (opening, asked_before, at) = (opening_in(TimeDelta::hours(hours)), HashSet::new(), now() + TimeDelta::hours(at));
        let (found, passed) = ask(&opening, &waiters, &asked_before, at);
        let who = asked(&found);
        let last = who.last().and_then(|entry| waiters.iter().position(|waiter| waiter.entry == *entry));
        for waiter in &waiters[..last.map_or(waiters.len(), |last| last + 1)] {
            let told = passed.iter().any(|(entry, _)| *entry == waiter.entry);
            prop_assert!(told != who.contains(&waiter.entry), "each is asked, or passed over with a reason: {waiter:?}");
        }
        if let Next::Ask { until, slot, .. } = found {
            prop_assert!(until > at && until <= slot.starts_at - LATEST);
        }
    }

    /// A clinic of one list: time is held by one person at a time, nobody is asked twice, and no visit moves to a later time.
    #[test]
    fn one_person_at_a_time_until_somebody_takes_it(mut waiters in any_list(), takes in any::<u16>()) {
        in_order(&mut waiters);
        let opening = opening_in(TimeDelta::days(10));
        let (mut before, mut at, mut taken) = (HashSet::new(), now(), None);
        for round in 0..waiters.len() + 1 {
            let is_free = |_: &Slot| taken.is_none();
            let (found, _) = next(&opening, &waiters, &Moment { now: at, zone: New_York, lead_hours: 24, asked: &before, is_free: &is_free });
            let Next::Ask { entry, slot, until } = found else { break };
            prop_assert!(before.insert(entry), "nobody is asked twice");
            let waiter = waiters.iter().find(|waiter| waiter.entry == entry).expect("somebody");
            prop_assert!(slot.starts_at <= waiter.starts_at - LEAST_GAIN);
            prop_assert!(taken.is_none(), "what is taken is offered to nobody");
            if takes & (1 << (round % 16)) != 0 {
                taken = Some(entry);
            }
            at = until;
        }
    }
}
