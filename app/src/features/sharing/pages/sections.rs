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

/// The sections that [`RecordSection::list`] wrote, in words.
pub(super) fn sections_in_words(t: Texts, sections: &str) -> String {
    RecordSection::read(sections).into_iter().map(|section| section.title(t)).collect::<Vec<_>>().join(", ")
}
