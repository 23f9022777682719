//! The words of bills and payments, and the rules that need neither database nor clock.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// The kind of requests that tell about an insurance.
pub const INSURANCE_REQUEST: &str = "insurance";
/// Bills are in dollars; one in another currency is the office's to look at.
pub const CURRENCY: &str = "USD";
/// Nobody pays less than this at once, but for what is left of a bill (the hospital's rule).
pub const LEAST_PART: i64 = 500;
/// Days after which a bill is due, where it does not say it itself.
pub const DUE_AFTER: Days = Days::new(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillState {
    Open,
    /// The plan has not answered yet.
    Waiting,
    /// Its parts do not add up: nothing is asked for until the office has looked at it.
    Checking,
    Cancelled,
}

stored_as_text!(BillState { Open = "open", Waiting = "waiting", Checking = "checking", Cancelled = "cancelled" });

/// Why the office checks a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The lines are not the total.
    Total,
    /// What the plan says is not what the bill asks for.
    Plan,
    Currency,
    /// Nobody is named who pays.
    Nobody,
}

impl Mismatch {
    pub fn as_str(self) -> &'static str {
        match self {
            Mismatch::Total => "total",
            Mismatch::Plan => "plan",
            Mismatch::Currency => "currency",
            Mismatch::Nobody => "nobody",
        }
    }
}

/// What an entry of the ledger is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    Charge,
    InsuranceAdjustment,
    InsurancePayment,
    PatientPayment,
    Refund,
    WriteOff,
    /// An adjustment by the office, up or down.
    Adjustment,
    /// To or from the bill of another guarantor.
    Transfer,
}

stored_as_text!(EntryKind {
    Charge = "charge",
    InsuranceAdjustment = "insurance_adjustment",
    InsurancePayment = "insurance_payment",
    PatientPayment = "patient_payment",
    Refund = "refund",
    WriteOff = "write_off",
    Adjustment = "adjustment",
    Transfer = "transfer",
});

/// How a try to pay stands. States only move on: created, asked, then how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// The processor was not asked yet.
    Created,
    /// It was asked, and its answer is not known.
    Asked,
    /// The bank asks the payer something more.
    NeedsAction,
    /// A bank account is being debited, which takes days: what it is for is taken off what is due until it is known how it ends.
    Processing,
    Paid,
    Declined,
    /// It was never asked, or nobody answered the bank's question: nothing was charged.
    Abandoned,
}

stored_as_text!(AttemptState {
    Created = "created",
    Asked = "asked",
    NeedsAction = "needs_action",
    Processing = "processing",
    Paid = "paid",
    Declined = "declined",
    Abandoned = "abandoned",
});

impl AttemptState {
    /// It is not known yet how it ends.
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    pub const OPEN: [AttemptState; 4] = [AttemptState::Created, AttemptState::Asked, AttemptState::NeedsAction, AttemptState::Processing];
}

/// What is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Card,
    /// A checking or savings account, debited over the ACH network.
    Bank,
}

stored_as_text!(MethodKind { Card = "card", Bank = "bank" });

/// Business days after which a debit of a bank account is settled at the latest, as a rule (Stripe, ACH Direct Debit).
pub const DEBIT_DAYS: u32 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    Asked,
    Done,
    Failed,
}

stored_as_text!(RefundState { Asked = "asked", Done = "done", Failed = "failed" });

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    Active,
    PaidOff,
    /// Two payments in a row failed.
    Failed,
    Cancelled,
}

stored_as_text!(PlanState { Active = "active", PaidOff = "paid_off", Failed = "failed", Cancelled = "cancelled" });

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanPaymentState {
    Planned,
    Paid,
    /// Both tries failed.
    Missed,
    Skipped,
    /// The plan ended before.
    Dropped,
}

stored_as_text!(PlanPaymentState {
    Planned = "planned",
    Paid = "paid",
    Missed = "missed",
    Skipped = "skipped",
    Dropped = "dropped",
});

/// Least and most of a plan (the hospital's rule): the balance from which there is one, what is paid a month, how many months.
pub const PLAN_LEAST: i64 = 5_000;
pub const PLAN_MONTHLY: i64 = 2_500;
pub const PLAN_MONTHS: i64 = 24;
/// Days after which a payment that failed is tried again.
pub const RETRY_AFTER: Days = Days::new(3);
/// So many misses end a plan.
pub const MOST_MISSES: i32 = 2;

/// What is paid when.
pub type Schedule = Vec<(NaiveDate, i64)>;

/// The payments of a plan: equal ones, and what is left with the last. `None` where the rules do not allow it.
pub fn schedule(total: i64, monthly: i64, day: u32, today: NaiveDate) -> Option<Schedule> {
    if total < PLAN_LEAST || monthly < PLAN_MONTHLY || monthly > total || !(1..=28).contains(&day) {
        return None;
    }
    let count = (total + monthly - 1) / monthly;
    if count > PLAN_MONTHS {
        return None;
    }
    let this_month = today.with_day(day)?;
    let first = if this_month > today { this_month } else { this_month.checked_add_months(Months::new(1))? };
    (0..count)
        .map(|number| {
            let on = first.checked_add_months(Months::new(u32::try_from(number).ok()?))?;
            Some((on, monthly.min(total - number * monthly)))
        })
        .collect()
}

/// What is paid a month when it takes so many: rounded up to whole cents, so that the last is the smallest.
pub fn monthly_for(total: i64, months: i64) -> i64 {
    if months < 1 { total } else { (total + months - 1) / months }
}

/// Spreads a sum over bills, the first ones first. What is more than all of them is left over.
pub fn spread(cents: i64, due: &[i64]) -> Vec<i64> {
    let mut left = cents;
    due.iter()
        .map(|due| {
            let part = left.clamp(0, (*due).max(0));
            left -= part;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn plans_keep_the_rules() {
        let today = day("2026-01-31");
        assert_eq!(schedule(4_999, 2_500, 1, today), None, "too little for a plan");
        assert_eq!(schedule(10_000, 2_499, 1, today), None, "too little a month");
        assert_eq!(schedule(60_001, 2_500, 1, today), None, "more than 24 months");
        assert_eq!(schedule(10_000, 2_500, 29, today), None, "not every month has this day");
        assert_eq!(schedule(10_000, 10_001, 1, today), None, "more than what is due");
        let found = schedule(10_000, 3_000, 28, today).expect("a plan");
        let expected = [("2026-02-28", 3_000), ("2026-03-28", 3_000), ("2026-04-28", 3_000), ("2026-05-28", 1_000)];
        assert_eq!(found, expected.map(|(on, cents)| (day(on), cents)));
        assert_eq!(schedule(10_000, 5_000, 31, today), None);
        assert_eq!(schedule(10_000, 5_000, 15, day("2026-01-15")).expect("a plan")[0].0, day("2026-02-15"), "never today");
    }

    proptest! {
        #[test]
        fn plans_add_up(total in 5_000i64..60_000, months in 1i64..=24, on in 1u32..=28, offset in 0u64..800) {
            let today = day("2026-01-01") + Days::new(offset);
            let monthly = monthly_for(total, months);
            if let Some(plan) = schedule(total, monthly, on, today) {
                prop_assert_eq!(plan.iter().map(|(_, cents)| cents).sum::<i64>(), total);
                prop_assert!(plan.iter().all(|(date, cents)| *cents > 0 && *date > today && date.day() == on));
                prop_assert!(plan.len() as i64 <= months);
                prop_assert!(plan.windows(2).all(|pair| pair[0].0 < pair[1].0));
            } else {
                prop_assert!(monthly < PLAN_MONTHLY);
            }
        }

        #[test]
        fn sums_are_spread_and_nothing_is_lost(cents in 0i64..100_000, due in prop::collection::vec(-5_000i64..50_000, 0..8)) {
            let parts = spread(cents, &due);
            let all: i64 = due.iter().map(|due| (*due).max(0)).sum();
            prop_assert_eq!(parts.iter().sum::<i64>(), cents.min(all));
            prop_assert!(parts.iter().zip(&due).all(|(part, due)| *part >= 0 && *part <= (*due).max(0)));
        }
    }
}
