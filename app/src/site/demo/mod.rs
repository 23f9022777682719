//! What only `server demo` shows: the desk with everybody who can sign in, and the bar with the clock.

mod bar;
#[cfg(feature = "ssr")]
mod desk;
#[cfg(feature = "ssr")]
pub mod model;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
mod store;

pub use bar::DemoBar;
#[cfg(feature = "ssr")]
pub use desk::desk;
#[cfg(feature = "ssr")]
pub use model::moments;
