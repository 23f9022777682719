//! The access log of a chart.

use leptos::server_fn::ServerFn;

use super::store::{self, Filter, Line, Who};
use crate::{
    access::{AccessKind, allow, policy},
    base::{error::Error, i18n::Texts, ids::PatientId},
    desk::requests::api::ReportAccess,
    people::relation::StaffRole,
    platform::request::csv_line,
    view::screens::{
        link,
        model::{Field, Form, Part, Screen},
        off, query_value,
    },
};

/// So many lines are on a page.
const MOST: u64 = 200;
/// So many lines of the file are read at a time.
const CHUNK: u64 = 1000;

/// Who opened this chart.
pub async fn page(patient: &str, query: &str) -> Result<Screen, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<policy::ViewAccessLog>(patient).await?;
    let t = grant.texts();
    let chosen = query_value(query, "who").unwrap_or_default();
    let before = query_value(query, "before").and_then(|id| id.parse().ok());
    let mut lines = store::lines(&grant, filter(&chosen), before, MOST + 1).await?;
    let more = lines.len() as u64 > MOST;
    lines.truncate(MOST as usize);
    let older = lines.last().filter(|_| more).map(|last| format!("/p/{patient}/access-log?who={chosen}&before={}", last.id));
    let choices = [("", t.log_everybody()), ("me", t.log_you()), ("proxies", t.log_proxies()), ("staff", t.log_staff())];
    let own = grant.access_kind() == AccessKind::Own;
    let choices = choices.into_iter().filter(|(key, _)| own || *key != "proxies");
    let search = Form::search(t.log_show())
        .field(
            Field::select("who", t.log_who(), choices.map(|(value, words)| (value.to_owned(), words.to_owned())).collect())
                .value(chosen)
                .optional(),
        )
        .done();
    let mut parts: Vec<Part> = if lines.is_empty() { vec![Part::text(t.log_none())] } else { Vec::new() };
    for line in lines {
        let mut details = vec![t.date_and_time(line.at, &grant.zone())];
        details.extend(line.device.clone());
        let report = Form::post(ReportAccess::PATH, t.log_not_me()).quiet().hidden("patient", patient).hidden("event", line.id).done();
        parts.push(Part::Entry {
            title: format!("{}: {}", who_in_words(t, &line.who), what_in_words(t, &line.what)),
            tag: if line.allowed { None } else { off(t.log_refused()) },
            lines: vec![details.join(" · ")],
            parts: vec![Part::More { summary: t.log_wrong().into(), parts: vec![report] }],
        });
    }
    parts.extend(older.map(|older| Part::quiet(older, t.log_older())));
    Ok(Screen::new(t.log_title(), if own { t.log_lead() } else { t.log_lead_proxy() })
        .narrow()
        .sheet("", vec![search, Part::Buttons { main: false, links: vec![link(format!("/files/access-log/{patient}"), t.log_download())] }])
        .sheet(t.log_lines(), parts))
}

/// The same as a file: comma-separated values, in UTF-8.
///
/// # Errors
/// As the page.
pub async fn csv(patient: PatientId) -> Result<String, Error> {
    let grant = allow::<policy::ViewAccessLog>(patient).await?;
    let t = grant.texts();
    let mut text = String::from("\u{feff}");
    let mut row = |cells: [&str; 5]| text += &csv_line(&cells);
    row([t.log_when(), t.log_who(), t.log_what(), t.log_outcome(), t.log_device()]);
    let mut before = None;
    loop {
        let lines = store::lines(&grant, Filter::Everybody, before, CHUNK).await?;
        let last = lines.last().map(|line| line.id);
        for Line { at, who, what, allowed, device, .. } in lines {
            let outcome = if allowed { t.log_allowed() } else { t.log_refused() };
            let who = who_in_words(t, &who);
            row([&at.to_rfc3339(), &who, what_in_words(t, &what), outcome, device.as_deref().unwrap_or_default()]);
        }
        match last {
            Some(last) => before = Some(last),
            None => return Ok(text),
        }
    }
}

fn filter(chosen: &str) -> Filter {
    match chosen {
        "me" => Filter::Me,
        "proxies" => Filter::Proxies,
        "staff" => Filter::Staff,
        _ => Filter::Everybody,
    }
}

pub(crate) fn who_in_words(t: Texts, who: &Who) -> String {
    match who {
        Who::You => t.log_you().to_owned(),
        Who::Patient(name) => name.clone(),
        Who::Proxy(name) => t.log_proxy(name),
        Who::Recipient(None) => t.log_recipient().to_owned(),
        Who::Recipient(Some(sharer)) => t.log_recipient_of(sharer),
        Who::Staff(name, role) => {
            let role = match role {
                StaffRole::FrontDesk => t.log_front_desk(),
                StaffRole::Support => t.log_support(),
                StaffRole::Billing => t.log_billing(),
                StaffRole::Records => t.log_records(),
            };
            format!("{name} ({role})")
        }
    }
}

pub(crate) fn what_in_words(t: Texts, permission: &str) -> &'static str {
    match permission {
        "ViewPersonalInformation" => t.log_did_personal(),
        "ViewVisits" => t.log_did_visits(),
        "ViewSummaries" => t.log_did_summaries(),
        "ViewHealthSummary" => t.log_did_health(),
        "ViewResults" => t.log_did_results(),
        "ViewNotes" => t.log_did_notes(),
        "ReadShared" => t.log_did_read_shared(),
        "TakeAlong" => t.log_did_take_along(),
        "ShareRecord" => t.log_did_share(),
        "ViewShares" => t.log_did_view_shares(),
        "ChooseResultTiming" => t.log_did_timing(),
        "UseHealthCards" => t.log_did_cards(),
        "AskCorrection" => t.log_did_correction(),
        "ChangePersonalInformation" => t.log_did_change(),
        "ManageAccess" | "GiveUpAccess" => t.log_did_access(),
        "ViewPatientAccount" => t.log_did_account(),
        "CreateAccounts" => t.log_did_create(),
        "RecordAccess" => t.log_did_record(),
        "OpenRequest" => t.log_did_request(),
        "OpenAttachment" => t.log_did_attachment(),
        _ => t.log_did_other(),
    }
}
