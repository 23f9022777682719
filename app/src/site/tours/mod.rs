//! Walk-throughs on the real pages: a panel says what to do, and the thing itself is marked. It works by links and styles
//! alone, so also without JavaScript; the same steps can be read on a plain help page.

pub mod api;
#[cfg(feature = "ssr")]
mod model;
mod panel;
#[cfg(feature = "ssr")]
mod step;

#[cfg(feature = "ssr")]
pub const PATH: &str = <api::ReadTour as leptos::server_fn::ServerFn>::PATH;

#[cfg(feature = "ssr")]
pub use model::{Tour, steps};
pub use panel::TourPanel;
