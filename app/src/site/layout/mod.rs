//! The frame around every page: head, menu, person bar.

mod header;
mod language;
#[expect(clippy::module_inception, reason = "the layout is the whole of what its parts make")]
mod layout;
mod menu;
mod not_found;
mod person_bar;

pub use header::Header;
pub use layout::Layout;
pub use menu::PublicMenu;
pub use not_found::NotFoundPage;
pub use person_bar::PersonWords;
