//! The charts of those who have died.

use chrono::NaiveDate;

/// What decides about the chart of somebody who has died: whoever had access reads it for a while (HIPAA, 45 CFR 164.502(g)(4):
/// personal representatives of the deceased), at the level of that day. Age changes nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Died {
    /// The first day of what the record says of the day; the last day of access when it says nothing.
    pub on: NaiveDate,
    /// The last day of access.
    pub open_until: NaiveDate,
}

impl Died {
    /// The day by which a patient's age counts.
    pub fn day_of_age(died: Option<Died>, today: NaiveDate) -> NaiveDate {
        died.map_or(today, |died| died.on.min(today))
    }

    pub fn of(access_until: Option<NaiveDate>, deceased_on: Option<&str>) -> Option<Died> {
        let open_until = access_until?;
        let on = deceased_on.and_then(|text| {
            let day = match text.len() {
                4 => format!("{text}-01-01"),
                7 => format!("{text}-01"),
                _ => text.get(..10)?.to_owned(),
            };
            day.parse().ok()
        });
        Some(Died { on: on.unwrap_or(open_until), open_until })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::America::New_York;

    use super::*;
    use crate::{
        access::proxy::{Facts, Level, level, next_change_by_age},
        base::{clock::Now, end_reason::EndReason},
        people::relation::Basis,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn noon(day: NaiveDate) -> Now {
        let wall = day.and_hms_opt(12, 0, 0).expect("noon");
        Now::at(New_York.from_local_datetime(&wall).single().expect("an instant").to_utc(), &New_York)
    }

    fn child(born: &str) -> Facts {
        Facts {
            basis: Basis::ParentChild,
            birth_date: day(born),
            born_by: None,
            emancipated_on: None,
            may_share: false,
            level: None,
            expires_at: None,
            ended_at: None,
            end_reason: None,
            died: None,
        }
    }

    #[test]
    fn the_dead_grow_no_older_and_their_charts_close_after_a_while() {
        let died = |until: &str| Died::of(Some(day(until)), Some("2026-03"));
        let facts = Facts { died: died("2027-03-31"), ..child("2013-06-01") };
        assert_eq!(level(&facts, noon(day("2026-11-26"))), Ok(Level::Full), "12 years old for ever");
        assert_eq!(next_change_by_age(&facts, noon(day("2026-11-26"))), None);
        assert_eq!(level(&facts, noon(day("2027-03-31"))), Ok(Level::Full));
        assert_eq!(level(&facts, noon(day("2027-04-01"))), Err(EndReason::Deceased));
        let facts = Facts { died: Died::of(Some(day("2027-03-31")), None), ..child("2008-11-26") };
        assert_eq!(level(&facts, noon(day("2026-11-26"))), Err(EndReason::TurnedEighteen), "no day is known");
        assert_eq!(Died::of(None, Some("2026-03")), None);
    }
}
