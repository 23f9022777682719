//! Fields that several forms share.

use leptos::prelude::*;

use super::model::QUESTIONS;
use crate::{
    base::i18n::{Texts, texts},
    view::fields::{Field, Input, Select},
};

/// Everywhere the same way to type a birth date.
#[component]
pub fn BirthDate(#[prop(optional, into)] hint: String) -> impl IntoView {
    view! { <Field name="birth_date" label=texts().signup_birth_date() input=Input::Date hint autocomplete="bday"/> }
}

/// The choice of a security question.
#[component]
pub fn SecurityQuestion(#[prop(optional, into)] value: String) -> impl IntoView {
    let t = texts();
    let questions = QUESTIONS.map(|key| (key.to_owned(), question_in_words(t, key).to_owned()));
    let choices = std::iter::once((String::new(), t.signup_choose().to_owned())).chain(questions).collect();
    view! { <Select name="question" label=t.signup_question() choices value/> }
}

pub(crate) fn question_in_words(t: Texts, key: &str) -> &'static str {
    match key {
        "teacher" => t.signup_question_teacher(),
        "street" => t.signup_question_street(),
        "pet" => t.signup_question_pet(),
        "meal" => t.signup_question_meal(),
        _ => t.signup_question_friend(),
    }
}
