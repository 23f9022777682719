//! What only `server demo` shows: the desk with everybody who can sign in, and the bar with the clock.

pub mod api;
mod bar;
mod desk;
pub mod model;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
mod store;

pub use bar::DemoBar;
pub use desk::DemoDesk;
#[cfg(feature = "ssr")]
pub use model::moments;
