//! What an e-mail says. Every letter is a heading, a few sentences, and at most one link.

use crate::base::i18n::{Locale, Texts};

use super::model::News;

/// Something to tell somebody. Names are given names only; a link is absolute.
#[derive(Clone, Debug)]
pub enum Letter {
    ActivationCode { name: String, code: String, link: String },
    Welcome { username: String },
    RecoverPassword { link: String },
    RecoverUsername { username: String },
    RecoverBoth { username: String, link: String },
    PasswordChanged,
    UsernameChanged,
    EmailProof { link: String },
    EmailChanged,
    SecondStepChanged,
    SignInCode { code: String },
    Locked { minutes: u32 },
    AccountClosed,
    Invitation { patient: String, link: String },
    InvitationAnswered { link: String },
    AccessGiven { link: String },
    AccessEnded { link: String },
    AccessExpires { days: i64, link: String },
    ChildTurnsThirteen { child: String, days: i64, link: String },
    ChildTurnsEighteen { child: String, days: i64, link: String },
    YouTurnThirteen { days: i64, link: String },
    YouTurnEighteen { days: i64, link: String },
    RequestReceived { number: String, due: String, link: String },
    RequestAnswered { number: String, link: String },
    Answer { number: String, answer: String },
    NewInAccount { link: String },
    TakeAlongReady { link: String },
    TakeAlongFailed { link: String },
    SharedOpened { link: String },
    SharedNote { link: String },
}

/// Ready to be sent.
pub struct Written {
    pub news: News,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The name of the product and of the organisation, and whom to call.
#[derive(Clone, Debug)]
pub struct Organization {
    pub product: String,
    pub organisation: String,
    pub phone: String,
}

impl Letter {
    pub fn write(&self, locale: Locale, organization: &Organization) -> Written {
        let t = Texts(locale);
        let (news, subject, sentences, link) = self.words(t, organization);
        let footer = if news == News::Asked { t.mail_not_you_asked(&organization.phone) } else { t.mail_not_you(&organization.phone) };
        let closing = t.mail_closing(&organization.organisation, &organization.product);
        let mut text = format!("{}\n\n", sentences.join("\n\n"));
        if let Some((label, href)) = &link {
            text += &format!("{label}:\n{href}\n\n");
        }
        text += &format!("{closing}\n\n--\n{footer}\n");
        Written { news, html: html(locale, organization, &subject, &sentences, link.as_ref(), &closing, &footer), subject, text }
    }

    /// What it is about, its subject, its sentences and its link.
    fn words(&self, t: Texts, organization: &Organization) -> (News, String, Vec<String>, Option<(String, String)>) {
        let product = organization.product.as_str();
        let days = |days: &i64| if *days == 1 { t.mail_tomorrow().to_owned() } else { t.mail_in_days(&days.to_string()) };
        let (news, subject, sentences, link): (News, String, Vec<String>, Option<(&str, &String)>) = match self {
            Letter::ActivationCode { name, code, link } => (
                News::Asked,
                t.mail_code_subject(product),
                vec![t.mail_code_text(name, product), t.mail_code_is(code), t.mail_code_how().to_owned()],
                Some((t.mail_code_link(), link)),
            ),
            Letter::Welcome { username } => (News::Security, t.mail_welcome_subject(product), vec![t.mail_welcome_text(username)], None),
            Letter::RecoverPassword { link } => {
                (News::Asked, t.mail_recover_subject(product), vec![t.mail_recover_text().to_owned()], Some((t.mail_recover_link(), link)))
            }
            Letter::RecoverUsername { username } => {
                (News::Asked, t.mail_recover_subject(product), vec![t.mail_recover_username(username)], None)
            }
            Letter::RecoverBoth { username, link } => (
                News::Asked,
                t.mail_recover_subject(product),
                vec![t.mail_recover_username(username), t.mail_recover_text().to_owned()],
                Some((t.mail_recover_link(), link)),
            ),
            Letter::PasswordChanged => (News::Security, t.mail_password_subject().into(), vec![t.mail_password_text(product)], None),
            Letter::UsernameChanged => (News::Security, t.mail_username_subject().into(), vec![t.mail_username_text(product)], None),
            Letter::EmailProof { link } => {
                (News::Asked, t.mail_proof_subject().into(), vec![t.mail_proof_text(product)], Some((t.mail_proof_link(), link)))
            }
            Letter::EmailChanged => (News::Security, t.mail_email_subject().into(), vec![t.mail_email_text(product)], None),
            Letter::SecondStepChanged => (News::Security, t.mail_second_subject().into(), vec![t.mail_second_text(product)], None),
            Letter::SignInCode { code } => (News::Asked, t.mail_sign_in_subject().into(), vec![t.mail_sign_in_text(code)], None),
            Letter::Locked { minutes } => {
                (News::Security, t.mail_locked_subject().into(), vec![t.mail_locked_text(&minutes.to_string(), product)], None)
            }
            Letter::AccountClosed => (News::Security, t.mail_closed_subject(product), vec![t.mail_closed_text(&organization.phone)], None),
            Letter::Invitation { patient, link } => (
                News::Asked,
                t.mail_invitation_subject(patient),
                vec![t.mail_invitation_text(patient, product), t.mail_invitation_how().to_owned()],
                Some((t.mail_invitation_link(), link)),
            ),
            Letter::InvitationAnswered { link } => {
                (News::Family, t.mail_answered_subject().into(), vec![t.mail_answered_text().to_owned()], Some((t.mail_open(), link)))
            }
            Letter::AccessGiven { link } => {
                (News::Security, t.mail_given_subject().into(), vec![t.mail_given_text(product)], Some((t.mail_open(), link)))
            }
            Letter::AccessEnded { link } => {
                (News::Security, t.mail_ended_subject().into(), vec![t.mail_ended_text(product)], Some((t.mail_open(), link)))
            }
            Letter::AccessExpires { days: left, link } => {
                (News::Family, t.mail_expires_subject().into(), vec![t.mail_expires_text(&days(left))], Some((t.mail_open(), link)))
            }
            Letter::ChildTurnsThirteen { child, days: left, link } => (
                News::Family,
                t.mail_child_subject(product),
                vec![t.mail_child_13(child, &days(left)), t.mail_child_13_why(child)],
                Some((t.mail_open(), link)),
            ),
            Letter::ChildTurnsEighteen { child, days: left, link } => (
                News::Family,
                t.mail_child_subject(product),
                vec![t.mail_child_18(child, &days(left)), t.mail_child_18_why(child)],
                Some((t.mail_open(), link)),
            ),
            Letter::YouTurnThirteen { days: left, link } => {
                (News::Family, t.mail_child_subject(product), vec![t.mail_you_13(&days(left))], Some((t.mail_open(), link)))
            }
            Letter::YouTurnEighteen { days: left, link } => {
                (News::Family, t.mail_child_subject(product), vec![t.mail_you_18(&days(left))], Some((t.mail_you_18_link(), link)))
            }
            Letter::RequestReceived { number, due, link } => {
                (News::Asked, t.mail_request_subject(number), vec![t.mail_request_text(due, number)], Some((t.mail_open(), link)))
            }
            Letter::RequestAnswered { number, link } => {
                (News::Answers, t.mail_request_subject(number), vec![t.mail_request_answered(product)], Some((t.mail_open(), link)))
            }
            Letter::Answer { number, answer } => (News::Answers, t.mail_request_subject(number), vec![answer.clone()], None),
            Letter::TakeAlongReady { link } => {
                (News::Asked, t.mail_take_subject().into(), vec![t.mail_take_text(product)], Some((t.mail_open(), link)))
            }
            Letter::TakeAlongFailed { link } => {
                (News::Asked, t.mail_take_failed_subject().into(), vec![t.mail_take_failed(product)], Some((t.mail_open(), link)))
            }
            Letter::SharedOpened { link } => {
                (News::Security, t.mail_shared_subject().into(), vec![t.mail_shared_text(product)], Some((t.mail_open(), link)))
            }
            Letter::SharedNote { link } => {
                (News::Answers, t.mail_note_subject().into(), vec![t.mail_note_text(product)], Some((t.mail_open(), link)))
            }
            Letter::NewInAccount { link } => {
                (News::Record, t.mail_new_subject(product), vec![t.mail_new_text(product)], Some((t.mail_open(), link)))
            }
        };
        (news, subject, sentences, link.map(|(label, href)| (label.to_owned(), href.clone())))
    }
}

fn html(
    locale: Locale,
    organization: &Organization,
    subject: &str,
    sentences: &[String],
    link: Option<&(String, String)>,
    closing: &str,
    footer: &str,
) -> String {
    let paragraphs: String = sentences.iter().map(|sentence| format!("<p style=\"margin:0 0 16px\">{}</p>", escaped(sentence))).collect();
    let button = link.map_or_else(String::new, |(label, href)| {
        format!(
            "<p style=\"margin:0 0 24px\"><a href=\"{}\" style=\"display:inline-block;padding:12px 20px;border-radius:10px;\
             background:#00545f;color:#ffffff;font-weight:600;text-decoration:none\">{}</a></p>",
            escaped(href),
            escaped(label)
        )
    });
    format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"margin:0;padding:24px;background:#f7f5f1;color:#1d2733;font:17px/1.5 sans-serif\">\
         <div style=\"max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border:1px solid #e2ded6;border-radius:14px\">\
         <p style=\"margin:0 0 20px;font-weight:700;color:#00545f\">{} · {}</p><h1 style=\"margin:0 0 16px;font-size:22px\">{}</h1>\
         {paragraphs}{button}<p style=\"margin:0\">{}</p></div>\
         <p style=\"max-width:520px;margin:16px auto 0;font-size:14px;color:#505c69\">{}</p></body></html>",
        locale.tag(),
        escaped(subject),
        escaped(&organization.product),
        escaped(&organization.organisation),
        escaped(subject),
        escaped(closing),
        escaped(footer)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
