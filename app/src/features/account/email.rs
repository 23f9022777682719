//! E-mail about the own account.

use crate::{
    base::i18n::{Texts, param},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

pub fn activation_code(name: String, code: String, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Asked,
        subject: t.account_mail_code_subject(&of.product),
        paragraphs: vec![
            t.account_mail_code_text(param::Name(&name), param::Product(&of.product)),
            t.account_mail_code_is(&code),
            t.account_mail_code_how().to_owned(),
        ],
        link: Some((t.account_mail_code_link(), link.clone())),
    }
}

pub fn welcome(username: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_welcome_subject(&of.product),
        paragraphs: vec![t.account_mail_welcome_text(&username)],
        link: None,
    }
}

/// What was lost: the user name, a link to a new password, or both.
pub fn recover(username: Option<String>, link: Option<String>) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Asked,
        subject: t.account_mail_recover_subject(&of.product),
        paragraphs: username
            .iter()
            .map(|username| t.account_mail_recover_username(username))
            .chain(link.iter().map(|_| t.account_mail_recover_text().to_owned()))
            .collect(),
        link: link.clone().map(|link| (t.account_mail_recover_link(), link)),
    }
}

pub fn password_changed() -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_password_subject().into(),
        paragraphs: vec![t.account_mail_password_text(&of.product)],
        link: None,
    }
}

pub fn username_changed() -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_username_subject().into(),
        paragraphs: vec![t.account_mail_username_text(&of.product)],
        link: None,
    }
}

pub fn email_proof(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Asked,
        subject: t.account_mail_proof_subject().into(),
        paragraphs: vec![t.account_mail_proof_text(&of.product)],
        link: Some((t.account_mail_proof_link(), link.clone())),
    }
}

pub fn email_changed() -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_email_subject().into(),
        paragraphs: vec![t.account_mail_email_text(&of.product)],
        link: None,
    }
}

pub fn second_step_changed() -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_second_subject().into(),
        paragraphs: vec![t.account_mail_second_text(&of.product)],
        link: None,
    }
}

pub fn sign_in_code(code: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, _| Message {
        news: News::Asked,
        subject: t.account_mail_sign_in_subject().into(),
        paragraphs: vec![t.account_mail_sign_in_text(&code)],
        link: None,
    }
}

pub fn locked(minutes: u32) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_locked_subject().into(),
        paragraphs: vec![t.account_mail_locked_text(param::Minutes(&minutes.to_string()), param::Product(&of.product))],
        link: None,
    }
}

pub fn closed() -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.account_mail_closed_subject(&of.product),
        paragraphs: vec![t.account_mail_closed_text(&of.phone)],
        link: None,
    }
}
