//! How an e-mail is written: a heading, a few sentences, and at most one link.

use crate::base::i18n::{Locale, Texts, param};

use super::model::News;

/// Something to tell somebody, in their language. Each feature writes its own.
#[derive(Clone, Debug)]
pub struct Message {
    pub news: News,
    pub subject: String,
    pub paragraphs: Vec<String>,
    /// What to do next, and its absolute address.
    pub link: Option<(&'static str, String)>,
}

/// Ready to be sent.
pub struct Written {
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

impl Message {
    /// `name`: whom it is for.
    pub fn write(&self, locale: Locale, name: Option<&str>, organization: &Organization) -> Written {
        let t = Texts(locale);
        let paragraphs: Vec<String> = name.map(|name| t.mail_hello(name)).into_iter().chain(self.paragraphs.iter().cloned()).collect();
        let footer = if self.news == News::Asked { t.mail_not_you_asked(&organization.phone) } else { t.mail_not_you(&organization.phone) };
        let closing = t.mail_closing(param::Organisation(&organization.organisation), param::Product(&organization.product));
        let mut text = format!("{}\n\n", paragraphs.join("\n\n"));
        if let Some((label, href)) = &self.link {
            text += &format!("{label}:\n{href}\n\n");
        }
        text += &format!("{closing}\n\n--\n{footer}\n");
        Written { subject: self.subject.clone(), text, html: self.html(locale, &paragraphs, organization, &closing, &footer) }
    }

    fn html(&self, locale: Locale, paragraphs: &[String], organization: &Organization, closing: &str, footer: &str) -> String {
        let paragraphs: String =
            paragraphs.iter().map(|sentence| format!("<p style=\"margin:0 0 16px\">{}</p>", escaped(sentence))).collect();
        let button = self.link.as_ref().map_or_else(String::new, |(label, href)| {
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
            escaped(&self.subject),
            escaped(&organization.product),
            escaped(&organization.organisation),
            escaped(&self.subject),
            escaped(closing),
            escaped(footer)
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
