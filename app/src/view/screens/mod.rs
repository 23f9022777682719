//! Pages told as data, drawn by the server.

mod build;
mod draw;
pub mod model;
mod table;

pub use build::*;
pub use draw::screen as draw;
pub use table::{SCREENS, screen};
