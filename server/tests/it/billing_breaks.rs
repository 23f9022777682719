//! What people and machines do to bills by mistake, or on purpose: double clicks, parts of a large change, money that is none, records in
//! another order, titles with markup, forms that are none.

use app::{
    access::as_system,
    base::money::price,
    desk::billing::{
        entity::{bill, coverage, payment_method, payment_plan, payment_refund, plan_payment},
        model::{AttemptState, BillState, EntryKind, PlanPaymentState, PlanState},
    },
};
use chrono::{Datelike, Days, NaiveDate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::{
    billing::{account_numbered, adds_up, all, ask_again, at, attempt, bill_numbered, entries, newest_attempt, prepare, type_card},
    messages::recipient,
    world::{Somebody, World, on_every_engine},
};

#[test]
fn a_title_is_text_whoever_wrote_it() {
    on_every_engine(|world| {
        let (maria, nora) = (world.sign_in("maria"), world.sign_in("nora"));
        let own = world.patient("Maria").to_string();
        let evil = "Question</title><b id=pwn>";
        let to = recipient(&maria, world.patient("Maria"), "Family Medicine");
        let fields = [("patient", own.as_str()), ("topic", "question"), ("to", &to), ("subject", evil), ("body", "x")];
        let key = Uuid::now_v7().to_string();
        let sent = maria.call("messages/send", &[&fields[..], &[("sending_key", key.as_str())]].concat());
        assert_eq!(sent.status, 200, "{}", sent.body);
        let list = nora.get("/staff/messages?shelf=all").body;
        let thread = list
            .split("/staff/messages/")
            .skip(1)
            .filter_map(|rest| rest.get(..36))
            .find(|id| id.parse::<Uuid>().is_ok())
            .expect("a thread");
        let page = nora.get(&format!("/staff/messages/{thread}")).body;
        assert!(page.contains("&lt;/title&gt;") && !page.contains("<b id=pwn>"), "{page}");
    });
}

#[test]
fn a_form_that_is_none_is_not_read() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-26-00117").id;
        let body = format!("bill={bill}&topic=amount&words=My+card+4242424242424242");
        // The server closes a connection whose body it refused to read: each request has one of its own.
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_idle_connections(0).build().into();
        let send = |kind: &str| {
            let request = agent
                .post(format!("{}/api/billing/ask", world.origin))
                .header("origin", &world.origin)
                .header("accept", "application/json");
            let request = request.header("cookie", maria.cookie.as_deref().unwrap_or_default()).header("content-type", kind);
            request.send(body.as_str()).expect("an answer").status().as_u16()
        };
        for kind in ["text/plain", "application/octet-stream", "application/json", "multipart/form-data; boundary=x", "x"] {
            assert_eq!(send(kind), 415, "{kind}");
        }
        for kind in ["application/x-www-form-urlencoded", "Application/X-WWW-Form-urlencoded; charset=utf-8"] {
            assert_eq!(send(kind), 422, "{kind}");
        }
        // Forms with files come as such, or not at all.
        for function in ["billing/insurance", "family/keep-photo", "credentials/check-file", "messages/send", "questionnaires/add-file"] {
            let fields = [("accept", "application/json"), ("origin", world.origin.as_str())];
            let request = fields
                .iter()
                .fold(agent.post(format!("{}/api/{function}", world.origin)), |request, (name, value)| request.header(*name, *value));
            let request = request.header("cookie", maria.cookie.as_deref().unwrap_or_default());
            let answer = request.header("content-type", "application/x-www-form-urlencoded").send("patient=x").expect("an answer");
            assert_eq!(answer.status().as_u16(), 415, "{function}");
        }
    });
}

#[test]
fn a_new_insurance_takes_nobodys_place() {
    on_every_engine(|world| {
        let (sofia, priya) = (world.sign_in("sofia"), world.sign_in("priya"));
        let (own, maria) = (world.patient("Sofia").to_string(), world.patient("Maria"));
        let of_maria = || all::<coverage::Entity>(world).into_iter().find(|row| row.patient_id == maria).expect("an insurance");
        let theirs = of_maria().id.to_string();
        let tell = |what: &str| {
            let fields = [("patient", own.as_str()), ("what", what), ("coverage", &theirs), ("insurer", "Mine"), ("member_id", "X1")];
            sofia.upload("billing/insurance", &fields, "file", "", b"")
        };
        assert_eq!(tell("correct").status, 404);
        assert_eq!(tell("new").status, 200);
        let row =
            all::<app::desk::requests::entity::request::Entity>(world).into_iter().rfind(|row| row.kind == "insurance").expect("a request");
        assert_eq!(priya.call("requests/decide", &[("id", &row.id.to_string()), ("decision", "accept"), ("reason", "x")]).status, 200);
        assert!(of_maria().active);
    });
}

#[test]
fn what_the_office_sends_twice_counts_once_and_a_large_change_in_parts_is_large() {
    on_every_engine(|world| {
        let (maria, dana) = (world.sign_in("maria"), world.sign_in("dana"));
        let asthma = bill_numbered(world, "B-26-00098");
        let id = asthma.id.to_string();
        let send = |function: &str, fields: &[(&str, &str)]| {
            let once = Uuid::now_v7().to_string();
            let fields = [&[("bill", id.as_str()), ("words", "x"), ("once", &once)], fields].concat();
            std::thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| assert_eq!(dana.call(function, &fields).status, 200));
                }
            });
        };
        send("ledgers/adjust", &[("how", "up"), ("amount", "10")]);
        assert_eq!(bill_numbered(world, "B-26-00098").balance_cents, asthma.balance_cents + 1_000);
        send("ledgers/record-payment", &[("amount", "10")]);
        assert_eq!(bill_numbered(world, "B-26-00098").balance_cents, asthma.balance_cents);
        // A refund.
        assert_eq!(prepare(&maria, asthma.guarantor_id.expect("a guarantor"), &[(asthma.id, "20")], "new").status, 200);
        let paid = newest_attempt(world).id.to_string();
        assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", paid.parse().expect("an id"), "works", "").status, 200);
        assert_eq!(maria.call("billing/pay", &[("id", &paid)]).status, 200);
        let once = Uuid::now_v7().to_string();
        let fields = [("bill", id.as_str()), ("attempt", &paid), ("amount", "5"), ("words", "x"), ("once", &once)];
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| assert_eq!(dana.call("ledgers/refund", &fields).status, 200));
            }
        });
        ask_again(world);
        assert_eq!(all::<payment_refund::Entity>(world).len(), 1);
        // Forty dollars are entered, and again; the third time it would be more than one person changes alone.
        let adjust = || dana.call("ledgers/adjust", &[("bill", &id), ("how", "up"), ("amount", "40"), ("words", "x")]);
        for expected in [4_000, 8_000, 8_000] {
            assert_eq!(adjust().status, 200);
            let entered: i64 = entries(world, asthma.id).iter().filter(|row| row.kind == EntryKind::Adjustment).map(|row| row.cents).sum();
            assert_eq!(entered, 1_000 + expected);
        }
        assert!(dana.get(&format!("/staff/billing/bills/{id}")).body.contains("It waits for a second person"));
        adds_up(world);
    });
}

#[test]
fn what_is_not_final_or_is_being_paid_is_not_moved() {
    on_every_engine(|world| {
        let (maria, dana) = (world.sign_in("maria"), world.sign_in("dana"));
        let transfer = |number: &str, to: &str| {
            let id = bill_numbered(world, number).id.to_string();
            dana.call("ledgers/transfer", &[("bill", &id), ("to", to), ("words", "x")]).body
        };
        for number in ["B-26-00131", "B-25-05120", "B-25-01244"] {
            assert!(transfer(number, "1002002").contains("not_moved"), "{number}");
        }
        assert!(transfer("B-26-00117", "999").contains("no_account"));
        let shoulder = bill_numbered(world, "B-26-00117");
        assert_eq!(prepare(&maria, shoulder.guarantor_id.expect("a guarantor"), &[(shoulder.id, "25")], "new").status, 200);
        let id = newest_attempt(world).id;
        assert_eq!(type_card(&maria, "/billing/payments", "billing/use-card", id, "asks", "").status, 200);
        assert_eq!(maria.call("billing/pay", &[("id", &id.to_string())]).status, 200);
        assert_eq!(attempt(world, id).state, AttemptState::NeedsAction);
        assert!(transfer("B-26-00117", "1002002").contains("not_moved"));
        // Whose account it is stands there before.
        let page = dana.get(&format!("/staff/billing/bills/{}?to=1002002", shoulder.id)).body;
        assert!(page.contains("To Ernesto Rivera, account 1002002."), "{page}");
        adds_up(world);
    });
}

fn plan(world: &World) -> payment_plan::Model {
    all::<payment_plan::Entity>(world).into_iter().min_by_key(|plan| plan.made_at).expect("the demo's plan")
}

fn to_come(world: &World) -> Vec<plan_payment::Model> {
    let id = plan(world).id;
    let mut rows: Vec<_> =
        all::<plan_payment::Entity>(world).into_iter().filter(|row| row.plan_id == id && row.state == PlanPaymentState::Planned).collect();
    rows.sort_by_key(|row| row.due_on);
    rows
}

#[test]
fn a_plan_follows_what_is_due_of_its_bills() {
    on_every_engine(|world| {
        let (dana, samuel) = (world.sign_in("dana"), world.sign_in("samuel"));
        let number = "B-25-01244";
        let id = bill_numbered(world, number).id.to_string();
        let follows = || {
            let sums: Vec<i64> = to_come(world).iter().map(|row| row.cents).collect();
            assert_eq!(sums.iter().sum::<i64>(), bill_numbered(world, number).balance_cents, "{sums:?}");
            sums
        };
        let before = follows();
        let adjust = |how: &str, amount: &str| {
            assert_eq!(dana.call("ledgers/adjust", &[("bill", &id), ("how", how), ("amount", amount), ("words", "x")]).status, 200)
        };
        adjust("up", "50");
        let more = follows();
        assert!(more.len() > before.len() && more.iter().all(|cents| *cents <= 4_000), "{more:?}");
        adjust("down", "45");
        assert!(follows().len() < more.len());
        let paid = dana.call("ledgers/record-payment", &[("bill", &id), ("amount", "60"), ("words", "A check")]);
        assert_eq!(paid.status, 200);
        follows();
        assert!(world.sign_in("maria").get(&format!("/billing/of/{}/history", plan(world).guarantor_id)).body.contains("A check"));
        // Written off, by two: nothing is left, and the plan is over.
        let left = bill_numbered(world, number).balance_cents;
        adjust("write_off", &format!("{}.{:02}", left / 100, left % 100));
        for row in all::<app::desk::billing::entity::ledger_proposal::Entity>(world).into_iter().filter(|row| row.decided_at.is_none()) {
            assert_eq!(samuel.call("ledgers/decide", &[("id", &row.id.to_string()), ("accepted", "true")]).status, 200);
        }
        assert_eq!((bill_numbered(world, number).balance_cents, plan(world).state, to_come(world).len()), (0, PlanState::PaidOff, 0));
        adds_up(world);
    });
}

#[test]
fn a_plan_pays_nothing_of_a_bill_that_is_another_accounts_now() {
    on_every_engine(|world| {
        let (maria, bill) = (world.sign_in("maria"), bill_numbered(world, "B-25-01244"));
        let pages = || ["/billing".to_owned(), format!("/p/{}/billing", bill.patient_id)].map(|page| maria.get(&page).body);
        assert!(pages().iter().all(|page| page.contains("In your plan")));
        // As an import does it: the hospital's system says that somebody else is responsible.
        let moved = bill::Entity::update_many()
            .col_expr(bill::Column::GuarantorId, Expr::value(account_numbered(world, "1002002").id))
            .filter(bill::Column::Id.eq(bill.id));
        world.wait(moved.exec(&world.state.connection)).expect("written");
        for page in pages() {
            assert!(page.contains(&format!("/billing/bills/{}\"", bill.id)) && !page.contains("In your plan"), "{page}");
        }
    });
}

#[test]
fn another_day_puts_no_payment_off_for_ever() {
    on_every_engine(|world| {
        let id = plan(world).id.to_string();
        let first = to_come(world)[0].due_on;
        at(world, (first - Days::new(1)).and_hms_opt(17, 0, 0).expect("a time").and_utc());
        let maria = world.sign_in("maria");
        for day in ["1", "28", "1", "2"] {
            assert_eq!(maria.call("billing/change-plan", &[("id", &id), ("what", "day"), ("day", day)]).status, 200);
            let next = to_come(world)[0].due_on;
            assert_eq!((next.year(), next.month()), (first.year(), first.month()), "{day}");
        }
    });
}

#[test]
fn a_card_that_is_kept_in_two_tabs_is_one_and_a_plans_card_stays() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-26-00098");
        assert_eq!(prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "5")], "new").status, 200);
        let id = newest_attempt(world).id;
        let before = all::<payment_method::Entity>(world).len();
        let page = maria.get(&format!("/billing/payments/{id}/card")).body;
        let setup = page.split("setup_intent=").nth(1).and_then(|rest| rest.split(['&', '"']).next()).expect("the bank's page");
        assert_eq!(maria.submit("/demo/bank/card", &[("setup_intent", setup), ("card", "late"), ("back", "")]).status, 303);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| maria.call("billing/use-card", &[("id", &id.to_string()), ("setup_intent", setup), ("keep", "true")]));
            }
        });
        assert_eq!(all::<payment_method::Entity>(world).len(), before + 1);
    });
}

#[test]
fn a_guest_who_is_right_is_not_kept_away_and_reads_what_a_plan_pays() {
    on_every_engine(|world| {
        let guest = world.nobody();
        let find = |name: &str| guest.call("pay/find", &[("number", "1002001"), ("family_name", name)]);
        for field in ["number", "family_name"] {
            assert!(guest.call("pay/find", &[]).body.contains(field));
        }
        for _ in 0..8 {
            assert_eq!(find("Rivera").status, 200);
        }
        let wrong: Vec<u16> = (0..6).map(|_| find("Smith").status).collect();
        assert!(wrong.contains(&422) && wrong.contains(&429), "{wrong:?}");
    });
}

/// Resources under new ids, of a patient who comes with them.
struct Record {
    patient: Value,
    payer: Value,
    account: Value,
    invoice: Value,
    number: String,
}

fn usd(value: f64) -> Value {
    json!({"value": value, "currency": "USD"})
}

fn record() -> Record {
    let id = || Uuid::new_v4().to_string();
    let (child, payer, account, invoice) = (id(), id(), id(), id());
    let number = format!("T-{}", &id()[..8]);
    let person = |id: &str, given: &str, born: &str| json!({"resourceType": "Patient", "id": id, "birthDate": born, "name": [{"family": "Test", "given": [given]}]});
    Record {
        patient: person(&child, "Child", "2019-04-05"),
        payer: person(&payer, "Payer", "1985-04-05"),
        account: json!({"resourceType": "Account", "id": account, "status": "active", "subject": [{"reference": format!("Patient/{child}")}],
            "guarantor": [{"party": {"reference": format!("Patient/{payer}")}}]}),
        invoice: json!({"resourceType": "Invoice", "id": invoice, "status": "issued", "date": "2026-10-01", "identifier": [{"value": number}],
            "subject": {"reference": format!("Patient/{child}")}, "account": {"reference": format!("Account/{account}")},
            "lineItem": [{"chargeItemCodeableConcept": {"text": "Visit"}, "priceComponent": [{"type": "base", "amount": usd(100.0)}]}],
            "totalNet": usd(100.0), "totalGross": usd(100.0)}),
        number,
    }
}

impl Record {
    fn payment(&self, value: f64) -> Value {
        json!({"resourceType": "PaymentReconciliation", "id": Uuid::new_v4().to_string(), "status": "active", "created": "2026-10-05",
            "paymentDate": "2026-10-05", "paymentAmount": usd(value), "detail": [{"type": {"text": "payment"},
            "request": {"reference": format!("Invoice/{}", self.invoice["id"].as_str().expect("an id"))}, "amount": usd(value)}]})
    }
}

fn arrive(world: &World, value: &Value) {
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": value}]});
    world.wait(import_bundle(&as_system(&world.state.db, "test"), "other", bundle)).expect("imported");
}

fn found(world: &World, number: &str) -> Option<bill::Model> {
    all::<bill::Entity>(world).into_iter().find(|bill| bill.number == number)
}

#[test]
fn bills_are_the_same_whatever_comes_last() {
    on_every_engine(|world| {
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 4, 0, 2, 1], [0, 3, 2, 4, 1], [4, 0, 3, 1, 2], [2, 3, 4, 0, 1]] {
            let record = record();
            let payment = record.payment(5.0);
            let parts = [&record.patient, &record.payer, &record.account, &record.invoice, &payment];
            order.iter().for_each(|index| arrive(world, parts[*index]));
            let bill = found(world, &record.number).unwrap_or_else(|| panic!("{order:?}"));
            assert_eq!((bill.state, bill.balance_cents), (BillState::Open, 9_500), "{order:?} {:?}", bill.problem);
            let payer =
                all::<app::desk::billing::entity::guarantor::Entity>(world).into_iter().find(|row| Some(row.id) == bill.guarantor_id);
            assert_eq!(payer.map(|payer| payer.given_name).as_deref(), Some("Payer"), "{order:?}");
        }
        adds_up(world);
    });
}

#[test]
fn money_that_is_none_asks_nobody_for_anything() {
    on_every_engine(|world| {
        let asked = |change: &dyn Fn(&mut Record) -> Vec<Value>| {
            let mut record = record();
            let more = change(&mut record);
            for value in [&record.patient, &record.payer, &record.account, &record.invoice].into_iter().chain(&more) {
                arrive(world, value);
            }
            found(world, &record.number).map(|bill| (bill.state, bill.balance_cents))
        };
        let line =
            |amount: Value| json!({"chargeItemCodeableConcept": {"text": "X"}, "priceComponent": [{"type": "base", "amount": amount}]});
        let without_totals = |record: &mut Record, second: Value| {
            let invoice = record.invoice.as_object_mut().expect("an invoice");
            invoice.remove("totalNet");
            invoice.remove("totalGross");
            let lines = invoice["lineItem"].as_array_mut().expect("lines");
            lines.push(second);
            Vec::new()
        };
        for amount in
            [json!({"value": 50, "currency": "EUR"}), json!({"value": "50", "currency": "USD"}), json!({"value": 1e30, "currency": "USD"})]
        {
            let state = asked(&|record| without_totals(record, line(amount.clone()))).expect("a bill").0;
            assert_eq!(state, BillState::Checking, "{amount}");
        }
        // More went back than ever came.
        assert_eq!(asked(&|record| vec![record.payment(-1000.0)]).expect("a bill").0, BillState::Checking);
        // An employer pays: nobody else is asked.
        let employer = |record: &mut Record| {
            let id = Uuid::new_v4().to_string();
            record.account["guarantor"] = json!([{"party": {"reference": format!("Organization/{id}")}}]);
            record.patient["birthDate"] = json!("1980-01-01");
            vec![json!({"resourceType": "Organization", "id": id, "name": "An employer"})]
        };
        assert_eq!(asked(&employer).expect("a bill").0, BillState::Checking);
        // A plan that takes money, and leaves more than was charged.
        let negative = |record: &mut Record| {
            let total = |code: &str, value: f64| json!({"category": {"coding": [{"code": code}]}, "amount": usd(value)});
            vec![
                json!({"resourceType": "ExplanationOfBenefit", "id": Uuid::new_v4().to_string(), "status": "active", "use": "claim", "created": "2026-10-05",
                "outcome": "complete", "patient": {"reference": format!("Patient/{}", record.patient["id"].as_str().expect("an id"))},
                "supportingInfo": [{"sequence": 1, "category": {"coding": [{"code": "patientaccountnumber"}]}, "valueString": record.number}],
                "total": [total("submitted", 100.0), total("benefit", -500.0), total("memberliability", 600.0)]}),
            ]
        };
        let state = asked(&negative).expect("a bill");
        assert!(state.0 == BillState::Checking, "{state:?}");
        // What was issued and became a draft again, or lost its lines, is owed no more.
        let draft = |record: &mut Record| {
            let mut again = record.invoice.clone();
            again["status"] = json!("draft");
            vec![again]
        };
        assert_eq!(asked(&draft), Some((BillState::Cancelled, 0)));
        let emptied = |record: &mut Record| {
            let mut again = record.invoice.clone();
            for part in ["lineItem", "totalNet", "totalGross"] {
                again.as_object_mut().expect("an invoice").remove(part);
            }
            vec![again]
        };
        assert_eq!(asked(&emptied).expect("a bill").1, 0);
        adds_up(world);
    });
}

#[test]
fn what_is_overdue_is_told_apart_from_what_is_due_later() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let today = world.state.clock.now().today;
        let open: Vec<_> =
            all::<bill::Entity>(world).into_iter().filter(|row| row.state == BillState::Open && row.balance_cents > 0).collect();
        assert!(open.len() > 1, "{open:?}");
        let due_on = |bill: Uuid, day: NaiveDate| {
            let set = bill::Entity::update_many().col_expr(bill::Column::DueOn, Expr::value(day)).filter(bill::Column::Id.eq(bill));
            world.wait(set.exec(&world.state.connection)).expect("written");
        };
        for row in &open {
            due_on(row.id, today + Days::new(9));
        }
        let (page, home) = (maria.get("/billing").body, maria.get("/home").body);
        assert!(!page.contains("due since"), "{page}");
        assert!(home.contains(" is due by ") && !home.contains("first due date"), "{home}");
        let late = bill_numbered(world, "B-26-00117");
        due_on(late.id, today - Days::new(1));
        let part = format!("of which {} has been due since", price(late.balance_cents));
        let page = maria.get("/billing").body;
        assert!(page.contains(&part), "{part}: {page}");
        let home = maria.get("/home").body;
        assert!(home.contains("The first due date was"), "{home}");
        for row in &open {
            due_on(row.id, today - Days::new(1));
        }
        let page = maria.get("/billing").body;
        assert!(page.contains(", due since") && !page.contains("of which"), "{page}");
    });
}

#[test]
fn what_an_estimate_in_words_is_for_is_sensitive_as_long_as_nobody_knows_better() {
    on_every_engine(|world| {
        let (ernesto, dana) = (world.sign_in("ernesto"), world.sign_in("dana"));
        let own = world.patient("Ernesto").to_string();
        assert_eq!(
            ernesto.call("billing/ask-estimate", &[("patient", &own), ("words", "A test that nobody else reads about")]).status,
            200
        );
        let row =
            all::<app::desk::requests::entity::request::Entity>(world).into_iter().rfind(|row| row.kind == "estimate").expect("a request");
        let fields = [("request", &*row.id.to_string()), ("title", "A secret test"), ("lines", "A secret test 80.00")];
        assert_eq!(dana.call("ledgers/estimate", &fields).status, 200);
        let page = |who: &Somebody<'_>| who.get(&format!("/p/{own}/estimates")).body;
        assert!(page(&ernesto).contains("A secret test"));
        assert!(!page(&world.sign_in("maria")).contains("A secret test"));
    });
}

#[test]
fn a_card_is_kept_without_paying_and_by_nobody_for_somebody_else() {
    on_every_engine(|world| {
        let (grace, maria) = (world.sign_in("grace"), world.sign_in("maria"));
        let page = grace.get("/billing/cards/new").body;
        let setup = page.split("setup_intent=").nth(1).and_then(|rest| rest.split(['&', '"']).next()).expect("the bank's page").to_owned();
        let keep = |who: &Somebody<'_>| who.call("billing/keep-card", &[("setup_intent", &setup)]);
        assert!(keep(&grace).body.contains("no_card"), "nothing was typed yet");
        assert_eq!(grace.submit("/demo/bank/card", &[("setup_intent", &setup), ("card", "works"), ("back", "")]).status, 303);
        assert!(keep(&maria).body.contains("no_card"));
        assert_eq!(world.nobody().call("billing/keep-card", &[("setup_intent", &setup)]).status, 401);
        assert_eq!(keep(&grace).status, 200);
        assert_eq!(keep(&grace).status, 200, "twice is once");
        let cards = grace.get("/billing/cards").body;
        assert_eq!(cards.matches("Visa ending in 4242").count(), 2, "its name, and the button: {cards}");
    });
}
