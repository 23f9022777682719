//! When a value or a result was taken, as exact as its source says it.

use chrono::{DateTime, Utc};

use super::entity::{measurement, test_result};
use crate::base::when::When;

impl measurement::Model {
    pub fn when(&self) -> When {
        when(self.taken.as_deref(), self.taken_at, self.timed)
    }
}

impl test_result::Model {
    pub fn when(&self) -> When {
        when(self.taken.as_deref(), self.taken_at, self.timed)
    }
}

/// Of rows that were read before precision was kept, the instant tells, or its day: noon UTC stood for a day.
fn when(taken: Option<&str>, at: DateTime<Utc>, timed: bool) -> When {
    taken.and_then(When::stored).unwrap_or_else(|| if timed { When::Moment(at.fixed_offset()) } else { When::Day(at.date_naive()) })
}
