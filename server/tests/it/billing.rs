//! Bills: where they come from, who sees what of them, paying signed in and as a guest, plans, refunds, the billing office.

use std::collections::BTreeMap;

use app::{
    access::as_system,
    desk::billing::{
        entity::{bill, guarantor, ledger_entry, payment_attempt, payment_plan, plan_payment, processor_event},
        model::{AttemptState, BillState, EntryKind, MethodKind, PlanPaymentState, PlanState},
        processor::sign,
    },
};
use chrono::{DateTime, Datelike, Months, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use server::{fhir::import_bundle, jobs::payments};
use uuid::Uuid;

use crate::{
    accounts::letters,
    world::{Answer, Somebody, World, on_every_engine},
};

pub fn all<E: EntityTrait>(world: &World) -> Vec<E::Model> {
    world.wait(E::find().all(&world.state.connection)).expect("a query")
}

pub fn bill_numbered(world: &World, number: &str) -> bill::Model {
    let found = bill::Entity::find().filter(bill::Column::Number.eq(number));
    world.wait(found.one(&world.state.connection)).expect("a query").unwrap_or_else(|| panic!("{number} is a bill"))
}

pub fn account_numbered(world: &World, number: &str) -> guarantor::Model {
    let found = guarantor::Entity::find().filter(guarantor::Column::Number.eq(number));
    world.wait(found.one(&world.state.connection)).expect("a query").unwrap_or_else(|| panic!("{number} is an account"))
}

pub fn attempt(world: &World, id: Uuid) -> payment_attempt::Model {
    world.wait(payment_attempt::Entity::find_by_id(id).one(&world.state.connection)).expect("a query").expect("a payment")
}

pub fn newest_attempt(world: &World) -> payment_attempt::Model {
    let newest = payment_attempt::Entity::find().order_by_desc(payment_attempt::Column::MadeAt).order_by_desc(payment_attempt::Column::Id);
    world.wait(newest.one(&world.state.connection)).expect("a query").expect("a payment")
}

pub fn entries(world: &World, bill: Uuid) -> Vec<ledger_entry::Model> {
    let of = ledger_entry::Entity::find().filter(ledger_entry::Column::BillId.eq(bill));
    world.wait(of.all(&world.state.connection)).expect("a query")
}

/// Every balance is the sum of its entries.
pub fn adds_up(world: &World) {
    let mut sums: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in all::<ledger_entry::Entity>(world) {
        *sums.entry(row.bill_id).or_default() += row.cents;
    }
    for bill in all::<bill::Entity>(world) {
        assert_eq!(bill.balance_cents, sums.get(&bill.id).copied().unwrap_or(0), "{}", bill.number);
        assert_eq!(
            bill.is_open,
            bill.balance_cents != 0 || matches!(bill.state, BillState::Waiting | BillState::Checking),
            "{}",
            bill.number
        );
    }
}

pub fn at(world: &World, instant: DateTime<Utc>) {
    world.state.clock.move_to(Some(instant));
}

pub fn prepare(me: &Somebody<'_>, guarantor: Uuid, parts: &[(Uuid, &str)], method: &str) -> Answer {
    let mut fields = vec![("guarantor".to_owned(), guarantor.to_string()), ("method".to_owned(), method.to_owned())];
    fields.extend(parts.iter().map(|(bill, sum)| (format!("amount[b{bill}]"), (*sum).to_owned())));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    me.call("billing/prepare", &fields)
}

/// Types a card at the bank, as its page does, and takes it for a payment.
pub fn type_card(me: &Somebody<'_>, base: &str, function: &str, id: Uuid, card: &str, keep: &str) -> Answer {
    let page = me.get(&format!("{base}/{id}/card"));
    assert_eq!(page.status, 200, "{}", page.body);
    let setup = page.body.split("setup_intent=").nth(1).and_then(|rest| rest.split(['&', '"']).next()).expect("the bank's page").to_owned();
    let back = me.submit("/demo/bank/card", &[("setup_intent", &setup), ("card", card), ("back", "")]);
    assert_eq!(back.status, 303, "{}", back.body);
    me.call(function, &[("id", &id.to_string()), ("setup_intent", &setup), ("keep", keep)])
}

/// Goes all the way with a new card; returns the payment.
fn pay_with(world: &World, me: &Somebody<'_>, number: &str, sum: &str, card: &str) -> Uuid {
    let bill = bill_numbered(world, number);
    let answer = prepare(me, bill.guarantor_id.expect("a guarantor"), &[(bill.id, sum)], "new");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = newest_attempt(world).id;
    let used = type_card(me, "/billing/payments", "billing/use-card", id, card, "");
    assert_eq!(used.status, 200, "{}", used.body);
    let paid = me.call("billing/pay", &[("id", &id.to_string())]);
    assert_eq!(paid.status, 200, "{}", paid.body);
    id
}

/// The bank is asked again about everything that is not known.
pub fn ask_again(world: &World) {
    world.wait(payments::work(world.state.clone())).expect("the job");
}

/// The bill's page as its reader sees it.
fn page_of(me: &Somebody<'_>, bill: &bill::Model) -> String {
    let page = me.get(&format!("/billing/bills/{}", bill.id));
    assert_eq!(page.status, 200, "{}", page.body);
    page.body
}

#[test]
fn nobody_sees_the_bills_of_somebody_else() {
    on_every_engine(|world| {
        let (nobody, maria, ernesto, daniel, carlos, tanya, priya) = (
            world.nobody(),
            world.sign_in("maria"),
            world.sign_in("ernesto"),
            world.sign_in("daniel"),
            world.sign_in("carlos"),
            world.sign_in("tanya"),
            world.sign_in("priya"),
        );
        let (shoulder, noah, cardio) =
            (bill_numbered(world, "B-26-00117"), bill_numbered(world, "B-25-04977"), bill_numbered(world, "B-25-05301"));
        let rivera = account_numbered(world, "1002001").id;
        for who in [&ernesto, &daniel, &carlos, &tanya, &priya] {
            assert_eq!(who.get(&format!("/billing/bills/{}", shoulder.id)).status, 404);
            assert_eq!(who.get(&format!("/billing/of/{rivera}/pay")).status, 404);
            assert_eq!(who.get(&format!("/billing/of/{rivera}/history")).status, 404);
            assert_eq!(who.get(&format!("/billing/of/{rivera}/plan")).status, 404);
            assert_eq!(who.get(&format!("/billing/of/{rivera}/help")).status, 404);
            assert_eq!(prepare(who, rivera, &[(shoulder.id, "25")], "new").status, 404);
            assert!(!who.get("/billing").body.contains("1002001"));
        }
        assert_eq!(nobody.get(&format!("/billing/bills/{}", shoulder.id)).status, 303, "to the sign-in page");
        // Whoever acts for an adult by a level with bills sees them; a father who is no patient sees those that he pays.
        assert!(page_of(&maria, &cardio).contains("Medicare"));
        assert!(page_of(&daniel, &noah).contains("Nutmeg Health Plan"));
        assert_eq!(maria.get(&format!("/billing/bills/{}", noah.id)).status, 404);
        // The office's pages are the office's.
        for who in [&maria, &priya, &world.sign_in("hale")] {
            for page in ["/staff/billing", "/staff/billing/day", &format!("/staff/billing/bills/{}", shoulder.id)] {
                assert_eq!(who.get(page).status, 404, "{page}");
            }
            assert_eq!(who.get(&format!("/files/ledger/{rivera}")).status, 404);
            let fields = [("bill", &*shoulder.id.to_string()), ("how", "down"), ("amount", "1"), ("words", "x")];
            assert_eq!(who.call("ledgers/adjust", &fields).status, 404);
        }
        adds_up(world);
    });
}

#[test]
fn a_teens_confidential_visit_is_a_visit_on_a_day_to_whoever_pays() {
    on_every_engine(|world| {
        let (maria, ernesto) = (world.sign_in("maria"), world.sign_in("ernesto"));
        let (counsel, grief) = (bill_numbered(world, "B-25-04410"), bill_numbered(world, "B-25-03390"));
        let pages = [
            page_of(&maria, &counsel),
            maria.get("/billing").body,
            maria.get(&format!("/billing/of/{}/pay", counsel.guarantor_id.expect("a guarantor"))).body,
            maria.get(&format!("/billing/of/{}/history", counsel.guarantor_id.expect("a guarantor"))).body,
            maria.get(&format!("/p/{}/billing", world.patient("Lucas"))).body,
        ];
        for page in &pages {
            for secret in ["Confidential counseling", "Counseling, 60", "90837", "Low mood", "Consulta de salud mental", "90834", "Duelo"] {
                assert!(!page.contains(secret), "{secret} in {page}");
            }
        }
        assert!(pages[0].contains("Visit on ") && pages[0].contains("$30.00"));
        // Maria does not see what is sensitive of her father; he does.
        assert!(!page_of(&maria, &grief).contains("salud mental"));
        assert!(page_of(&ernesto, &grief).contains("salud mental"));
    });
}

#[test]
fn a_bill_says_why_and_what_does_not_add_up_asks_for_nothing() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        assert_eq!((shoulder.balance_cents, shoulder.state), (2_500, BillState::Open));
        let page = page_of(&maria, &shoulder);
        for words in ["Connecticut Blue PPO paid $175.00.", "$25.00 is your copay", "$25.00 is left.", "X-ray of the shoulder", "Code 45"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let of: BTreeMap<EntryKind, i64> = entries(world, shoulder.id).iter().fold(BTreeMap::new(), |mut sums, row| {
            *sums.entry(row.kind).or_default() += row.cents;
            sums
        });
        let expected = [(EntryKind::Charge, 32_500), (EntryKind::InsuranceAdjustment, -12_500), (EntryKind::InsurancePayment, -17_500)];
        assert_eq!(of, expected.into());
        for (number, state, words) in [
            ("B-26-00131", BillState::Waiting, "has not answered yet"),
            ("B-25-05120", BillState::Checking, "do not add up"),
            ("B-25-02877", BillState::Cancelled, "was cancelled"),
        ] {
            let bill = bill_numbered(world, number);
            assert_eq!(bill.state, state, "{number}");
            assert!(page_of(&maria, &bill).contains(words), "{number}");
            let refused = prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "25")], "new");
            assert!(refused.body.contains("billing_why_changed"), "{}", refused.body);
        }
        assert_eq!(bill_numbered(world, "B-25-03011").balance_cents, 0, "a check came");
        let knee = bill_numbered(world, "B-26-00044");
        let page = page_of(&world.sign_in("grace"), &knee);
        assert!(page.contains("$470.00 above the estimate") && page.contains("dispute"), "{page}");
        // What a plan says where there is no bill is told as that.
        let sofia = world.sign_in("sofia");
        assert!(sofia.get("/billing").body.contains("Nutmeg Health Plan"));
    });
}

/// The bundle of the household's bills, and what the ledger says of it.
pub fn household() -> Vec<Value> {
    let text = include_str!("../../src/demo/household/billing.json");
    let bundle: Value = serde_json::from_str(text).expect("JSON");
    bundle["entry"].as_array().expect("entries").clone()
}

fn told(world: &World) -> BTreeMap<String, (i64, BillState)> {
    all::<bill::Entity>(world).into_iter().map(|bill| (bill.number, (bill.balance_cents, bill.state))).collect()
}

#[test]
fn whatever_the_order_and_however_often_the_ledger_says_the_same_and_a_correction_adds() {
    on_every_engine(|world| {
        let entries_of = household();
        let system = as_system(&world.state.db, "test");
        let import = |entries: Vec<Value>| {
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
            world.wait(import_bundle(&system, "test", bundle)).expect("imported");
        };
        // The plan corrects what it paid: the difference is entered, and nothing of before is lost.
        let is_noahs = |entry: &Value| {
            let (resource, sum) = (&entry["resource"], |index: usize| entry["resource"]["total"][index]["amount"]["value"].clone());
            resource["resourceType"] == "ExplanationOfBenefit" && sum(1) == 160 && sum(2) == 115
        };
        let correct = |entry: Value| {
            let text = entry.to_string().replace("\"value\":115", "\"value\":120").replace("\"value\":45}", "\"value\":40}");
            serde_json::from_str::<Value>(&text.replace("\"value\":45,", "\"value\":40,")).expect("JSON")
        };
        let before = entries(world, bill_numbered(world, "B-25-04977").id);
        let corrected: Vec<Value> = entries_of.iter().filter(|entry| is_noahs(entry)).cloned().map(correct).collect();
        assert_eq!(corrected.len(), 1);
        import(corrected);
        let noah = bill_numbered(world, "B-25-04977");
        assert_eq!((noah.balance_cents, noah.state), (4_000, BillState::Open));
        let after = entries(world, noah.id);
        assert!(before.iter().all(|row| after.contains(row)) && after.len() > before.len(), "entries are only added");
        let entries_of: Vec<Value> = entries_of.into_iter().map(|entry| if is_noahs(&entry) { correct(entry) } else { entry }).collect();
        // Everything again under other names, one by one, the last first: what the first needs comes last.
        let renamed: Vec<Value> = {
            let mut text = serde_json::to_string(&entries_of).expect("JSON");
            for entry in &entries_of {
                let id = entry["resource"]["id"].as_str().expect("an id");
                text = text.replace(id, &Uuid::now_v7().to_string());
            }
            text = text.replace("\"B-2", "\"X-2").replace("CHK-20931", "CHK-X");
            serde_json::from_str(&text).expect("JSON")
        };
        for entry in renamed.iter().rev() {
            import(vec![entry.clone()]);
        }
        let said = told(world);
        for (number, found) in said.iter().filter(|(number, _)| number.starts_with("X-")) {
            let same = bill_numbered(world, &number.replacen("X-", "B-", 1));
            let of_record: i64 =
                entries(world, same.id).iter().filter(|row| row.source_key.starts_with("fhir:")).map(|row| row.cents).sum();
            let why = format!("{number}: {:?} {:?}", bill_numbered(world, number), entries(world, bill_numbered(world, number).id));
            assert_eq!(found, &(of_record, same.state), "{why}");
        }
        let before = all::<ledger_entry::Entity>(world).len();
        import(renamed.clone());
        assert_eq!(all::<ledger_entry::Entity>(world).len(), before, "the same once more enters nothing");
        adds_up(world);
    });
}

#[test]
fn a_payment_is_one_charge_and_one_entry_however_often_it_is_asked_for() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        let guarantor = shoulder.guarantor_id.expect("a guarantor");
        for (sum, why) in [("26", "too_much"), ("4.99", "too_little"), ("x", "not_money"), ("-5", "not_money")] {
            let refused = prepare(&maria, guarantor, &[(shoulder.id, sum)], "new");
            assert!(
                refused.body.contains(&format!("billing_why_{why}")) && refused.body.contains(&shoulder.id.to_string()),
                "{}",
                refused.body
            );
        }
        assert!(prepare(&maria, guarantor, &[(shoulder.id, "")], "new").body.contains("nothing_chosen"));
        assert!(prepare(&maria, guarantor, &[(shoulder.id, "25")], "").body.contains("method"));
        let kept = maria.get(&format!("/billing/of/{guarantor}/pay")).body;
        assert!(kept.contains("Visa ending in 4242"), "{kept}");
        let method = kept.split("name=\"method\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a card").to_owned();
        assert_eq!(prepare(&maria, guarantor, &[(shoulder.id, "25.00")], &method).status, 200);
        let id = newest_attempt(world).id;
        // Somebody else finds nothing there.
        for who in [world.sign_in("ernesto"), world.sign_in("daniel")] {
            assert_eq!(who.get(&format!("/billing/payments/{id}")).status, 404);
            assert_eq!(who.call("billing/pay", &[("id", &id.to_string())]).status, 404);
        }
        assert!(maria.get(&format!("/billing/payments/{id}")).body.contains("Pay $25.00 now"));
        let second = world.second_server_with(|state| state.processor = world.state.processor.clone());
        std::thread::scope(|scope| {
            for number in 0..12 {
                let me = if number % 2 == 0 { maria.clone() } else { maria.at(&second) };
                scope.spawn(move || assert_eq!(me.call("billing/pay", &[("id", &id.to_string())]).status, 200));
            }
        });
        ask_again(world);
        let paid = attempt(world, id);
        assert_eq!(paid.state, AttemptState::Paid);
        let of: Vec<_> = entries(world, shoulder.id).into_iter().filter(|row| row.attempt_id == Some(id)).collect();
        assert_eq!((of.len(), of[0].cents), (1, -2_500));
        assert_eq!(charges(world, id), 1, "the bank has one charge");
        assert_eq!(bill_numbered(world, "B-26-00117").balance_cents, 0);
        let receipt = maria.get(&format!("/billing/payments/{id}")).body;
        assert!(receipt.contains(&paid.receipt) && receipt.contains("went through"), "{receipt}");
        assert!(prepare(&maria, guarantor, &[(shoulder.id, "25")], &method).body.contains("billing_why_changed"), "it is paid");
        adds_up(world);
    });
}

/// How many charges the bank has of a try that succeeded.
pub fn charges(world: &World, attempt: Uuid) -> usize {
    let listed = world.wait(world.state.processor.list(0)).expect("the bank answers");
    listed.iter().filter(|charge| charge.attempt.as_deref() == Some(&attempt.to_string())).count()
}

#[test]
fn of_two_tabs_that_pay_the_same_bill_one_is_charged() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let asthma = bill_numbered(world, "B-26-00098");
        let ids: Vec<Uuid> = (0..6)
            .map(|_| {
                assert_eq!(prepare(&maria, asthma.guarantor_id.expect("a guarantor"), &[(asthma.id, "70.80")], "new").status, 200);
                let id = newest_attempt(world).id;
                assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", id, "works", "").status, 200);
                id
            })
            .collect();
        std::thread::scope(|scope| {
            for id in &ids {
                let maria = maria.clone();
                scope.spawn(move || maria.call("billing/pay", &[("id", &id.to_string())]));
            }
        });
        let paid: Vec<Uuid> = ids.iter().copied().filter(|id| attempt(world, *id).state == AttemptState::Paid).collect();
        assert_eq!(paid.len(), 1);
        assert_eq!(ids.iter().map(|id| charges(world, *id)).sum::<usize>(), 1);
        assert_eq!(bill_numbered(world, "B-26-00098").balance_cents, 0);
        adds_up(world);
    });
}

#[test]
fn a_refusal_says_why_the_banks_question_comes_back_and_a_lost_answer_blocks_the_next_try() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let declined = pay_with(world, &maria, "B-26-00117", "25", "declined");
        assert_eq!(attempt(world, declined).state, AttemptState::Declined);
        let page = maria.get(&format!("/billing/payments/{declined}")).body;
        assert!(page.contains("not enough money") && page.contains("Nothing was charged"), "{page}");
        // The bank asks, and is answered no, then yes.
        for (answer, state) in [("no", AttemptState::Declined), ("yes", AttemptState::Paid)] {
            let asked = pay_with(world, &maria, "B-25-04410", "30", "asks");
            assert_eq!(attempt(world, asked).state, AttemptState::NeedsAction);
            let bill = bill_numbered(world, "B-26-00117");
            let blocked = prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "25")], "new");
            assert!(blocked.body.contains("billing_why_being_checked"), "{}", blocked.body);
            let charge = attempt(world, asked).processor_id.expect("a charge");
            let back = format!("{}/billing/payments/{asked}", world.origin);
            let answered = maria.submit("/demo/bank/question", &[("payment_intent", &charge), ("answer", answer), ("back", &back)]);
            assert_eq!((answered.status, answered.header("location")), (303, back.as_str()));
            maria.get(&format!("/billing/payments/{asked}"));
            assert_eq!(attempt(world, asked).state, state);
        }
        // It is charged, and the answer is lost.
        let lost = pay_with(world, &maria, "B-26-00117", "25", "lost");
        assert_eq!(attempt(world, lost).state, AttemptState::Asked);
        let page = maria.get(&format!("/billing/payments/{lost}")).body;
        assert!(page.contains("do not pay again"), "{page}");
        assert!(maria.get("/billing").body.contains("being checked"));
        let bill = bill_numbered(world, "B-26-00117");
        assert!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "25")], "new").body.contains("being_checked"));
        adds_up(world);
    });
}

#[test]
fn a_notice_counts_once_is_believed_by_its_signature_alone_and_says_nothing_that_the_processor_does_not() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let asked = pay_with(world, &maria, "B-26-00117", "25", "asks");
        let charge = attempt(world, asked).processor_id.expect("a charge");
        let body = |id: &str| json!({"id": id, "type": "payment_intent.succeeded", "data": {"object": {"id": charge}}}).to_string();
        let send = |body: &str, signature: &str| {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let request = agent.post(format!("{}/webhooks/payments", world.origin)).header("stripe-signature", signature);
            request.send(body).expect("an answer").status().as_u16()
        };
        let now = Utc::now().timestamp();
        let text = body("evt_1");
        for forged in [
            "",
            "t=1,v1=00",
            &sign("whsec_other", text.as_bytes(), now),
            &sign("whsec_demo", b"{}", now),
            &sign("whsec_demo", text.as_bytes(), now - 400),
        ] {
            assert_eq!(send(&text, forged), 400, "{forged}");
        }
        assert!(all::<processor_event::Entity>(world).iter().all(|event| event.id != "evt_1"), "nothing of it is kept");
        // Genuine, and the processor says that the bank still waits for an answer.
        assert_eq!(send(&text, &sign("whsec_demo", text.as_bytes(), now)), 200);
        assert_eq!(attempt(world, asked).state, AttemptState::NeedsAction);
        let answered = maria.submit("/demo/bank/question", &[("payment_intent", &charge), ("answer", "yes"), ("back", "")]);
        assert_eq!(answered.status, 303);
        for event in ["evt_2", "evt_2", "evt_3", "evt_1"] {
            let text = body(event);
            assert_eq!(send(&text, &sign("whsec_demo", text.as_bytes(), now)), 200);
        }
        assert_eq!(attempt(world, asked).state, AttemptState::Paid);
        let of = entries(world, bill_numbered(world, "B-26-00117").id);
        assert_eq!(of.iter().filter(|row| row.attempt_id == Some(asked)).count(), 1);
        adds_up(world);
    });
}

#[test]
fn refunds_are_never_above_what_was_paid_and_big_changes_need_a_second_person() {
    on_every_engine(|world| {
        let (maria, dana) = (world.sign_in("maria"), world.sign_in("dana"));
        let paid = pay_with(world, &maria, "B-26-00117", "25", "works");
        let bill = bill_numbered(world, "B-26-00117");
        let refund = |sum: &str| {
            let fields = [("bill", &*bill.id.to_string()), ("attempt", &paid.to_string()), ("amount", sum), ("words", "Paid twice")];
            dana.call("ledgers/refund", &fields)
        };
        assert!(refund("25.01").body.contains("more_than_paid"));
        assert!(refund("0").body.contains("more_than_paid"));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| refund("10"));
            }
        });
        ask_again(world);
        let gone: i64 = entries(world, bill.id).iter().filter(|row| row.kind == EntryKind::Refund).map(|row| row.cents).sum();
        assert_eq!(gone, 2_000);
        assert_eq!(bill_numbered(world, "B-26-00117").balance_cents, 2_000);
        let receipt = maria.get(&format!("/billing/payments/{paid}")).body;
        assert!(receipt.contains("Partly refunded"));
        assert!(receipt.matches("-$10.00").count() == 2 && receipt.contains("<dd>$5.00</dd>"), "the total is what remains: {receipt}");
        // Alone up to a limit, above it by two.
        let asthma = bill_numbered(world, "B-26-00098");
        let adjust = |who: &Somebody<'_>, how: &str, sum: &str, words: &str| {
            who.call("ledgers/adjust", &[("bill", &asthma.id.to_string()), ("how", how), ("amount", sum), ("words", words)])
        };
        assert!(adjust(&dana, "down", "10", " ").body.contains("words"), "not without a reason");
        assert!(adjust(&dana, "write_off", "70.81", "x").body.contains("too_much"), "never below nothing");
        assert_eq!(adjust(&dana, "down", "10.80", "Agreed").status, 200);
        assert_eq!(bill_numbered(world, "B-26-00098").balance_cents, 6_000);
        assert_eq!(adjust(&dana, "up", "150", "Charge was missing").status, 200);
        assert_eq!(bill_numbered(world, "B-26-00098").balance_cents, 6_000, "proposed");
        let office = dana.get("/staff/billing").body;
        assert!(office.contains("somebody else decides") && office.contains("$150.00"), "{office}");
        let proposal = all::<app::desk::billing::entity::ledger_proposal::Entity>(world).pop().expect("a proposal");
        assert!(dana.call("ledgers/decide", &[("id", &proposal.id.to_string()), ("accepted", "true")]).body.contains("second_person"));
        adds_up(world);
    });
}

#[test]
fn a_guest_sees_amounts_and_the_house_alone_and_pays() {
    on_every_engine(|world| {
        let (guest, dana) = (world.nobody(), world.sign_in("dana"));
        let find = |number: &str, name: &str| guest.call("pay/find", &[("number", number), ("family_name", name)]);
        let wrong: Vec<String> =
            [("1002001", "Smith"), ("9999999", "Rivera")].iter().map(|(number, name)| find(number, name).body).collect();
        assert!(wrong.iter().all(|body| body == &wrong[0] && body.contains("no_bill")), "{wrong:?}");
        assert_eq!(guest.get("/pay/bills").status, 200, "it says that nothing is open");
        let opened = find("1002001", "rivera");
        assert_eq!(opened.status, 200, "{}", opened.body);
        let guest = guest.with_cookies_of(&opened);
        let page = guest.get("/pay/bills").body;
        assert!(page.contains("B-26-00117") && page.contains("$25.00"), "{page}");
        let bill = bill_numbered(world, "B-26-00117");
        let sent = guest.call("pay/prepare", &[(&format!("amount[b{}]", bill.id), "25"), ("email", "guest@example.org")]);
        assert_eq!(sent.status, 200, "{}", sent.body);
        let id = newest_attempt(world).id;
        let card = guest.get(&format!("/pay/payments/{id}/card")).body;
        assert_eq!(type_card(&guest, "/pay/payments", "pay/use-card", id, "works", "true").status, 200);
        let review = guest.get(&format!("/pay/payments/{id}")).body;
        assert_eq!(guest.call("pay/pay", &[("id", &id.to_string())]).status, 200);
        let receipt = guest.get(&format!("/pay/payments/{id}")).body;
        assert!(receipt.contains(&attempt(world, id).receipt), "{receipt}");
        let history = guest.get("/pay/bills").body;
        for page in [&page, &card, &review, &receipt, &history] {
            for secret in [
                "Maria",
                "Emma",
                "Lucas",
                "shoulder",
                "X-ray",
                "Office visit",
                "asthma",
                "Asthma",
                "Counseling",
                "Connecticut Blue",
                "Annual physical",
                "Breathing",
                "Internal",
                "Pediatric",
                "Torres",
                "Hale",
                "copay",
                "99213",
            ] {
                assert!(!page.contains(secret), "{secret}: {page}");
            }
        }
        // Others, and the same guest later, find nothing.
        assert_eq!(world.nobody().call("pay/pay", &[("id", &id.to_string())]).status, 404);
        assert!(!world.nobody().get(&format!("/pay/payments/{id}")).body.contains("$25.00"));
        at(world, world.state.clock.now().instant + TimeDelta::minutes(31));
        assert!(!guest.get("/pay/bills").body.contains("$"), "closed again");
        at(world, Utc::now());
        // The code of a letter is for one bill, with the birth date of whoever pays.
        let noah = bill_numbered(world, "B-25-04977");
        let made = dana.submit("/api/ledgers/letter", &[("bill", &noah.id.to_string())]);
        assert_eq!(made.status, 303, "{}", made.body);
        let letter = dana.with_cookies_of(&made).get(&format!("/staff/billing/bills/{}/letter", noah.id)).body;
        let code = letter
            .split("class=\"code\"")
            .nth(1)
            .and_then(|rest| rest.split("<b>").nth(1))
            .and_then(|rest| rest.split('<').next())
            .expect("a code")
            .to_owned();
        let letter = letter.split("<main").nth(1).expect("the page").to_owned();
        assert!(letter.contains("$45.00") && !letter.contains("Noah") && !letter.contains("Nutmeg"), "{letter}");
        let open = |who: &Somebody<'_>, code: &str, born: &str| who.call("pay/code", &[("letter_code", code), ("birth_date", born)]);
        let other = world.nobody();
        assert!(open(&other, &code, "1980-05-18").body.contains("no_bill"));
        assert!(open(&other, "AAAA-BBBB-CCCC", "1980-05-17").body.contains("no_bill"));
        let opened = open(&other, &code.to_lowercase().replace('-', " "), "1980-05-17");
        assert_eq!(opened.status, 200, "{}", opened.body);
        let other = other.with_cookies_of(&opened);
        let page = other.get("/pay/bills").body;
        assert!(page.contains("B-25-04977") && !page.contains("B-25-05088"), "one bill: {page}");
        let olivia = bill_numbered(world, "B-25-05088");
        assert!(other.call("pay/prepare", &[(&format!("amount[b{}]", olivia.id), "118")]).body.contains("billing_why_changed"));
        // A new letter ends the code of the last one.
        assert_eq!(dana.submit("/api/ledgers/letter", &[("bill", &noah.id.to_string())]).status, 303);
        assert!(open(&world.nobody(), &code, "1980-05-17").body.contains("no_bill"));
        // Tries are counted.
        let tried = (0..8).map(|_| open(&world.nobody(), "ZZZZ-ZZZZ-ZZZZ", "1980-05-17").status).collect::<Vec<_>>();
        assert!(tried.contains(&429), "{tried:?}");
        adds_up(world);
    });
}

#[test]
fn where_guests_do_not_pay_nothing_of_it_is_there() {
    on_every_engine(|world| {
        let closed = world.second_server_with(|state| state.guest_pay = app::desk::billing::guest::GuestPay(false));
        let guest = world.nobody().at(&closed);
        for page in ["/pay", "/pay/bills"] {
            assert_eq!(guest.get(page).status, 404, "{page}");
        }
        assert!(!guest.get("/sign-in").body.contains("Pay as a guest"));
        assert_eq!(guest.call("pay/find", &[("number", "1002001"), ("family_name", "Rivera")]).status, 404);
        // Without a processor the way is told, and no button leads to it.
        let maria = world.sign_in("maria").at(&closed);
        let page = maria.get("/billing").body;
        assert!(page.contains("not paid on this portal") && !page.contains("/pay\""), "{page}");
    });
}

#[test]
fn a_plan_is_charged_once_a_month_tries_again_and_ends_after_two_misses() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let plan = all::<payment_plan::Entity>(world).pop().expect("the demo's plan");
        assert_eq!(plan.state, PlanState::Active);
        let rows = |state: PlanPaymentState| {
            all::<plan_payment::Entity>(world).into_iter().filter(|row| row.plan_id == plan.id && row.state == state).collect::<Vec<_>>()
        };
        let mut open = rows(PlanPaymentState::Planned);
        open.sort_by_key(|row| row.due_on);
        let paid_before = rows(PlanPaymentState::Paid).len();
        // Of each payment, on its day, on two servers at once: one charge.
        let noon = |day: chrono::NaiveDate| day.and_hms_opt(17, 0, 0).expect("a time").and_utc();
        at(world, noon(open[0].due_on));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| ask_again(world));
            }
        });
        assert_eq!(rows(PlanPaymentState::Paid).len(), paid_before + 1);
        let charged = newest_attempt(world);
        assert_eq!((charged.plan_id, charged.cents, charges(world, charged.id)), (Some(plan.id), 4_000, 1));
        // The next is skipped: it comes at the end.
        let change = |what: &str, name: &str, value: &str| {
            world.sign_in("maria").call("billing/change-plan", &[("id", &plan.id.to_string()), ("what", what), (name, value)])
        };
        assert_eq!(change("skip", "day", "").status, 200);
        assert!(change("skip", "day", "").body.contains("skipped_once"));
        assert!(change("day", "day", "29").body.contains("no_plan"));
        assert_eq!(change("day", "day", "7").status, 200);
        let mut moved = rows(PlanPaymentState::Planned);
        moved.sort_by_key(|row| row.due_on);
        assert!(moved.iter().all(|row| row.due_on.day() == 7), "{moved:?}");
        let left: i64 = moved.iter().map(|row| row.cents).sum();
        assert_eq!(left, bill_numbered(world, "B-25-01244").balance_cents);
        drop(maria);
        // A card without money: tried, tried again after three days, missed; twice, and the plan ends.
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-26-00117");
        assert_eq!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "25")], "new").status, 200);
        let id = newest_attempt(world).id;
        assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", id, "declined", "true").status, 200);
        let method = attempt(world, id).method_id.expect("a kept card");
        assert_eq!(change("method", "method", &method.to_string()).status, 200);
        let first = moved[0].due_on;
        for (day, state) in [
            (first, PlanState::Active),
            (first + chrono::Days::new(3), PlanState::Active),
            (first + Months::new(1), PlanState::Active),
            (first + Months::new(1) + chrono::Days::new(3), PlanState::Failed),
        ] {
            at(world, noon(day));
            ask_again(world);
            ask_again(world);
            let now = all::<payment_plan::Entity>(world).into_iter().find(|found| found.id == plan.id).expect("the plan");
            assert_eq!(now.state, state, "{day}");
        }
        assert!(rows(PlanPaymentState::Planned).is_empty(), "nothing more is charged");
        let dana = world.sign_in("dana");
        assert!(dana.get("/staff/billing").body.contains("two payments failed"));
        adds_up(world);
    });
}

#[test]
fn a_card_is_kept_when_it_is_wanted_and_belongs_to_the_payment_for_which_it_was_typed() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-26-00098");
        let begin = |method: &str, sum: &str| {
            assert_eq!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, sum)], method).status, 200);
            newest_attempt(world).id
        };
        let pay = |id: Uuid| {
            assert_eq!(maria.call("billing/pay", &[("id", &id.to_string())]).status, 200);
            attempt(world, id).state
        };
        let typed = |id: Uuid, keep: &str| type_card(&maria, "/billing/payments", "billing/use-card", id, "works", keep);
        let first = begin("new", "5");
        assert_eq!(typed(first, "true").status, 200);
        assert_eq!(pay(first), AttemptState::Paid);
        let kept = attempt(world, first).method_id.expect("a kept card").to_string();
        assert_eq!(pay(begin(&kept, "6")), AttemptState::Paid, "charged again for its customer");
        // Another card instead of the kept one, for this time only.
        let third = begin(&kept, "7");
        assert_eq!(typed(third, "").status, 200);
        assert_eq!(attempt(world, third).method_id, None);
        assert_eq!(pay(third), AttemptState::Paid);
        // What was typed for one payment pays no other.
        let (fourth, fifth) = (begin("new", "8"), begin("new", "9"));
        let page = maria.get(&format!("/billing/payments/{fourth}/card")).body;
        let setup = page.split("setup_intent=").nth(1).and_then(|rest| rest.split(['&', '"']).next()).expect("the bank's page");
        assert_eq!(maria.submit("/demo/bank/card", &[("setup_intent", setup), ("card", "works"), ("back", "")]).status, 303);
        let other = maria.call("billing/use-card", &[("id", &fifth.to_string()), ("setup_intent", setup), ("keep", "")]);
        assert!(other.body.contains("no_card"), "{}", other.body);
        adds_up(world);
    });
}

/// What came from the hospital's system, once more, with a change.
pub fn arrives(world: &World, change: impl Fn(Value) -> Value) {
    let entries: Vec<Value> = household().into_iter().map(change).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
}

#[test]
fn what_the_office_moved_stays_moved_whatever_comes_again() {
    on_every_engine(|world| {
        arrives(world, |entry| entry);
        let asthma = bill_numbered(world, "B-26-00098");
        let fields = [("bill", &*asthma.id.to_string()), ("to", "1002002"), ("words", "His father pays")];
        assert_eq!(world.sign_in("dana").call("ledgers/transfer", &fields).status, 200);
        let moved = told(world);
        assert_eq!(moved["B-26-00098"], (0, BillState::Open));
        assert_eq!(moved["B-26-00098-T"], (asthma.balance_cents, BillState::Open));
        arrives(world, |entry| entry);
        assert_eq!(told(world), moved);
        adds_up(world);
    });
}

#[test]
fn a_plan_waits_while_its_bill_is_checked_and_is_not_taken_for_paid() {
    on_every_engine(|world| {
        let plan = all::<payment_plan::Entity>(world).pop().expect("the demo's plan");
        let wrong = |mut entry: Value| {
            if entry["resource"]["identifier"][0]["value"] == "B-25-01244" {
                entry["resource"]["totalNet"]["value"] = json!(1);
            }
            entry
        };
        arrives(world, wrong);
        assert_eq!(told(world)["B-25-01244"].1, BillState::Checking);
        let next = all::<plan_payment::Entity>(world).into_iter().filter(|row| row.plan_id == plan.id);
        let next = next.filter(|row| row.state == PlanPaymentState::Planned).map(|row| row.due_on).min().expect("a payment");
        let state = || all::<payment_plan::Entity>(world).into_iter().find(|found| found.id == plan.id).expect("the plan").state;
        let charged = || all::<payment_attempt::Entity>(world).into_iter().filter(|row| row.plan_due_on == Some(next)).count();
        let noon = |day: chrono::NaiveDate| day.and_hms_opt(17, 0, 0).expect("a time").and_utc();
        at(world, noon(next));
        ask_again(world);
        assert_eq!((state(), charged()), (PlanState::Active, 0));
        arrives(world, |entry| entry);
        at(world, noon(next + chrono::Days::new(1)));
        ask_again(world);
        assert_eq!((state(), charged()), (PlanState::Active, 1));
        adds_up(world);
    });
}

#[test]
fn a_plan_keeps_the_rules_and_shows_its_schedule_before_anybody_consents() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let rivera = account_numbered(world, "1002001").id;
        let page = maria.get(&format!("/billing/of/{rivera}/plan?months=4&day=10")).body;
        assert!(page.contains("The schedule") && page.contains("I agree"), "{page}");
        assert!(maria.get(&format!("/billing/of/{rivera}/plan?months=25&day=10")).body.contains("no plan that we can offer"));
        let field = |name: &str| {
            page.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next()).expect(name).to_owned()
        };
        let (bills, monthly, method) = (field("bills"), field("monthly"), field("method"));
        let begin = |agreed: &str, monthly: &str, bills: &str| {
            let fields = [
                ("guarantor", &*rivera.to_string()),
                ("bills", bills),
                ("monthly", monthly),
                ("day", "10"),
                ("method", &method),
                ("agreed", agreed),
            ];
            maria.call("billing/begin-plan", &fields)
        };
        assert!(begin("", &monthly, &bills).body.contains("agreed"), "not without consent");
        assert!(begin("true", "2499", &bills).body.contains("no_plan"));
        let noah = bill_numbered(world, "B-25-04977").id.to_string();
        assert!(begin("true", &monthly, &noah).body.contains("billing_why_changed"), "a bill of somebody else");
        assert_eq!(begin("true", &monthly, &bills).status, 200);
        assert!(begin("true", &monthly, &bills).body.contains("billing_why_changed"), "twice is once");
        let plans = all::<payment_plan::Entity>(world);
        assert_eq!(plans.len(), 2);
        // A card that a plan uses is not forgotten.
        assert!(maria.call("billing/forget-card", &[("id", &method)]).body.contains("plan_uses_it"));
    });
}

#[test]
fn what_the_processor_was_asked_is_found_again_after_a_crash_and_what_it_never_heard_is_let_go() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-26-00117");
        // The row says that it was asked, and nothing more came to be written.
        let half_done = |charged: bool| {
            assert_eq!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "5")], "new").status, 200);
            let id = newest_attempt(world).id;
            assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", id, "works", "").status, 200);
            if charged {
                let charge = app::desk::billing::processor::Charge {
                    attempt: id,
                    cents: 500,
                    kind: MethodKind::Card,
                    customer: None,
                    method: attempt(world, id).token.expect("a card"),
                    off_session: false,
                };
                world.wait(world.state.processor.charge(&charge)).expect("the bank answers");
            }
            let asked = payment_attempt::ActiveModel {
                id: sea_orm::ActiveValue::Set(id),
                state: sea_orm::ActiveValue::Set(AttemptState::Asked),
                asked_at: sea_orm::ActiveValue::Set(Some(world.state.clock.now().instant)),
                open_for: sea_orm::ActiveValue::Set(bill.guarantor_id),
                ..Default::default()
            };
            world.wait(payment_attempt::Entity::update(asked).exec(&world.state.connection)).expect("written");
            id
        };
        let charged = half_done(true);
        at(world, Utc::now() + TimeDelta::minutes(2));
        ask_again(world);
        assert_eq!(attempt(world, charged).state, AttemptState::Paid);
        let maria = world.sign_in("maria");
        assert!(maria.get(&format!("/billing/payments/{charged}")).body.contains("went through"));
        let never = half_done(false);
        at(world, world.state.clock.now().instant + TimeDelta::minutes(5));
        ask_again(world);
        assert_eq!(attempt(world, never).state, AttemptState::Asked, "not before it is sure");
        at(world, world.state.clock.now().instant + TimeDelta::minutes(15));
        ask_again(world);
        assert_eq!(attempt(world, never).state, AttemptState::Abandoned);
        assert_eq!(entries(world, bill.id).iter().filter(|row| row.attempt_id.is_some()).count(), 1);
        adds_up(world);
    });
}

#[test]
fn a_new_statement_is_told_once_a_month_to_whoever_wants_no_paper() {
    on_every_engine(|world| {
        let (maria, account) = (world.sign_in("maria"), account_numbered(world, "1002001"));
        let told = || {
            let all = letters(world, "maria@example.org");
            all.into_iter().filter(|letter| letter.text.contains(&format!("/billing/of/{}/history", account.id))).collect::<Vec<_>>()
        };
        assert!(!account.paperless);
        let choose = |who: &Somebody<'_>| who.call("billing/paperless", &[("guarantor", &account.id.to_string()), ("paperless", "true")]);
        assert_eq!(choose(&world.sign_in("daniel")).status, 404);
        assert_eq!(choose(&maria).status, 200);
        ask_again(world);
        assert_eq!(told().len(), 0, "the statement of last month was there already");
        let today = world.state.clock.now().today;
        let next = today.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).expect("a month");
        let morning = |day: chrono::NaiveDate| day.and_hms_opt(14, 0, 0).expect("a time").and_utc();
        at(world, morning(next));
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| ask_again(world));
            }
        });
        let letters = told();
        assert_eq!(letters.len(), 1);
        assert!(!letters[0].text.contains('$'), "{}", letters[0].text);
        at(world, morning(next) + TimeDelta::days(20));
        ask_again(world);
        assert_eq!(told().len(), 1);
    });
}

#[test]
fn insurance_is_told_checked_and_taken_over_and_questions_go_to_the_office() {
    on_every_engine(|world| {
        let (maria, carlos, dana, priya) = (world.sign_in("maria"), world.sign_in("carlos"), world.sign_in("dana"), world.sign_in("priya"));
        let (own, sofia) = (world.patient("Maria"), world.patient("Sofia"));
        assert_eq!(carlos.get(&format!("/p/{sofia}/insurance")).status, 404, "the schedule alone");
        assert!(maria.get(&format!("/p/{own}/insurance")).body.contains("Connecticut Blue PPO"));
        let tell = |fields: &[(&str, &str)], file: &[u8]| {
            let patient = own.to_string();
            let mut all = vec![("patient", patient.as_str())];
            all.extend(fields);
            maria.upload("billing/insurance", &all, "file", "card.jpg", file)
        };
        assert!(tell(&[("what", "new")], b"").body.contains("insurer"));
        assert!(tell(&[("what", "new"), ("insurer", "X"), ("member_id", "1")], b"no picture").body.contains("file"));
        assert_eq!(tell(&[("what", "new"), ("insurer", "Shore Plan"), ("member_id", "S-1")], b"%PDF-1.7").status, 200);
        assert!(maria.get(&format!("/p/{own}/insurance")).body.contains("Submitted"));
        let queue = priya.get("/staff/queue").body;
        assert!(queue.contains("Change of insurance"), "{queue}");
        let row =
            all::<app::desk::requests::entity::request::Entity>(world).into_iter().find(|row| row.kind == "insurance").expect("a request");
        let taken = priya.call("requests/decide", &[("id", &row.id.to_string()), ("decision", "accept"), ("reason", "Checked")]);
        assert_eq!(taken.status, 200, "{}", taken.body);
        let page = maria.get(&format!("/p/{own}/insurance")).body;
        assert!(page.contains("Shore Plan") && page.contains("S-1"), "{page}");
        // A question about a bill.
        let bill = bill_numbered(world, "B-26-00117").id.to_string();
        assert!(maria.call("billing/ask", &[("bill", &bill), ("topic", "amount"), ("words", "")]).body.contains("words"));
        assert_eq!(maria.call("billing/ask", &[("bill", &bill), ("topic", "amount"), ("words", "Why so much?")]).status, 200);
        assert_eq!(carlos.call("billing/ask", &[("bill", &bill), ("topic", "amount"), ("words", "x")]).status, 404);
        assert!(dana.get("/staff/queue").body.contains("Question about a bill"));
        let row = all::<app::desk::requests::entity::request::Entity>(world)
            .into_iter()
            .find(|row| row.kind == "bill_question")
            .expect("a request");
        let answer = [("id", &*row.id.to_string()), ("answer_text", "It is your copay.")];
        assert_eq!(world.sign_in("marcus").call("requests/answer-help", &answer).status, 404, "not in the queue of support");
        assert_eq!(dana.call("requests/answer-help", &answer).status, 200);
        assert!(maria.get("/requests").body.contains("It is your copay."));
    });
}
