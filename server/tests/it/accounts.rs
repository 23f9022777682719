//! Getting an account, getting back in, the second step.

use app::{
    access::as_system,
    base::ids::new_id,
    features::account::{
        second_step::{entity::passkey, secrets::seal_all, totp},
        sign_up::{
            by_code::issue,
            entity::{activation_code, sign_up},
            model::CodeDelivery,
        },
    },
    people::account,
    platform::mail::entity::outbox_mail,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use server::demo::{ANSWER, PASSWORD, STAFF_SECRET};

use crate::world::{Answer, Somebody, World, on_every_engine};

/// Letters to an address, newest first.
pub fn letters(world: &World, recipient: &str) -> Vec<outbox_mail::Model> {
    let find = outbox_mail::Entity::find()
        .filter(outbox_mail::Column::Recipient.eq(recipient))
        .order_by_desc(outbox_mail::Column::CreatedAt)
        .order_by_desc(outbox_mail::Column::Id);
    world.wait(find.all(&world.state.connection)).expect("letters")
}

/// The token of the link in the newest letter to an address.
pub fn token(world: &World, recipient: &str) -> String {
    let text = letters(world, recipient).first().unwrap_or_else(|| panic!("a letter to {recipient}")).text.clone();
    text.split_once("token=").unwrap_or_else(|| panic!("a link in {text}")).1.split_whitespace().next().expect("a token").to_owned()
}

/// The secret of somebody's authenticator app, which the database holds sealed.
fn totp_secret(world: &World, username: &str) -> String {
    let find = account::Entity::find().filter(account::Column::UsernameKey.eq(username)).one(&world.state.connection);
    let stored = world.wait(find).expect("a query").expect("an account").totp_secret.expect("a secret");
    let sealed = stored.strip_prefix("sealed:").unwrap_or_else(|| panic!("{stored} is not sealed"));
    let plain = world.state.issuer.secret.open(&BASE64_URL_SAFE_NO_PAD.decode(sealed).expect("base64")).expect("sealed with our secret");
    String::from_utf8(plain).expect("base 32")
}

/// A fresh activation code for somebody.
fn code(world: &World, given_name: &str) -> String {
    let system = as_system(&world.state.db, "test");
    world.wait(issue(system.db(), world.patient(given_name), CodeDelivery::Office, world.state.clock.now().instant)).expect("a code")
}

fn enter(world: &World, code: &str, birth_date: &str, zip: &str) -> Answer {
    world.nobody().call("sign-up/enter-code", &[("activation_code", code), ("birth_date", birth_date), ("zip", zip)])
}

fn zip(world: &World, given_name: &str) -> String {
    use app::people::patient;
    let found = world.wait(patient::Entity::find_by_id(world.patient(given_name)).one(&world.state.connection)).expect("a query");
    found.expect("a patient").postal_code.expect("a ZIP code")
}

fn cookie(answer: &Answer, name: &str) -> String {
    answer.cookie(name).unwrap_or_else(|| panic!("no cookie {name}: {}", answer.body))
}

fn with_cookie<'w>(world: &'w World, cookie: String) -> Somebody<'w> {
    let mut somebody = world.nobody();
    somebody.cookie = Some(cookie);
    somebody
}

const WHY: &str = "\"why\":";

#[test]
fn guessed_codes_and_wrong_details_open_nothing() {
    on_every_engine(|world| {
        let born = world.birth_date("Harold").to_string();
        for guess in ["ABCDE-FGHJK", "short", "", "ABCDE-FGHI0", "' OR 1=1 --"] {
            let answer = enter(world, guess, &born, &zip(world, "Harold"));
            assert!(answer.body.contains("account_why_code_unknown"), "{guess}: {}", answer.body);
        }
        let code = code(world, "Harold");
        assert!(enter(world, &code, &born, "").body.contains("account_why_no_contact"));
        for round in 1..=5 {
            let answer = enter(world, &code, "1950-01-01", "00000");
            let wanted = if round < 5 { "why_details_wrong" } else { "account_why_code_void" };
            assert!(answer.body.contains(wanted), "round {round}: {}", answer.body);
        }
        let right = enter(world, &code, &born, &zip(world, "Harold"));
        assert!(right.body.contains("account_why_code_void"), "five wrong tries void a code: {}", right.body);
    });
}

#[test]
fn a_code_is_stored_hashed_and_dies_with_age_use_or_a_newer_one() {
    on_every_engine(|world| {
        let (born, zip) = (world.birth_date("Harold").to_string(), zip(world, "Harold"));
        let first = code(world, "Harold");
        let plain = first.replace('-', "");
        let rows = world.wait(activation_code::Entity::find().all(&world.state.connection)).expect("codes");
        assert!(rows.iter().all(|row| row.code_hash != first && row.code_hash != plain && row.code_hash.len() == 64));
        let second = code(world, "Harold");
        assert!(enter(world, &first, &born, &zip).body.contains("account_why_code_void"), "a newer code voids the older");
        let old = activation_code::ActiveModel { expires_at: Set(Utc::now() - TimeDelta::days(1)), ..Default::default() };
        world.wait(activation_code::Entity::update_many().set(old).exec(&world.state.connection)).expect("aged");
        assert!(enter(world, &second, &born, &zip).body.contains("account_why_code_expired"));
        // Somebody under 18 gets no account, and is told why.
        let lucas = code(world, "Lucas");
        let answer = enter(world, &lucas, &world.birth_date("Lucas").to_string(), &self::zip(world, "Lucas"));
        assert!(answer.body.contains("why_under_age"), "{}", answer.body);
    });
}

/// Goes through all the steps as a browser does, and returns who is signed in.
pub fn sign_up<'w>(world: &'w World, given_name: &str, username: &str) -> Somebody<'w> {
    let code = code(world, given_name).to_lowercase();
    let begun = enter(world, &code, &world.birth_date(given_name).to_string(), &zip(world, given_name));
    assert_eq!(begun.status, 200, "{}", begun.body);
    let step = with_cookie(world, cookie(&begun, "sign_up"));
    let id = |username: &str, password: &str, repeat: &str, answer: &str| {
        step.call(
            "sign-up/choose-id",
            &[("username", username), ("password", password), ("repeat", repeat), ("question", "pet"), ("answer", answer)],
        )
    };
    assert!(id("maria", "plum river toast", "plum river toast", "Biscuit").body.contains("account_why_username_taken"));
    assert!(id("no", "plum river toast", "plum river toast", "Biscuit").body.contains("account_why_username_shape"));
    assert!(id(username, "Password1", "Password1", "Biscuit").body.contains("password_why_password_common"));
    assert!(id(username, "plum river toast", "plum river", "Biscuit").body.contains("account_why_passwords_differ"));
    assert!(id(username, "plum river toast", "plum river toast", "river").body.contains("account_why_answer_short"));
    assert_eq!(id(username, "plum river toast", "plum river toast", "Biscuit").status, 200);
    assert!(step.call("sign-up/finish", &[("email", "no address"), ("notices", "yes")]).body.contains("why_not_an_email"));
    let done = step.call("sign-up/finish", &[("email", "new@example.org"), ("notices", "yes")]);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(step.call("sign-up/finish", &[("email", "new@example.org")]).body, "\"NotFound\"", "a sign-up is finished once");
    let used = enter(world, &code, &world.birth_date(given_name).to_string(), &zip(world, given_name));
    assert!(used.body.contains("account_why_code_used"), "{}", used.body);
    with_cookie(world, done.session_cookie().expect("signed in"))
}

#[test]
fn a_printed_code_becomes_an_account() {
    on_every_engine(|world| {
        let harold = sign_up(world, "Harold", "harold");
        assert!(harold.get("/home").body.contains("Harold"));
        let own = world.patient("Harold").to_string();
        assert_eq!(harold.get(&format!("/p/{own}/visits")).status, 200);
        assert_eq!(harold.get(&format!("/p/{}/visits", world.patient("Emma"))).status, 404);
        // The address was typed, not proved: a letter asks to prove it, and one link does it once.
        let token = token(world, "new@example.org");
        assert_eq!(world.nobody().call("recovery/prove-email", &[("token", &token)]).status, 200);
        assert!(world.nobody().call("recovery/prove-email", &[("token", &token)]).body.contains("why_link_over"));
        let again = code(world, "Harold");
        let answer = enter(world, &again, &world.birth_date("Harold").to_string(), &zip(world, "Harold"));
        assert!(answer.body.contains("account_why_has_account"), "{}", answer.body);
    });
}

#[test]
fn an_address_is_proved_by_the_code_that_arrived_there() {
    use app::people::patient;
    on_every_engine(|world| {
        let system = as_system(&world.state.db, "test");
        let harold = world.patient("Harold");
        let on_file = patient::ActiveModel { email: Set(Some("harold@home.example".into())), ..Default::default() };
        world
            .wait(patient::Entity::update_many().set(on_file).filter(patient::Column::Id.eq(harold)).exec(system.db()))
            .expect("an address on file");
        let begun = |delivery: CodeDelivery| {
            let code = world.wait(issue(system.db(), harold, delivery, world.state.clock.now().instant)).expect("a code");
            let begun = enter(world, &code, &world.birth_date("Harold").to_string(), &zip(world, "Harold"));
            with_cookie(world, cookie(&begun, "sign_up"))
        };
        let proved = || -> Vec<Option<String>> {
            let rows = world.wait(sign_up::Entity::find().order_by_asc(sign_up::Column::Id).all(system.db())).expect("sign-ups");
            rows.into_iter().map(|row| row.proved_email).collect()
        };
        begun(CodeDelivery::Office);
        let browser = begun(CodeDelivery::Mailed);
        assert_eq!(proved(), [None, Some("harold@home.example".to_owned())]);
        let id = [
            ("username", "harold"),
            ("password", "plum river toast"),
            ("repeat", "plum river toast"),
            ("question", "pet"),
            ("answer", "Biscuit"),
        ];
        assert_eq!(browser.call("sign-up/choose-id", &id).status, 200);
        assert_eq!(browser.call("sign-up/finish", &[("email", "Harold@Home.example"), ("notices", "yes")]).status, 200);
        let letters = letters(world, "Harold@Home.example");
        assert!(!letters.is_empty() && letters.iter().all(|letter| !letter.text.contains("/recover/email")), "nobody asks again");
    });
}

#[test]
fn asking_for_a_code_says_the_same_to_everybody() {
    on_every_engine(|world| {
        let born = world.birth_date("Harold").to_string();
        let ask = |given: &str, born: &str, zip: &str| {
            let typed =
                [("given_name", given), ("family_name", "Kim"), ("birth_date", born), ("zip", zip), ("email", "somebody@example.org")];
            world.nobody().submit("/api/sign-up/request-code?again=/sign-up/request", &typed)
        };
        let family = family_name(world, "Harold");
        let typed = [
            ("given_name", "HAROLD"),
            ("family_name", family.as_str()),
            ("birth_date", born.as_str()),
            ("zip", &zip(world, "Harold")),
            ("email", "somebody@example.org"),
        ];
        let known = world.nobody().submit("/api/sign-up/request-code?again=/sign-up/request", &typed);
        let unknown = ask("Nobody", "1950-02-03", "99999");
        assert_eq!((known.status, known.header("location")), (unknown.status, unknown.header("location")));
        assert_eq!(known.header("location"), "/sign-up/requested");
        assert!(letters(world, "somebody@example.org").is_empty(), "the typed address gets nothing");
        let all = [("given_name", ""), ("family_name", "Kim"), ("birth_date", "x"), ("email", "nobody")];
        let all = world.nobody().call("sign-up/request-code", &all).json();
        let fields: Vec<&str> = all["Invalid"].as_array().expect("problems").iter().filter_map(|found| found["field"].as_str()).collect();
        assert_eq!(fields, ["given_name", "zip", "birth_date"], "all that is wrong at once");
        let minor = ask("Lucas", &world.birth_date("Lucas").to_string(), "06457");
        assert!(minor.header("location").starts_with("/sign-up/request?again=1"), "{}", minor.header("location"));
        // Without a match the front desk has it in its queue, and support has not.
        assert!(world.sign_in("priya").get("/staff/queue").body.contains("Nobody Kim"));
        assert!(!world.sign_in("marcus").get("/staff/queue").body.contains("Nobody Kim"));
    });
}

#[test]
fn an_unmatched_sign_up_gets_its_code_at_the_address_in_the_record_alone_or_a_word_that_it_was_declined() {
    on_every_engine(|world| {
        use app::people::patient;
        let (priya, harold) = (world.sign_in("priya"), world.patient("Harold"));
        let own = |email: Option<&str>| {
            let row = patient::ActiveModel { email: Set(email.map(str::to_owned)), ..Default::default() };
            let update = patient::Entity::update_many().set(row).filter(patient::Column::Id.eq(harold));
            world.wait(update.exec(&world.state.connection)).expect("an address");
        };
        let born = world.birth_date("Harold").to_string();
        let ask = || {
            let typed = [("given_name", "Harold"), ("family_name", "Wren"), ("birth_date", born.as_str()), ("zip", "99999")];
            let typed = [&typed[..], &[("email", "stranger@example.org")]].concat();
            assert_eq!(world.nobody().call("sign-up/request-code", &typed).status, 200);
            let queue = priya.get("/staff/queue?kind=sign_up").body;
            queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned()
        };
        let accept = |id: &str| {
            let chosen = harold.to_string();
            let fields = [("id", id), ("decision", "accept"), ("patient", &*chosen), ("reason", ""), ("differences_confirmed", "true")];
            priya.submit("/api/requests/decide", &[&fields[..], &[("known_by", "photo ID seen")]].concat())
        };
        own(Some("harold.own@example.org"));
        assert_eq!(accept(&ask()).header("location"), "/staff/queue?done=decided");
        assert!(letters(world, "harold.own@example.org")[0].text.contains("/sign-up?code="));
        assert!(letters(world, "stranger@example.org").is_empty(), "the typed address could be anybody's");
        own(None);
        let letter = accept(&ask());
        assert_eq!(letter.header("location"), format!("/staff/patients/{harold}/code"), "staff send or hand over the letter");
        assert!(priya.with_cookies_of(&letter).get(letter.header("location")).body.contains("sign-up"));
        assert!(letters(world, "stranger@example.org").is_empty());
        let id = ask();
        assert_eq!(
            priya.call("requests/decide", &[("id", &id), ("decision", "decline"), ("reason", "Please come with an ID.")]).status,
            200
        );
        assert!(letters(world, "stranger@example.org")[0].text.contains("Please come with an ID."), "who is declined is told");
    });
}

fn family_name(world: &World, given_name: &str) -> String {
    use app::people::patient;
    let found = world.wait(patient::Entity::find_by_id(world.patient(given_name)).one(&world.state.connection)).expect("a query");
    found.expect("a patient").family_name
}

#[test]
fn a_lost_password_is_replaced_once_and_by_nobody_else() {
    on_every_engine(|world| {
        let born = world.birth_date("Maria").to_string();
        let ask =
            |email: &str, born: &str| world.nobody().call("recovery/ask", &[("lost", "both"), ("email", email), ("birth_date", born)]);
        for (email, date) in [("nobody@example.org", born.as_str()), ("maria@example.org", "1950-01-01")] {
            let answer = ask(email, date);
            assert_eq!((answer.status, answer.body.as_str()), (200, "null"), "{email}");
        }
        assert!(letters(world, "maria@example.org").is_empty() && letters(world, "nobody@example.org").is_empty());
        assert_eq!(ask("MARIA@example.org", &born).body, "null");
        let token = token(world, "maria@example.org");
        let letter = letters(world, "maria@example.org").remove(0).text;
        assert!(letter.contains("maria") && letter.starts_with("Hello Maria,"), "{letter}");
        let (phone, tablet) = (world.sign_in("maria"), world.sign_in("maria"));
        let choose = |token: &str, answer: &str, password: &str| {
            world
                .nobody()
                .call("recovery/choose-password", &[("token", token), ("answer", answer), ("password", password), ("repeat", password)])
        };
        assert!(choose("0".repeat(64).as_str(), ANSWER, "plum river toast").body.contains("why_link_over"));
        let page = world.nobody().get(&format!("/recover/link?token={token}")).body;
        assert!(page.contains("Forgot the answer?"), "there is a way out: {page}");
        let typed = [("token", &*token), ("answer", ANSWER), ("password", "plum river toast"), ("repeat", "plum river coast")];
        assert!(world.nobody().call("recovery/choose-password", &typed).body.contains("why_passwords_differ"));
        assert!(choose(&token, "wrong", "plum river toast").body.contains("account_why_answer_wrong"));
        assert!(choose(&token, ANSWER, "123456789012").body.contains("password_why_password_common"));
        assert_eq!(choose(&token, " biscuit ", "plum river toast").status, 200);
        assert!(choose(&token, ANSWER, "another river toast").body.contains("why_link_over"), "a link is good once");
        assert_eq!(phone.call("account/session", &[]).status, 401, "other sessions end");
        assert_eq!(tablet.call("account/session", &[]).status, 401);
        assert!(letters(world, "maria@example.org")[0].subject.contains("password was changed"));
        let old = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", PASSWORD)]);
        assert_eq!(old.body, "\"WrongCredentials\"");
        let new = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", "plum river toast")]);
        assert_eq!(new.body, "\"/home\"");
    });
}

#[test]
fn a_new_password_ends_links_in_e_mails_and_sign_ins_that_are_half_done() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let changed = maria.call("account/change-email", &[("email", "intruder@example.org"), ("password", PASSWORD)]);
        assert_eq!(changed.status, 200, "{}", changed.body);
        let proof = token(world, "intruder@example.org");
        let born = world.birth_date("Maria").to_string();
        world.nobody().call("recovery/ask", &[("lost", "password"), ("email", "maria@example.org"), ("birth_date", &born)]);
        let link = token(world, "maria@example.org");
        let priya = world.sign_in("priya");
        let half = world.nobody().call("sign-in/sign-in", &[("username", "priya"), ("password", PASSWORD)]);
        let half = with_cookie(world, cookie(&half, "step"));
        let new = [("password", PASSWORD), ("new_password", "plum river toast"), ("repeat", "plum river toast")];
        for somebody in [&maria, &priya] {
            assert_eq!(somebody.call("account/change-password", &new).status, 200);
        }
        let choose = [("token", link.as_str()), ("answer", ANSWER), ("password", "other river toast"), ("repeat", "other river toast")];
        assert!(world.nobody().call("recovery/choose-password", &choose).body.contains("why_link_over"));
        assert!(world.nobody().call("recovery/prove-email", &[("token", &proof)]).body.contains("why_link_over"));
        let at = u64::try_from(Utc::now().timestamp()).expect("after 1970");
        let code = totp::code(STAFF_SECRET, at + 30).expect("a code");
        assert_eq!(half.call("second-step/pass", &[("code", &code)]).body, "\"SignInNeeded\"");
    });
}

#[test]
fn five_wrong_answers_void_a_link_and_a_new_link_voids_the_old() {
    on_every_engine(|world| {
        let born = world.birth_date("Sofia").to_string();
        let ask = || world.nobody().call("recovery/ask", &[("lost", "password"), ("email", "sofia@example.org"), ("birth_date", &born)]);
        ask();
        let first = token(world, "sofia@example.org");
        ask();
        let second = token(world, "sofia@example.org");
        assert_ne!(first, second);
        let choose = |token: &str, answer: &str| {
            let password = "plum river toast";
            world
                .nobody()
                .call("recovery/choose-password", &[("token", token), ("answer", answer), ("password", password), ("repeat", password)])
        };
        assert!(choose(&first, ANSWER).body.contains("why_link_over"));
        for _ in 0..5 {
            assert!(choose(&second, "wrong").body.contains("account_why_answer_wrong"));
        }
        assert!(choose(&second, ANSWER).body.contains("why_link_over"));
    });
}

#[test]
fn a_parent_and_a_child_may_share_an_address() {
    on_every_engine(|world| {
        let shared = account::ActiveModel { email: Set(Some("family@example.org".into())), ..Default::default() };
        let both = account::Entity::update_many().set(shared).filter(account::Column::UsernameKey.is_in(["maria", "ernesto"]));
        world.wait(both.exec(&world.state.connection)).expect("shared");
        let born = world.birth_date("Ernesto").to_string();
        world.nobody().call("recovery/ask", &[("lost", "username"), ("email", "family@example.org"), ("birth_date", &born)]);
        let found = letters(world, "family@example.org");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("ernesto") && !found[0].text.contains("maria"));
    });
}

#[test]
fn staff_come_with_a_second_step_always() {
    on_every_engine(|world| {
        let answer = world.nobody().call("sign-in/sign-in", &[("username", "priya"), ("password", PASSWORD)]);
        assert_eq!(answer.body, "\"/sign-in/second-step\"");
        assert!(answer.session_cookie().is_none(), "no session before the second step");
        let step = with_cookie(world, cookie(&answer, "step"));
        assert!(step.call("second-step/pass", &[("code", "000000")]).body.contains("account_why_code_wrong"));
        let at = || u64::try_from(Utc::now().timestamp()).expect("after 1970");
        let code = totp::code(STAFF_SECRET, at()).expect("a code");
        let passed = step.call("second-step/pass", &[("code", &code), ("trust", "true")]);
        assert_eq!(passed.status, 200, "{}", passed.body);
        let priya = with_cookie(world, passed.session_cookie().expect("a session"));
        assert_eq!(priya.get("/staff/patients").status, 200);
        // The same code does not open a second session.
        let again = world.nobody().call("sign-in/sign-in", &[("username", "priya"), ("password", PASSWORD)]);
        let replay = with_cookie(world, cookie(&again, "step")).call("second-step/pass", &[("code", &code)]);
        assert!(replay.body.contains("account_why_code_wrong"), "{}", replay.body);
        // A trusted device is not asked, and a new password ends the trust.
        let trusted = with_cookie(world, cookie(&passed, "device"));
        let direct = trusted.call("sign-in/sign-in", &[("username", "priya"), ("password", PASSWORD)]);
        assert_eq!(direct.body, "\"/home\"");
        let other = trusted.call("sign-in/sign-in", &[("username", "marcus"), ("password", PASSWORD)]);
        assert_eq!(other.body, "\"/sign-in/second-step\"", "trust is one account's");
        let changed = priya.call(
            "account/change-password",
            &[("password", PASSWORD), ("new_password", "plum river toast"), ("repeat", "plum river toast")],
        );
        assert_eq!(changed.status, 200, "{}", changed.body);
        let asked = trusted.call("sign-in/sign-in", &[("username", "priya"), ("password", "plum river toast")]);
        assert_eq!(asked.body, "\"/sign-in/second-step\"");
        // Staff without any second step find nobody.
        let off = account::ActiveModel {
            totp_secret: Set(None),
            totp_confirmed_at: Set(None),
            email_verified_at: Set(None),
            ..Default::default()
        };
        world
            .wait(account::Entity::update_many().set(off).filter(account::Column::UsernameKey.eq("dana")).exec(&world.state.connection))
            .expect("off");
        let dana = world.nobody().call("sign-in/sign-in", &[("username", "dana"), ("password", PASSWORD)]);
        let dana = with_cookie(world, dana.session_cookie().expect("a weak session"));
        assert_eq!(dana.get("/staff/patients").status, 403);
    });
}

#[test]
fn five_wrong_codes_begin_sign_in_anew() {
    on_every_engine(|world| {
        let answer = world.nobody().call("sign-in/sign-in", &[("username", "marcus"), ("password", PASSWORD)]);
        let step = with_cookie(world, cookie(&answer, "step"));
        for _ in 0..5 {
            assert!(step.call("second-step/pass", &[("code", "000000")]).body.contains(WHY));
        }
        let at = u64::try_from(Utc::now().timestamp()).expect("after 1970");
        let code = totp::code(STAFF_SECRET, at).expect("a code");
        assert_eq!(step.call("second-step/pass", &[("code", &code)]).body, "\"SignInNeeded\"");
    });
}

#[test]
fn an_app_is_set_up_used_and_switched_off() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let page = maria.get("/account/second-step/app").body;
        let secret = totp_secret(world, "maria");
        assert!(page.contains(&secret[..4]) && page.contains("data:image/svg+xml"));
        let at = u64::try_from(Utc::now().timestamp()).expect("after 1970");
        assert!(
            maria.call("second-step/confirm-app", &[("code", "000000"), ("password", PASSWORD)]).body.contains("account_why_code_wrong")
        );
        let right = totp::code(&secret, at).expect("a code");
        assert!(maria.call("second-step/confirm-app", &[("code", &right), ("password", "x")]).body.contains("account_why_password_wrong"));
        let confirmed = maria.call("second-step/confirm-app", &[("code", &right), ("password", PASSWORD)]);
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        let codes = cookie(&confirmed, "once");
        let recovery: Vec<&str> = codes.trim_start_matches("once=").split('.').collect();
        assert_eq!(recovery.len(), 10);
        assert!(letters(world, "maria@example.org")[0].subject.contains("second step"));
        let answer = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", PASSWORD)]);
        let step = with_cookie(world, cookie(&answer, "step"));
        let passed = step.call("second-step/pass", &[("code", recovery[3])]);
        assert_eq!(passed.status, 200, "a recovery code opens: {}", passed.body);
        let answer = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", PASSWORD)]);
        let step = with_cookie(world, cookie(&answer, "step"));
        assert!(step.call("second-step/pass", &[("code", recovery[3])]).body.contains("account_why_code_wrong"), "and only once");
        for password in ["", "wrong"] {
            assert!(maria.call("second-step/renew-codes", &[("password", password)]).body.contains("account_why_password_wrong"));
        }
        let renewed = maria.call("second-step/renew-codes", &[("password", PASSWORD)]);
        assert!(renewed.status == 200 && cookie(&renewed, "once") != codes, "{}", renewed.body);
        assert!(maria.call("second-step/remove-app", &[("password", "wrong")]).body.contains("account_why_password_wrong"));
        assert_eq!(maria.call("second-step/remove-app", &[("password", PASSWORD)]).status, 200);
        world.sign_in("maria");
    });
}

#[test]
fn a_code_by_mail_is_for_this_sign_in_alone() {
    on_every_engine(|world| {
        let ernesto = world.sign_in("ernesto");
        assert_eq!(ernesto.call("second-step/set-email-code", &[("on", "true")]).status, 200);
        let sign_in = || {
            let answer = world.nobody().call("sign-in/sign-in", &[("username", "ernesto"), ("password", PASSWORD)]);
            with_cookie(world, cookie(&answer, "step"))
        };
        let (one, other) = (sign_in(), sign_in());
        let page = one.get("/sign-in/second-step").body;
        assert!(page.contains("/api/second-step/mail-code") && !page.contains("name=\"code\""), "first the code is mailed");
        assert!(!page.contains("<section class=\"sheet stack\"></section>"), "no empty card");
        assert_eq!(one.call("second-step/mail-code", &[]).status, 200);
        let text = letters(world, "ernesto@example.org")[0].text.clone();
        let code: String = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).expect("a code").into();
        assert!(other.call("second-step/pass", &[("code", &code)]).body.contains("account_why_code_wrong"));
        assert_eq!(one.call("second-step/pass", &[("code", &code)]).status, 200);
    });
}

#[test]
fn devices_are_ended_one_by_one_and_nobody_elses() {
    on_every_engine(|world| {
        let (maria, phone, sofia) = (world.sign_in("maria"), world.sign_in("maria"), world.sign_in("sofia"));
        let page = maria.get("/account/devices").body;
        let id = page.split("name=\"id\" value=\"").nth(1).expect("another session").split('"').next().expect("an id").to_owned();
        assert_eq!(sofia.call("second-step/revoke-device", &[("id", &id)]).body, "\"NotFound\"");
        assert_eq!(phone.call("account/session", &[]).status, 200);
        assert_eq!(maria.call("second-step/revoke-device", &[("id", &id)]).status, 200);
        assert_eq!(phone.call("account/session", &[]).status, 401);
        assert_eq!(maria.call("account/session", &[]).status, 200);
    });
}

#[test]
fn the_office_hands_out_codes_and_creates_accounts_after_checking_who_it_is() {
    on_every_engine(|world| {
        let harold = world.patient("Harold").to_string();
        for username in ["maria", "marcus", "dana"] {
            let answer = world
                .sign_in(username)
                .call("staff/hand-out-code", &[("patient", &harold), ("photo_id", "true"), ("birth_date_said", "true")]);
            assert_eq!(answer.body, "\"NotFound\"", "{username}");
        }
        let priya = world.sign_in("priya");
        let unchecked = priya.call("staff/hand-out-code", &[("patient", &harold), ("photo_id", "true")]);
        assert!(unchecked.body.contains("birth_date_said") && unchecked.body.contains("why_not_confirmed"), "{}", unchecked.body);
        let lucas = world.patient("Lucas").to_string();
        let minor = priya.call("staff/hand-out-code", &[("patient", &lucas), ("photo_id", "true"), ("birth_date_said", "true")]);
        assert!(minor.body.contains("why_under_age"));
        let handed = priya.call("staff/hand-out-code", &[("patient", &harold), ("photo_id", "true"), ("birth_date_said", "true")]);
        let once = cookie(&handed, "once");
        let code = once.rsplit('=').next().expect("a code").to_owned();
        let both = format!("{}; {once}", priya.cookie.clone().expect("a session"));
        let letter = with_cookie(world, both).get(&format!("/staff/patients/{harold}/code"));
        assert!(letter.body.contains(&code) && letter.body.contains("QR"), "{}", letter.status);
        assert_eq!(letter.cookie("once").as_deref(), Some("once="), "the browser forgets it with the page");
        assert!(!priya.get(&format!("/staff/patients/{harold}/code")).body.contains(&code), "shown once");
        let created = priya.call(
            "staff/create-account",
            &[
                ("patient", &harold),
                ("photo_id", "true"),
                ("birth_date_said", "true"),
                ("username", "harold"),
                ("password", "plum river toast"),
                ("repeat", "plum river toast"),
                ("question", "pet"),
                ("answer", "Rex"),
                ("email", "harold@example.org"),
                ("notices", "yes"),
            ],
        );
        assert_eq!(created.status, 200, "{}", created.body);
        let answer = enter(world, &code, &world.birth_date("Harold").to_string(), &zip(world, "Harold"));
        assert!(answer.body.contains("account_why_code_void"), "the code handed out before is void: {}", answer.body);
        let own = world.nobody().call("sign-in/sign-in", &[("username", "harold"), ("password", "plum river toast")]);
        let own = with_cookie(world, own.session_cookie().expect("a session"));
        let log = own.get(&format!("/p/{harold}/access-log"));
        assert!(log.body.contains("Priya Shah (front desk)") && log.body.contains("prepared an account"), "{}", log.status);
    });
}

#[test]
fn a_closed_account_is_closed() {
    on_every_engine(|world| {
        let grace = world.sign_in("grace");
        assert!(grace.call("account/close", &[("password", PASSWORD)]).body.contains("why_not_confirmed"));
        assert!(grace.call("account/close", &[("password", "wrong"), ("sure", "true")]).body.contains("account_why_password_wrong"));
        assert_eq!(grace.call("account/close", &[("password", PASSWORD), ("sure", "true")]).status, 200);
        assert_eq!(grace.call("account/session", &[]).status, 401);
        let again = world.nobody().call("sign-in/sign-in", &[("username", "grace"), ("password", PASSWORD)]);
        assert_eq!(again.body, "\"WrongCredentials\"");
        assert!(letters(world, "grace@example.org")[0].subject.contains("closed"));
    });
}

#[test]
fn passkeys_are_asked_of_the_browser_and_never_taken_on_trust() {
    on_every_engine(|world| {
        assert_eq!(world.nobody().call("second-step/start-passkey", &[("new", "true")]).body, "\"SignInNeeded\"");
        let asked = world.nobody().call("second-step/start-passkey", &[("new", "false")]);
        let question: serde_json::Value = serde_json::from_str(asked.json().as_str().expect("JSON")).expect("JSON");
        assert_eq!(question["publicKey"]["userVerification"], "required");
        let browser = with_cookie(world, cookie(&asked, "passkey"));
        for nonsense in ["{}", "null", "{\"id\":\"AA\"}"] {
            let answer = browser.call("second-step/finish-passkey", &[("new", "false"), ("credential", nonsense)]);
            assert_eq!(answer.body, "\"NotFound\"");
            assert!(answer.session_cookie().is_none());
        }
        let (maria, elsewhere) = (world.sign_in("maria"), world.sign_in("maria"));
        let add = |who: &Somebody| who.call("second-step/start-passkey", &[("new", "true")]);
        assert_eq!(add(&maria).body, "\"NotAllowed\"", "first the password");
        let refused = maria.submit("/api/second-step/allow-passkey?again=/account/second-step/passkey", &[("password", "wrong")]);
        assert_eq!(refused.header("location"), "/account/second-step/passkey?again=1#problem");
        assert_eq!(add(&maria).body, "\"NotAllowed\"");
        assert!(maria.get("/account/second-step/passkey").body.contains("name=\"password\""));
        let given = maria.submit("/api/second-step/allow-passkey", &[("password", PASSWORD)]);
        assert_eq!(given.header("location"), "/account/second-step/passkey");
        assert!(maria.get("/account/second-step/passkey").body.contains("data-passkey=\"new\""));
        assert_eq!(add(&elsewhere).body, "\"NotAllowed\"", "in the session in which it was given");
        let asked = add(&maria);
        let question: serde_json::Value = serde_json::from_str(asked.json().as_str().expect("JSON")).expect("JSON");
        assert_eq!(question["publicKey"]["authenticatorSelection"]["residentKey"], "required");
        use app::features::account::second_step::entity::passkey_challenge;
        let old = passkey_challenge::ActiveModel { created_at: Set(Utc::now() - TimeDelta::minutes(6)), ..Default::default() };
        world.wait(passkey_challenge::Entity::update_many().set(old).exec(&world.state.connection)).expect("aged");
        assert_eq!(add(&maria).body, "\"NotAllowed\"", "for a few minutes");
        for round in 1..=5 {
            let wrong = maria.call("second-step/allow-passkey", &[("password", "wrong")]).body;
            assert!(wrong.contains("account_why_password_wrong"), "{round}: {wrong}");
        }
        assert!(maria.call("second-step/allow-passkey", &[("password", PASSWORD)]).body.contains("Locked"));
    });
}

#[test]
fn a_passkey_is_offered_to_whoever_signs_in_with_a_password_again() {
    on_every_engine(|world| {
        let with = |cookies: &str| with_cookie(world, cookies.to_owned());
        let signed_in = |browser: &Somebody| browser.call("sign-in/sign-in", &[("username", "grace"), ("password", PASSWORD)]);
        let offer = |answer: &Answer| answer.cookie("passkey-offer").unwrap_or_default();
        let offered = |answer: &Answer| offer(answer) == "passkey-offer=open";
        let add = |who: &Somebody| who.call("second-step/start-passkey", &[("new", "true")]);
        let needs = |who: &Somebody| who.call("home/needs-you", &[]).json()["passkey"] == true;
        // The first time, on a device that knows nobody, after it was declined: none, and no passkey without the password.
        for not in ["", "passkeys=1", "known=1", "known=1; passkeys=1; passkey-offer=declined"] {
            let browser = with(not);
            let answer = signed_in(&browser);
            assert!(answer.status == 200 && !offered(&answer), "{not}");
            let grace = browser.with_cookies_of(&answer);
            assert!(!needs(&grace) && add(&grace).body == "\"NotAllowed\"", "{not}");
        }
        let browser = with("known=1; passkeys=1");
        let wrong = browser.call("sign-in/sign-in", &[("username", "grace"), ("password", "wrong")]);
        assert!(!offered(&wrong));
        let answer = signed_in(&browser);
        assert!(offered(&answer) && answer.cookie("known").is_some());
        let grace = browser.with_cookies_of(&answer);
        assert!(needs(&grace) && grace.get("/home").body.contains("href=\"/account/second-step/passkey\""));
        assert_eq!(add(&grace).status, 200, "the password was typed a moment ago");
        let elsewhere = world.sign_in("grace");
        assert_eq!(add(&elsewhere).body, "\"NotAllowed\"", "in this session");
        // Not wanted; and at the end of the session it is nobody's.
        let declined = grace.submit("/api/second-step/decline-passkey", &[]);
        assert_eq!(declined.header("location"), "/home");
        assert_eq!(offer(&declined), "passkey-offer=declined");
        let left = grace.call("sign-in/sign-out", &[]);
        assert_eq!(offer(&left), "passkey-offer=");
        assert_eq!(world.nobody().call("second-step/decline-passkey", &[]).status, 401);
        // Whoever has one is offered none.
        let find = account::Entity::find().filter(account::Column::UsernameKey.eq("grace")).one(&world.state.connection);
        let account = world.wait(find).expect("a query").expect("grace");
        let row = passkey::ActiveModel {
            id: Set(new_id()),
            account_id: Set(account.id),
            credential_id: Set("00".into()),
            name: Set(String::new()),
            body: Set("{}".into()),
            created_at: Set(Utc::now()),
            ..Default::default()
        };
        world.wait(row.insert(&world.state.connection)).expect("a passkey");
        assert!(!offered(&signed_in(&browser)));
    });
}

#[test]
fn secrets_that_were_stored_open_are_sealed_at_the_start_and_go_on_working() {
    on_every_engine(|world| {
        let system = as_system(&world.state.db, "test");
        let sealed = world.wait(seal_all(&system, &world.state.issuer.secret)).expect("sealed");
        assert!(sealed > 0, "the demo's staff had theirs open");
        assert_eq!(totp_secret(world, "priya"), STAFF_SECRET);
        assert_eq!(world.wait(seal_all(&system, &world.state.issuer.secret)).expect("sealed"), 0, "once");
        let answer = world.nobody().call("sign-in/sign-in", &[("username", "priya"), ("password", PASSWORD)]);
        let at = u64::try_from(Utc::now().timestamp()).expect("after 1970");
        let code = totp::code(STAFF_SECRET, at).expect("a code");
        assert_eq!(with_cookie(world, cookie(&answer, "step")).call("second-step/pass", &[("code", &code)]).status, 200);
    });
}

#[test]
fn an_address_that_nobody_has_proved_gets_no_way_in() {
    on_every_engine(|world| {
        let born = world.birth_date("Maria").to_string();
        let unproved = account::ActiveModel { email_verified_at: Set(None), ..Default::default() };
        let maria = account::Entity::update_many().set(unproved).filter(account::Column::Username.eq("maria"));
        world.wait(maria.exec(&world.state.connection)).expect("unproved");
        for lost in ["password", "username", "both"] {
            let fields = [("lost", lost), ("email", "maria@example.org"), ("birth_date", born.as_str())];
            assert_eq!(world.nobody().call("recovery/ask", &fields).body, "null", "it says the same as ever");
        }
        assert!(letters(world, "maria@example.org").is_empty());
    });
}
