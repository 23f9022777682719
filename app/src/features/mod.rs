//! One folder a feature. Which may see which is declared in `layers.toml`.

#[cfg(feature = "ssr")]
pub mod access_log;
pub mod account;
pub mod corrections;
pub mod credentials;
pub mod family;
#[cfg(feature = "ssr")]
pub mod growth;
#[cfg(feature = "ssr")]
pub mod health;
pub mod help;
pub mod notes;
pub mod personal;
#[cfg(feature = "ssr")]
pub mod results;
#[cfg(feature = "ssr")]
pub mod sharing;
pub mod staff;
pub mod summaries;
pub mod visits;
