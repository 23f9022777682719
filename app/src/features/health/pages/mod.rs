//! The pages of the health summary.

mod documents;
mod emergency;
mod list;
mod print;
mod summary;

pub use documents::{document, documents, resource};
pub use emergency::{emergency, kept};
pub use list::list;
pub use print::print;
pub use summary::summary;

use uuid::Uuid;

use super::{line::absent, store::Item};
use crate::{
    base::i18n::Texts,
    record::item::model::{Kind, Nothing},
    view::document::Part,
};

/// Items of a kind in a line each; that there are none is said.
fn lines(t: Texts, kind: Kind, items: &[&Item], absences: &[(Uuid, Nothing)], most: usize, line: impl Fn(&Item) -> String) -> Vec<Part> {
    let mut parts: Vec<Part> = absent(t, kind, items, absences).into_iter().map(Part::text).collect();
    if !items.is_empty() {
        parts.push(Part::Lines(items.iter().take(most).map(|item| line(item)).collect()));
    }
    parts
}
