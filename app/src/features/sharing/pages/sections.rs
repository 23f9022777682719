//! The sections of a record in forms and in words.

use leptos::prelude::*;

use crate::{
    base::i18n::{Texts, texts},
    record::chapter::RecordSection,
    view::fields::{Checkbox, FieldGroup},
};

/// What somebody else needs first.
pub(super) const USUAL: &[RecordSection] = &[
    RecordSection::Conditions,
    RecordSection::Allergies,
    RecordSection::Medications,
    RecordSection::Immunizations,
    RecordSection::Results,
    RecordSection::Procedures,
];

/// One box for each section.
#[component]
pub(super) fn SectionFields(ticked: &'static [RecordSection]) -> impl IntoView {
    let t = texts();
    let boxes = RecordSection::ALL.iter().map(|section| {
        let name = section.as_str();
        let (id, checked) = (format!("section-{name}"), ticked.contains(section));
        view! { <Checkbox name=format!("sections[{name}]") id label=section.title(t) checked/> }
    });
    view! { <FieldGroup label=t.portable_sections()/>{boxes.collect_view()} }
}

/// What is sensitive is left out unless it is chosen.
#[component]
pub(super) fn Sensitive() -> impl IntoView {
    let t = texts();
    view! { <Checkbox name="sensitive" label=t.share_sensitive() hint=t.share_sensitive_hint()/> }
}

/// The sections that [`RecordSection::list`] wrote, in words.
pub(super) fn sections_in_words(t: Texts, sections: &str) -> String {
    RecordSection::read(sections).into_iter().map(|section| section.title(t)).collect::<Vec<_>>().join(", ")
}

/// What is shared, in words: the sections, and whether with what is sensitive.
pub(super) fn shared_in_words(t: Texts, sections: &str, sensitive: bool) -> String {
    let says = if sensitive { t.share_with_sensitive() } else { t.share_without_sensitive() };
    format!("{} · {says}", sections_in_words(t, sections))
}
