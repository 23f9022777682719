//! E-mail about requests.

use chrono::NaiveDate;

use crate::{
    base::i18n::{Texts, param},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

pub fn received(number: String, due: NaiveDate, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, _| Message {
        news: News::Asked,
        subject: t.requests_mail_subject(&number),
        paragraphs: vec![t.requests_mail_text(param::Due(&t.long_date(due)), param::Number(&number))],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn answered(number: String, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Answers,
        subject: t.requests_mail_subject(&number),
        paragraphs: vec![t.requests_mail_answered(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

/// The answer itself, for whoever has no account in which to read it.
pub fn answer(number: String, answer: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, _| Message { news: News::Answers, subject: t.requests_mail_subject(&number), paragraphs: vec![answer.clone()], link: None }
}
