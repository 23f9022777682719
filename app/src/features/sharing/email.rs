//! E-mail about what was shared and exported.

use crate::{
    base::i18n::Texts,
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

pub fn opened(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.share_mail_shared_subject().into(),
        paragraphs: vec![t.share_mail_shared_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn note_left(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Answers,
        subject: t.share_mail_note_subject().into(),
        paragraphs: vec![t.share_mail_note_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn file_ready(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Asked,
        subject: t.take_mail_subject().into(),
        paragraphs: vec![t.take_mail_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn file_failed(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Asked,
        subject: t.take_mail_failed_subject().into(),
        paragraphs: vec![t.take_mail_failed(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}
