//! Pages of documents to be signed.

mod decide;
mod documents;
mod signed;

pub use decide::decide;
pub use documents::{document, documents};
pub use signed::{one, signed};
