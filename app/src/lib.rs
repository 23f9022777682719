//! The portal: pages, server functions, rules and data layer, one folder per feature.
//!
//! A click on "View notes" passes, in order: `visits::visit_card`, `notes::notes_page`, `notes::api`, `access::grant` with
//! `access::policy`, `notes::store`, `notes::entity`.

#![recursion_limit = "256"]

pub mod access;
pub mod account;
pub mod boot;
pub mod care_team;
pub mod clock;
pub mod corrections;
pub mod credentials;
pub mod dates;
pub mod demo;
pub mod error;
pub mod family;
pub mod frame;
pub mod help;
pub mod home;
pub mod i18n;
pub mod ids;
pub mod mail;
pub mod notes;
pub mod passkeys;
pub mod passwords;
pub mod people;
pub mod personal_information;
pub mod records;
pub mod recovery;
pub mod requests;
pub mod routes;
pub mod screens;
pub mod second_step;
pub mod sign_in;
pub mod sign_up;
pub mod staff;
pub mod stored;
pub mod summaries;
pub mod tours;
pub mod ui;
pub mod visits;

#[cfg(feature = "ssr")]
pub mod access_log;
#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
mod growth;
#[cfg(feature = "ssr")]
pub mod health;
#[cfg(feature = "ssr")]
pub mod portable;
#[cfg(feature = "ssr")]
pub mod results;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod web;
