//! The pages of the health summary.

mod documents;
mod emergency;
mod list;
mod print;
mod summary;

pub use documents::{document, documents, resource};
pub use emergency::emergency;
pub use list::list;
pub use print::print;
pub use summary::summary;

use super::line::nothing;
use crate::{base::i18n::Texts, record::item::model::Kind, view::document::Part};

/// Lines of items of a kind; that there are none is said.
fn lines(t: Texts, kind: Kind, lines: Vec<String>) -> Vec<Part> {
    if lines.is_empty() { vec![Part::text(nothing(t, kind))] } else { vec![Part::Lines(lines)] }
}
