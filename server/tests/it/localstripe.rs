//! Paying at localstripe, a double of Stripe that others wrote: <https://github.com/adrienverge/localstripe>. It runs as a process of its
//! own, where `scripts/setup` could install it; without it nothing is tested here, and the test says so.
//!
//! It does not know `Idempotency-Key`, nor lists of charges by their time: what stands before it takes the latter away, and loses answers.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use app::desk::billing::{
    entity::{payment_method, payment_plan, payment_refund, plan_payment, processor_event},
    model::{AttemptState, EntryKind, PlanPaymentState, PlanState, RefundState},
    processor::{CardEntry, Settings},
};
use axum::{
    Router,
    body::Bytes,
    extract::State as Extract,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    billing::{account_numbered, adds_up, all, ask_again, at, attempt, bill_numbered, entries, newest_attempt, prepare},
    world::{Answer, Somebody, World, on_every_engine_paying_at, wait},
};

const WEBHOOK_SECRET: &str = "whsec_localstripe";
const WORKS: &str = "4242424242424242";
/// It can be kept, and is declined whenever it is charged.
const DECLINED: &str = "4000000000000341";
/// It is declined before it is ever charged.
const NEVER: &str = "4000000000000002";
/// The bank asks whether it is really the payer.
const ASKS: &str = "4000000000003220";

/// localstripe, and what stands before it.
struct Localstripe {
    process: Child,
    api: String,
    /// So many answers to charges are lost from now on.
    loses: Arc<AtomicU16>,
}

impl Drop for Localstripe {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/localstripe/bin/localstripe");
    std::env::var_os("LOCALSTRIPE").map(PathBuf::from).or_else(|| installed.exists().then_some(installed))
}

impl Localstripe {
    /// `None` where it is not installed.
    fn start() -> Option<Self> {
        let program = program()?;
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let mut command = Command::new(program);
        command.args(["--from-scratch", "--port", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("localstripe starts");
        let loses = Arc::<AtomicU16>::default();
        let behind = Arc::new(Behind { at: format!("http://localhost:{port}"), http: reqwest::Client::new(), loses: loses.clone() });
        let api = wait(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let api = format!("http://{}", listener.local_addr().expect("an address"));
            tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass_on).with_state(behind)).await });
            api
        });
        let found = Self { process, api, loses };
        let since = Instant::now();
        while found.get("/v1/payment_intents").is_none() {
            assert!(since.elapsed() < Duration::from_secs(30), "localstripe does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(found)
    }

    fn settings(&self, origin: &str) -> Settings {
        let registered =
            self.post("/_config/webhooks/portal", json!({"url": format!("{origin}/webhooks/payments"), "secret": WEBHOOK_SECRET}));
        assert_eq!(registered.0, 200);
        Settings {
            api: self.api.clone(),
            secret_key: "sk_test_portal".into(),
            publishable_key: "pk_test_portal".into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            card_entry: CardEntry::Script(format!("{}/js.stripe.com/v3/", self.api)),
            bank_accounts: false,
        }
    }

    fn get(&self, path: &str) -> Option<Value> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.get(format!("{}{path}", self.api)).header("authorization", "Bearer sk_test_portal").call().ok()?;
        response.status().is_success().then(|| response.body_mut().read_json().ok())?
    }

    fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.post(format!("{}{path}", self.api)).header("authorization", "Bearer sk_test_portal");
        let mut response = request.send_json(body).expect("localstripe answers");
        (response.status().as_u16(), response.body_mut().read_json().unwrap_or_default())
    }

    /// The charges of a try that succeeded.
    fn charged(&self, attempt: Uuid) -> Vec<i64> {
        let all = self.get("/v1/payment_intents?limit=100").expect("localstripe answers");
        let of = all["data"].as_array().expect("a list").iter();
        let of = of.filter(|intent| intent["metadata"]["attempt"] == attempt.to_string().as_str() && intent["status"] == "succeeded");
        of.map(|intent| intent["amount"].as_i64().expect("cents")).collect()
    }

    /// What the field of the processor's script does with a card.
    fn type_card(&self, page: &Answer, number: &str) -> Result<String, Value> {
        assert_eq!(page.status, 200, "{}", page.body);
        let script = format!("{}/js.stripe.com/v3/", self.api);
        assert!(page.header("content-security-policy").contains(&self.api) && page.body.contains(&script), "{}", page.body);
        let secret = page.body.split("data-card=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the field's secret").to_owned();
        let id = secret.split("_secret_").next().expect("an id").to_owned();
        let card = json!({"number": number, "exp_month": "4", "exp_year": "2034", "cvc": "123"});
        let typed = json!({
            "key": "pk_test_portal", "use_stripe_sdk": true, "client_secret": secret,
            "payment_method_data": {"type": "card", "card": card},
        });
        let (status, mut answer) = self.post(&format!("/v1/setup_intents/{id}/confirm"), typed);
        if answer["status"] == "requires_action" {
            let confirmed = json!({"key": "pk_test_portal", "use_stripe_sdk": true, "client_secret": secret});
            answer = self.post(&format!("/v1/setup_intents/{id}/confirm"), confirmed).1;
        }
        if status == 200 { Ok(answer["id"].as_str().expect("an id").to_owned()) } else { Err(answer) }
    }

    /// What somebody answers to the question of the bank.
    fn answer_bank(&self, charge: &str, yes: bool) {
        let intent = self.get(&format!("/v1/payment_intents/{charge}")).expect("the charge");
        let answer = json!({"client_secret": intent["client_secret"], "success": yes});
        assert_eq!(self.post(&format!("/v1/payment_intents/{charge}/_authenticate"), answer).0, 200);
    }
}

struct Behind {
    at: String,
    http: reqwest::Client,
    loses: Arc<AtomicU16>,
}

async fn pass_on(Extract(behind): Extract<Arc<Behind>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    fields.retain(|(name, _)| name != "created[gte]");
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = behind.http.request(method.clone(), format!("{}{}?{query}", behind.at, uri.path())).body(body);
    for name in ["authorization", "content-type"] {
        request = headers.get(name).into_iter().fold(request, |request, value| request.header(name, value));
    }
    let Ok(answer) = request.send().await else { return (StatusCode::BAD_GATEWAY, String::new()) };
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    let loses = method == Method::POST && uri.path() == "/v1/payment_intents";
    if loses && behind.loses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
        return (StatusCode::GATEWAY_TIMEOUT, String::new());
    }
    (status, text)
}

/// Begins a payment and types a card for it; returns the payment, or what the processor says of the card.
fn begin(world: &World, bank: &Localstripe, me: &Somebody<'_>, sum: &str, card: &str, keep: &str) -> Result<Uuid, Value> {
    let bill = bill_numbered(world, "B-26-00098");
    let begun = prepare(me, bill.guarantor_id.expect("a guarantor"), &[(bill.id, sum)], "new");
    assert_eq!(begun.status, 200, "{}", begun.body);
    let id = newest_attempt(world).id;
    let setup = bank.type_card(&me.get(&format!("/billing/payments/{id}/card")), card)?;
    let used = me.call("billing/use-card", &[("id", &id.to_string()), ("setup_intent", &setup), ("keep", keep)]);
    assert_eq!(used.status, 200, "{}", used.body);
    Ok(id)
}

fn pay(me: &Somebody<'_>, id: Uuid) {
    let paid = me.call("billing/pay", &[("id", &id.to_string())]);
    assert_eq!(paid.status, 200, "{}", paid.body);
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn at_a_processor_that_others_wrote_everything_is_charged_once_and_told_as_it_went() {
    let Some(bank) = Localstripe::start() else {
        eprintln!("localstripe is not installed: scripts/setup installs it where Python 3 is. Nothing is tested here.");
        return;
    };
    on_every_engine_paying_at(
        |origin| bank.settings(origin),
        |world| {
            without_kept_cards(world);
            let (maria, dana) = (world.sign_in("maria"), world.sign_in("dana"));

            // A card works; its notice counts no second time.
            let works = begin(world, &bank, &maria, "20", WORKS, "").expect("a card");
            pay(&maria, works);
            pay(&maria, works);
            assert_eq!((attempt(world, works).state, bank.charged(works)), (AttemptState::Paid, vec![2_000]));
            let charge = attempt(world, works).processor_id.expect("a charge");
            until("a signed notice comes", || {
                all::<processor_event::Entity>(world).iter().any(|event| event.object.as_deref() == Some(charge.as_str()))
            });

            // One is declined when it is typed, one when it is charged: nothing is owed to anybody for either.
            let never = begin(world, &bank, &maria, "5", NEVER, "").expect_err("declined");
            assert_eq!(never["error"]["code"], "card_declined");
            let declined = begin(world, &bank, &maria, "5", DECLINED, "").expect("a card");
            pay(&maria, declined);
            assert_eq!((attempt(world, declined).state, bank.charged(declined)), (AttemptState::Declined, vec![]));
            let page = maria.get(&format!("/billing/payments/{declined}")).body;
            assert!(page.contains("Nothing was charged"), "{page}");

            // The bank asks: no, then yes. The page has the processor's script for the question.
            for (yes, state, charged) in [(false, AttemptState::Declined, vec![]), (true, AttemptState::Paid, vec![600])] {
                let asked = begin(world, &bank, &maria, "6", ASKS, "").expect("a card");
                pay(&maria, asked);
                assert_eq!(attempt(world, asked).state, AttemptState::NeedsAction);
                let page = maria.get(&format!("/billing/payments/{asked}"));
                assert!(
                    page.body.contains("data-bank-question=") && page.header("content-security-policy").contains(&bank.api),
                    "{}",
                    page.body
                );
                bank.answer_bank(&attempt(world, asked).processor_id.expect("a charge"), yes);
                maria.get(&format!("/billing/payments/{asked}"));
                assert_eq!((attempt(world, asked).state, bank.charged(asked)), (state, charged));
            }

            // The answer is lost: it is found again by what it was named.
            let lost = begin(world, &bank, &maria, "7", WORKS, "").expect("a card");
            bank.loses.store(1, Ordering::SeqCst);
            pay(&maria, lost);
            until("the notice or the job finds it", || {
                ask_again(world);
                attempt(world, lost).state == AttemptState::Paid
            });
            assert_eq!(bank.charged(lost), [700]);

            // A kept card is charged again, and is forgotten.
            let first = begin(world, &bank, &maria, "8", WORKS, "true").expect("a card");
            pay(&maria, first);
            let kept = attempt(world, first).method_id.expect("a kept card");
            let bill = bill_numbered(world, "B-26-00098");
            let again = prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, "9")], &kept.to_string());
            assert_eq!(again.status, 200, "{}", again.body);
            let second = newest_attempt(world).id;
            pay(&maria, second);
            assert_eq!((bank.charged(first), bank.charged(second)), (vec![800], vec![900]));

            // Part of it goes back.
            let fields = [("bill", &*bill.id.to_string()), ("attempt", &second.to_string()), ("amount", "4"), ("words", "Paid too much")];
            assert_eq!(dana.call("ledgers/refund", &fields).status, 200);
            let refunds = all::<payment_refund::Entity>(world);
            let refund = refunds.iter().find(|row| row.attempt_id == second).expect("a refund");
            assert_eq!((refund.state, refund.cents), (RefundState::Done, 400));
            let charge = attempt(world, second).processor_id.expect("a charge");
            let gone = bank.get(&format!("/v1/refunds?payment_intent={charge}")).expect("refunds");
            assert_eq!(
                gone["data"].as_array().map(|all| all.iter().map(|one| one["amount"].clone()).collect::<Vec<_>>()),
                Some(vec![json!(400)])
            );
            assert_eq!(entries(world, bill.id).iter().filter(|row| row.kind == EntryKind::Refund).map(|row| row.cents).sum::<i64>(), 400);

            // A plan is charged on three days; the third time its card has no money.
            plan_over_three_months(world, &bank, kept);
            adds_up(world);
            let day = dana.get("/staff/billing/day").body;
            assert!(day.contains("$20.00"), "{day}");
        },
    );
}

/// The household's kept cards are at the demo's bank, which this portal does not ask.
fn without_kept_cards(world: &World) {
    let gone = payment_method::ActiveModel {
        removed_at: Set(Some(world.state.clock.now().instant)),
        customer: Set(String::new()),
        ..Default::default()
    };
    world.wait(payment_method::Entity::update_many().set(gone).exec(&world.state.connection)).expect("written");
}

fn plan_over_three_months(world: &World, bank: &Localstripe, kept: Uuid) {
    let plan = all::<payment_plan::Entity>(world).pop().expect("the demo's plan");
    let change = |method: Uuid| {
        let maria = world.sign_in("maria");
        let fields = [("id", &*plan.id.to_string()), ("what", "method"), ("method", &method.to_string())];
        let changed = maria.call("billing/change-plan", &fields);
        assert_eq!(changed.status, 200, "{}", changed.body);
    };
    let without_money = begin(world, bank, &world.sign_in("maria"), "5", DECLINED, "true").expect("a card");
    let without_money = attempt(world, without_money).method_id.expect("a kept card");
    change(kept);
    let mut open: Vec<_> = all::<plan_payment::Entity>(world).into_iter().filter(|row| row.plan_id == plan.id).collect();
    open.retain(|row| row.state == PlanPaymentState::Planned);
    open.sort_by_key(|row| row.due_on);
    assert_eq!(account_numbered(world, "1002001").id, plan.guarantor_id);
    for (month, row) in open.iter().take(3).enumerate() {
        let noon = row.due_on.and_hms_opt(17, 0, 0).expect("a time").and_utc();
        at(world, noon);
        if month == 2 {
            change(without_money);
        }
        ask_again(world);
        ask_again(world);
        let tried = newest_attempt(world);
        assert_eq!((tried.plan_id, tried.cents), (Some(plan.id), row.cents));
        let expected = if month < 2 { (AttemptState::Paid, vec![row.cents]) } else { (AttemptState::Declined, vec![]) };
        assert_eq!((tried.state, bank.charged(tried.id)), expected, "month {month}");
        if month == 2 {
            // Three days later it is tried again.
            change(kept);
            at(world, noon + TimeDelta::days(3));
            ask_again(world);
            let again = newest_attempt(world);
            assert_eq!((again.state, bank.charged(again.id)), (AttemptState::Paid, vec![row.cents]));
        }
    }
    let now = all::<payment_plan::Entity>(world).into_iter().find(|found| found.id == plan.id).expect("the plan");
    assert_eq!((open.len(), now.state), (3, PlanState::PaidOff));
}
