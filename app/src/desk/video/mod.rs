//! Visits by video: when they are open, who is in the room, what browsers tell each other through it, guests, and calls instead. Sound and
//! picture go from browser to browser; nothing of them comes here.

pub mod beginning;
pub mod call_backs;
pub mod chat;
pub mod closing;
pub mod day;
pub mod entering;
pub mod entity;
pub mod guests;
pub mod ice;
pub mod model;
pub mod offices;
pub mod outgoing;
pub mod problem;
pub mod room;
pub mod seat;
pub mod speaking;
pub mod watching;
pub mod words;
