//! People x permissions as a table. A change of policy is a readable difference in `policy_matrix.txt`.

use std::fmt::Write;

use app::{
    access::{Caller, Decision, Facts, Holder, Person, Proxy, deceased::Died, policy},
    base::{
        clock::Now,
        end_reason::EndReason,
        ids::{AccountId, PatientId},
    },
    people::relation::{AdultLevel, Basis, Relationship, StaffRole},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

const PATIENT: PatientId = PatientId(Uuid::from_u128(1));

#[test]
fn the_policy_is_the_golden_matrix() {
    let now = Now::at("2026-11-23T17:00:00Z".parse::<DateTime<Utc>>().expect("an instant"), &chrono_tz::America::New_York);
    let people = people(now);
    let mut table =
        String::from("✔ allowed   ✘ does not exist for them (404)   – not theirs to change (403)   ! sign in   † access has ended\n\n");
    let rows: Vec<_> = people.iter().map(|(name, caller)| (name, policy::matrix(caller, PATIENT, now))).collect();
    let width = people.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let _ = writeln!(table, "{:width$}  {}", "", rows[0].1.iter().map(|(permission, _)| *permission).collect::<Vec<_>>().join("  "));
    for (name, decisions) in rows {
        let _ = write!(table, "{name:width$}");
        for (permission, decision) in decisions {
            let mark = match decision {
                Decision::Allow => '✔',
                Decision::NotFound => '✘',
                Decision::NotAllowed => '–',
                Decision::SignInNeeded => '!',
                Decision::Ended(_) => '†',
            };
            let _ = write!(table, "  {mark:width$}", width = permission.len());
        }
        table = table.trim_end().to_owned() + "\n";
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/policy_matrix.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &table).expect("the matrix is written");
    }
    let wanted = std::fs::read_to_string(golden).unwrap_or_default();
    assert_eq!(table, wanted, "\nThe policy has changed. If that is meant, run this test once with UPDATE_GOLDEN=1.\n{table}");
}

fn people(now: Now) -> Vec<(&'static str, Caller)> {
    let born = |years: i32, days: i64| app::access::proxy::birthday(now.today, -years) + TimeDelta::days(days);
    let child = |birth_date: NaiveDate| Facts {
        basis: Basis::ParentChild,
        birth_date,
        born_by: None,
        emancipated_on: None,
        may_share: false,
        level: None,
        expires_at: None,
        ended_at: None,
        end_reason: None,
        died: None,
    };
    let died = |on: NaiveDate, open_until: NaiveDate| Some(Died { on, open_until });
    let adult = |level| Facts { basis: Basis::AdultAdult, level: Some(level), ..child(born(70, 0)) };
    vec![
        ("nobody", Caller::Nobody),
        ("somebody else", holder(None, None, None)),
        ("the patient", holder(Some(PATIENT), None, None)),
        ("parent of a newborn", holder(None, Some(child(now.today)), None)),
        ("parent of a child of 12, birthday tomorrow", holder(None, Some(child(born(13, 1))), None)),
        ("parent of a teen, 13 today", holder(None, Some(child(born(13, 0))), None)),
        ("parent of a teen of 17, birthday tomorrow", holder(None, Some(child(born(18, 1))), None)),
        ("parent of somebody who is 18 today", holder(None, Some(child(born(18, 0))), None)),
        ("parent of an emancipated minor", holder(None, Some(Facts { emancipated_on: Some(now.today), ..child(born(17, 0)) }), None)),
        ("adult: schedule and messages", holder(None, Some(adult(AdultLevel::ScheduleMessages)), None)),
        ("adult: schedule, messages and billing", holder(None, Some(adult(AdultLevel::ScheduleMessagesBilling)), None)),
        ("adult: all but sensitive", holder(None, Some(adult(AdultLevel::AllButSensitive)), None)),
        ("adult: everything", holder(None, Some(adult(AdultLevel::All)), None)),
        ("adult: everything, may share", holder(None, Some(Facts { may_share: true, ..adult(AdultLevel::All) }), None)),
        ("adult: expired just now", holder(None, Some(Facts { expires_at: Some(now.instant), ..adult(AdultLevel::All) }), None)),
        (
            "adult: revoked",
            holder(None, Some(Facts { ended_at: Some(now.instant), end_reason: Some(EndReason::Revoked), ..adult(AdultLevel::All) }), None),
        ),
        (
            "parent of a child who died at 12, a year ago",
            holder(None, Some(Facts { died: died(now.today - TimeDelta::days(365), now.today), ..child(born(13, -40)) }), None),
        ),
        (
            "guardian by papers of somebody whose chart closed yesterday",
            holder(
                None,
                Some(Facts {
                    basis: Basis::Papers,
                    died: died(born(-1, 0), now.today - TimeDelta::days(1)),
                    level: Some(AdultLevel::All),
                    ..child(born(40, 0))
                }),
                None,
            ),
        ),
        (
            "guardian of an adult by papers",
            holder(None, Some(Facts { basis: Basis::Papers, level: Some(AdultLevel::All), ..child(born(40, 0)) }), None),
        ),
        ("adult with a level for a teen", holder(None, Some(Facts { birth_date: born(15, 0), ..adult(AdultLevel::All) }), None)),
        ("front desk", holder(None, None, Some(StaffRole::FrontDesk))),
        ("support", holder(None, None, Some(StaffRole::Support))),
        ("billing", holder(None, None, Some(StaffRole::Billing))),
        ("health records", holder(None, None, Some(StaffRole::Records))),
        ("front desk without a second step", weak(holder(None, None, Some(StaffRole::FrontDesk)))),
    ]
}

fn weak(caller: Caller) -> Caller {
    match caller {
        Caller::Holder(holder) => Caller::Holder(Holder { second_step_passed: false, ..holder }),
        Caller::Nobody => Caller::Nobody,
    }
}

fn holder(own: Option<PatientId>, facts: Option<Facts>, staff: Option<StaffRole>) -> Caller {
    let person = |patient| Person {
        patient,
        given_name: "Emma".into(),
        full_name: "Emma Rivera".into(),
        birth_date: NaiveDate::default(),
        born_by: None,
        several_sources: false,
    };
    Caller::Holder(Holder {
        account: AccountId(Uuid::from_u128(2)),
        session: Uuid::from_u128(3),
        name: "Maria Rivera".into(),
        second_step_passed: staff.is_some(),
        staff,
        appearances: Vec::new(),
        own_chart: own.map(person),
        proxies: facts
            .map(|facts| Proxy {
                id: Uuid::from_u128(4),
                person: person(PATIENT),
                relationship: Relationship::Parent,
                hue: 1,
                facts,
                last_used_at: None,
            })
            .into_iter()
            .collect(),
    })
}
