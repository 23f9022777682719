//! Parts that several pages have.

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    base::{i18n::Texts, ids::PatientId},
    view::{
        page::Page,
        sections::{QuietButton, Section},
    },
};

/// The numbers that help at once. `is_told` is whether the care team knows already.
pub fn help_lines(t: Texts, is_told: bool) -> AnyView {
    let says = if is_told { t.questionnaires_help_says() } else { t.questionnaires_help_unsent() };
    view! {
        <p class="text">{says}</p>
        <div class="acts">
            <a class="btn" href="tel:988" rel="external">{t.questionnaires_help_call()}</a>
            <a class="btn quiet" href="sms:988" rel="external">{t.questionnaires_help_write()}</a>
            <a class="btn quiet" href="tel:911" rel="external">{t.questionnaires_help_911()}</a>
        </div>
        <p class="text">{t.questionnaires_help_988()}</p>
        <p class="text">{t.questionnaires_help_for()}</p>
    }
    .into_any()
}

/// Where a questionnaire leads back to.
pub fn back(page: Page, t: Texts, patient: PatientId, visit: Option<Uuid>) -> Page {
    match visit {
        Some(visit) => page.back(format!("/p/{patient}/visits/{visit}/check-in/forms"), t.check_in_step_forms()),
        None => page.back(format!("/p/{patient}/questionnaires"), t.questionnaires_title()),
    }
}

/// What cannot be shown here.
pub fn not_readable(t: Texts, patient: PatientId) -> AnyView {
    view! {
        <Section>
            <p class="text">{t.questionnaires_not_readable()}</p>
            <QuietButton href=format!("/p/{patient}/questionnaires") label=t.questionnaires_title()/>
        </Section>
    }
    .into_any()
}
