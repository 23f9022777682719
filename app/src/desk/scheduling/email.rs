//! E-mail about visits: whose, by the first name, and when; never what for, with whom or where.

use crate::{
    base::i18n::{Texts, param},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

fn letter(t: Texts, subject: String, text: String, link: &str) -> Message {
    Message { news: News::Visits, subject, paragraphs: vec![text], link: Some((t.mail_open(), link.to_owned())) }
}

/// A visit was booked. `at` says the time in the reader's language.
pub fn booked(whose: String, at: impl Fn(Texts) -> String + Clone, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        letter(t, t.appointments_mail_booked(&of.product), t.appointments_mail_booked_text(param::At(&at(t)), param::Name(&whose)), &link)
    }
}

/// A visit has another time.
pub fn moved(
    whose: String,
    before: impl Fn(Texts) -> String + Clone,
    now: impl Fn(Texts) -> String + Clone,
    link: String,
) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        let text = t.appointments_mail_moved_text(param::Before(&before(t)), param::Name(&whose), param::Now(&now(t)));
        letter(t, t.appointments_mail_moved(&of.product), text, &link)
    }
}

/// A visit will not take place.
pub fn cancelled(whose: String, at: impl Fn(Texts) -> String + Clone, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        letter(
            t,
            t.appointments_mail_cancelled(&of.product),
            t.appointments_mail_cancelled_text(param::At(&at(t)), param::Name(&whose)),
            &link,
        )
    }
}

/// An office answered a request for a visit.
pub fn answered(whose: String, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| letter(t, t.appointments_mail_answered(&of.product), t.appointments_mail_answered_text(&whose), &link)
}

/// An earlier time is held.
pub fn earlier(
    whose: String,
    until: impl Fn(Texts) -> String + Clone,
    race: bool,
    link: String,
) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        let text = if race {
            t.appointments_mail_earlier_race(&whose)
        } else {
            t.appointments_mail_earlier_text(param::Name(&whose), param::Until(&until(t)))
        };
        letter(t, t.appointments_mail_earlier(&of.product), text, &link)
    }
}

/// A visit comes up: what to do, and a link that confirms or cancels it without signing in.
pub fn reminder(
    whose: String,
    at: impl Fn(Texts) -> String + Clone,
    more: usize,
    check_in: bool,
    link: String,
) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        let mut message = letter(
            t,
            t.appointments_mail_reminder(&of.product),
            t.appointments_mail_reminder_text(param::At(&at(t)), param::Name(&whose)),
            &link,
        );
        if more > 0 {
            message.paragraphs.push(t.appointments_mail_reminder_more(&more.to_string()));
        }
        if check_in {
            message.paragraphs.push(t.check_in_mail_open().to_owned());
        }
        message.paragraphs.push(t.appointments_mail_reminder_link().to_owned());
        message.link = Some((t.appointments_mail_confirm(), link.clone()));
        message
    }
}
