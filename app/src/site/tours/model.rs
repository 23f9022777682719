//! The walk-throughs and their steps.

use crate::{
    access::{Holder, proxy},
    base::{boot::Brand, clock::Now, i18n::Texts},
};

/// One step on a real page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub path: String,
    pub title: String,
    pub text: String,
    /// The class of the panel, by which the styles mark the thing it speaks of.
    pub marks: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tour {
    NewExperience,
    LinkingAccounts,
    SharingRecord,
    FamilyRecords,
    Notes,
    Messages,
    Medicines,
    Appointments,
    Bills,
    Guests,
    CheckIn,
    VideoVisits,
    Phone,
}

impl Tour {
    pub const ALL: [Tour; 13] = [
        Tour::NewExperience,
        Tour::LinkingAccounts,
        Tour::SharingRecord,
        Tour::FamilyRecords,
        Tour::Notes,
        Tour::Messages,
        Tour::Medicines,
        Tour::Appointments,
        Tour::Bills,
        Tour::Guests,
        Tour::CheckIn,
        Tour::VideoVisits,
        Tour::Phone,
    ];

    /// In addresses.
    pub fn name(self) -> &'static str {
        match self {
            Tour::NewExperience => "new-experience",
            Tour::LinkingAccounts => "linking-accounts",
            Tour::SharingRecord => "sharing-your-record",
            Tour::FamilyRecords => "family-records",
            Tour::Notes => "notes",
            Tour::Messages => "message-your-doctor",
            Tour::Medicines => "request-medicine",
            Tour::Appointments => "appointments-and-fast-pass",
            Tour::Bills => "pay-your-bill",
            Tour::Guests => "pay-as-a-guest",
            Tour::CheckIn => "check-in",
            Tour::VideoVisits => "visits-by-video",
            Tour::Phone => "on-your-phone",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tour| tour.name() == name)
    }

    pub fn help_path(self) -> String {
        format!("/help/{}", self.name())
    }

    pub fn title(self, t: Texts) -> &'static str {
        match self {
            Tour::NewExperience => t.tour_new(),
            Tour::LinkingAccounts => t.tour_linking(),
            Tour::SharingRecord => t.tour_sharing(),
            Tour::FamilyRecords => t.tour_family(),
            Tour::Notes => t.tour_notes(),
            Tour::Messages => t.tour_messages(),
            Tour::Medicines => t.tour_medicines(),
            Tour::Appointments => t.tour_appointments(),
            Tour::Bills => t.tour_bills(),
            Tour::Guests => t.tour_guests(),
            Tour::CheckIn => t.tour_check_in(),
            Tour::VideoVisits => t.tour_video(),
            Tour::Phone => t.tour_phone(),
        }
    }

    pub fn says(self, t: Texts) -> &'static str {
        match self {
            Tour::NewExperience => t.tour_new_says(),
            Tour::LinkingAccounts => t.tour_linking_says(),
            Tour::SharingRecord => t.tour_sharing_says(),
            Tour::FamilyRecords => t.tour_family_says(),
            Tour::Notes => t.tour_notes_says(),
            Tour::Messages => t.tour_messages_says(),
            Tour::Medicines => t.tour_medicines_says(),
            Tour::Appointments => t.tour_appointments_says(),
            Tour::Bills => t.tour_bills_says(),
            Tour::Guests => t.tour_guests_says(),
            Tour::CheckIn => t.tour_check_in_says(),
            Tour::VideoVisits => t.tour_video_says(),
            Tour::Phone => t.tour_phone_says(),
        }
    }
}

/// The steps, on the pages of whoever takes the tour: their own chart, or the first one they may open.
pub fn steps(t: Texts, tour: Tour, brand: &Brand, holder: Option<&Holder>, now: Now) -> Vec<Step> {
    let open = |found: &crate::access::Proxy| proxy::level(&found.facts, now).is_ok_and(|level| level.sees_schedule());
    let own = holder.and_then(|holder| holder.own_chart.as_ref()).map(|own| own.patient);
    let other = holder.and_then(|holder| holder.proxies.iter().find(|found| open(found))).map(|found| found.person.patient);
    let visits = own.or(other).map_or("/home".to_owned(), |patient| format!("/p/{patient}/visits"));
    let book = own.or(other).map_or("/home".to_owned(), |patient| format!("/p/{patient}/visits/book"));
    let theirs = other.or(own).map_or("/people".to_owned(), |patient| format!("/p/{patient}/visits"));
    let clinical = |found: &crate::access::Proxy| proxy::level(&found.facts, now).is_ok_and(|level| level.sees_clinical());
    let cared_for = holder.and_then(|holder| holder.proxies.iter().find(|found| clinical(found))).map(|found| found.person.patient);
    let chart = |page: &str| own.or(cared_for).map_or("/home".to_owned(), |patient| format!("/p/{patient}/{page}"));
    let step = |path: &str, title: &str, text: String, marks: &str| Step {
        path: path.to_owned(),
        title: title.to_owned(),
        text,
        marks: marks.to_owned(),
    };
    match tour {
        Tour::NewExperience => vec![
            step("/home", t.tour_new_1(), t.tour_new_1_text(&brand.product), "home"),
            step("/home", t.tour_new_2(), t.tour_new_2_text().into(), "visits"),
            step(&visits, t.tour_new_3(), t.tour_new_3_text().into(), "band"),
            step("/account", t.tour_new_4(), t.tour_new_4_text().into(), "account"),
            step("/help", t.tour_new_5(), t.tour_new_5_text().into(), "help"),
        ],
        Tour::LinkingAccounts => vec![
            step("/sharing", t.tour_linking_1(), t.tour_linking_1_text().into(), "ways"),
            step("/sharing/child", t.tour_linking_2(), t.tour_linking_2_text().into(), "form"),
            step("/people", t.tour_linking_3(), t.tour_linking_3_text().into(), "people"),
        ],
        Tour::SharingRecord => vec![
            step("/sharing", t.tour_sharing_1(), t.tour_sharing_1_text().into(), "button"),
            step("/sharing/invite", t.tour_sharing_2(), t.tour_sharing_2_text().into(), "form"),
            step("/sharing", t.tour_sharing_3(), t.tour_sharing_3_text().into(), "entries"),
        ],
        Tour::FamilyRecords => vec![
            step("/home", t.tour_family_1(), t.tour_family_1_text().into(), "people-menu"),
            step("/people", t.tour_family_2(), t.tour_family_2_text().into(), "people"),
            step(&theirs, t.tour_family_3(), t.tour_family_3_text().into(), "band"),
            step(&theirs, t.tour_family_4(), t.tour_family_4_text().into(), "switch"),
        ],
        Tour::Notes => vec![
            step("/home", t.tour_notes_1(), t.tour_notes_1_text(&brand.product), "visits"),
            step(&visits, t.tour_notes_2(), t.tour_notes_2_text().into(), "cards"),
        ],
        Tour::Messages => vec![
            step(&chart("messages"), t.tour_messages_1(), t.tour_messages_1_text().into(), "button"),
            step(&chart("messages/new"), t.tour_messages_2(), t.tour_messages_2_text().into(), "form"),
            step(&chart("messages"), t.tour_messages_3(), t.tour_messages_3_text().into(), "entries"),
        ],
        Tour::Medicines => vec![
            step(&chart("medications"), t.tour_medicines_1(), t.tour_medicines_1_text().into(), "button"),
            step(&chart("medications/request"), t.tour_medicines_2(), t.tour_medicines_2_text().into(), "form"),
            step(&chart("medications"), t.tour_medicines_3(), t.tour_medicines_3_text().into(), "entries"),
        ],
        Tour::Appointments => vec![
            step(&visits, t.tour_appointments_1(), t.tour_appointments_1_text().into(), "book"),
            step(&book, t.tour_appointments_2(), t.tour_appointments_2_text().into(), "entries"),
            step(&visits, t.tour_appointments_3(), t.tour_appointments_3_text().into(), "cards"),
            step("/home", t.tour_appointments_4(), t.tour_appointments_4_text().into(), "home"),
        ],
        Tour::Bills => vec![
            step("/billing", t.tour_bills_1(), t.tour_bills_1_text().into(), "entries"),
            step("/billing/cards", t.tour_bills_2(), t.tour_bills_2_text().into(), "entries"),
        ],
        Tour::Guests => vec![
            step("/pay", t.tour_guests_1(), t.tour_guests_1_text().into(), "form"),
            step("/pay", t.tour_guests_2(), t.tour_guests_2_text().into(), "form"),
        ],
        Tour::CheckIn => vec![
            step(&visits, t.tour_check_in_1(), t.tour_check_in_1_text().into(), "cards"),
            step(&chart("questionnaires"), t.tour_check_in_2(), t.tour_check_in_2_text().into(), "entries"),
            step("/home", t.tour_check_in_3(), t.tour_check_in_3_text().into(), "home"),
        ],
        Tour::VideoVisits => vec![
            step(&visits, t.tour_video_1(), t.tour_video_1_text().into(), "cards"),
            step("/help/virtual-visits", t.tour_video_2(), t.tour_video_2_text().into(), "entries"),
        ],
        Tour::Phone => vec![
            step("/phone", t.tour_phone_1(), t.tour_phone_1_text().into(), "entries"),
            step("/phone", t.tour_phone_2(), t.tour_phone_2_text().into(), "form"),
        ],
    }
}
