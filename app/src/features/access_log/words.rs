//! The lines of the access log in words.

use super::model::{Line, Who};
use crate::base::i18n::Texts;

pub(crate) fn who_in_words(t: Texts, who: &Who) -> String {
    match who {
        Who::You => t.log_you().to_owned(),
        Who::Patient(name) => name.clone(),
        Who::Proxy(name) => t.log_proxy(name),
        Who::Recipient(None) => t.log_recipient().to_owned(),
        Who::Recipient(Some(sharer)) => t.log_recipient_of(sharer),
        Who::Staff(name, role) => format!("{name} ({})", role.in_words(t)),
    }
}

pub(crate) fn what_in_words(t: Texts, line: &Line) -> &'static str {
    if line.looked { looked_at(t, &line.what) } else { done(t, &line.what) }
}

/// What was seen where something could have been done, and was not.
fn looked_at(t: Texts, permission: &str) -> &'static str {
    match permission {
        "UseHealthCards" => t.log_saw_cards(),
        "AskCorrection" => t.log_saw_correction(),
        "ChangePersonalInformation" => t.log_saw_change(),
        "ManageAccess" => t.log_saw_access(),
        "JoinRecords" => t.log_saw_join(),
        "WriteMessages" => t.log_did_messages(),
        "RequestMedicine" => t.log_did_health(),
        "BookVisits" => t.log_did_visits(),
        "ArrangeVisits" => t.log_did_open_visit(),
        "DecideMedicineRequest" => t.log_did_open_medicine(),
        _ => done(t, permission),
    }
}

fn done(t: Texts, permission: &str) -> &'static str {
    match permission {
        "ViewPersonalInformation" => t.log_did_personal(),
        "GatherHome" => t.log_did_home(),
        "ViewVisits" => t.log_did_visits(),
        "ViewSummaries" => t.log_did_summaries(),
        "ViewHealthSummary" => t.log_did_health(),
        "ViewResults" => t.log_did_results(),
        "ViewNotes" => t.log_did_notes(),
        "ReadShared" => t.log_did_read_shared(),
        "TakeAlong" => t.log_did_take_along(),
        "ShareRecord" | "EndShares" => t.log_did_share(),
        "ViewShares" => t.log_did_view_shares(),
        "ChooseResultTiming" => t.log_did_timing(),
        "UseHealthCards" => t.log_did_cards(),
        "AskCorrection" => t.log_did_correction(),
        "ChangePersonalInformation" => t.log_did_change(),
        "ManageAccess" | "GiveUpAccess" => t.log_did_access(),
        "ViewPatientAccount" => t.log_did_account(),
        "CreateAccounts" => t.log_did_create(),
        "RecordAccess" => t.log_did_record(),
        "JoinRecords" => t.log_did_join(),
        "ReadMessages" => t.log_did_messages(),
        "WriteMessages" => t.log_did_write(),
        "RequestMedicine" => t.log_did_ask_medicine(),
        "OpenMedicineRequest" => t.log_did_open_medicine(),
        "DecideMedicineRequest" => t.log_did_decide_medicine(),
        "BookVisits" => t.log_did_book(),
        "OpenVisit" => t.log_did_open_visit(),
        "ArrangeVisits" => t.log_did_arrange(),
        "ViewBills" => t.log_did_view_bills(),
        "PayBills" => t.log_did_pay_bills(),
        "OpenLedger" => t.log_did_open_ledger(),
        "ViewInsurance" | "TellInsurance" => t.log_did_insurance(),
        "OpenThread" => t.log_did_thread(),
        "AnswerMessages" => t.log_did_answer(),
        "OpenRequest" => t.log_did_request(),
        "AcceptRequest" => t.log_did_accept(),
        "ConfirmDifferences" => t.log_did_confirm(),
        "OpenAttachment" => t.log_did_attachment(),
        _ => t.log_did_other(),
    }
}
