//! Written texts: visit notes, instructions, letters.

#[cfg(feature = "ssr")]
pub mod entity;
pub mod model;
pub mod wire;
