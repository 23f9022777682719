//! E-mail about access to a chart. Names are given names only.

use crate::{
    base::i18n::{Texts, param},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

pub fn invitation(patient: String, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Asked,
        subject: t.family_mail_invitation_subject(&patient),
        paragraphs: vec![
            t.family_mail_invitation_text(param::Patient(&patient), param::Product(&of.product)),
            t.family_mail_invitation_how().to_owned(),
        ],
        link: Some((t.family_mail_invitation_link(), link.clone())),
    }
}

pub fn invitation_answered(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, _| Message {
        news: News::Family,
        subject: t.family_mail_answered_subject().into(),
        paragraphs: vec![t.family_mail_answered_text().to_owned()],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn access_given(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.family_mail_given_subject().into(),
        paragraphs: vec![t.family_mail_given_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn access_ended(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Security,
        subject: t.family_mail_ended_subject().into(),
        paragraphs: vec![t.family_mail_ended_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn access_expires(days: i64, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, _| Message {
        news: News::Family,
        subject: t.family_mail_expires_subject().into(),
        paragraphs: vec![t.family_mail_expires_text(&in_days(t, days))],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn child_turns_thirteen(child: String, days: i64, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Family,
        subject: t.family_mail_child_subject(&of.product),
        paragraphs: vec![
            t.family_mail_child_13(param::Child(&child), param::When(&in_days(t, days))),
            t.family_mail_child_13_reason(&child),
        ],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn child_turns_eighteen(child: String, days: i64, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Family,
        subject: t.family_mail_child_subject(&of.product),
        paragraphs: vec![
            t.family_mail_child_18(param::Child(&child), param::When(&in_days(t, days))),
            t.family_mail_child_18_reason(&child),
        ],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn you_turn_thirteen(days: i64, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Family,
        subject: t.family_mail_child_subject(&of.product),
        paragraphs: vec![t.family_mail_you_13(&in_days(t, days))],
        link: Some((t.mail_open(), link.clone())),
    }
}

pub fn you_turn_eighteen(days: i64, link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Family,
        subject: t.family_mail_child_subject(&of.product),
        paragraphs: vec![t.family_mail_you_18(&in_days(t, days))],
        link: Some((t.family_mail_you_18_link(), link.clone())),
    }
}

fn in_days(t: Texts, days: i64) -> String {
    if days == 1 { t.family_mail_tomorrow().to_owned() } else { t.family_mail_in_days(&days.to_string()) }
}
