//! The portal: pages, server functions, rules and data layer.
//!
//! Imports point down only; `layers.toml` says so and a test holds it:
//!
//! ```text
//! site       every feature, the frame around pages, the list of routes
//! features   one folder each; edges between them are declared
//! desk       requests to staff and their queues
//! record     what hospitals sent, and what of it is shown
//! view       components without a word of a feature
//! access     who may do what, and the only door to the database
//! people     patients, accounts, access of one person to another's chart
//! platform   database, request, secrets, throttle, e-mail
//! base       identifiers, time, words, errors
//! ```

#![recursion_limit = "256"]

pub mod access;
pub mod base;
#[cfg(feature = "ssr")]
pub mod desk;
pub mod features;
pub mod people;
pub mod platform;
pub mod record;
pub mod site;
pub mod view;
