//! The second step of signing in: an authenticator app, a code by e-mail, recovery codes, devices that are trusted; passkeys.

pub mod api;
pub mod app;
pub mod codes;
pub mod devices;
pub mod entity;
pub mod model;
pub mod offer;
pub mod pages;
pub mod passkeys;
pub mod secrets;
pub mod setup;
pub mod step;
pub mod totp;
