//! Bills after any order of payments, refunds, changes by the office and corrections of the plan: everything adds up, and nobody is asked
//! for less than nothing, or pays more than is due.

use std::collections::HashMap;

use app::{
    access::as_system,
    desk::billing::{
        entity::{bill, ledger_entry, ledger_proposal, payment_attempt, payment_part, payment_refund},
        model::{AttemptState, EntryKind, RefundState},
        payer::due,
    },
};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::{
    billing::{adds_up, all, ask_again, bill_numbered, household, newest_attempt, prepare, type_card},
    world::{Somebody, World, on_every_engine},
};

/// The bills of one payer. What the plan says of the first one is corrected again and again.
const BILLS: [&str; 2] = ["B-26-00117", "B-26-00098"];

#[derive(Clone, Debug)]
enum Step {
    /// Pays so many cents, or everything where that is less, with a card of the demo's bank.
    Pay(usize, i64, &'static str),
    /// Sends so many cents of some payment back.
    Refund(usize, i64),
    /// The office changes what is due.
    Adjust(usize, &'static str, i64),
    /// Somebody else decides about everything that was proposed.
    Decide(bool),
    /// A payment by phone.
    Record(usize, i64),
    /// The plan says anew what is the patient's share of the first bill.
    Plan(i64),
    /// What is not known is asked again.
    Job,
}

fn step() -> impl Strategy<Value = Step> {
    let (bill, cents) = (0..BILLS.len(), prop_oneof![1..60i64, 400..9_000i64]);
    prop_oneof![
        4 => (bill.clone(), cents.clone(), prop_oneof![Just("works"), Just("works"), Just("declined")])
            .prop_map(|(bill, cents, card)| Step::Pay(bill, cents, card)),
        3 => (any::<usize>(), cents.clone()).prop_map(|(which, cents)| Step::Refund(which, cents)),
        3 => (bill.clone(), prop_oneof![Just("up"), Just("up"), Just("down"), Just("write_off")], prop_oneof![cents.clone(), 10_001..15_000i64])
            .prop_map(|(bill, how, cents)| Step::Adjust(bill, how, cents)),
        1 => any::<bool>().prop_map(Step::Decide),
        1 => (bill, cents).prop_map(|(bill, cents)| Step::Record(bill, cents)),
        2 => (0..20_000i64).prop_map(Step::Plan),
        2 => Just(Step::Job),
    ]
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

struct Walk<'w> {
    world: &'w World,
    maria: Somebody<'w>,
    dana: Somebody<'w>,
    other: Somebody<'w>,
    bills: Vec<Uuid>,
    refused: HashMap<&'static str, u32>,
    done: HashMap<&'static str, u32>,
}

impl Walk<'_> {
    fn count(&mut self, what: &'static str, status: u16) {
        let counted = if status == 200 { &mut self.done } else { &mut self.refused };
        *counted.entry(what).or_default() += 1;
    }

    fn take(&mut self, step: &Step) {
        let (world, bills) = (self.world, self.bills.clone());
        match *step {
            Step::Pay(bill, cents, card) => {
                let found = bill_numbered(world, BILLS[bill]);
                // Now and then more than is due, which is refused.
                let cents = if cents % 5 == 0 { cents } else { cents.min(due(&found)) };
                let begun = prepare(&self.maria, found.guarantor_id.expect("a guarantor"), &[(found.id, &money(cents))], "new");
                self.count("pay", begun.status);
                if begun.status == 200 {
                    let id = newest_attempt(world).id;
                    assert_eq!(type_card(&self.maria, "/billing/payments", "billing/use-card", id, card, "").status, 200);
                    assert_eq!(self.maria.call("billing/pay", &[("id", &id.to_string())]).status, 200);
                }
            }
            Step::Refund(which, cents) => {
                let parts = all::<payment_part::Entity>(world);
                let Some(part) = which.checked_rem(parts.len()).and_then(|index| parts.get(index)) else { return };
                let fields = [
                    ("bill", &*part.bill_id.to_string()),
                    ("attempt", &part.attempt_id.to_string()),
                    ("amount", &money(cents)),
                    ("words", "x"),
                ];
                let status = self.dana.call("ledgers/refund", &fields).status;
                self.count("refund", status);
            }
            Step::Adjust(bill, how, cents) => {
                let fields = [("bill", &*bills[bill].to_string()), ("how", how), ("amount", &money(cents)), ("words", "x")];
                let status = self.dana.call("ledgers/adjust", &fields).status;
                self.count("adjust", status);
            }
            Step::Decide(accepted) => {
                for row in all::<ledger_proposal::Entity>(world).into_iter().filter(|row| row.decided_at.is_none()) {
                    let fields = [("id", &*row.id.to_string()), ("accepted", if accepted { "true" } else { "" })];
                    let status = self.other.call("ledgers/decide", &fields).status;
                    self.count("decide", status);
                }
            }
            Step::Record(bill, cents) => {
                let fields = [("bill", &*bills[bill].to_string()), ("amount", &money(cents)), ("words", "by phone")];
                let status = self.dana.call("ledgers/record-payment", &fields).status;
                self.count("record", status);
            }
            Step::Plan(cents) => {
                let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [plan_pays(cents)]});
                world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
                self.count("plan", 200);
            }
            Step::Job => ask_again(world),
        }
    }

    fn holds(&self) {
        let world = self.world;
        adds_up(world);
        let entries = all::<ledger_entry::Entity>(world);
        let attempts = all::<payment_attempt::Entity>(world);
        // Every payment that went through is entered once and whole; no other one is.
        for attempt in &attempts {
            let entered: i64 = entries
                .iter()
                .filter(|row| row.attempt_id == Some(attempt.id) && row.kind == EntryKind::PatientPayment)
                .map(|row| -row.cents)
                .sum();
            assert_eq!(entered, if attempt.state == AttemptState::Paid { attempt.cents } else { 0 }, "{attempt:?}");
        }
        // What went back was paid before, and is entered when it is done.
        for part in all::<payment_part::Entity>(world) {
            let of = all::<payment_refund::Entity>(world);
            let of: Vec<_> = of.iter().filter(|row| (row.attempt_id, row.bill_id) == (part.attempt_id, part.bill_id)).collect();
            assert!(of.iter().filter(|row| row.state != RefundState::Failed).map(|row| row.cents).sum::<i64>() <= part.cents);
        }
        let done: i64 = all::<payment_refund::Entity>(world).iter().filter(|row| row.state == RefundState::Done).map(|row| row.cents).sum();
        let entered: i64 = entries.iter().filter(|row| row.kind == EntryKind::Refund).map(|row| row.cents).sum();
        assert_eq!(done, entered);
        // Charged, taken off, paid and due are one sum, and nobody is asked for less than nothing.
        let page = self.maria.get("/billing").body;
        for id in &self.bills {
            let bill: bill::Model = all::<bill::Entity>(world).into_iter().find(|bill| bill.id == *id).expect("a bill");
            let sum = |kinds: &[EntryKind]| {
                entries.iter().filter(|row| row.bill_id == *id && kinds.contains(&row.kind)).map(|row| row.cents).sum::<i64>()
            };
            let asked = sum(&[
                EntryKind::Charge,
                EntryKind::InsuranceAdjustment,
                EntryKind::InsurancePayment,
                EntryKind::Adjustment,
                EntryKind::WriteOff,
                EntryKind::Transfer,
            ]);
            let paid = sum(&[EntryKind::PatientPayment, EntryKind::Refund]);
            assert_eq!(asked + paid, bill.balance_cents);
            assert!(due(&bill) >= 0 && paid <= 0, "{bill:?}");
            if due(&bill) > 0 {
                let shown = money(due(&bill));
                assert!(page.contains(&format!("${shown}")), "{shown} is on the overview: {page}");
            }
        }
    }
}

/// What the plan says of the first bill, with another share of the patient; what it pays follows.
fn plan_pays(patient: i64) -> Value {
    let is_it = |entry: &&Value| {
        let (resource, total) = (&entry["resource"], |index: usize| entry["resource"]["total"][index]["amount"]["value"].clone());
        resource["resourceType"] == "ExplanationOfBenefit" && total(1) == 200 && total(2) == 175 && total(3) == 25
    };
    let entry = household().iter().find(is_it).expect("what the plan says of the first bill").to_string();
    let text = entry.replace("\"value\":175,", &format!("\"value\":{},", money(20_000 - patient)));
    serde_json::from_str(&text.replace("\"value\":25,", &format!("\"value\":{},", money(patient)))).expect("JSON")
}

#[test]
fn after_any_order_of_payments_refunds_changes_and_corrections_everything_adds_up() {
    on_every_engine(|world| {
        let seed = [7; 32];
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let steps = vec(step(), 160).new_tree(&mut runner).expect("steps").current();
        let bills = BILLS.iter().map(|number| bill_numbered(world, number).id).collect();
        let people = (world.sign_in("maria"), world.sign_in("dana"), world.sign_in("samuel"));
        let mut walk =
            Walk { world, maria: people.0, dana: people.1, other: people.2, bills, refused: HashMap::new(), done: HashMap::new() };
        for (number, step) in steps.iter().enumerate() {
            eprintln!("{number}: {step:?}");
            walk.take(step);
            walk.holds();
        }
        let corrected = all::<ledger_entry::Entity>(world).into_iter().filter(|row| row.kind == EntryKind::InsurancePayment);
        assert!(corrected.filter(|row| row.bill_id == walk.bills[0]).count() > 3, "the plan corrected itself");
        for what in ["pay", "refund", "adjust", "decide", "record", "plan"] {
            assert!(walk.done.get(what).is_some_and(|times| *times > 2), "{what}: {:?} {:?}", walk.done, walk.refused);
        }
    });
}
