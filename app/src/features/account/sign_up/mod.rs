//! Getting an account: with an activation code, by asking for one, or as somebody who was invited.

pub mod api;
pub mod at_desk;
pub mod by_code;
pub mod by_request;
pub mod entity;
pub mod fields;
pub mod model;
pub mod pages;
pub mod request_kind;
pub mod store;
mod unmatched;
