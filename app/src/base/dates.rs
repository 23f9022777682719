//! Days and times as people write them, in their language and the organisation's time zone. Formatted on the server only:
//! the browser gets text, so that both render the same.

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::base::i18n::{Locale, Texts, param};

/// A day as a date block shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// "2026-12-03", for `<time datetime>`.
    pub iso: String,
    pub month: String,
    pub day: String,
    /// "Thu" for a day to come, "2026" for one that is past.
    pub below: String,
    /// "Thursday, December 3, 2026", for screen readers and print.
    pub long: String,
}

impl Texts {
    pub fn day(self, date: NaiveDate, past: bool) -> Day {
        Day {
            iso: date.to_string(),
            month: nth(self.dates_months_short(), date.month0()),
            day: date.day().to_string(),
            below: if past { date.year().to_string() } else { nth(self.dates_weekdays_short(), date.weekday().num_days_from_monday()) },
            long: self.long_date(date),
        }
    }

    /// "Thursday, December 3, 2026".
    pub fn long_date(self, date: NaiveDate) -> String {
        let weekday = nth(self.dates_weekdays(), date.weekday().num_days_from_monday());
        self.dates_with_weekday(param::Date(&self.date(date)), param::Weekday(&weekday))
    }

    /// "December 3, 2026".
    pub fn date(self, date: NaiveDate) -> String {
        let month = nth(self.dates_months(), date.month0());
        self.dates_date(param::Day(&date.day().to_string()), param::Month(&month), param::Year(&date.year().to_string()))
    }

    /// "December 2026".
    pub fn month(self, date: NaiveDate) -> String {
        let month = nth(self.dates_months(), date.month0());
        self.dates_month_year(param::Month(&month), param::Year(&date.year().to_string()))
    }

    /// "9 years". Negative ages are babies not born yet on the demo's clock.
    pub fn age(self, years: i32) -> String {
        match years {
            ..1 => self.people_age_baby().to_owned(),
            1 => self.people_age_one().to_owned(),
            _ => self.people_age(&years.to_string()),
        }
    }

    /// "9:40 am".
    pub fn time<Tz: TimeZone>(self, instant: DateTime<Utc>, zone: &Tz) -> String {
        let time = instant.with_timezone(zone).time();
        let (afternoon, hour) = time.hour12();
        let half = match (self.0, afternoon) {
            (Locale::En, false) => "am",
            (Locale::En, true) => "pm",
            (Locale::Es, false) => "a.\u{a0}m.",
            (Locale::Es, true) => "p.\u{a0}m.",
        };
        format!("{hour}:{:02}\u{a0}{half}", time.minute())
    }

    /// "December 3, 2026, 9:40 am".
    pub fn date_and_time<Tz: TimeZone>(self, instant: DateTime<Utc>, zone: &Tz) -> String {
        let date = instant.with_timezone(zone).date_naive();
        format!("{}, {}", self.date(date), self.time(instant, zone))
    }
}

fn nth(list: &str, index: u32) -> String {
    list.split('|').nth(index as usize).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    #[test]
    fn dates_read_naturally_in_both_languages() {
        let date: NaiveDate = "2026-12-03".parse().expect("a date");
        assert_eq!(Texts(Locale::En).long_date(date), "Thursday, December 3, 2026");
        assert_eq!(Texts(Locale::Es).long_date(date), "jueves, 3 de diciembre de 2026");
        assert_eq!(Texts(Locale::En).day(date, false).below, "Thu");
        assert_eq!(Texts(Locale::Es).day(date, true).below, "2026");
    }

    #[test]
    fn times_are_the_organisations() {
        let instant = "2026-07-03T16:05:00Z".parse().expect("an instant");
        assert_eq!(Texts(Locale::En).time(instant, &New_York), "12:05\u{a0}pm");
        let winter = "2026-12-03T14:40:00Z".parse().expect("an instant");
        assert_eq!(Texts(Locale::Es).time(winter, &New_York), "9:40\u{a0}a.\u{a0}m.");
    }
}
