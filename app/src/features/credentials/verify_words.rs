//! The words of verdicts about cards, for the server and for the reader in the browser.

use card_reader::report::Words;

use crate::base::i18n::{Texts, param};

pub(super) fn words(t: Texts) -> Words {
    let owned = str::to_owned;
    Words {
        holds: t.verify_holds("{name}"),
        holds_text: owned(t.verify_holds_text()),
        holds_as_signed_text: owned(t.verify_holds_as_signed_text()),
        unknown: owned(t.verify_unknown()),
        unknown_text: owned(t.verify_unknown_text()),
        wrong: owned(t.verify_wrong()),
        wrong_text: owned(t.verify_wrong_text()),
        unknown_key_text: owned(t.verify_unknown_key_text()),
        revoked: owned(t.verify_revoked()),
        revoked_text: owned(t.verify_revoked_text()),
        not_now: owned(t.verify_not_now()),
        not_yet_text: owned(t.verify_not_yet_text()),
        expired_text: owned(t.verify_expired_text()),
        no_card: owned(t.verify_no_card()),
        no_code: owned(t.credentials_why_no_code_in_picture()),
        fault_none: owned(t.verify_fault_none()),
        fault_parts: t.verify_fault_parts(param::Found("{found}"), param::Of("{of}")),
        fault_mixed: t.verify_fault_mixed("{of}"),
        fault_digits: owned(t.verify_fault_digits()),
        fault_shape: owned(t.verify_fault_shape()),
        fault_header: owned(t.verify_fault_header()),
        fault_compression: owned(t.verify_fault_compression()),
        fault_content: owned(t.verify_fault_content()),
        fault_many: t.verify_fault_many("{most}"),
        claims: owned(t.verify_claims()),
        claims_unchecked: owned(t.verify_claims_unchecked()),
        name: owned(t.personal_name()),
        birth_date: owned(t.personal_birth_date()),
        value: owned(t.results_value()),
        lot: owned(t.verify_lot()),
        by: owned(t.verify_by()),
        status: owned(t.verify_status()),
        not_given: owned(t.verify_not_given()),
        in_error: owned(t.verify_in_error()),
        preliminary: owned(t.verify_preliminary()),
        cancelled: owned(t.verify_cancelled()),
        corrected: owned(t.verify_corrected()),
        yes: owned(t.family_yes()),
        no: owned(t.family_no()),
        detected: owned(t.verify_detected()),
        not_detected: owned(t.verify_not_detected()),
        positive: owned(t.verify_positive()),
        negative: owned(t.verify_negative()),
        months: owned(t.dates_months()),
        date: t.dates_date(param::Day("{day}"), param::Month("{month}"), param::Year("{year}")),
        camera_refused: owned(t.verify_camera_refused()),
        camera_parts: t.verify_camera_parts(param::Found("{found}"), param::Of("{of}")),
        camera_looks: owned(t.verify_camera_looks()),
    }
}
