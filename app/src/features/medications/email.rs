//! E-mail about requests for medicine: that there is news, and never what.

use crate::{
    base::i18n::Texts,
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

pub fn decided(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| Message {
        news: News::Answers,
        subject: t.medications_mail_subject(&of.product),
        paragraphs: vec![t.medications_mail_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}
