//! The portal: pages, server functions, rules and data layer, one folder per feature.

pub mod access;
pub mod care_team;
pub mod clock;
pub mod error;
pub mod ids;
pub mod notes;
pub mod personal_information;
pub mod records;
pub mod stored;
pub mod summaries;
pub mod visits;

#[cfg(feature = "ssr")]
pub mod db;
