//! The sections of a record in forms and in words.

use leptos::prelude::*;

use crate::{
    base::i18n::{Texts, texts},
    record::chapter::Section,
    view::fields::{Checkbox, FieldGroup},
};

/// What somebody else needs first.
pub(super) const USUAL: &[Section] =
    &[Section::Conditions, Section::Allergies, Section::Medications, Section::Immunizations, Section::Results, Section::Procedures];

/// One box for each section.
#[component]
pub(super) fn SectionFields(ticked: &'static [Section]) -> impl IntoView {
    let t = texts();
    let boxes = Section::ALL.iter().map(|section| {
        let name = section.as_str();
        let (id, checked) = (format!("section-{name}"), ticked.contains(section));
        view! { <Checkbox name=format!("sections[{name}]") id label=section.title(t) checked/> }
    });
    view! { <FieldGroup label=t.portable_sections()/>{boxes.collect_view()} }
}

/// The sections that [`Section::list`] wrote, in words.
pub(super) fn sections_in_words(t: Texts, sections: &str) -> String {
    Section::read(sections).into_iter().map(|section| section.title(t)).collect::<Vec<_>>().join(", ")
}
