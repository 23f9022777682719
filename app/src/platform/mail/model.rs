//! The words of e-mail, and when one may be sent.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// What an e-mail is about, as far as somebody may choose not to get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Sign-in, password, address: cannot be switched off.
    Security,
    /// Links and codes that somebody asked for this very minute.
    Asked,
    /// Who may see whose chart.
    Family,
    /// Something new in the record.
    Record,
    /// Answers of staff.
    Answers,
    /// Visits: booked, moved, called off, coming up, an earlier time.
    Visits,
    /// Bills and payments.
    Bills,
    /// What the care team must hear of at once: cannot be switched off.
    Urgent,
}

stored_as_text!(News {
    Security = "security",
    Asked = "asked",
    Family = "family",
    Record = "record",
    Answers = "answers",
    Visits = "visits",
    Bills = "bills",
    Urgent = "urgent",
});

impl News {
    /// The groups that somebody may switch off.
    pub const OPTIONAL: [News; 5] = [News::Family, News::Record, News::Answers, News::Visits, News::Bills];

    /// The place in the queue: somebody sits before the screen and waits for what is of the first class.
    pub fn class(self) -> i32 {
        if self.waits() { NOTICE } else { SECURITY }
    }

    /// Whether it waits for the end of quiet hours.
    pub fn waits(self) -> bool {
        Self::OPTIONAL.contains(&self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Waiting,
    Sent,
    /// Refused for good, or too often.
    Failed,
    /// A notice on somebody's phone stands for it: it is sent when that cannot be delivered.
    Held,
    /// A notice was delivered in its place.
    Pushed,
}

stored_as_text!(State { Waiting = "waiting", Sent = "sent", Failed = "failed", Held = "held", Pushed = "pushed" });

/// Classes of letters, as they are stored: a lower one is sent first.
pub const SECURITY: i32 = 0;
pub const NOTICE: i32 = 1;

/// After so many tries a letter is given up.
pub const TRIES: i32 = 8;

/// How long to wait after the given try, counted from 1: a minute, then doubling, a day at most.
pub fn back_off(tries: i32) -> TimeDelta {
    let minutes = 1i64 << tries.clamp(1, 11).saturating_sub(1);
    TimeDelta::minutes(minutes.min(24 * 60))
}

/// The next moment outside of quiet hours; `from` and `until` are hours of the organisation's day.
pub fn after_quiet_hours<Tz: chrono::TimeZone>(at: DateTime<Utc>, from: Option<i32>, until: Option<i32>, zone: &Tz) -> DateTime<Utc> {
    use chrono::Timelike;
    let (Some(from), Some(until)) = (from.and_then(|hour| u32::try_from(hour).ok()), until.and_then(|hour| u32::try_from(hour).ok()))
    else {
        return at;
    };
    let quiet = |hour: u32| if from <= until { (from..until).contains(&hour) } else { hour >= from || hour < until };
    let mut then = at;
    // At most a day: by then every hour has come.
    for _ in 0..25 {
        let local = then.with_timezone(zone);
        if !quiet(local.hour()) {
            return then;
        }
        then += TimeDelta::minutes(i64::from(60 - local.minute()));
    }
    at
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    #[test]
    fn quiet_hours_reach_over_midnight() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        // 11:30 pm in New York; the night ends at 7 am.
        assert_eq!(after_quiet_hours(at("2026-11-24T04:30:00Z"), Some(22), Some(7), &New_York), at("2026-11-24T12:00:00Z"));
        assert_eq!(after_quiet_hours(at("2026-11-24T17:00:00Z"), Some(22), Some(7), &New_York), at("2026-11-24T17:00:00Z"));
        assert_eq!(after_quiet_hours(at("2026-11-24T17:00:00Z"), None, None, &New_York), at("2026-11-24T17:00:00Z"));
        assert_eq!(after_quiet_hours(at("2026-11-24T17:00:00Z"), Some(0), Some(24), &New_York), at("2026-11-24T17:00:00Z"));
    }

    #[test]
    fn tries_get_rarer() {
        let minutes: Vec<i64> = (1..=4).map(|tries| back_off(tries).num_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8]);
        assert_eq!(back_off(40).num_hours(), 17);
    }
}
