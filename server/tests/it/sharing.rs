//! Sharing with somebody outside: who may, what they are shown, how it ends; and SMART Health Links.

use std::io::Read as _;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use app::features::sharing::entity::{health_link, share};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::read::DeflateDecoder;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::{
    accounts::letters,
    take_along::every_reference_leads_somewhere,
    world::{Answer, Somebody, World, on_every_engine},
};

fn share<'w>(who: &Somebody<'w>, patient: &str, sections: &[&'static str]) -> Answer {
    let names: Vec<String> = sections.iter().map(|section| format!("sections[{section}]")).collect();
    let mut fields = vec![("patient", patient), ("recipient", "Dr. Lee"), ("minutes", "15")];
    fields.extend(names.iter().map(|name| (name.as_str(), "true")));
    who.submit("/api/portable/share", &fields)
}

/// Makes a code as a browser does, and reads it from the page that shows it once.
pub fn code(who: &Somebody, patient: &str, sections: &[&'static str]) -> String {
    let made = share(who, patient, sections);
    assert_eq!(made.status, 303, "{}", made.body);
    code_on(&who.with_cookies_of(&made).get(made.header("location")).body)
}

fn code_on(page: &str) -> String {
    let code = page.split("<p class=\"code\">").nth(1).and_then(|part| part.split("<b>").nth(1)).and_then(|part| part.get(..11));
    code.unwrap_or_else(|| panic!("no code in {page}")).to_owned()
}

fn enter(world: &World, code: &str, birth_date: &str) -> Answer {
    world.nobody().call("portable/enter", &[("share_code", code), ("birth_date", birth_date)])
}

#[test]
fn only_who_reads_a_record_shares_it_and_never_a_teens() {
    on_every_engine(|world| {
        let (maria, lucas, sofia) =
            (world.patient("Maria").to_string(), world.patient("Lucas").to_string(), world.patient("Sofia").to_string());
        let call = |who: &Somebody, patient: &str| {
            who.call("portable/share", &[("patient", patient), ("recipient", "x"), ("sections[notes]", "true"), ("minutes", "15")]).body
        };
        assert_eq!(call(&world.nobody(), &maria), "\"SignInNeeded\"");
        for stranger in ["daniel", "priya", "ruth"] {
            assert_eq!(call(&world.sign_in(stranger), &maria), "\"NotFound\"");
        }
        let me = world.sign_in("maria");
        assert_eq!(call(&me, &lucas), "\"NotFound\"", "never a teen's");
        assert_eq!(me.get(&format!("/p/{lucas}/share")).status, 404);
        assert_eq!(call(&world.sign_in("carlos"), &sofia), "\"NotFound\"", "who sees the schedule only has nothing to share");
        let empty = me.call("portable/share", &[("patient", &maria)]).body;
        assert!(empty.contains("recipient") && empty.contains("sections[conditions]"), "{empty}");
    });
}

#[test]
fn a_lost_code_is_made_anew_and_the_one_before_is_worth_nothing() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let born = world.birth_date("Maria").to_string();
        let old = code(&me, &maria, &["allergies"]);
        let id = world.wait(share::Entity::find().one(&world.state.connection)).expect("a query").expect("a share").id.to_string();
        let page = me.get(&format!("/p/{maria}/share/{id}")).body;
        assert!(!page.contains(&old) && page.contains("Make a new code"), "{page}");
        assert_eq!(world.nobody().call("portable/renew-code", &[("patient", &maria), ("id", &id)]).body, "\"SignInNeeded\"");
        assert_eq!(world.sign_in("daniel").call("portable/renew-code", &[("patient", &maria), ("id", &id)]).body, "\"NotFound\"");
        let made = me.submit("/api/portable/renew-code", &[("patient", &maria), ("id", &id)]);
        let new = code_on(&me.with_cookies_of(&made).get(made.header("location")).body);
        assert_ne!(old, new);
        assert_ne!(enter(world, &old, &born).status, 200);
        assert_eq!(enter(world, &new, &born).status, 200);
        let late = me.call("portable/renew-code", &[("patient", &maria), ("id", &id)]);
        assert_eq!(late.body, "\"NotFound\"", "it is being read");
    });
}

#[test]
fn a_code_opens_what_was_chosen_once_and_ends_when_it_is_ended() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let born = world.birth_date("Maria").to_string();
        let code = code(&me, &maria, &["conditions", "allergies"]);
        assert_eq!(world.nobody().get("/shared").status, 200);
        assert_eq!(world.nobody().get("/shared/record").status, 404);
        let opened = enter(world, &code.to_lowercase().replace('-', " "), &born);
        assert_eq!(opened.status, 200, "{}", opened.body);
        let reader = world.nobody().with_cookies_of(&opened);
        let page = reader.get("/shared/record").body;
        assert!(page.contains("Essential hypertension") && page.contains("Dr. Lee"), "{page}");
        assert!(!page.contains("Lisinopril") && !page.contains("/correction"), "what was chosen, and no way on");
        assert!(enter(world, &code, &born).body.contains("share_why_code_over"), "once");
        assert!(enter(world, &code, "1950-01-01").body.contains("why_details_wrong"), "nobody else learns that it was good once");
        // It opens nothing else.
        assert_eq!(reader.get(&format!("/p/{maria}/health")).header("location"), format!("/sign-in?next=/p/{maria}/health"));
        // A note comes back, and both were told by letters that name nothing.
        assert_eq!(reader.submit("/api/portable/leave-note", &[("note", "Please call me about the dose.")]).status, 303);
        assert!(me.get(&format!("/p/{maria}/share")).body.contains("Please call me about the dose."));
        let told = letters(world, "maria@example.org");
        assert!(
            told.iter().any(|letter| letter.subject.contains("was opened"))
                && told.iter().any(|letter| letter.subject.contains("note came back"))
        );
        assert!(told.iter().all(|letter| !letter.text.contains("dose") && !letter.text.contains("Lee")));
        assert!(me.get(&format!("/p/{maria}/access-log")).body.contains("Dr. Lee"));
        // Ended by the patient: the reader's next click finds nothing.
        let id = world.wait(share::Entity::find().one(&world.state.connection)).expect("a query").expect("a share").id.to_string();
        assert_eq!(world.sign_in("daniel").call("portable/revoke", &[("patient", &maria), ("id", &id)]).body, "\"NotFound\"");
        assert_eq!(me.call("portable/revoke", &[("patient", &maria), ("id", &id)]).status, 200);
        let over = reader.get("/shared/record");
        assert!(over.status == 404 && over.body.contains("This share is over"), "{}", over.body);
    });
}

#[test]
fn five_wrong_tries_void_a_code_and_a_birth_date_alone_is_not_enough() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let code = code(&me, &maria, &["allergies"]);
        for _ in 0..5 {
            assert!(enter(world, &code, "1950-01-01").body.contains("why_details_wrong"));
        }
        let right = enter(world, &code, &world.birth_date("Maria").to_string());
        assert!(right.body.contains("why_details_wrong"), "void: {}", right.body);
        assert!(me.get(&format!("/p/{maria}/share")).body.contains("Void after wrong tries"));
        for _ in 0..6 {
            enter(world, "ABCDE-FGHJK", "1950-01-01");
        }
        assert!(enter(world, "ABCDE-FGHJK", "1950-01-01").body.contains("TooManyTries"));
    });
}

#[test]
fn a_proxy_shares_what_they_see_as_long_as_they_see_it() {
    on_every_engine(|world| {
        let (maria, emma, born) = (world.sign_in("maria"), world.patient("Emma").to_string(), world.birth_date("Emma"));
        let (first, second) = (code(&maria, &emma, &["immunizations"]), code(&maria, &emma, &["immunizations"]));
        let opened = enter(world, &first, &born.to_string());
        let reader = world.nobody().with_cookies_of(&opened);
        assert_eq!(reader.get("/shared/record").status, 200);
        world.move_clock(app::access::proxy::birthday(born, 13), 0);
        assert_eq!(reader.get("/shared/record").status, 404, "the child is 13");
        assert!(enter(world, &second, &born.to_string()).body.contains("why_details_wrong"));
    });
}

/// Makes a link and returns its row and what stands in it.
fn link(world: &World, who: &Somebody, patient: &str, days: &str, passcode: &str) -> (health_link::Model, Value) {
    let fields = [
        ("patient", patient),
        ("recipient", "Clinic"),
        ("sections[allergies]", "true"),
        ("sections[medications]", "true"),
        ("days", days),
        ("passcode", passcode),
    ];
    let made = who.submit("/api/portable/make-link", &fields);
    assert_eq!(made.status, 303, "{}", made.body);
    let page = who.get(made.header("location")).body;
    let written = page.split("shlink:/").nth(1).and_then(|part| part.split('<').next()).expect("a link").to_owned();
    let payload = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(written).expect("base64url")).expect("JSON");
    let rows = world.wait(health_link::Entity::find().all(&world.state.connection)).expect("rows");
    (rows.into_iter().next_back().expect("a row"), payload)
}

fn manifest(payload: &Value, asked: &Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request =
        agent.post(payload["url"].as_str().expect("a url")).header("origin", "https://viewer.example").content_type("application/json");
    let mut answer = request.send(asked.to_string()).expect("an answer");
    assert_eq!(answer.headers().get("access-control-allow-origin").and_then(|value| value.to_str().ok()), Some("*"));
    (answer.status().as_u16(), serde_json::from_str(&answer.body_mut().read_to_string().expect("a body")).expect("JSON"))
}

/// A file as another app fetches it.
fn fetched(address: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.get(address).header("origin", "https://viewer.example").call().expect("an answer");
    assert_eq!(answer.headers().get("access-control-allow-origin").and_then(|value| value.to_str().ok()), Some("*"));
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body"))
}

fn decrypted(payload: &Value, manifest: &Value) -> Value {
    let jwe = manifest["files"][0]["embedded"].as_str().expect("a JWE");
    let parts: Vec<&str> = jwe.split('.').collect();
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let key: [u8; 32] = bytes(payload["key"].as_str().expect("a key")).try_into().expect("32 bytes");
    let nonce: [u8; 12] = bytes(parts[2]).try_into().expect("12 bytes");
    let sealed = [bytes(parts[3]), bytes(parts[4])].concat();
    let plain = Aes256Gcm::new(&key.into()).decrypt(&nonce.into(), Payload { msg: &sealed, aad: parts[0].as_bytes() }).expect("it opens");
    let mut text = String::new();
    DeflateDecoder::new(&plain[..]).read_to_string(&mut text).expect("raw deflate");
    serde_json::from_str(&text).expect("a bundle")
}

#[test]
fn a_health_link_gives_an_encrypted_document_to_whoever_has_it() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (row, payload) = link(world, &me, &maria, "1", "");
        assert!(payload["flag"] == "U" && payload["label"] == "Clinic" && payload["v"] == 1, "{payload}");
        let (status, found) = manifest(&payload, &json!({"recipient": "Viewer"}));
        assert_eq!(status, 200, "{found}");
        let bundle = decrypted(&payload, &found);
        assert_eq!(
            (bundle["type"].as_str(), bundle["entry"][0]["resource"]["resourceType"].as_str()),
            (Some("document"), Some("Composition"))
        );
        assert_eq!(bundle["entry"][1]["resource"]["resourceType"], "Patient");
        let text = bundle.to_string();
        assert!(text.contains("AllergyIntolerance") && text.contains("MedicationRequest") && !text.contains("\"Immunization\""));
        every_reference_leads_somewhere(&bundle);
        let withheld: Vec<&Value> = bundle["entry"][0]["resource"]["section"].as_array().expect("sections").iter().collect();
        assert!(withheld.iter().any(|section| section["emptyReason"]["coding"][0]["code"] == "withheld"), "conditions were not shared");
        // The address is the file, for apps that ask for no manifest; and a manifest names it where it is too long to be inside.
        let (status, direct) = fetched(&format!("{}?recipient=Wallet", payload["url"].as_str().expect("a url")));
        assert_eq!(status, 200);
        assert_eq!(decrypted(&payload, &json!({"files": [{"embedded": direct}]}))["type"], "document");
        let (_, short) = manifest(&payload, &json!({"recipient": "Viewer", "embeddedLengthMax": 1000}));
        let location = short["files"][0]["location"].as_str().expect("an address").to_owned();
        assert!(short["files"][0]["embedded"].is_null());
        let (status, beside) = fetched(&location);
        assert_eq!(status, 200);
        assert_eq!(decrypted(&payload, &json!({"files": [{"embedded": beside}]}))["type"], "document");
        assert_eq!(fetched(&format!("{location}x")).0, 404, "nobody makes up such an address");
        assert!(me.get(&format!("/p/{maria}/access-log")).body.contains("Clinic (Viewer)"));
        // Over, revoked, unknown: the same answer.
        let past = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
        let over = health_link::ActiveModel { expires_at: Set(past), ..row.clone().into_active_model() };
        world.wait(over.update(&world.state.connection)).expect("an update");
        assert_eq!(manifest(&payload, &json!({"recipient": "Viewer"})).0, 404);
        let (row, payload) = link(world, &me, &maria, "1", "");
        assert_eq!(me.call("portable/revoke", &[("patient", &maria), ("id", &row.id.to_string())]).status, 200);
        assert_eq!(manifest(&payload, &json!({"recipient": "Viewer"})).0, 404);
        assert_eq!(manifest(&json!({"url": format!("{}/shl/unknown", world.origin)}), &json!({})).0, 404);
    });
}

#[test]
fn a_passcode_guards_what_lasts_and_five_wrong_ones_end_it() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let fields = [("patient", maria.as_str()), ("recipient", "Clinic"), ("sections[allergies]", "true"), ("days", "30")];
        assert!(me.call("portable/make-link", &fields).body.contains("passcode"), "more than a day needs one");
        let (_, payload) = link(world, &me, &maria, "30", "river plum");
        assert_eq!(payload["flag"], "P");
        assert_eq!(manifest(&payload, &json!({"recipient": "x"})), (401, json!({"remainingAttempts": 4})));
        assert_eq!(manifest(&payload, &json!({"recipient": "x", "passcode": "wrong"})), (401, json!({"remainingAttempts": 3})));
        assert_eq!(manifest(&payload, &json!({"recipient": "x", "passcode": "river plum"})).0, 200);
        assert_eq!(fetched(payload["url"].as_str().expect("a url")).0, 404, "the file is not given without the passcode");
        // Wrong tries count for as long as the link lives.
        for left in (0..3).rev() {
            assert_eq!(manifest(&payload, &json!({"recipient": "x", "passcode": "wrong"})), (401, json!({"remainingAttempts": left})));
        }
        assert_eq!(manifest(&payload, &json!({"recipient": "x", "passcode": "river plum"})).0, 404, "over for good");
    });
}

#[test]
fn a_link_ends_with_the_access_it_rests_on_and_says_who_made_it() {
    on_every_engine(|world| {
        let (emma, maria) = (world.patient("Emma").to_string(), world.sign_in("maria"));
        let (_, payload) = link(world, &maria, &emma, "30", "river plum");
        let ask = json!({"recipient": "x", "passcode": "river plum"});
        assert_eq!(manifest(&payload, &ask).0, 200);
        world.move_clock(app::access::proxy::birthday(world.birth_date("Emma"), 13), 0);
        let (status, answer) = manifest(&payload, &ask);
        assert_eq!((status, answer), (404, json!({})), "the child is 13: not a word");
        world.state.clock.move_to(None);
        // What a proxy shares stands under their name before the patient, and before no other proxy.
        use app::people::proxy_grant;
        let consent = proxy_grant::ActiveModel { may_share: Set(true), ..Default::default() };
        world.wait(proxy_grant::Entity::update_many().set(consent).exec(&world.state.connection)).expect("consent");
        let ernesto = world.patient("Ernesto").to_string();
        code(&maria, &ernesto, &["allergies"]);
        assert!(world.sign_in("ernesto").get(&format!("/p/{ernesto}/share")).body.contains("Maria Rivera"));
    });
}

#[test]
fn one_reader_opens_a_code_though_many_come_at_once() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (code, born) = (code(&me, &maria, &["allergies"]), world.birth_date("Maria").to_string());
        let opened: usize = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..4).map(|_| scope.spawn(|| usize::from(enter(world, &code, &born).cookie("shared").is_some()))).collect();
            tries.into_iter().map(|one| one.join().expect("no panic")).sum()
        });
        assert_eq!(opened, 1);
    });
}

#[test]
fn a_reader_is_shown_out_after_an_hour_and_leaves_no_note_once_the_sharer_lost_access() {
    on_every_engine(|world| {
        let (emma, maria, born) = (world.patient("Emma").to_string(), world.sign_in("maria"), world.birth_date("Emma"));
        let opened = enter(world, &code(&maria, &emma, &["immunizations"]), &born.to_string());
        let reader = world.nobody().with_cookies_of(&opened);
        world.move_clock(app::access::proxy::birthday(born, 13), 0);
        let note = |reader: &Somebody| reader.call("portable/leave-note", &[("note", "Hello")]).body;
        assert_eq!(note(&reader), "\"NotFound\"");
        world.state.clock.move_to(None);
        assert_eq!(note(&reader), "null");
        let row = world.wait(share::Entity::find().one(&world.state.connection)).expect("a query").expect("a share");
        let old = chrono::Utc::now() - chrono::TimeDelta::minutes(61);
        let over = share::ActiveModel { opened_at: Set(Some(old)), ..row.into_active_model() };
        world.wait(over.update(&world.state.connection)).expect("an update");
        assert_eq!((reader.get("/shared/record").status, note(&reader).as_str()), (404, "\"NotFound\""));
    });
}

/// What the reader of a code sees, which was made with more fields than the usual.
fn read_shared(world: &World, who: &Somebody, patient: &str, born: &str, more: &[(&str, &str)]) -> String {
    let fields = [("patient", patient), ("recipient", "Oak Street School"), ("minutes", "15"), ("sections[conditions]", "true")];
    let made = who.submit("/api/portable/share", &[&fields[..], more].concat());
    let page = who.with_cookies_of(&made).get(made.header("location")).body;
    let code = page.split("<p class=\"code\">").nth(1).and_then(|part| part.split("<b>").nth(1)).and_then(|part| part.get(..11));
    let opened = enter(world, code.expect("a code"), born);
    world.nobody().with_cookies_of(&opened).get("/shared/record").body
}

#[test]
fn what_is_sensitive_is_left_out_of_a_share_unless_it_was_chosen() {
    on_every_engine(|world| {
        use app::record::item::entity::health_item;
        use sea_orm::{ColumnTrait, QueryFilter};
        let (maria, me, born) = (world.patient("Maria").to_string(), world.sign_in("maria"), world.birth_date("Maria").to_string());
        let sensitive = health_item::ActiveModel { sensitive: Set(true), ..Default::default() };
        let update = health_item::Entity::update_many().set(sensitive).filter(health_item::Column::Title.contains("hypertension"));
        world.wait(update.exec(&world.state.connection)).expect("marked");
        let form = me.get(&format!("/p/{maria}/share/code")).body;
        assert!(form.contains("name=\"sensitive\"") && form.contains("Left out unless you tick this"), "{form}");
        assert!(!form.split("name=\"sensitive\"").nth(1).expect("a box")[..40].contains("checked"), "{form}");
        let usual = read_shared(world, &me, &maria, &born, &[]);
        assert!(usual.contains("Oak Street School") && !usual.contains("Essential hypertension"), "{usual}");
        let chosen = read_shared(world, &me, &maria, &born, &[("sensitive", "true")]);
        assert!(chosen.contains("Essential hypertension"), "{chosen}");
        let list = me.get(&format!("/p/{maria}/share")).body;
        assert!(list.contains("without what is sensitive") && list.contains("with what is sensitive"), "{list}");
    });
}

#[test]
fn who_promised_to_tell_nobody_shares_with_the_patients_consent_alone() {
    on_every_engine(|world| {
        use app::people::{account, proxy_grant};
        use sea_orm::{ColumnTrait, QueryFilter};
        let (maria, ernesto) = (world.sign_in("maria"), world.sign_in("ernesto"));
        let patient = world.patient("Ernesto");
        let id = patient.to_string();
        let call =
            || maria.call("portable/share", &[("patient", &*id), ("recipient", "x"), ("sections[notes]", "true"), ("minutes", "15")]);
        assert_eq!(call().body, "\"NotFound\"");
        let page = maria.get(&format!("/p/{id}/share")).body;
        assert!(page.contains("has not agreed that you share it") && !page.contains("/share/code"), "{page}");
        assert_eq!(maria.get(&format!("/p/{id}/share/link")).status, 404);
        let holder = account::Entity::find().filter(account::Column::UsernameKey.eq("maria")).one(&world.state.connection);
        let holder = world.wait(holder).expect("a query").expect("an account").id;
        let find = proxy_grant::Entity::find()
            .filter(proxy_grant::Column::PatientId.eq(patient))
            .filter(proxy_grant::Column::AccountId.eq(holder))
            .filter(proxy_grant::Column::EndedAt.is_null());
        let grant = world.wait(find.one(&world.state.connection)).expect("a query").expect("a grant").id.to_string();
        let change = |may_share: &str| {
            let fields = [("patient", &*id), ("id", &*grant), ("level", "all"), ("until", ""), ("may_share", may_share)];
            assert_eq!(ernesto.call("family/change-access", &fields).status, 200);
        };
        change("true");
        assert_eq!(call().status, 200);
        change("");
        assert_eq!(call().body, "\"NotFound\"", "consent is taken back");
    });
}

#[test]
fn a_term_that_is_not_offered_is_refused_at_its_field() {
    on_every_engine(|world| {
        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let fields = |name: &'static str, value: &'static str| {
            [("patient", patient.clone()), ("recipient", "Dr. Lee".into()), ("sections[notes]", "true".into()), (name, value.into())]
        };
        for (function, name) in [("portable/share", "minutes"), ("portable/make-link", "days")] {
            for value in ["", "0", "-1", "365", "many", "9999999999999999999"] {
                let typed = fields(name, value);
                let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let refused = maria.call(function, &typed);
                assert!(refused.body.contains("share_why_not_offered") && refused.body.contains(name), "{value}: {}", refused.body);
            }
        }
    });
}
