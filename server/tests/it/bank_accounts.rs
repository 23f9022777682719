//! Paying from bank accounts: a debit takes days, may come to nothing, and an account may have to be verified first.

use app::{
    access::as_system,
    desk::billing::{
        entity::{bill, guarantor, payment_attempt, payment_method, payment_plan, plan_payment},
        ledger,
        model::{AttemptState, BillState, MethodKind, PlanPaymentState, PlanState},
    },
};
use chrono::{Days, TimeDelta};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    accounts::letters,
    billing::{adds_up, all, arrives, ask_again, at, attempt, bill_numbered, charges, entries, newest_attempt, prepare, type_card},
    world::{Answer, Somebody, World, on_every_engine},
};

/// Chooses an account at the bank, as its page does; returns the name of what was begun.
fn choose(me: &Somebody<'_>, page: &str, account: &str) -> String {
    let page = me.get(page);
    assert_eq!(page.status, 200, "{}", page.body);
    let setup = page.body.split("setup_intent=").nth(1).and_then(|rest| rest.split(['&', '"']).next()).expect("the bank's page").to_owned();
    let chosen = me.submit("/demo/bank/card", &[("setup_intent", &setup), ("card", account), ("back", "")]);
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    setup
}

fn use_account(me: &Somebody<'_>, id: Uuid, account: &str) -> Answer {
    let setup = choose(me, &format!("/billing/payments/{id}/bank"), account);
    me.call("billing/use-card", &[("id", &id.to_string()), ("setup_intent", &setup)])
}

fn begin(world: &World, me: &Somebody<'_>, bill: &bill::Model, sum: &str) -> Uuid {
    let begun = prepare(me, bill.guarantor_id.expect("a guarantor"), &[(bill.id, sum)], "bank");
    assert_eq!(begun.status, 200, "{}", begun.body);
    newest_attempt(world).id
}

fn debit(world: &World, me: &Somebody<'_>, bill: &bill::Model, sum: &str, account: &str) -> Uuid {
    let id = begin(world, me, bill, sum);
    let used = use_account(me, id, account);
    assert_eq!(used.status, 200, "{}", used.body);
    assert_eq!(me.call("billing/pay", &[("id", &id.to_string())]).status, 200);
    id
}

/// The ledger and what is on its way are what they are made of.
fn ledger_is_right(world: &World) {
    adds_up(world);
    let system = as_system(&world.state.db, "check");
    let checked = world.wait(ledger::check(system.db())).expect("a query");
    assert!(checked.wrong.is_empty() && checked.wrong_pending.is_empty(), "{:?} {:?}", checked.wrong, checked.wrong_pending);
}

fn later(world: &World, by: TimeDelta) {
    at(world, world.state.clock.now().instant + by);
    ask_again(world);
}

fn kept(world: &World) -> Vec<payment_method::Model> {
    all::<payment_method::Entity>(world).into_iter().filter(|row| row.kind == MethodKind::Bank).collect()
}

#[test]
fn a_debit_is_taken_off_what_is_due_while_it_is_on_its_way_and_is_one_entry_when_it_arrives() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        let guarantor = shoulder.guarantor_id.expect("a guarantor");
        let id = debit(world, &maria, &shoulder, "20", "account");
        let going = attempt(world, id);
        assert_eq!((going.state, going.open_for), (AttemptState::Processing, None));
        let now = bill_numbered(world, "B-26-00117");
        assert_eq!((now.balance_cents, now.pending_cents), (2_500, 2_000), "nothing is entered yet");
        assert!(entries(world, shoulder.id).iter().all(|row| row.attempt_id != Some(id)));
        // Everybody who reads of it reads the same.
        let page = maria.get(&format!("/billing/payments/{id}")).body;
        assert!(page.contains("On its way from your bank") && page.contains("it arrives by") && !page.contains("receipt-"), "{page}");
        let bill = maria.get(&format!("/billing/bills/{}", shoulder.id)).body;
        assert!(bill.contains("$20.00 is on its way") && bill.contains("$5.00"), "{bill}");
        assert!(maria.get("/billing").body.contains("$20.00 is on its way"));
        assert!(
            world.sign_in("dana").get(&format!("/staff/billing/bills/{}", shoulder.id)).body.contains("On its way from a bank account")
        );
        assert_eq!(maria.get(&format!("/files/receipt/{id}")).status, 404, "no receipt of what has not arrived");
        // The rest can be paid meanwhile, and no more than that.
        assert!(prepare(&maria, guarantor, &[(shoulder.id, "5.01")], "new").body.contains("too_much"));
        assert_eq!(prepare(&maria, guarantor, &[(shoulder.id, "5")], "new").status, 200);
        let rest = newest_attempt(world).id;
        assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", rest, "works", "").status, 200);
        assert_eq!(maria.call("billing/pay", &[("id", &rest.to_string())]).status, 200);
        assert_eq!(attempt(world, rest).state, AttemptState::Paid);
        let covered = bill_numbered(world, "B-26-00117");
        assert_eq!((covered.balance_cents, covered.pending_cents), (2_000, 2_000));
        assert!(prepare(&maria, guarantor, &[(shoulder.id, "5")], "new").body.contains("billing_why_changed"), "nothing is due");
        ledger_is_right(world);
        // Asked by two servers and its notices at once, it is entered once.
        at(world, world.state.clock.now().instant + TimeDelta::days(4));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| ask_again(world));
                scope.spawn(|| maria.get(&format!("/billing/payments/{id}")));
            }
        });
        assert_eq!(attempt(world, id).state, AttemptState::Paid);
        let of: Vec<_> = entries(world, shoulder.id).into_iter().filter(|row| row.attempt_id == Some(id)).collect();
        assert_eq!((of.len(), of[0].cents, charges(world, id)), (1, -2_000, 1));
        let paid = bill_numbered(world, "B-26-00117");
        assert_eq!((paid.balance_cents, paid.pending_cents, paid.is_open), (0, 0, false));
        assert!(maria.get_bytes(&format!("/files/receipt/{id}")).1.starts_with(b"%PDF"));
        ledger_is_right(world);
        // It is kept, and pays the next time without being chosen anew.
        let account = kept(world).pop().expect("a kept account");
        assert!(!account.unverified && account.last4 == "6789" && !account.customer.is_empty(), "{account:?}");
        let wrist = bill_numbered(world, "B-26-00098");
        assert_eq!(prepare(&maria, guarantor, &[(wrist.id, "6")], &account.id.to_string()).status, 200);
        let again = newest_attempt(world).id;
        assert_eq!(maria.call("billing/pay", &[("id", &again.to_string())]).status, 200);
        assert_eq!(attempt(world, again).state, AttemptState::Processing);
        ledger_is_right(world);
    });
}

#[test]
fn a_debit_that_comes_to_nothing_is_due_again_and_whoever_paid_is_told_why() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        let id = debit(world, &maria, &shoulder, "25", "empty_account");
        assert_eq!(attempt(world, id).state, AttemptState::Processing);
        // What is on its way is moved by nobody, and is not written off besides.
        let dana = world.sign_in("dana");
        let other = world.wait(
            guarantor::Entity::find()
                .filter(guarantor::Column::Id.ne(shoulder.guarantor_id.expect("a guarantor")))
                .one(&world.state.connection),
        );
        let other = other.expect("a query").expect("another account").number;
        let moved = dana.call("ledgers/transfer", &[("bill", &shoulder.id.to_string()), ("to", &other), ("words", "his")]);
        assert!(moved.body.contains("ledgers_why_not_moved"), "{}", moved.body);
        let (bill, once) = (shoulder.id.to_string(), Uuid::new_v4().to_string());
        let off = [("bill", bill.as_str()), ("once", &once), ("how", "write_off"), ("amount", "25"), ("words", "x")];
        let written = dana.call("ledgers/adjust", &off);
        assert_ne!(written.status, 200, "{}", written.body);
        assert_eq!(bill_numbered(world, "B-26-00117").balance_cents, 2_500);
        let before = letters(world, "maria@example.org").len();
        later(world, TimeDelta::days(4));
        let back = attempt(world, id);
        assert_eq!((back.state, back.decline.as_deref()), (AttemptState::Declined, Some("insufficient_funds")));
        let due = bill_numbered(world, "B-26-00117");
        assert_eq!((due.balance_cents, due.pending_cents), (2_500, 0));
        assert!(maria.get(&format!("/billing/payments/{id}")).body.contains("not enough money"));
        assert_eq!(letters(world, "maria@example.org").len(), before + 1, "told once");
        ask_again(world);
        assert_eq!(letters(world, "maria@example.org").len(), before + 1, "told once");
        ledger_is_right(world);
    });
}

#[test]
fn an_account_is_verified_before_anything_is_charged() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        let guarantor = shoulder.guarantor_id.expect("a guarantor");
        let id = begin(world, &maria, &shoulder, "25");
        let used = use_account(&maria, id, "unverified_account");
        assert_eq!(used.status, 200, "{}", used.body);
        let account = kept(world).pop().expect("a kept account");
        assert!(account.unverified && account.verify_url.is_some(), "{account:?}");
        assert_eq!(attempt(world, id).token, None, "nothing to charge");
        assert!(maria.call("billing/pay", &[("id", &id.to_string())]).body.contains("no_card"));
        assert!(prepare(&maria, guarantor, &[(shoulder.id, "25")], &account.id.to_string()).body.contains("method"), "not yet");
        assert!(!maria.get(&format!("/billing/of/{guarantor}/pay")).body.contains("1116"), "not offered");
        let cards = maria.get("/billing/cards").body;
        assert!(cards.contains("Shoreline Bank ending in 1116") && cards.contains("To be confirmed"), "{cards}");
        // Typed twice, it is one that waits; of somebody else nobody reads.
        let setup = account.setup_id.clone().expect("how it was typed");
        assert!(!world.sign_in("ernesto").get("/billing/cards").body.contains("1116"));
        assert!(world.sign_in("ernesto").call("billing/keep-card", &[("setup_intent", &setup)]).body.contains("no_card"));
        let before = letters(world, "maria@example.org").len();
        assert_eq!(maria.submit("/demo/bank/verify", &[("setup_intent", &setup)]).status, 303);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| maria.get("/billing/cards"));
            }
        });
        let account = kept(world).pop().expect("a kept account");
        assert!(!account.unverified && account.verify_url.is_none(), "{account:?}");
        assert_eq!(letters(world, "maria@example.org").len(), before + 1, "told once");
        assert_eq!(prepare(&maria, guarantor, &[(shoulder.id, "25")], &account.id.to_string()).status, 200);
        let id = newest_attempt(world).id;
        assert_eq!(maria.call("billing/pay", &[("id", &id.to_string())]).status, 200);
        assert_eq!(attempt(world, id).state, AttemptState::Processing);
        ledger_is_right(world);
    });
}

#[test]
fn an_account_that_nobody_verifies_is_let_go_and_told() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let setup = choose(&maria, "/billing/cards/new-bank", "unverified_account");
        assert_eq!(maria.call("billing/keep-card", &[("setup_intent", &setup)]).status, 200);
        let account = kept(world).pop().expect("a kept account");
        // The bank knows nothing of it any more.
        let lost = payment_method::ActiveModel { setup_id: Set(Some("seti_gone".into())), ..Default::default() };
        let one = payment_method::Entity::update_many().set(lost).filter(payment_method::Column::Id.eq(account.id));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        let before = letters(world, "maria@example.org").len();
        ask_again(world);
        assert!(kept(world)[0].removed_at.is_none(), "asked about again after hours, not at once");
        later(world, TimeDelta::hours(7));
        assert!(kept(world)[0].removed_at.is_some());
        assert_eq!(letters(world, "maria@example.org").len(), before + 1);
        assert!(!maria.get("/billing/cards").body.contains("1116"));
    });
}

#[test]
fn guests_and_cards_use_no_bank_account_of_somebody_else() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        let id = begin(world, &maria, &shoulder, "5");
        let page = format!("/billing/payments/{id}/bank");
        for who in [world.sign_in("ernesto"), world.sign_in("dana")] {
            assert_eq!(who.get(&page).status, 404);
        }
        assert!(world.nobody().get(&page).status != 200 && world.nobody().get("/billing/cards/new-bank").status != 200);
        assert_eq!(maria.get(&format!("/pay/payments/{id}/bank")).status, 404, "guests pay by card");
        // What was typed for one account pays for no other.
        let setup = choose(&maria, "/billing/cards/new-bank", "account");
        assert!(maria.call("billing/use-card", &[("id", &id.to_string()), ("setup_intent", &setup)]).body.contains("no_card"));
        assert!(world.sign_in("carlos").call("billing/keep-card", &[("setup_intent", &setup)]).body.contains("no_card"));
        assert!(kept(world).is_empty());
        // A card where an account is asked for is not taken by the bank, nor the other way round.
        let begun = maria.get(&page).body;
        let setup = begun.split("setup_intent=").nth(1).and_then(|rest| rest.split(['&', '"']).next()).expect("the bank's page");
        assert_eq!(maria.submit("/demo/bank/card", &[("setup_intent", setup), ("card", "works"), ("back", "")]).status, 404);
    });
}

/// The plan of the demo pays with this account from now on.
fn plan_pays_from(world: &World, account: &str) -> payment_plan::Model {
    let maria = world.sign_in("maria");
    let setup = choose(&maria, "/billing/cards/new-bank", account);
    assert_eq!(maria.call("billing/keep-card", &[("setup_intent", &setup)]).status, 200);
    let plan = all::<payment_plan::Entity>(world).pop().expect("the demo's plan");
    let account = kept(world).pop().expect("a kept account").id.to_string();
    let changed = maria.call("billing/change-plan", &[("id", &plan.id.to_string()), ("what", "method"), ("method", &account)]);
    assert_eq!(changed.status, 200, "{}", changed.body);
    plan
}

fn planned(world: &World, plan: Uuid) -> Vec<plan_payment::Model> {
    let mut rows: Vec<_> = all::<plan_payment::Entity>(world)
        .into_iter()
        .filter(|row| row.plan_id == plan && row.state == PlanPaymentState::Planned)
        .collect();
    rows.sort_by_key(|row| row.due_on);
    rows
}

#[test]
fn a_plan_pays_from_a_bank_account_and_its_payments_add_up_while_one_is_on_its_way() {
    on_every_engine(|world| {
        let plan = plan_pays_from(world, "account");
        let of_plan = || bill_numbered(world, "B-25-01244");
        let first = planned(world, plan.id)[0].clone();
        at(world, first.due_on.and_hms_opt(17, 0, 0).expect("a time").and_utc());
        ask_again(world);
        ask_again(world);
        let going = newest_attempt(world);
        assert_eq!((going.plan_id, going.state, of_plan().pending_cents), (Some(plan.id), AttemptState::Processing, first.cents));
        let page = world.sign_in("maria").get(&format!("/billing/plans/{}", plan.id)).body;
        assert!(page.contains("On its way"), "{page}");
        let sum = |rows: &[plan_payment::Model]| rows.iter().map(|row| row.cents).sum::<i64>();
        assert_eq!(sum(&planned(world, plan.id)), of_plan().balance_cents);
        // What is paid beside it takes the last payments away, and none too many.
        let maria = world.sign_in("maria");
        let card =
            all::<payment_method::Entity>(world).into_iter().find(|row| row.kind == MethodKind::Card).expect("a card").id.to_string();
        let bill = of_plan();
        assert_eq!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "10")], &card).status, 200);
        let beside = newest_attempt(world).id;
        assert_eq!(maria.call("billing/pay", &[("id", &beside.to_string())]).status, 200);
        assert_eq!(attempt(world, beside).state, AttemptState::Paid);
        assert_eq!(sum(&planned(world, plan.id)), of_plan().balance_cents);
        later(world, TimeDelta::days(4));
        assert_eq!(attempt(world, going.id).state, AttemptState::Paid);
        assert_eq!((of_plan().pending_cents, sum(&planned(world, plan.id))), (0, of_plan().balance_cents));
        // Everything that is left, from the account: the plan is over when it has arrived, not before.
        let rest = format!("{:.2}", of_plan().balance_cents as f64 / 100.0);
        let last = debit(world, &maria, &of_plan(), &rest, "account");
        assert_eq!(attempt(world, last).state, AttemptState::Processing);
        let state = || all::<payment_plan::Entity>(world).into_iter().find(|row| row.id == plan.id).expect("the plan").state;
        assert_eq!(state(), PlanState::Active);
        later(world, TimeDelta::days(4));
        assert_eq!((attempt(world, last).state, state(), of_plan().balance_cents), (AttemptState::Paid, PlanState::PaidOff, 0));
        ledger_is_right(world);
    });
}

#[test]
fn a_plans_debit_that_comes_to_nothing_is_tried_again_after_three_days() {
    on_every_engine(|world| {
        let plan = plan_pays_from(world, "empty_account");
        let first = planned(world, plan.id)[0].clone();
        let due = bill_numbered(world, "B-25-01244").balance_cents;
        at(world, first.due_on.and_hms_opt(17, 0, 0).expect("a time").and_utc());
        ask_again(world);
        assert_eq!(newest_attempt(world).state, AttemptState::Processing);
        // The rest of the plan's bill, from an account without money too: the payments go while it is on its way, and come back.
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-25-01244");
        let rest = format!("{:.2}", (bill.balance_cents - bill.pending_cents) as f64 / 100.0);
        let beside = debit(world, &maria, &bill, &rest, "empty_account");
        assert_eq!(attempt(world, beside).state, AttemptState::Processing);
        later(world, TimeDelta::days(4));
        let rows = planned(world, plan.id);
        assert_eq!(rows.iter().map(|row| row.cents).sum::<i64>(), due, "{rows:?}");
        let again = rows.iter().find(|row| row.due_on == first.due_on).expect("the payment");
        assert!(again.tries >= 1, "{again:?}");
        let bill = bill_numbered(world, "B-25-01244");
        assert_eq!(bill.balance_cents, due);
        ledger_is_right(world);
        let tried = |id: Uuid| {
            let of = payment_attempt::Entity::find().filter(payment_attempt::Column::PlanId.eq(id));
            world.wait(of.filter(Expr::cust("state = 'declined'")).all(&world.state.connection)).expect("a query").len()
        };
        assert_eq!(tried(plan.id), 1);
        at(world, world.state.clock.now().instant + Days::new(4));
        ask_again(world);
        later(world, TimeDelta::days(4));
        assert_eq!(tried(plan.id), 2, "once more");
        ledger_is_right(world);
    });
}

#[test]
fn what_somebody_else_typed_or_prepared_is_neither_kept_nor_sent() {
    on_every_engine(|world| {
        // Maria may pay for Ernesto too: so both find the payment, and only its own payer gives it something to charge.
        let (ernesto, maria) = (world.sign_in("ernesto"), world.sign_in("maria"));
        let bill = all::<bill::Entity>(world)
            .into_iter()
            .find(|bill| bill.patient_id == world.patient("Ernesto") && bill.balance_cents > 500 && bill.state == BillState::Open)
            .expect("a bill of his");
        let id = begin(world, &ernesto, &bill, "5");
        let setup = choose(&ernesto, &format!("/billing/payments/{id}/bank"), "unverified_account");
        let fields = [("id", id.to_string()), ("setup_intent", setup.clone())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(maria.call("billing/use-card", &fields).status, 404);
        assert!(kept(world).is_empty());
        assert_eq!(maria.get(&format!("/billing/payments/{id}/bank")).status, 404);
        assert!(maria.get(&format!("/billing/payments/{id}")).body.contains("Only they can send it"));
        assert_eq!(ernesto.call("billing/use-card", &fields).status, 200);
        // Hers, prepared with a kept card: he does not press the button for her.
        let card =
            all::<payment_method::Entity>(world).into_iter().find(|row| row.kind == MethodKind::Card).expect("a card").id.to_string();
        assert_eq!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "5")], &card).status, 200);
        let hers = newest_attempt(world).id;
        assert_eq!(ernesto.call("billing/pay", &[("id", &hers.to_string())]).status, 404);
        assert_eq!(attempt(world, hers).state, AttemptState::Created);
        assert_eq!(maria.call("billing/pay", &[("id", &hers.to_string())]).status, 200);
        assert_eq!(attempt(world, hers).state, AttemptState::Paid);
        ledger_is_right(world);
    });
}

#[test]
fn what_is_removed_is_not_charged_and_the_same_account_typed_anew_is_one() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for _ in 0..2 {
            let setup = choose(&maria, "/billing/cards/new-bank", "account");
            assert_eq!(maria.call("billing/keep-card", &[("setup_intent", &setup)]).status, 200);
        }
        assert_eq!(kept(world).len(), 1, "the same account");
        let account = kept(world).pop().expect("a kept account");
        let shoulder = bill_numbered(world, "B-26-00117");
        assert_eq!(
            prepare(&maria, shoulder.guarantor_id.expect("a guarantor"), &[(shoulder.id, "5")], &account.id.to_string()).status,
            200
        );
        let id = newest_attempt(world).id;
        assert_eq!(maria.call("billing/forget-card", &[("id", &account.id.to_string())]).status, 200);
        assert!(maria.call("billing/pay", &[("id", &id.to_string())]).body.contains("no_card"));
        assert_eq!((attempt(world, id).state, attempt(world, id).token), (AttemptState::Created, None));
        assert!(kept(world)[0].forgotten, "the bank has forgotten it");
    });
}

#[test]
fn a_plan_keeps_its_payments_while_everything_is_on_its_way_beside_it() {
    on_every_engine(|world| {
        let plan = all::<payment_plan::Entity>(world).pop().expect("the demo's plan");
        let maria = world.sign_in("maria");
        let of_plan = || bill_numbered(world, "B-25-01244");
        let before: Vec<_> = planned(world, plan.id).into_iter().map(|row| (row.due_on, row.cents)).collect();
        let whole = format!("{:.2}", of_plan().balance_cents as f64 / 100.0);
        at(world, before[0].0.and_hms_opt(17, 0, 0).expect("a time").and_utc() - TimeDelta::days(1));
        debit(world, &maria, &of_plan(), &whole, "empty_account");
        // Something else of the same payer lets her plans be looked at.
        let shoulder = bill_numbered(world, "B-26-00117");
        assert_eq!(prepare(&maria, shoulder.guarantor_id.expect("a guarantor"), &[(shoulder.id, "5")], "new").status, 200);
        let other = newest_attempt(world).id;
        assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", other, "works", "").status, 200);
        assert_eq!(maria.call("billing/pay", &[("id", &other.to_string())]).status, 200);
        let now = || planned(world, plan.id).into_iter().map(|row| (row.due_on, row.cents)).collect::<Vec<_>>();
        assert_eq!(now(), before, "it may not arrive");
        // On its day nothing is due: nothing is charged twice.
        at(world, before[0].0.and_hms_opt(17, 0, 0).expect("a time").and_utc());
        ask_again(world);
        assert!(all::<payment_attempt::Entity>(world).iter().all(|row| row.plan_due_on != Some(before[0].0)));
        later(world, TimeDelta::days(4));
        assert_eq!(now().iter().map(|(_, cents)| cents).sum::<i64>(), of_plan().balance_cents);
        ledger_is_right(world);
    });
}

#[test]
fn a_debit_of_a_plan_that_ended_is_told_when_it_comes_to_nothing() {
    on_every_engine(|world| {
        let plan = plan_pays_from(world, "empty_account");
        at(world, planned(world, plan.id)[0].due_on.and_hms_opt(17, 0, 0).expect("a time").and_utc());
        ask_again(world);
        let going = newest_attempt(world);
        assert_eq!(going.state, AttemptState::Processing);
        let maria = world.sign_in("maria");
        assert_eq!(maria.call("billing/change-plan", &[("id", &plan.id.to_string()), ("what", "end")]).status, 200);
        assert_eq!(planned(world, plan.id).len(), 1, "what is on its way is not called off");
        let before = letters(world, "maria@example.org").len();
        later(world, TimeDelta::days(4));
        assert_eq!((attempt(world, going.id).state, planned(world, plan.id).len()), (AttemptState::Declined, 0));
        assert_eq!(letters(world, "maria@example.org").len(), before + 1);
        ledger_is_right(world);
    });
}

#[test]
fn whoever_loses_access_is_charged_no_more_and_removes_what_is_theirs() {
    on_every_engine(|world| {
        let plan = plan_pays_from(world, "account");
        let account = kept(world).pop().expect("a kept account");
        let next = planned(world, plan.id)[0].clone();
        // The bills are somebody else's from now on, whom Maria does not see.
        let other = all::<guarantor::Entity>(world).into_iter().find(|row| row.number == "1002003").expect("another account");
        let moved = payment_plan::ActiveModel { guarantor_id: Set(other.id), ..Default::default() };
        let one = payment_plan::Entity::update_many().set(moved).filter(payment_plan::Column::Id.eq(plan.id));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        let maria = world.sign_in("maria");
        assert_eq!(maria.get(&format!("/billing/plans/{}", plan.id)).status, 404);
        at(world, next.due_on.and_hms_opt(17, 0, 0).expect("a time").and_utc());
        let (tries, mails) = (all::<payment_attempt::Entity>(world).len(), letters(world, "maria@example.org").len());
        ask_again(world);
        assert_eq!(all::<payment_attempt::Entity>(world).len(), tries, "nothing is charged");
        assert_eq!(letters(world, "maria@example.org").len(), mails + 1);
        let now = all::<payment_plan::Entity>(world).into_iter().find(|row| row.id == plan.id).expect("the plan");
        assert_eq!((now.state, now.ended_why.as_deref()), (PlanState::Cancelled, Some("access")));
        // Before the job came, removing the account ends it as well.
        let again = payment_plan::ActiveModel { state: Set(PlanState::Active), ended_at: Set(None), ..Default::default() };
        let one = payment_plan::Entity::update_many().set(again).filter(payment_plan::Column::Id.eq(plan.id));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        assert_eq!(maria.call("billing/forget-card", &[("id", &account.id.to_string())]).status, 200);
        let now = all::<payment_plan::Entity>(world).into_iter().find(|row| row.id == plan.id).expect("the plan");
        assert_eq!((now.state, now.ended_why.as_deref()), (PlanState::Cancelled, Some("method")));
    });
}

#[test]
fn what_a_bank_takes_back_is_due_again_and_what_it_gives_up_is_paid_again() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let shoulder = bill_numbered(world, "B-26-00117");
        let id = debit(world, &maria, &shoulder, "25", "account");
        later(world, TimeDelta::days(4));
        let charge = attempt(world, id).processor_id.expect("a charge");
        let before = letters(world, "maria@example.org").len();
        let tell = |status: &str| {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let request = agent.post(format!("{}/demo/bank/v1/disputes", world.origin)).header("authorization", "Bearer sk_test_demo");
            let fields = [("id", "du_1"), ("payment_intent", charge.as_str()), ("amount", "2500"), ("status", status)];
            assert_eq!(request.send_form(fields).expect("an answer").status().as_u16(), 200);
            // The notice comes by itself.
            for _ in 0..200 {
                let due = bill_numbered(world, "B-26-00117").balance_cents;
                if due == if status == "won" { 0 } else { 2_500 } && letters(world, "maria@example.org").len() > before {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(25));
            }
        };
        for _ in 0..2 {
            tell("needs_response");
            assert_eq!(bill_numbered(world, "B-26-00117").balance_cents, 2_500, "once, however often it is told");
        }
        assert_eq!(letters(world, "maria@example.org").len(), before + 1);
        assert!(world.sign_in("dana").get("/staff/billing").body.contains("The bank took back $25.00"));
        assert!(maria.get(&format!("/billing/payments/{id}")).body.contains("-$25.00"));
        tell("won");
        assert_eq!(bill_numbered(world, "B-26-00117").balance_cents, 0);
        ledger_is_right(world);
    });
}

#[test]
fn a_bill_that_is_cancelled_while_a_debit_is_on_its_way_is_a_credit_of_which_everybody_reads() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let wrist = bill_numbered(world, "B-26-00098");
        debit(world, &maria, &wrist, "40", "account");
        arrives(world, |mut entry| {
            if entry["resource"]["resourceType"] == "Invoice" && entry.to_string().contains("B-26-00098") {
                entry["resource"]["status"] = "cancelled".into();
            }
            entry
        });
        assert_eq!(bill_numbered(world, "B-26-00098").state, BillState::Cancelled);
        assert!(maria.get(&format!("/billing/bills/{}", wrist.id)).body.contains("$40.00 is on its way"));
        later(world, TimeDelta::days(4));
        assert_eq!(bill_numbered(world, "B-26-00098").balance_cents, -4_000);
        assert!(maria.get(&format!("/billing/bills/{}", wrist.id)).body.contains("$40.00"));
        assert!(world.sign_in("dana").get("/staff/billing").body.contains("B-26-00098"));
        ledger_is_right(world);
    });
}

#[test]
fn the_office_takes_no_money_of_a_bill_of_which_a_payment_is_being_checked() {
    on_every_engine(|world| {
        let (maria, dana) = (world.sign_in("maria"), world.sign_in("dana"));
        let shoulder = bill_numbered(world, "B-26-00117");
        assert_eq!(prepare(&maria, shoulder.guarantor_id.expect("a guarantor"), &[(shoulder.id, "25")], "new").status, 200);
        let id = newest_attempt(world).id;
        assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", id, "asks", "").status, 200);
        assert_eq!(maria.call("billing/pay", &[("id", &id.to_string())]).status, 200);
        assert_eq!(attempt(world, id).state, AttemptState::NeedsAction);
        let bill = shoulder.id.to_string();
        let recorded = dana.call("ledgers/record-payment", &[("bill", &bill), ("amount", "25"), ("words", "By phone")]);
        assert!(recorded.body.contains("being_checked"), "{}", recorded.body);
        let off = dana.call("ledgers/adjust", &[("bill", &bill), ("how", "write_off"), ("amount", "25"), ("words", "x")]);
        assert!(off.body.contains("being_checked"), "{}", off.body);
        // What cannot be counted is no panic.
        let plan = format!("/billing/of/{}/plan?months=9223372036854775807", shoulder.guarantor_id.expect("a guarantor"));
        assert_eq!(maria.get(&plan).status, 200);
        ledger_is_right(world);
    });
}
