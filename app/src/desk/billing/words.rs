//! Bills and payments in words.

use super::{
    entity::{benefit, bill, payment_attempt, payment_method, payment_refund},
    model::{AttemptState, BillState, EntryKind, MethodKind, PlanState, RefundState},
    payer::due,
    store::{Reads, Shown},
};
use crate::{
    base::{
        i18n::{Texts, param},
        money::price,
    },
    view::sections::Tag,
};

/// What a bill is for, as its reader reads it.
pub fn title_of(t: Texts, shown: &Shown) -> String {
    let bill = &shown.bill;
    match (&bill.title, shown.reads, bill.service_on) {
        (Some(title), Reads::All | Reads::Services, _) => title.clone(),
        (_, _, Some(day)) => t.billing_visit_on(&t.date(day)),
        _ => t.billing_bill_of(&t.date(bill.issued_on)),
    }
}

/// The codes of a plan's answer and what they mean; one that is not known stands as it came.
pub fn plan_codes(t: Texts, answer: &benefit::Model) -> Vec<(String, String)> {
    let told = |found| (t.billing_code(found), code(t, found).unwrap_or(t.billing_code_unknown()).to_owned());
    answer.codes.split_whitespace().map(told).collect()
}

/// How a bill stands.
pub fn bill_tag(t: Texts, bill: &bill::Model, today: chrono::NaiveDate) -> Tag {
    match bill.state {
        BillState::Cancelled => Tag::muted(t.billing_tag_cancelled()),
        BillState::Checking => Tag::warning(t.billing_tag_checking()),
        BillState::Waiting => Tag::neutral(t.billing_tag_waiting()),
        BillState::Open if bill.balance_cents < 0 => Tag::good(t.billing_tag_credit()),
        BillState::Open if due(bill) == 0 && bill.pending_cents > 0 => Tag::neutral(t.billing_tag_on_its_way()),
        BillState::Open if due(bill) == 0 => Tag::good(t.billing_tag_paid()),
        BillState::Open if bill.due_on < today => Tag::warning(t.billing_tag_overdue()),
        BillState::Open => Tag::neutral(t.billing_tag_due()),
    }
}

/// Who paid, as their readers name them.
pub fn payer(t: Texts, attempt: &payment_attempt::Model) -> String {
    if attempt.guest { t.billing_payer_guest().to_owned() } else { attempt.by.clone() }
}

/// How a try to pay stands.
pub fn attempt_tag(t: Texts, attempt: &payment_attempt::Model, returned: i64) -> Tag {
    match attempt.state {
        AttemptState::Created => Tag::neutral(t.billing_tag_not_sent()),
        AttemptState::Asked => Tag::warning(t.billing_tag_being_checked()),
        AttemptState::NeedsAction => Tag::warning(t.billing_tag_bank_asks()),
        AttemptState::Processing => Tag::neutral(t.billing_tag_on_its_way()),
        AttemptState::Paid if returned >= attempt.cents => Tag::muted(t.billing_tag_refunded()),
        AttemptState::Paid if returned > 0 => Tag::good(t.billing_tag_partly_refunded()),
        AttemptState::Paid => Tag::good(t.billing_tag_paid()),
        AttemptState::Declined => Tag::warning(t.billing_tag_declined()),
        AttemptState::Abandoned => Tag::muted(t.billing_tag_not_charged()),
    }
}

/// How a plan stands.
pub fn plan_tag(t: Texts, state: PlanState) -> Tag {
    match state {
        PlanState::Active => Tag::good(t.billing_plan_active()),
        PlanState::PaidOff => Tag::good(t.billing_plan_paid_off()),
        PlanState::Failed => Tag::warning(t.billing_plan_failed()),
        PlanState::Cancelled => Tag::muted(t.billing_plan_cancelled()),
    }
}

/// "Visa ending in 4242, valid until 4/2030".
pub fn method(t: Texts, method: &payment_method::Model) -> String {
    let ending = ending(t, method.kind, &method.brand, &method.last4);
    match method.expires.as_deref().and_then(|expires| expires.split_once('-')) {
        Some((year, month)) => {
            let until = t.billing_valid_until(&format!("{}/{year}", month.trim_start_matches('0')));
            format!("{ending}, {until}")
        }
        None => ending,
    }
}

/// "Visa ending in 4242", or the bank.
pub fn ending(t: Texts, kind: MethodKind, told: &str, last4: &str) -> String {
    let name = match (kind, told) {
        (MethodKind::Bank, "") => t.billing_bank_account().to_owned(),
        // A bank writes its own name.
        (MethodKind::Bank, bank) => bank.to_owned(),
        (MethodKind::Card, card) => brand(card),
    };
    t.billing_ending(param::Brand(&name), param::Digits(last4))
}

/// "american_express" as people write it.
fn brand(told: &str) -> String {
    told.split('_').map(capitalized).collect::<Vec<_>>().join(" ")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Why a bank refuses, as whoever pays can do something about it. What only the bank should say, the bank says.
pub fn declined(t: Texts, code: &str) -> &'static str {
    match code {
        "insufficient_funds" => t.billing_declined_funds(),
        "expired_card" => t.billing_declined_expired(),
        "incorrect_cvc" | "invalid_cvc" => t.billing_declined_cvc(),
        "incorrect_number" | "invalid_number" | "invalid_expiry_year" | "invalid_expiry_month" => t.billing_declined_number(),
        "authentication_required" | "payment_intent_authentication_failure" | "authentication_failed" => {
            t.billing_declined_authentication()
        }
        "card_not_supported" | "currency_not_supported" => t.billing_declined_kind(),
        // Of debits of bank accounts, as their networks return them.
        "account_closed" => t.billing_declined_closed(),
        "no_account" | "invalid_account_number" | "incorrect_account_holder_name" | "bank_account_unusable" => {
            t.billing_declined_no_account()
        }
        "debit_not_authorized" | "bank_account_restricted" => t.billing_declined_no_debits(),
        "processing_error" | "try_again_later" | "issuer_not_available" => t.billing_declined_later(),
        _ => t.billing_declined_call(),
    }
}

/// What a line of the ledger is.
pub fn entry(t: Texts, kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Charge => t.billing_entry_charge(),
        EntryKind::InsuranceAdjustment => t.billing_entry_agreed(),
        EntryKind::InsurancePayment => t.billing_entry_plan_paid(),
        EntryKind::PatientPayment => t.billing_entry_paid(),
        EntryKind::Refund => t.billing_entry_refund(),
        EntryKind::WriteOff => t.billing_entry_write_off(),
        EntryKind::Adjustment => t.billing_entry_adjustment(),
        EntryKind::Transfer => t.billing_entry_transfer(),
    }
}

/// Why somebody owes what they owe, as sentences: what the plan paid, and what of the rest is theirs and why.
pub fn why_owed(t: Texts, found: &benefit::Model) -> Vec<String> {
    let insurer = found.insurer.clone().unwrap_or_else(|| t.billing_your_plan().to_owned());
    let (paid, owed) = (found.paid_cents.unwrap_or(0), found.owed_cents.unwrap_or(0));
    let mut sentences = Vec::new();
    sentences.push(if paid > 0 {
        t.billing_plan_paid(param::Amount(&price(paid)), param::Insurer(&insurer))
    } else {
        t.billing_plan_paid_nothing(&insurer)
    });
    if owed == 0 {
        sentences.push(t.billing_you_owe_nothing().to_owned());
        return sentences;
    }
    let parts = [
        (found.copay_cents, Texts::billing_part_copay as fn(Texts, &str) -> String),
        (found.deductible_cents, Texts::billing_part_deductible),
        (found.coinsurance_cents, Texts::billing_part_coinsurance),
        (found.noncovered_cents, Texts::billing_part_noncovered),
    ];
    let named: i64 = parts.iter().map(|(cents, _)| cents).sum();
    for (cents, words) in parts {
        if cents > 0 {
            sentences.push(words(t, &price(cents)));
        }
    }
    if named < owed {
        sentences.push(t.billing_part_other(&price(owed - named)));
    }
    sentences
}

/// What an adjustment or remark code means. Source: X12 CARC and RARC lists, in plain words; the common ones.
fn code(t: Texts, code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => t.billing_code_1(),
        "2" => t.billing_code_2(),
        "3" => t.billing_code_3(),
        "16" => t.billing_code_16(),
        "18" => t.billing_code_18(),
        "22" => t.billing_code_22(),
        "23" => t.billing_code_23(),
        "26" => t.billing_code_26(),
        "27" => t.billing_code_27(),
        "29" => t.billing_code_29(),
        "31" => t.billing_code_31(),
        "45" => t.billing_code_45(),
        "50" => t.billing_code_50(),
        "96" => t.billing_code_96(),
        "97" => t.billing_code_97(),
        "109" => t.billing_code_109(),
        "119" => t.billing_code_119(),
        "151" => t.billing_code_151(),
        "197" => t.billing_code_197(),
        "204" => t.billing_code_204(),
        "242" => t.billing_code_242(),
        "MA01" => t.billing_code_ma01(),
        "M15" => t.billing_code_m15(),
        "N130" => t.billing_code_n130(),
        "N19" => t.billing_code_n19(),
        "N362" => t.billing_code_n362(),
        _ => return None,
    })
}

/// What the office checks.
pub fn problem(t: Texts, key: &str) -> &'static str {
    match key {
        "total" => t.billing_problem_total(),
        "plan" => t.billing_problem_plan(),
        "currency" => t.billing_problem_currency(),
        _ => t.billing_problem_other(),
    }
}

/// What of a payment went back.
pub fn returned(refunds: &[payment_refund::Model]) -> i64 {
    refunds.iter().filter(|refund| refund.state == RefundState::Done).map(|refund| refund.cents).sum()
}
