//! Why a form was refused, in words.

use crate::{
    base::{boot::Boot, error::Error, i18n::Texts},
    view::error_words,
};

/// The heading, and a sentence when it is about the whole form.
pub fn problem_in_words(t: Texts, error: &Error) -> (String, Option<String>) {
    match error {
        Error::Invalid(problems) => {
            let whole = problems.iter().find(|problem| problem.field.is_empty()).map(|problem| problem.why.sentence(t).to_owned());
            (t.error_invalid_title().to_owned(), whole)
        }
        other => {
            let phone = leptos::prelude::use_context::<Boot>().unwrap_or_default().brand.support_phone;
            let (title, text) = error_words(t, other, &phone);
            (title, Some(text))
        }
    }
}
