//! Who signs health cards.

use std::sync::Arc;

use crate::platform::secret::Secret;

/// Who signs: the issuer's address and the secret of its keys.
#[derive(Clone)]
pub struct Issuer {
    /// Without a slash at the end.
    pub url: Arc<str>,
    pub secret: Secret,
}
