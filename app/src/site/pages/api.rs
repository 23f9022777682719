//! What the browser asks for when somebody goes to a page that the server makes.

use leptos::prelude::*;

use crate::{
    base::{answer::Answer, error::Error},
    view::fragment::Fragment,
};

/// The page at an address of this site. Which grants that takes is for the feature to say.
///
/// # Errors
/// `NotFound` for an address without a page, and whatever the feature refuses.
#[server(endpoint = "pages/read", output = Answer)]
pub async fn read_page(path: String, #[server(default)] query: String) -> Result<Fragment, Error> {
    super::render::render(&path, &query).await
}
