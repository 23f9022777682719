//! Where one can go: each place once, with the words by which people look for it.

#[cfg(feature = "ssr")]
use crate::access::{Grant, Permission, policy};
use crate::{base::i18n::Texts, features::account::model::PersonCard};

/// A page of a chart, or of an account.
#[derive(Clone, Copy)]
pub struct Place<O> {
    /// Below `/p/{patient}/` for a chart.
    pub path: &'static str,
    pub label: fn(Texts) -> &'static str,
    /// Other words for it, as people type them.
    #[cfg(feature = "ssr")]
    pub words: fn(Texts) -> &'static str,
    /// For whom it is there.
    pub opens: O,
}

/// For whom a page of a chart is there.
pub type OpensChart = fn(&PersonCard) -> bool;

/// For whom another page is there.
#[cfg(feature = "ssr")]
pub type OpensOwn = fn(&Grant<policy::UseOwnAccount>) -> bool;

macro_rules! places {
    ($($path:literal: $label:expr, $words:expr, $opens:expr;)+) => {
        &[$(Place { path: $path, label: $label, #[cfg(feature = "ssr")] words: $words, opens: $opens },)+]
    };
}

/// The parts of a chart, as its menu has them.
pub const TABS: &[Place<OpensChart>] = places! {
    "visits": Texts::visits_title, Texts::menu_words_visits, PersonCard::sees_visits;
    "messages": Texts::messages_title, Texts::menu_words_messages, PersonCard::reads_messages;
    "results": Texts::results_title, Texts::menu_words_results, PersonCard::sees_clinical;
    "medications": Texts::medications_title, Texts::menu_words_medications, PersonCard::sees_clinical;
    "health": Texts::health_title, Texts::menu_words_health, PersonCard::sees_clinical;
    "billing": Texts::billing_title, Texts::menu_words_billing, PersonCard::sees_bills;
    "personal-information": Texts::personal_title, Texts::menu_words_personal, |_| true;
};

/// What else there is in a chart.
#[cfg(feature = "ssr")]
pub const IN_CHART: &[Place<OpensChart>] = places! {
    "visits/book": Texts::appointments_book_title, Texts::menu_words_book, PersonCard::sees_visits;
    "messages/new": Texts::messages_write, Texts::menu_words_write, PersonCard::reads_messages;
    "medications/request": Texts::medications_need_more, Texts::menu_words_refill, PersonCard::sees_clinical;
    "health/immunizations": Texts::health_immunizations, Texts::menu_words_immunizations, PersonCard::sees_clinical;
    "health/allergies": Texts::health_allergies, Texts::menu_words_allergies, PersonCard::sees_clinical;
    "health/conditions": Texts::health_conditions, Texts::menu_words_conditions, PersonCard::sees_clinical;
    "health/vitals": Texts::health_vitals, Texts::menu_words_vitals, PersonCard::sees_clinical;
    "health/documents": Texts::health_documents, Texts::menu_words_documents, PersonCard::sees_clinical;
    "health/credentials": Texts::credentials_title, Texts::menu_words_credentials, PersonCard::sees_clinical;
    "health/emergency": Texts::health_emergency_title, Texts::menu_words_emergency, PersonCard::sees_clinical;
    "questionnaires": Texts::questionnaires_title, Texts::menu_words_questionnaires, PersonCard::sees_clinical;
    "consents": Texts::consents_title, Texts::menu_words_consents, PersonCard::sees_clinical;
    "insurance": Texts::billing_insurance_title, Texts::menu_words_insurance, PersonCard::sees_insurance;
    "share": Texts::share_title, Texts::menu_words_share, PersonCard::sees_clinical;
    "take-along": Texts::take_title, Texts::menu_words_take, PersonCard::sees_clinical;
    "access-log": Texts::log_title, Texts::menu_words_log, |_| true;
};

/// What there is beside the charts: for whoever is given the permission.
#[cfg(feature = "ssr")]
pub const OWN: &[Place<OpensOwn>] = places! {
    "/home": Texts::home_title, Texts::menu_words_home, opens::<policy::UseOwnAccount>;
    "/people": Texts::people_title, Texts::menu_words_people, opens::<policy::UseOwnAccount>;
    "/sharing": Texts::family_title, Texts::menu_words_sharing, opens::<policy::UseOwnAccount>;
    "/requests": Texts::requests_title, Texts::menu_words_requests, opens::<policy::UseOwnAccount>;
    "/account": Texts::account_title, Texts::menu_words_account, opens::<policy::UseOwnAccount>;
    "/account/password": Texts::account_password, Texts::menu_words_password, opens::<policy::UseOwnAccount>;
    "/account/notices": Texts::account_notices, Texts::menu_words_notices, opens::<policy::UseOwnAccount>;
    "/account/calendar": Texts::calendar_title, Texts::menu_words_calendar, opens::<policy::UseOwnAccount>;
    "/phone": Texts::phone_title, Texts::menu_words_phone, opens::<policy::UseOwnAccount>;
    "/verify": Texts::verify_title, Texts::menu_words_verify, opens::<policy::UseOwnAccount>;
    "/billing": Texts::billing_title, Texts::menu_words_pay, opens::<policy::UseBilling>;
    "/billing/cards": Texts::billing_cards_title, Texts::menu_words_cards, opens::<policy::UseBilling>;
    "/help/bill": Texts::help_bill_title, Texts::menu_words_bill, opens::<policy::UseBilling>;
    "/help": Texts::frame_help, Texts::menu_words_help, opens::<policy::UseOwnAccount>;
    "/staff/messages": Texts::messages_inbox_title, Texts::menu_words_inbox, opens::<policy::SeeInbox>;
    "/staff/medications": Texts::medications_queue, Texts::menu_words_queue, opens::<policy::SeeMedicineRequests>;
    "/staff/questionnaires": Texts::questionnaires_staff_title, Texts::menu_words_answers, opens::<policy::SeeAnswers>;
    "/staff/check-in": Texts::check_in_staff_title, Texts::menu_words_check_in, opens::<policy::SeeSchedules>;
    "/staff/video": Texts::video_staff_title, Texts::menu_words_video, opens::<policy::SeeSchedules>;
    "/staff/schedule": Texts::schedules_title, Texts::menu_words_schedule, opens::<policy::SeeSchedules>;
    "/staff/visit-requests": Texts::schedules_requests, Texts::menu_words_visit_requests, opens::<policy::SeeSchedules>;
    "/staff/earlier": Texts::schedules_earlier, Texts::menu_words_earlier, opens::<policy::SeeSchedules>;
    "/staff/office": Texts::offices_title, Texts::menu_words_office, opens::<policy::ManageOffice>;
    "/staff/patients": Texts::staff_title, Texts::menu_words_patients, opens::<policy::FindPatients>;
    "/staff/billing": Texts::ledgers_title, Texts::menu_words_ledgers, opens::<policy::KeepLedgers>;
    "/staff/queue": Texts::queue_title, Texts::menu_words_requests, opens::<policy::SeeQueues>;
};

#[cfg(feature = "ssr")]
fn opens<P: Permission<Scope = ()>>(grant: &Grant<policy::UseOwnAccount>) -> bool {
    grant.would_allow::<P>(&())
}
