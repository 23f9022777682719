//! A span of days.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::base::clock::local_date;

/// Days of the organisation, both included; open where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

impl Period {
    pub fn holds(self, at: DateTime<Utc>, zone: Tz) -> bool {
        self.holds_day(local_date(at, &zone))
    }

    pub fn holds_day(self, day: NaiveDate) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_of_local_days() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let one = Period { since: day("2026-11-24"), until: day("2026-11-24") };
        assert!(one.holds(at("2026-11-24T05:00:00Z"), chrono_tz::America::New_York), "midnight");
        assert!(!one.holds(at("2026-11-24T04:59:59Z"), chrono_tz::America::New_York));
        assert!(!one.holds(at("2026-11-25T05:00:00Z"), chrono_tz::America::New_York));
        assert!(Period::default().holds(at("1900-01-01T00:00:00Z"), chrono_tz::America::New_York));
    }
}
