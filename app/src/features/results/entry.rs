//! What a result and its values say beside the value itself.

use super::store::Before;
use crate::{
    base::i18n::Texts,
    record::result::{
        entity::{measurement, test_result},
        model::Status,
    },
    view::{document::Part, sections::Tag},
};

/// The tag of what was amended.
pub(super) fn amended(t: Texts, status: Status) -> Option<Tag> {
    (status == Status::Amended).then(|| Tag::neutral(t.results_amended()))
}

/// What a report concludes, and what it concluded before.
pub(super) fn concluded(t: Texts, result: &test_result::Model) -> Vec<Part> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let before = said(&result.conclusion_before).map(|text| Part::Facts(vec![(t.results_before().to_owned(), text)]));
    said(&result.conclusion).map(Part::Text).into_iter().chain(before).collect()
}

/// What a value said before it was amended.
pub(super) fn earlier(t: Texts, before: &Before, value: &measurement::Model) -> Option<(String, String)> {
    let said = before.get(&(value.resource_id, value.position))?;
    Some((t.results_before().to_owned(), said.join("; ")))
}
