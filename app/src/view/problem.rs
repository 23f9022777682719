//! Why a form was refused, in words.

use crate::{
    base::{
        boot::Boot,
        error::{Error, Why},
        i18n::Texts,
    },
    view::error_words,
};

/// The heading, and a sentence when it is about the whole form.
pub fn problem_in_words(t: Texts, error: &Error) -> (String, Option<String>) {
    match error {
        Error::Invalid(problems) => {
            let whole = problems.iter().find(|problem| problem.field.is_empty()).map(|problem| reason_in_words(t, problem.why));
            (t.why_title().to_owned(), whole)
        }
        other => {
            let phone = leptos::prelude::use_context::<Boot>().unwrap_or_default().brand.support_phone;
            let (title, text) = error_words(t, other, &phone);
            (title, Some(text))
        }
    }
}

pub fn reason_in_words(t: Texts, why: Why) -> String {
    match why {
        Why::Missing => t.why_missing(),
        Why::TooLong => t.why_too_long(),
        Why::NotADate => t.why_not_a_date(),
        Why::NotAnEmail => t.why_not_an_email(),
        Why::NotPast => t.why_not_past(),
        Why::NotFuture => t.why_not_future(),
        Why::NotConfirmed => t.why_not_confirmed(),
        Why::PasscodeShape => t.why_passcode_shape(),
        Why::PasswordShort => t.why_password_short(),
        Why::PasswordMix => t.why_password_mix(),
        Why::PasswordCommon => t.why_password_common(),
        Why::PasswordIsUsername => t.why_password_is_username(),
        Why::PasswordWrong => t.why_password_wrong(),
        Why::UsernameShape => t.why_username_shape(),
        Why::UsernameTaken => t.why_username_taken(),
        Why::AnswerShort => t.why_answer_short(),
        Why::AnswerWrong => t.why_answer_wrong(),
        Why::CodeUnknown => t.why_code_unknown(),
        Why::CodeExpired => t.why_code_expired(),
        Why::CodeUsed => t.why_code_used(),
        Why::CodeVoid => t.why_code_void(),
        Why::CodeWrong => t.why_code_wrong(),
        Why::DetailsWrong => t.why_details_wrong(),
        Why::UnderAge => t.why_under_age(),
        Why::ProxyUnderAge => t.why_proxy_under_age(),
        Why::HasAccount => t.why_has_account(),
        Why::NoContact => t.why_no_contact(),
        Why::LinkOver => t.why_link_over(),
        Why::BirthDateWrong => t.why_birth_date_wrong(),
        Why::NotYourOwn => t.why_not_your_own(),
        Why::HasAccess => t.why_has_access(),
        Why::NotAChild => t.why_not_a_child(),
        Why::SessionEnded => t.why_session_ended(),
        Why::NotAPhone => t.why_not_a_phone(),
        Why::NotAPostalCode => t.why_not_a_postal_code(),
        Why::FileKind => t.why_file_kind(),
        Why::FileLarge => t.why_file_large(),
        Why::NoCodeInPicture => t.why_no_code_in_picture(),
        Why::PictureLarge => t.why_picture_large(),
        Why::NotTheSame => t.why_not_the_same(),
        Why::TooMany => t.why_too_many(),
        Why::AlreadyAsked => t.why_already_asked(),
        Why::AlreadyDone => t.why_already_done(),
    }
    .to_owned()
}
