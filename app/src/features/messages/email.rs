//! E-mail about messages: that there is one, and never what it says.

use crate::{
    base::i18n::Texts,
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

pub fn answered(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| Message {
        news: News::Answers,
        subject: t.messages_mail_subject(&of.product),
        paragraphs: vec![t.messages_mail_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}
