//! How the departments answer what patients ask of them: who reads it, by when, and how the asker hears of it.

pub mod away;
pub mod due;
pub mod entity;
pub mod known;
pub mod store;
pub mod tell;
pub mod words;
