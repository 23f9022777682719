//! What a screen's page asks.

use leptos::prelude::*;

use super::model::Screen;
use crate::base::error::Error;

/// What is on the screen at an address of this site. Which grants that takes is for the feature to say.
///
/// # Errors
/// `NotFound` for an address that is no screen, and whatever the feature refuses.
#[server(endpoint = "screens/read")]
pub async fn read_screen(path: String, #[server(default)] query: String) -> Result<Screen, Error> {
    super::table::screen(&path, &query).await
}
