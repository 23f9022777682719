//! The lines of the access log in words.

use super::model::Who;
use crate::{base::i18n::Texts, people::relation::StaffRole};

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
        "OpenRequest" => t.log_did_request(),
        "AcceptRequest" => t.log_did_accept(),
        "ConfirmDifferences" => t.log_did_confirm(),
        "OpenAttachment" => t.log_did_attachment(),
        _ => t.log_did_other(),
    }
}
