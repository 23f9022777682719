//! Every registered server function and every page, called as nobody and as a stranger. One that is missing here fails.

use std::collections::BTreeMap;

use app::site::features::{is_public_function, is_public_page, page_paths};

use crate::world::{World, on_every_engine};

/// What a stranger (who has an account, but nothing to do with the chart in question) gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stranger {
    /// Only what is their own.
    Own,
    /// As if it did not exist.
    NotFound,
}

/// One line of the table.
pub type Row = (&'static str, &'static [(&'static str, &'static str)], Stranger);

/// Path, arguments, and what a stranger gets. `{p}` is Lucas, `{v}` a visit of his.
pub const TABLE: &[Row] = &[
    ("/api/account/change-email", &[("email", "x@example.org"), ("password", "wrong")], Stranger::Own),
    (
        "/api/account/change-password",
        &[("password", "wrong"), ("new_password", "plum river toast"), ("repeat", "plum river toast")],
        Stranger::Own,
    ),
    ("/api/account/change-username", &[("username", "grace2"), ("password", "wrong")], Stranger::Own),
    ("/api/account/choose-language", &[("language", "en"), ("back", "/")], Stranger::Own),
    ("/api/account/choose-notices", &[], Stranger::Own),
    ("/api/account/close", &[("password", "wrong")], Stranger::Own),
    ("/api/account/session", &[], Stranger::Own),
    ("/api/appointments/accept-offer", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/appointments/ask", &[("patient", "{p}"), ("reason", "x")], Stranger::NotFound),
    ("/api/appointments/book", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/appointments/cancel", &[("patient", "{p}"), ("visit", "{v}"), ("reason", "other")], Stranger::NotFound),
    ("/api/appointments/confirm", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/appointments/confirm-day", &[("day", "2026-12-01")], Stranger::Own),
    ("/api/appointments/decline-offer", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/appointments/give-up-hold", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/appointments/hold", &[("patient", "{p}"), ("kind", "{v}"), ("slot", "x")], Stranger::NotFound),
    ("/api/appointments/join-fast-pass", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/appointments/keep-details", &[("patient", "{p}"), ("id", "{v}"), ("reason", "x")], Stranger::NotFound),
    ("/api/appointments/leave-fast-pass", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/appointments/leave-hold", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/appointments/renew-hold", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/appointments/use-link", &[("token", "x")], Stranger::Own),
    ("/api/appointments/withdraw", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/billing/ask", &[("bill", "{v}"), ("topic", "other"), ("words", "x")], Stranger::NotFound),
    ("/api/billing/ask-estimate", &[("patient", "{p}"), ("words", "x")], Stranger::NotFound),
    ("/api/billing/begin-plan", &[("guarantor", "{v}"), ("agreed", "true")], Stranger::NotFound),
    ("/api/billing/change-plan", &[("id", "{v}"), ("what", "end")], Stranger::NotFound),
    ("/api/billing/forget-card", &[("id", "{v}")], Stranger::NotFound),
    ("/api/billing/hardship", &[], Stranger::Own),
    ("/api/billing/insurance", &[], Stranger::Own),
    ("/api/billing/keep-card", &[("setup_intent", "x")], Stranger::Own),
    ("/api/billing/paperless", &[("guarantor", "{v}"), ("paperless", "true")], Stranger::NotFound),
    ("/api/billing/pay", &[("id", "{v}")], Stranger::NotFound),
    ("/api/billing/prepare", &[("guarantor", "{v}"), ("method", "new")], Stranger::NotFound),
    ("/api/billing/stop", &[("id", "{v}")], Stranger::NotFound),
    ("/api/billing/use-card", &[("id", "{v}")], Stranger::NotFound),
    ("/api/calendar/end", &[], Stranger::Own),
    ("/api/calendar/keep", &[("people[p{p}]", "true")], Stranger::NotFound),
    ("/api/calendar/renew", &[], Stranger::NotFound),
    ("/api/check-in/arrive", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/check-in/begin-form", &[("patient", "{p}"), ("visit", "{v}"), ("form", "{v}")], Stranger::NotFound),
    ("/api/check-in/delay", &[("department", "{v}"), ("minutes", "5")], Stranger::NotFound),
    ("/api/check-in/desk", &[("patient", "{p}"), ("visit", "{v}"), ("what", "arrived")], Stranger::NotFound),
    ("/api/check-in/hand-over", &[("patient", "{p}"), ("visit", "{v}"), ("step", "plan")], Stranger::NotFound),
    ("/api/check-in/insurance", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/check-in/medicines", &[("patient", "{p}"), ("visit", "{v}"), ("step", "medications")], Stranger::NotFound),
    ("/api/check-in/office", &[("department", "{v}")], Stranger::NotFound),
    ("/api/check-in/pay-later", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/check-in/personal", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/check-in/plan", &[("patient", "{p}"), ("visit", "{v}"), ("phone", "860-555-0100")], Stranger::NotFound),
    ("/api/check-in/reopen", &[("patient", "{p}"), ("visit", "{v}"), ("step", "all"), ("words", "x")], Stranger::NotFound),
    ("/api/check-in/undo", &[("patient", "{p}"), ("visit", "{v}"), ("step", "plan")], Stranger::NotFound),
    ("/api/consents/decide", &[("patient", "{p}"), ("visit", "{v}"), ("document", "{v}")], Stranger::NotFound),
    ("/api/consents/withdraw", &[("department", "{v}"), ("document", "{v}")], Stranger::NotFound),
    ("/api/consents/write", &[("department", "{v}")], Stranger::NotFound),
    ("/api/corrections/ask", &[("patient", "{p}"), ("about", "item:{v}"), ("wrong", "x")], Stranger::NotFound),
    ("/api/corrections/decide", &[("id", "{v}"), ("decision", "decline"), ("words", "x")], Stranger::NotFound),
    ("/api/corrections/disagree", &[("patient", "{p}"), ("id", "{v}"), ("words", "x")], Stranger::NotFound),
    ("/api/corrections/review", &[("id", "{v}")], Stranger::NotFound),
    ("/api/credentials/check", &[("card", "x")], Stranger::Own),
    ("/api/credentials/check-file", &[], Stranger::Own),
    ("/api/credentials/issue", &[("patient", "{p}"), ("subject", "other_vaccines")], Stranger::NotFound),
    ("/api/credentials/revoke", &[("patient", "{p}"), ("card", "{v}")], Stranger::NotFound),
    ("/api/family/accept-invitation", &[("token", "0"), ("birth_date", "1950-01-01"), ("terms", "true")], Stranger::Own),
    ("/api/family/ask-for-child", &[("given_name", "Nobody"), ("family_name", "Kim"), ("birth_date", "2020-01-01")], Stranger::Own),
    ("/api/family/bring-papers", &[], Stranger::Own),
    ("/api/family/change-access", &[("patient", "{p}"), ("id", "{v}"), ("level", "all")], Stranger::NotFound),
    ("/api/family/decline-invitation", &[("token", "0")], Stranger::Own),
    (
        "/api/family/draft-invitation",
        &[("patient", "{p}"), ("name", "X"), ("email", "x@example.org"), ("relationship", "spouse"), ("level", "all")],
        Stranger::NotFound,
    ),
    ("/api/family/end-access", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/family/forget-photo", &[("patient", "{p}")], Stranger::NotFound),
    ("/api/family/give-up-access", &[("patient", "{p}")], Stranger::NotFound),
    ("/api/family/keep-look", &[("patient", "{p}"), ("hue", "1")], Stranger::NotFound),
    ("/api/family/keep-photo", &[], Stranger::Own),
    ("/api/family/send-invitation", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/family/withdraw-invitation", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/home/needs-you", &[], Stranger::Own),
    ("/api/ledgers/adjust", &[("bill", "{v}"), ("how", "down"), ("amount", "1"), ("words", "x")], Stranger::NotFound),
    ("/api/ledgers/connect", &[("id", "{v}"), ("username", "x")], Stranger::NotFound),
    ("/api/ledgers/decide", &[("id", "{v}"), ("accepted", "true")], Stranger::NotFound),
    ("/api/ledgers/estimate", &[("bill", "{v}"), ("title", "x"), ("lines", "x 1")], Stranger::NotFound),
    ("/api/ledgers/letter", &[("bill", "{v}")], Stranger::NotFound),
    ("/api/ledgers/record-payment", &[("bill", "{v}"), ("amount", "1"), ("words", "x")], Stranger::NotFound),
    ("/api/ledgers/refund", &[("bill", "{v}"), ("attempt", "{v}"), ("amount", "1"), ("words", "x")], Stranger::NotFound),
    ("/api/ledgers/transfer", &[("bill", "{v}"), ("to", "x"), ("words", "x")], Stranger::NotFound),
    ("/api/medications/advance", &[("patient", "{p}"), ("id", "{v}"), ("step", "sent")], Stranger::NotFound),
    ("/api/medications/decide", &[("patient", "{p}"), ("id", "{v}"), ("decision", "visit")], Stranger::NotFound),
    ("/api/medications/discard", &[("patient", "{p}")], Stranger::NotFound),
    ("/api/medications/prepare", &[("patient", "{p}"), ("which[m{v}]", "true")], Stranger::NotFound),
    ("/api/medications/request", &[("patient", "{p}"), ("batch", "{v}")], Stranger::NotFound),
    ("/api/medications/review", &[("patient", "{p}"), ("id", "{v}"), ("decision", "accept")], Stranger::NotFound),
    ("/api/medications/tell", &[("patient", "{p}"), ("kind", "allergy"), ("title", "x"), ("words", "x")], Stranger::NotFound),
    ("/api/medications/withdraw", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/messages/add-note", &[("patient", "{p}"), ("thread", "{v}"), ("sending_key", "{v}"), ("note", "x")], Stranger::NotFound),
    ("/api/messages/answer", &[("patient", "{p}"), ("thread", "{v}"), ("sending_key", "{v}"), ("body", "x")], Stranger::NotFound),
    ("/api/messages/answer-as-staff", &[("patient", "{p}"), ("thread", "{v}"), ("sending_key", "{v}"), ("reply", "x")], Stranger::NotFound),
    ("/api/messages/close", &[("patient", "{p}"), ("thread", "{v}")], Stranger::NotFound),
    ("/api/messages/decide-e-visit", &[("patient", "{p}"), ("thread", "{v}"), ("price", "4000"), ("accepted", "true")], Stranger::NotFound),
    ("/api/messages/discard-draft", &[("patient", "{p}")], Stranger::NotFound),
    ("/api/messages/hand-over", &[("patient", "{p}"), ("thread", "{v}"), ("to", "{v}")], Stranger::NotFound),
    ("/api/messages/keep-draft", &[("patient", "{p}"), ("body", "x")], Stranger::NotFound),
    ("/api/messages/mark-sensitive", &[("patient", "{p}"), ("thread", "{v}"), ("sensitive", "true")], Stranger::NotFound),
    ("/api/messages/move-shared", &[("from", "{p}"), ("to", "{p}")], Stranger::NotFound),
    ("/api/messages/mute", &[("patient", "{p}"), ("thread", "{v}"), ("muted", "true")], Stranger::NotFound),
    ("/api/messages/no-answer-needed", &[("patient", "{p}"), ("thread", "{v}"), ("sending_key", "{v}")], Stranger::NotFound),
    ("/api/messages/offer-e-visit", &[("patient", "{p}"), ("thread", "{v}"), ("price", "40"), ("reason", "x")], Stranger::NotFound),
    ("/api/messages/send", &[("patient", "{p}"), ("sending_key", "{v}"), ("body", "x")], Stranger::NotFound),
    ("/api/messages/share", &[], Stranger::Own),
    ("/api/messages/start", &[("patient", "{p}"), ("sending_key", "{v}"), ("reply", "x")], Stranger::NotFound),
    ("/api/messages/urge", &[("patient", "{p}"), ("thread", "{v}")], Stranger::NotFound),
    ("/api/notes/read", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/offices/add-leave", &[("department", "{v}"), ("clinician", "{v}")], Stranger::NotFound),
    ("/api/offices/change", &[("department", "{v}"), ("reply_days", "1")], Stranger::NotFound),
    ("/api/offices/delete-reply", &[("department", "{v}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/offices/end-leave", &[("department", "{v}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/offices/keep-reply", &[("department", "{v}"), ("title", "x")], Stranger::NotFound),
    ("/api/pages/read", &[("path", "/p/{p}/access-log")], Stranger::NotFound),
    ("/api/pay/code", &[("letter_code", "x"), ("birth_date", "1950-01-01")], Stranger::Own),
    ("/api/pay/find", &[("number", "x"), ("family_name", "x")], Stranger::Own),
    ("/api/pay/pay", &[("id", "{v}")], Stranger::NotFound),
    ("/api/pay/prepare", &[("email", "")], Stranger::NotFound),
    ("/api/pay/stop", &[("id", "{v}")], Stranger::NotFound),
    ("/api/pay/use-card", &[("id", "{v}")], Stranger::NotFound),
    ("/api/phone/choose", &[], Stranger::Own),
    ("/api/phone/end", &[("id", "{v}")], Stranger::NotFound),
    ("/api/phone/keep", &[("id", "emergency:{p}")], Stranger::NotFound),
    ("/api/phone/renew", &[("endpoint", "x"), ("p256dh", "x"), ("auth", "x")], Stranger::NotFound),
    ("/api/phone/still", &[("ids", "emergency:{p}")], Stranger::Own),
    ("/api/phone/subscribe", &[("endpoint", "https://evil.example/"), ("p256dh", "x"), ("auth", "x")], Stranger::Own),
    ("/api/phone/unsubscribe", &[("endpoint", "https://evil.example/")], Stranger::Own),
    ("/api/portable/delete-file", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/portable/enter", &[("share_code", "ABCDE-FGHJK"), ("birth_date", "1950-01-01")], Stranger::Own),
    ("/api/portable/finish", &[], Stranger::Own),
    ("/api/portable/leave-note", &[("note", "x")], Stranger::NotFound),
    ("/api/portable/make-link", &[("patient", "{p}"), ("recipient", "x"), ("sections[notes]", "true"), ("days", "1")], Stranger::NotFound),
    ("/api/portable/renew-code", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/portable/revoke", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/portable/share", &[("patient", "{p}"), ("recipient", "x"), ("sections[notes]", "true"), ("minutes", "15")], Stranger::NotFound),
    ("/api/portable/take-along", &[("patient", "{p}"), ("sections[notes]", "true")], Stranger::NotFound),
    ("/api/questionnaires/add-file", &[], Stranger::NotFound),
    ("/api/questionnaires/ask", &[("patient", "{p}"), ("form", "{v}"), ("department", "{v}")], Stranger::NotFound),
    ("/api/questionnaires/ask-before-visits", &[("department", "{v}"), ("form", "{v}")], Stranger::NotFound),
    ("/api/questionnaires/keep", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/questionnaires/remove-file", &[("patient", "{p}"), ("id", "{v}"), ("key", "i0r0")], Stranger::NotFound),
    ("/api/questionnaires/reopen", &[("patient", "{p}"), ("visit", "{v}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/questionnaires/send", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/questionnaires/take-on", &[("id", "{v}")], Stranger::NotFound),
    ("/api/questionnaires/withdraw", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/recovery/ask", &[("lost", "both"), ("email", "nobody@example.org"), ("birth_date", "1950-01-01")], Stranger::Own),
    ("/api/recovery/choose-password", &[("token", "0"), ("password", "plum river toast"), ("repeat", "plum river toast")], Stranger::Own),
    ("/api/recovery/prove-email", &[("token", "0")], Stranger::Own),
    ("/api/requests/answer-help", &[("id", "{v}"), ("answer_text", "x")], Stranger::NotFound),
    ("/api/requests/ask-help", &[("topic", "other"), ("text", "x")], Stranger::Own),
    ("/api/requests/change-details", &[("patient", "{p}"), ("city", "X")], Stranger::NotFound),
    ("/api/requests/decide", &[("id", "{v}"), ("decision", "decline"), ("reason", "x")], Stranger::NotFound),
    ("/api/requests/report-access", &[("patient", "{p}"), ("event", "{v}")], Stranger::NotFound),
    ("/api/requests/withdraw", &[("id", "{v}")], Stranger::NotFound),
    (
        "/api/results/choose-timing",
        &[("patient", "{p}"), ("laboratory", "now"), ("imaging", "now"), ("pathology", "now"), ("other", "now")],
        Stranger::NotFound,
    ),
    ("/api/schedules/add-hours", &[("clinician", "{v}"), ("department", "{v}")], Stranger::NotFound),
    ("/api/schedules/block", &[("department", "{v}")], Stranger::NotFound),
    ("/api/schedules/book", &[("patient", "{p}"), ("kind", "{v}")], Stranger::NotFound),
    ("/api/schedules/cancel", &[("patient", "{p}"), ("visit", "{v}"), ("words", "x")], Stranger::NotFound),
    ("/api/schedules/decline", &[("patient", "{p}"), ("id", "{v}"), ("words", "x")], Stranger::NotFound),
    ("/api/schedules/end-hours", &[("id", "{v}")], Stranger::NotFound),
    ("/api/schedules/keep-department", &[("department", "{v}")], Stranger::NotFound),
    ("/api/schedules/keep-kind", &[("name_en", "x")], Stranger::NotFound),
    ("/api/schedules/mark-urgent", &[("patient", "{p}"), ("visit", "{v}"), ("words", "x")], Stranger::NotFound),
    ("/api/schedules/move", &[("patient", "{p}"), ("visit", "{v}"), ("kind", "{v}"), ("words", "x")], Stranger::NotFound),
    ("/api/schedules/offer", &[("patient", "{p}"), ("id", "{v}")], Stranger::NotFound),
    ("/api/schedules/unblock", &[("id", "{v}")], Stranger::NotFound),
    ("/api/second-step/allow-passkey", &[], Stranger::Own),
    ("/api/second-step/confirm-app", &[("code", "000000")], Stranger::Own),
    ("/api/second-step/decline-passkey", &[], Stranger::Own),
    ("/api/second-step/finish-passkey", &[("new", "false"), ("credential", "x")], Stranger::NotFound),
    ("/api/second-step/mail-code", &[], Stranger::Own),
    ("/api/second-step/pass", &[("code", "000000")], Stranger::Own),
    ("/api/second-step/remove-app", &[("password", "wrong")], Stranger::Own),
    ("/api/second-step/remove-passkey", &[("id", "{v}")], Stranger::NotFound),
    ("/api/second-step/renew-codes", &[], Stranger::Own),
    ("/api/second-step/revoke-device", &[("id", "{v}")], Stranger::NotFound),
    ("/api/second-step/set-email-code", &[("on", "true")], Stranger::Own),
    ("/api/second-step/start-passkey", &[("new", "false")], Stranger::Own),
    ("/api/sign-in/sign-in", &[("username", "nobody"), ("password", "wrong")], Stranger::Own),
    ("/api/sign-in/sign-out", &[], Stranger::Own),
    ("/api/sign-in/sign-out-everywhere", &[], Stranger::Own),
    ("/api/sign-in/stay", &[], Stranger::Own),
    ("/api/sign-up/begin-as-invited", &[("token", "0"), ("name", "X"), ("birth_date", "1980-01-01")], Stranger::Own),
    ("/api/sign-up/choose-id", &[("username", "x")], Stranger::NotFound),
    ("/api/sign-up/enter-code", &[("activation_code", "ABCDE-FGHJK"), ("birth_date", "1950-01-01"), ("zip", "06457")], Stranger::Own),
    ("/api/sign-up/finish", &[("email", "x@example.org")], Stranger::NotFound),
    (
        "/api/sign-up/request-code",
        &[("given_name", "X"), ("family_name", "Y"), ("birth_date", "1950-01-01"), ("zip", "06457"), ("email", "x@example.org")],
        Stranger::Own,
    ),
    ("/api/staff/complete-birth-date", &[("patient", "{p}"), ("birth_date", "1950-01-01"), ("photo_id", "true")], Stranger::NotFound),
    (
        "/api/staff/create-account",
        &[("patient", "{p}"), ("username", "x"), ("password", "x"), ("repeat", "x"), ("answer", "x"), ("email", "x@example.org")],
        Stranger::NotFound,
    ),
    ("/api/staff/end-access", &[("patient", "{p}"), ("id", "{v}"), ("reason", "x")], Stranger::NotFound),
    ("/api/staff/hand-out-code", &[("patient", "{p}"), ("photo_id", "true"), ("birth_date_said", "true")], Stranger::NotFound),
    ("/api/staff/join-records", &[("patient", "{p}"), ("other", "{v}"), ("known_by", "x")], Stranger::NotFound),
    ("/api/staff/record-access", &[("patient", "{p}"), ("username", "grace"), ("basis", "parent_child")], Stranger::NotFound),
    ("/api/staff/record-emancipation", &[("patient", "{p}"), ("papers_seen", "true")], Stranger::NotFound),
    ("/api/staff/separate-records", &[("patient", "{p}"), ("id", "{v}"), ("reason", "x")], Stranger::NotFound),
    ("/api/staff/undo-emancipation", &[("patient", "{p}"), ("reason", "x")], Stranger::NotFound),
    ("/api/summaries/read", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/tours/read", &[("name", "notes")], Stranger::Own),
    ("/api/video/call-me", &[("patient", "{p}"), ("visit", "{v}"), ("phone", "860-555-0100")], Stranger::NotFound),
    ("/api/video/called", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/video/end-guest", &[("patient", "{p}"), ("visit", "{v}"), ("guest", "{v}")], Stranger::NotFound),
    ("/api/video/guest-name", &[("code", "x"), ("name", "x")], Stranger::NotFound),
    ("/api/video/invite", &[("patient", "{p}"), ("visit", "{v}"), ("whom", "x")], Stranger::NotFound),
    ("/api/video/office", &[("department", "{v}"), ("held", "portal"), ("opens_minutes", "15")], Stranger::NotFound),
    ("/api/video/ready", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/video/staff-end-guest", &[("patient", "{p}"), ("visit", "{v}"), ("guest", "{v}")], Stranger::NotFound),
    ("/api/video/staff-invite", &[("patient", "{p}"), ("visit", "{v}"), ("whom", "x")], Stranger::NotFound),
    ("/api/visits/list", &[("patient", "{p}")], Stranger::NotFound),
];

/// Every page, and the status that a stranger gets.
pub const PAGES: &[(&str, u16)] = &[
    ("/", 302),
    ("/account", 200),
    ("/account/calendar", 200),
    ("/account/close", 200),
    ("/account/devices", 200),
    ("/account/email", 200),
    ("/account/notices", 200),
    ("/account/password", 200),
    ("/account/recovery-codes", 200),
    ("/account/second-step", 200),
    ("/account/second-step/app", 200),
    ("/account/second-step/passkey", 200),
    ("/account/username", 200),
    ("/arrive/{department}", 404),
    ("/billing", 200),
    ("/billing/bills/{v}", 404),
    ("/billing/bills/{v}/ask", 404),
    ("/billing/cards", 200),
    ("/billing/cards/new", 200),
    ("/billing/cards/new-bank", 200),
    ("/billing/explained/{v}", 404),
    ("/billing/of/{guarantor}/help", 404),
    ("/billing/of/{guarantor}/history", 404),
    ("/billing/of/{guarantor}/pay", 404),
    ("/billing/of/{guarantor}/plan", 404),
    ("/billing/payments/{v}", 404),
    ("/billing/payments/{v}/bank", 404),
    ("/billing/payments/{v}/card", 404),
    ("/billing/plans/{v}", 404),
    ("/confirm/{day}", 404),
    ("/demo/outbox", 200),
    ("/help", 200),
    ("/help/appointments-and-fast-pass", 200),
    ("/help/ask", 200),
    ("/help/asked", 200),
    ("/help/bill", 200),
    ("/help/check-in", 200),
    ("/help/family-records", 200),
    ("/help/getting-started", 200),
    ("/help/linking-accounts", 200),
    ("/help/message-your-doctor", 200),
    ("/help/new-experience", 200),
    ("/help/notes", 200),
    ("/help/on-your-phone", 200),
    ("/help/pay-as-a-guest", 200),
    ("/help/pay-your-bill", 200),
    ("/help/proxy-access", 200),
    ("/help/questions", 200),
    ("/help/request-medicine", 200),
    ("/help/sharing-your-record", 200),
    ("/help/virtual-visits", 200),
    ("/help/visits-by-video", 200),
    ("/home", 200),
    ("/invitation", 200),
    ("/invitation/declined", 200),
    ("/menu", 200),
    ("/messages/shared", 404),
    ("/p/{p}/access-log", 404),
    ("/p/{p}/billing", 404),
    ("/p/{p}/consents", 404),
    ("/p/{p}/consents/{v}", 404),
    ("/p/{p}/correction", 404),
    ("/p/{p}/estimates", 404),
    ("/p/{p}/health", 404),
    ("/p/{p}/health/allergies", 404),
    ("/p/{p}/health/care-team", 404),
    ("/p/{p}/health/conditions", 404),
    ("/p/{p}/health/credentials", 404),
    ("/p/{p}/health/credentials/{v}", 404),
    ("/p/{p}/health/devices", 404),
    ("/p/{p}/health/documents", 404),
    ("/p/{p}/health/documents/{v}", 404),
    ("/p/{p}/health/emergency", 404),
    ("/p/{p}/health/goals", 404),
    ("/p/{p}/health/growth", 404),
    ("/p/{p}/health/history", 404),
    ("/p/{p}/health/immunizations", 404),
    ("/p/{p}/health/medications", 404),
    ("/p/{p}/health/other", 404),
    ("/p/{p}/health/preventive-care", 404),
    ("/p/{p}/health/print", 404),
    ("/p/{p}/health/procedures", 404),
    ("/p/{p}/health/vitals", 404),
    ("/p/{p}/insurance", 404),
    ("/p/{p}/medications", 404),
    ("/p/{p}/medications/request", 404),
    ("/p/{p}/medications/requests/{v}", 404),
    ("/p/{p}/medications/tell", 404),
    ("/p/{p}/medications/{v}", 404),
    ("/p/{p}/messages", 404),
    ("/p/{p}/messages/new", 404),
    ("/p/{p}/messages/{v}", 404),
    ("/p/{p}/messages/{v}/e-visit", 404),
    ("/p/{p}/personal-information", 404),
    ("/p/{p}/personal-information/change", 404),
    ("/p/{p}/questionnaires", 404),
    ("/p/{p}/questionnaires/{v}", 404),
    ("/p/{p}/questionnaires/{v}/file/{key}", 404),
    ("/p/{p}/questionnaires/{v}/help", 404),
    ("/p/{p}/results", 404),
    ("/p/{p}/results/timing", 404),
    ("/p/{p}/results/trend", 404),
    ("/p/{p}/results/{v}", 404),
    ("/p/{p}/share", 404),
    ("/p/{p}/share/code", 404),
    ("/p/{p}/share/link", 404),
    ("/p/{p}/share/{v}", 404),
    ("/p/{p}/take-along", 404),
    ("/p/{p}/visits", 404),
    ("/p/{p}/visits/book", 404),
    ("/p/{p}/visits/book/{kind}", 404),
    ("/p/{p}/visits/hold/{v}", 404),
    ("/p/{p}/visits/hold/{v}/review", 404),
    ("/p/{p}/visits/offers/{v}", 404),
    ("/p/{p}/visits/request", 404),
    ("/p/{p}/visits/requests/{v}", 404),
    ("/p/{p}/visits/{v}", 404),
    ("/p/{p}/visits/{v}/arrive", 404),
    ("/p/{p}/visits/{v}/cancel", 404),
    ("/p/{p}/visits/{v}/chat", 404),
    ("/p/{p}/visits/{v}/check-in", 404),
    ("/p/{p}/visits/{v}/check-in/{step}", 404),
    ("/p/{p}/visits/{v}/consents/{document}", 404),
    ("/p/{p}/visits/{v}/earlier", 404),
    ("/p/{p}/visits/{v}/guests", 404),
    ("/p/{p}/visits/{v}/notes", 404),
    ("/p/{p}/visits/{v}/summary", 404),
    ("/p/{p}/visits/{v}/video", 404),
    ("/pay", 200),
    ("/pay/bills", 200),
    ("/pay/payments/{v}", 200),
    ("/pay/payments/{v}/card", 200),
    ("/people", 200),
    ("/people/{p}", 404),
    ("/phone", 200),
    ("/recover", 200),
    ("/recover/email", 200),
    ("/recover/email-proved", 200),
    ("/recover/link", 200),
    ("/recover/sent", 200),
    ("/requests", 200),
    ("/shared", 200),
    ("/shared/record", 404),
    ("/sharing", 200),
    ("/sharing/child", 200),
    ("/sharing/invitations/{v}", 404),
    ("/sharing/invite", 404),
    ("/sharing/papers", 200),
    ("/sign-in", 200),
    ("/sign-in/second-step", 200),
    ("/sign-up", 200),
    ("/sign-up/contact", 404),
    ("/sign-up/id", 404),
    ("/sign-up/request", 200),
    ("/sign-up/requested", 200),
    ("/staff/billing", 404),
    ("/staff/billing/accounts/{v}", 404),
    ("/staff/billing/bills/{v}", 404),
    ("/staff/billing/bills/{v}/estimate", 404),
    ("/staff/billing/bills/{v}/letter", 404),
    ("/staff/billing/day", 404),
    ("/staff/billing/requests/{v}/estimate", 404),
    ("/staff/billing/visits/{v}/estimate", 404),
    ("/staff/check-in", 404),
    ("/staff/check-in/{department}", 404),
    ("/staff/check-in/{department}/documents", 404),
    ("/staff/check-in/{department}/documents/{document}", 404),
    ("/staff/check-in/{department}/questionnaires", 404),
    ("/staff/earlier", 404),
    ("/staff/medications", 404),
    ("/staff/medications/told/{v}", 404),
    ("/staff/medications/{v}", 404),
    ("/staff/messages", 404),
    ("/staff/messages/new", 404),
    ("/staff/messages/new/{p}", 404),
    ("/staff/messages/{v}", 404),
    ("/staff/office", 404),
    ("/staff/patients", 404),
    ("/staff/patients/{p}", 404),
    ("/staff/patients/{p}/book", 404),
    ("/staff/patients/{p}/code", 404),
    ("/staff/patients/{p}/join", 404),
    ("/staff/patients/{p}/questionnaires", 404),
    ("/staff/patients/{p}/questionnaires/{v}", 404),
    ("/staff/questionnaires", 404),
    ("/staff/queue", 404),
    ("/staff/requests/{v}", 404),
    ("/staff/schedule", 404),
    ("/staff/schedule/departments/{v}", 404),
    ("/staff/schedule/hours/{clinician}", 404),
    ("/staff/schedule/kinds", 404),
    ("/staff/schedule/kinds/{v}", 404),
    ("/staff/video", 404),
    ("/staff/video/{department}", 404),
    ("/staff/visit-requests", 404),
    ("/staff/visit-requests/{v}", 404),
    ("/staff/visits/{v}", 404),
    ("/staff/visits/{v}/check-in", 404),
    ("/staff/visits/{v}/guests", 404),
    ("/staff/visits/{v}/video", 404),
    ("/verify", 200),
    ("/video/guest/{code}", 200),
    ("/visit/{token}", 200),
];

#[test]
fn the_tables_are_complete() {
    let registered: Vec<String> = registered();
    let listed: Vec<&str> = TABLE.iter().map(|(path, ..)| *path).collect();
    assert_eq!(registered, listed, "every server function stands in the table, in order");
    assert!(registered.len() > 5, "the server functions are linked in");
    let named = |path: &str| path.replace("{patient}", "{p}").replace("{visit}", "{v}").replace("{id}", "{v}");
    let mut pages: Vec<String> = page_paths().into_iter().map(named).collect();
    pages.sort();
    assert_eq!(pages, PAGES.iter().map(|(path, _)| *path).collect::<Vec<_>>(), "every page stands in the table, in order");
}

#[test]
fn nobody_gets_in() {
    on_every_engine(|world| {
        for (path, arguments, _) in TABLE.iter().filter(|(path, ..)| !is_public_function(path)) {
            let answer = world.nobody().call(path.trim_start_matches("/api/"), &fill(world, arguments));
            assert_eq!((answer.status, answer.body.as_str()), (401, "\"SignInNeeded\""), "{path}");
        }
        for (page, _) in PAGES.iter().filter(|(page, _)| !is_public_page(page)) {
            let answer = world.nobody().get(&fill_path(world, page));
            assert_eq!(answer.status, 303, "{page}");
            assert!(answer.header("location").starts_with("/sign-in"), "{page}");
            assert!(answer.body.is_empty(), "{page}");
        }
    });
}

#[test]
fn a_stranger_gets_nothing_of_somebody_elses() {
    on_every_engine(|world| {
        for (path, arguments, wanted) in TABLE {
            // Signing out ends the session, so everybody comes anew.
            let stranger = world.sign_in("grace");
            let answer = stranger.call(path.trim_start_matches("/api/"), &fill(world, arguments));
            match wanted {
                Stranger::NotFound => assert_eq!(answer.body, "\"NotFound\"", "{path}"),
                Stranger::Own => assert!(!answer.body.contains("NotFound"), "{path}: {}", answer.body),
            }
            for name in ["Lucas", "Emma"] {
                assert!(!answer.body.contains(name), "{path} names {name}");
            }
        }
        let stranger = world.sign_in("grace");
        for (page, status) in PAGES.iter() {
            let answer = stranger.get(&fill_path(world, page));
            assert_eq!(answer.status, *status, "{page}");
            assert!(!answer.body.contains("Lucas") || *page == "/sign-in", "{page} names Lucas");
        }
    });
}

#[test]
fn a_visit_of_one_chart_is_not_found_in_another() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let (emma, visit) = (world.patient("Emma").to_string(), a_visit(world, "Maria"));
        for function in ["notes/read", "summaries/read"] {
            let answer = maria.call(function, &[("patient", &emma), ("visit", &visit)]);
            assert_eq!(answer.body, "\"NotFound\"", "{function}");
        }
    });
}

#[test]
fn nonsense_is_refused_without_a_word_of_it() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for (path, arguments, _) in TABLE.iter().filter(|(_, arguments, _)| arguments.iter().any(|(name, _)| *name == "patient")) {
            let nonsense: BTreeMap<&str, &str> = arguments.iter().map(|(name, _)| (*name, "x' OR 1=1 --<script>")).collect();
            let answer = maria.call(path.trim_start_matches("/api/"), &nonsense.into_iter().collect::<Vec<_>>());
            assert_eq!(answer.body, "\"NotFound\"", "{path}");
        }
        for page in ["/p/1/visits", "/p/%3Cscript%3E/visits", "/nothing/here"] {
            let answer = maria.get(page);
            assert_eq!(answer.status, 404, "{page}");
            assert!(!answer.body.contains("<script>alert"), "{page}");
        }
    });
}

fn registered() -> Vec<String> {
    let mut paths: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.sort();
    paths
}

fn fill<'a>(world: &World, arguments: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    arguments.iter().map(|(name, value)| (*name, &*fill_path(world, value).leak())).collect()
}

pub fn fill_path(world: &World, path: &str) -> String {
    let mut path = path.replace("{p}", &world.patient("Lucas").to_string());
    if path.contains("{v}") {
        path = path.replace("{v}", &a_visit(world, "Lucas"));
    }
    path
}

/// A past visit of somebody.
pub fn a_visit(world: &World, given_name: &str) -> String {
    use app::record::visit::{entity::visit, model::Status};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let find = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(world.patient(given_name)))
        .filter(visit::Column::Status.eq(Status::Finished));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("a visit").id.to_string()
}
