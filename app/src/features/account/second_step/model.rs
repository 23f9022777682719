//! Times and numbers of second steps.

use chrono::TimeDelta;

/// A sign-in waits for its second step so long.
pub const STEP_LIFE: TimeDelta = TimeDelta::minutes(10);
/// A code by e-mail is good for so long.
pub const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Another code may be asked for after so long.
pub const CODE_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// After so many wrong codes, sign-in starts anew.
pub const WRONG_TRIES: i32 = 5;
/// A trusted device is not asked for so long.
pub const TRUST: TimeDelta = TimeDelta::days(90);
pub const RECOVERY_CODES: usize = 10;
