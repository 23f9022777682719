//! Identifiers, time, words and errors: what everything else is written in. No database.

pub mod answer;
pub mod boot;
pub mod clock;
pub mod dates;
pub mod end_reason;
pub mod error;
pub mod i18n;
pub mod ids;
pub mod locale;
#[cfg(feature = "ssr")]
pub mod money;
#[cfg(feature = "ssr")]
pub mod payment_card;
#[cfg(feature = "ssr")]
pub mod period;
pub mod stored;
#[cfg(feature = "ssr")]
pub mod terms;
pub mod text;
#[cfg(feature = "ssr")]
pub mod when;
pub mod why;
