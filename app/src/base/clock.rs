//! What time it is, as a value: the system's clock, or the demo's moved one.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};

/// The calendar day at `instant` in the organisation's time zone. Ages, birthdays and midnights are counted in such days.
pub fn local_date<Tz: TimeZone>(instant: DateTime<Utc>, zone: &Tz) -> NaiveDate {
    instant.with_timezone(zone).date_naive()
}

/// One moment, seen from the organisation: an instant, and the local day it falls on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub instant: DateTime<Utc>,
    pub today: NaiveDate,
}

impl Now {
    pub fn at<Tz: TimeZone>(instant: DateTime<Utc>, zone: &Tz) -> Self {
        Self { instant, today: local_date(instant, zone) }
    }
}

#[cfg(feature = "ssr")]
pub use self::ssr::Clock;

#[cfg(feature = "ssr")]
mod ssr {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use chrono::{DateTime, TimeDelta, Utc};
    use chrono_tz::Tz;

    use super::Now;

    /// Tells the time in the organisation's time zone. Clones share one offset, which only the demo ever moves.
    #[derive(Clone, Debug)]
    pub struct Clock {
        zone: Tz,
        offset_ms: Arc<AtomicI64>,
    }

    impl Clock {
        pub fn system(zone: Tz) -> Self {
            Self { zone, offset_ms: Arc::default() }
        }

        pub fn zone(&self) -> Tz {
            self.zone
        }

        pub fn now(&self) -> Now {
            let offset = TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed));
            Now::at(Utc::now() + offset, &self.zone)
        }

        /// Moves this clock to `instant`, from where it goes on; `None` returns to the system's time.
        /// Returns the offset in milliseconds. Only the demo and tests call this.
        pub fn move_to(&self, instant: Option<DateTime<Utc>>) -> i64 {
            let offset = instant.map_or(0, |instant| (instant - Utc::now()).num_milliseconds() + 1);
            self.move_by(offset);
            offset
        }

        /// Whether this clock tells another time than the system's.
        pub fn is_moved(&self) -> bool {
            self.offset_ms.load(Ordering::Relaxed) != 0
        }

        /// Sets the offset from the system's time, in milliseconds.
        pub fn move_by(&self, offset_ms: i64) {
            self.offset_ms.store(offset_ms, Ordering::Relaxed);
        }
    }
}
