//! A moment as exact as its source says it: FHIR's date, dateTime and instant, and spans of them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use crate::base::i18n::{Locale, Texts, param};

/// When something was. Nothing is added to what was said: no day to a month, no time to a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    Year(i32),
    /// Its first day.
    Month(NaiveDate),
    Day(NaiveDate),
    /// With the offset in which it was written.
    Moment(DateTime<FixedOffset>),
    /// An end that is open is nothing.
    Span(Option<Box<When>>, Option<Box<When>>),
    /// Not when it was taken, but when it was told.
    Reported(Box<When>),
    /// The source says nothing.
    Unsaid,
}

const REPORTED: &str = "reported ";

impl When {
    /// `2026`, `2026-10`, `2026-10-05`, `2026-10-05T09:15:00-04:00`; `a/b`, `a/`, `/b`; `reported a`; nothing of anything else. A year
    /// alone is a year here and may be a number elsewhere: see [`When::parse`].
    pub fn stored(said: &str) -> Option<Self> {
        if said.is_empty() {
            return Some(When::Unsaid);
        }
        if let Some(said) = said.strip_prefix(REPORTED) {
            return Some(When::Reported(Box::new(Self::stored(said)?)));
        }
        if let Some((from, until)) = said.split_once('/') {
            let end = |said: &str| if said.is_empty() { Some(None) } else { Self::one(said).map(|when| Some(Box::new(when))) };
            let (from, until) = (end(from)?, end(until)?);
            return (from.is_some() || until.is_some()).then_some(When::Span(from, until));
        }
        Self::one(said)
    }

    /// A day, or the year or month that lies between two days.
    pub fn between(first: NaiveDate, last: Option<NaiveDate>) -> Self {
        match last {
            None => When::Day(first),
            Some(last) if last.month0() == first.month0() => When::Month(first),
            Some(_) => When::Year(first.year()),
        }
    }

    /// Of a text that may be something else: a bare number is no year.
    pub fn parse(said: &str) -> Option<Self> {
        if said.contains('-') && !said.starts_with(REPORTED) { Self::stored(said) } else { None }
    }

    fn one(said: &str) -> Option<Self> {
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match said.len() {
            4 if is_digits(said) => said.parse().ok().map(When::Year),
            7 => format!("{said}-01").parse().ok().map(When::Month),
            10 => said.parse().ok().map(When::Day),
            _ => DateTime::parse_from_rfc3339(said).ok().map(When::Moment),
        }
    }

    /// The day on which it was, or began, as it is told: of a moment in UTC the day in `zone`, of another the day where it was
    /// written. Nothing of what has no date.
    pub fn day(&self, zone: Tz) -> Option<NaiveDate> {
        match self {
            When::Year(year) => NaiveDate::from_ymd_opt(*year, 1, 1),
            When::Month(day) | When::Day(day) => Some(*day),
            When::Moment(at) if at.offset().local_minus_utc() == 0 => Some(at.with_timezone(&zone).date_naive()),
            When::Moment(at) => Some(at.date_naive()),
            When::Span(from, until) => from.as_ref().or(until.as_ref())?.day(zone),
            When::Reported(when) => when.day(zone),
            When::Unsaid => None,
        }
    }

    /// The instant by which lists are sorted: noon UTC of a day; nothing of what has no date.
    pub fn sort_key(&self) -> Option<DateTime<Utc>> {
        match self {
            When::Moment(at) => Some(at.with_timezone(&Utc)),
            When::Span(from, until) => from.as_ref().or(until.as_ref())?.sort_key(),
            When::Reported(when) => when.sort_key(),
            other => Some(Utc.from_utc_datetime(&other.day(Tz::UTC)?.and_hms_opt(12, 0, 0)?)),
        }
    }

    /// As [`When::stored`] reads it.
    pub fn to_stored(&self) -> String {
        let end = |when: &Option<Box<When>>| when.as_ref().map(|when| when.to_stored()).unwrap_or_default();
        match self {
            When::Year(year) => format!("{year:04}"),
            When::Month(day) => day.format("%Y-%m").to_string(),
            When::Day(day) => day.to_string(),
            When::Moment(at) => at.to_rfc3339(),
            When::Span(from, until) => format!("{}/{}", end(from), end(until)),
            When::Reported(when) => format!("{REPORTED}{}", when.to_stored()),
            When::Unsaid => String::new(),
        }
    }
}

type Name = fn(Texts) -> &'static str;

/// The United States' zones by the names of their times.
const NAMED: [(Tz, Name); 7] = [
    (Tz::US__Hawaii, |t| t.dates_zone_hawaii()),
    (Tz::US__Alaska, |t| t.dates_zone_alaska()),
    (Tz::US__Pacific, |t| t.dates_zone_pacific()),
    (Tz::US__Mountain, |t| t.dates_zone_mountain()),
    (Tz::US__Central, |t| t.dates_zone_central()),
    (Tz::US__Eastern, |t| t.dates_zone_eastern()),
    (Tz::America__Puerto_Rico, |t| t.dates_zone_atlantic()),
];

impl Texts {
    /// "October 2026", "October 5, 2026", "October 5, 2026, 9:15 am", "October 4, 2026 to October 5, 2026", "reported October 7,
    /// 2026", "No date". A moment that was written with the offset of another zone than the organisation's keeps its own day and
    /// time and names its zone: "9:00 pm Hawaii time".
    pub fn when(self, when: &When, zone: Tz) -> String {
        self.told(when, Some(zone), true)
    }

    /// Without times of day.
    pub fn when_day(self, when: &When, zone: Tz) -> String {
        self.told(when, Some(zone), false)
    }

    /// With every moment in the offset in which it was written.
    pub fn when_as_said(self, when: &When) -> String {
        self.told(when, None, true)
    }

    fn told(self, when: &When, zone: Option<Tz>, timed: bool) -> String {
        match when {
            When::Year(year) => year.to_string(),
            When::Month(first) => {
                let month = self.dates_months().split('|').nth(first.month0() as usize).unwrap_or_default();
                self.dates_month_year(param::Month(month), param::Year(&first.year().to_string()))
            }
            When::Day(day) => self.date(*day),
            When::Moment(at) => self.moment(*at, zone, timed),
            When::Span(Some(from), Some(until)) => {
                let (from, until) = (self.told(from, zone, timed), self.told(until, zone, timed));
                if from == until { from } else { self.dates_from_to(param::From(&from), param::To(&until)) }
            }
            When::Span(Some(from), None) => self.dates_from(&self.told(from, zone, timed)),
            When::Span(None, Some(until)) => self.dates_until(&self.told(until, zone, timed)),
            When::Reported(when) => self.dates_reported(&self.told(when, zone, timed)),
            When::Span(None, None) | When::Unsaid => self.dates_none().to_owned(),
        }
    }

    fn moment(self, at: DateTime<FixedOffset>, zone: Option<Tz>, timed: bool) -> String {
        let Some(zone) = zone else { return self.date_and_time(at.with_timezone(&Utc), at.offset()) };
        let here = at.with_timezone(&zone);
        let is_elsewhere = at.offset().local_minus_utc() != 0 && at.naive_local() != here.naive_local();
        let day = self.date(if is_elsewhere { at.date_naive() } else { here.date_naive() });
        if !timed {
            return day;
        }
        let utc = at.with_timezone(&Utc);
        let time = if is_elsewhere {
            self.dates_zone_time(param::Time(&self.time(utc, at.offset())), param::Zone(&self.zone_name(at)))
        } else {
            self.time(utc, &zone)
        };
        format!("{day}, {time}")
    }

    fn zone_name(self, at: DateTime<FixedOffset>) -> String {
        let same = |zone: &Tz| at.with_timezone(zone).naive_local() == at.naive_local();
        match NAMED.iter().find(|(zone, _)| same(zone)) {
            Some((_, name)) => name(self).to_owned(),
            None => format!("UTC{}", at.offset()),
        }
    }

    /// "2:30 pm" of `14:30:00`; nothing of what is no time of day.
    pub fn clock_time(self, said: &str) -> Option<String> {
        let time = NaiveTime::parse_from_str(said, "%H:%M:%S%.f").ok()?;
        let (afternoon, hour) = time.hour12();
        let half = match (self.0, afternoon) {
            (Locale::En, false) => "am",
            (Locale::En, true) => "pm",
            (Locale::Es, false) => "a.\u{a0}m.",
            (Locale::Es, true) => "p.\u{a0}m.",
        };
        Some(format!("{hour}:{:02}\u{a0}{half}", time.minute()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Texts = Texts(Locale::En);
    const NEW_YORK: Tz = Tz::America__New_York;

    #[test]
    fn nothing_is_added_to_what_was_said() {
        for (said, told) in [
            ("2026", "2026"),
            ("2026-10", "October 2026"),
            ("2026-10-05", "October 5, 2026"),
            ("2026-10-05T09:15:00-04:00", "October 5, 2026, 9:15\u{a0}am"),
            ("2026-10-05T13:15:00Z", "October 5, 2026, 9:15\u{a0}am"),
            ("2026-10-05T21:00:00-10:00", "October 5, 2026, 9:00\u{a0}pm Hawaii time"),
            ("2026-10-05T09:15:00+02:00", "October 5, 2026, 9:15\u{a0}am UTC+02:00"),
            ("2026-10-04/2026-10-05", "October 4, 2026 to October 5, 2026"),
            ("/2026-10", "until October 2026"),
            ("2026-10-04/", "from October 4, 2026"),
            ("reported 2026-10-07T16:00:00-04:00", "reported October 7, 2026, 4:00\u{a0}pm"),
            ("", "No date"),
        ] {
            let when = When::stored(said).expect("a moment");
            assert_eq!(EN.when(&when, NEW_YORK), told, "{said}");
            assert_eq!(When::stored(&when.to_stored()), Some(when), "{said}");
        }
        assert_eq!((When::stored("yesterday"), When::stored("/"), When::stored("2026-10-05T09:15:00")), (None, None, None));
        assert_eq!((When::parse("2026"), When::parse("1-2")), (None, None));
    }

    #[test]
    fn a_day_is_the_same_day_in_every_zone() {
        for zone in [NEW_YORK, Tz::Pacific__Auckland, Tz::Pacific__Pago_Pago] {
            let day = When::Day("2026-11-01".parse().expect("a day"));
            assert_eq!((EN.when(&day, zone).as_str(), day.day(zone)), ("November 1, 2026", "2026-11-01".parse().ok()));
        }
        let utc = When::stored("2026-06-15T02:00:00Z").expect("a moment");
        assert_eq!(utc.day(NEW_YORK), "2026-06-14".parse().ok());
    }

    #[test]
    fn lists_are_sorted_by_what_was_said() {
        let key = |said: &str| When::stored(said).and_then(|when| when.sort_key()).map(|at| at.to_rfc3339());
        assert_eq!(key("2026-10").as_deref(), Some("2026-10-01T12:00:00+00:00"));
        assert_eq!(key("/2026-10-05T07:00:00-04:00").as_deref(), Some("2026-10-05T11:00:00+00:00"));
        assert_eq!(key(""), None);
    }

    #[test]
    fn times_of_day_are_told() {
        assert_eq!(EN.clock_time("14:30:00").as_deref(), Some("2:30\u{a0}pm"));
        assert_eq!((EN.clock_time("1:128"), EN.clock_time("14:30")), (None, None));
    }
}
