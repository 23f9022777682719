//! Moves the household's dates so that it is always today.
//!
//! What lies before the anchor moves by whole weeks, rounded down; what lies after it, rounded up: so weekdays stay, the past
//! stays past and the future future. The anchor day itself becomes today. Birth dates are not moved.

use chrono::{Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde_json::Value;

/// From the day the household was written for to today.
#[derive(Clone, Copy)]
pub struct Shift {
    pub anchor: NaiveDate,
    pub today: NaiveDate,
    pub zone: Tz,
}

impl Shift {
    /// Moves every FHIR date, dateTime and instant in a resource.
    pub fn apply(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    if name != "birthDate" && name != "data" {
                        self.apply(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::String(text) => {
                if let Some(moved) = self.text(text) {
                    *text = moved;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&self, text: &str) -> Option<String> {
        let date: NaiveDate = text.get(..10)?.parse().ok()?;
        let moved = self.date(date)?;
        match text.get(10..) {
            Some("") => Some(moved.to_string()),
            Some(rest) if rest.starts_with('T') => Some(self.time(moved, rest)),
            _ => None,
        }
    }

    fn date(&self, date: NaiveDate) -> Option<NaiveDate> {
        let days = (self.today - self.anchor).num_days();
        let days = match date.cmp(&self.anchor) {
            std::cmp::Ordering::Less => days.div_euclid(7) * 7,
            std::cmp::Ordering::Equal => days,
            std::cmp::Ordering::Greater => (days + 6).div_euclid(7) * 7,
        };
        date.checked_add_signed(TimeDelta::days(days))
    }

    /// The same time on the wall, so the offset may be another: an appointment at 9:40 stays at 9:40 across clock changes.
    fn time(&self, moved: NaiveDate, rest: &str) -> String {
        let wall = rest.get(1..9).and_then(|time| NaiveDateTime::parse_from_str(&format!("{moved} {time}"), "%Y-%m-%d %H:%M:%S").ok());
        let offset = rest.rfind(['+', '-']).zip(wall);
        match offset.and_then(|(at, wall)| Some((at, self.zone.from_local_datetime(&wall).earliest()?))) {
            Some((at, local)) => format!("{moved}{}{}", &rest[..at], local.offset().fix()),
            None => format!("{moved}{rest}"),
        }
    }
}

/// The birth date of somebody who is `years` old `days` after their birthday (before it, when negative), as of `today`.
pub fn born(today: NaiveDate, years: i32, days: i64) -> NaiveDate {
    let birthday = today - TimeDelta::days(days);
    let year = chrono::Datelike::year(&birthday) - years;
    // Nobody in the household was born on 29 February: in most years it would be a day late.
    chrono::Datelike::with_year(&birthday, year).unwrap_or(birthday - Days::new(1))
}

#[cfg(test)]
mod tests {
    use app::access::proxy::{age_on, birthday};
    use chrono_tz::America::New_York;
    use serde_json::json;

    use super::*;

    fn shift(today: &str) -> Shift {
        Shift { anchor: "2026-01-14".parse().expect("a date"), today: today.parse().expect("a date"), zone: New_York }
    }

    #[test]
    fn weekdays_stay_and_the_past_stays_past() {
        for today in ["2026-01-14", "2026-01-19", "2026-07-04", "2027-02-28", "2025-12-25"] {
            let shift = shift(today);
            let day = |text: &str| shift.date(text.parse().expect("a date")).expect("a date");
            assert!(day("2026-01-13") < shift.today && day("2026-01-15") > shift.today, "{today}");
            assert_eq!(day("2026-01-14"), shift.today);
            assert_eq!(day("2026-01-13").format("%a").to_string(), "Tue", "{today}");
            assert_eq!(day("2026-03-02").format("%a").to_string(), "Mon", "{today}");
        }
    }

    #[test]
    fn times_stay_on_the_wall_across_clock_changes() {
        let mut resource = json!({
            "birthDate": "1988-05-03",
            "start": "2026-01-21T09:40:00-05:00",
            "issued": "2026-01-13T09:40:00.123-05:00",
            "sent": "2026-01-13T09:40:00Z",
            "title": "2026-01-13 was a Tuesday",
            "data": "2026-01-13"
        });
        shift("2026-07-01").apply(&mut resource);
        assert_eq!(resource["start"], "2026-07-08T09:40:00-04:00");
        assert_eq!(resource["issued"], "2026-06-30T09:40:00.123-04:00");
        assert_eq!(resource["sent"], "2026-06-30T09:40:00Z");
        assert_eq!(resource["birthDate"], "1988-05-03");
        assert_eq!(resource["title"], "2026-01-13 was a Tuesday");
        assert_eq!(resource["data"], "2026-01-13");
    }

    #[test]
    fn birthdays_come_when_they_are_said_to() {
        for today in ["2026-11-23", "2028-02-27", "2027-12-30"] {
            let today: NaiveDate = today.parse().expect("a date");
            assert_eq!(birthday(born(today, 13, -3), 13), today + TimeDelta::days(3));
            assert_eq!(age_on(born(today, 9, 100), today), 9);
        }
    }
}
