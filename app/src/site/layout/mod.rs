//! The frame around every page: head, menu, person bar, and the page of one person's chart.

mod header;
mod layout;
mod menu;
mod person_bar;

pub use header::Header;
pub use layout::{OpenLayout, PublicLayout, SignedInLayout};
pub use menu::PublicMenu;
pub use person_bar::PersonWords;
