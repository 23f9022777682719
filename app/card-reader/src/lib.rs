//! Reads and judges SMART Health Cards: on the server for everybody, and in the browser, where it goes on without a network.
//! Source: SMART Health Cards Framework 1.4, <https://spec.smarthealth.cards>.
//!
//! [`card`] reads a card and compares it with the issuers that are believed, [`names`] knows its codes, [`picture`] finds QR
//! codes in a picture, and [`report`] puts the outcome into words. Built for the browser, it listens to the forms and the camera
//! of the page (`page`).

pub mod card;
pub mod names;
pub mod picture;
pub mod report;

#[cfg(target_arch = "wasm32")]
mod camera;
#[cfg(target_arch = "wasm32")]
mod page;
