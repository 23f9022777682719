//! Everybody whose chart you may open.

mod people_page;

pub use people_page::{PeopleList, PeoplePage};
