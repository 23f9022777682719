//! A page that the server made, on its way to the browser.

use serde::{Deserialize, Serialize};

/// The title of the document, and the page as HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    pub title: String,
    pub html: String,
}
