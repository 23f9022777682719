//! Calendars: when clinicians see patients, which of that is free, who has booked it, and who waits for it.

pub mod asking;
pub mod book;
pub mod calendar;
pub mod change;
pub mod confirm;
pub mod email;
pub mod entity;
pub mod events;
pub mod fair;
pub mod figures;
pub mod free;
pub mod holding;
pub mod hours;
pub mod import;
pub mod kinds;
pub mod model;
pub mod offers;
pub mod outgoing;
pub mod problem;
pub mod put;
pub mod requests;
pub mod settings;
pub mod staff;
pub mod staff_visits;
pub mod waiting;
pub mod words;
