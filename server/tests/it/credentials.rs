//! Health cards: who makes them, what is in them, whether their signature holds, and how they are taken back.

use app::{access::as_system, credentials::keys};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::read::DeflateDecoder;
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use serde_json::Value;
use std::io::Read;

use crate::world::{Answer, Somebody, World, on_every_engine};

/// Makes a card as a browser does, and says where it is.
fn make(somebody: &Somebody, patient: &str, subject: &str) -> (Answer, String) {
    let made = somebody.submit("/api/credentials/issue", &[("patient", patient), ("subject", subject)]);
    let at = made.header("location").rsplit('/').next().unwrap_or_default().to_owned();
    (made, at)
}

fn card(somebody: &Somebody, patient: &str, id: &str) -> (u16, String) {
    let (status, body) = somebody.get_bytes(&format!("/files/card/{patient}/{id}"));
    let file: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status, file["verifiableCredential"][0].as_str().unwrap_or_default().to_owned())
}

/// Header and payload, after the signature was checked with the key that the portal publishes.
fn verified(world: &World, jws: &str) -> (Value, Value) {
    let [header, payload, signature]: [&str; 3] = jws.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let bytes = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let head: Value = serde_json::from_slice(&bytes(header)).expect("a header");
    let answer = world.nobody().get("/.well-known/jwks.json");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
    let keys = answer.json();
    let key = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == head["kid"]).expect("a published key");
    assert!(key["d"].is_null(), "no private key is published");
    let point = [vec![4], bytes(key["x"].as_str().expect("x")), bytes(key["y"].as_str().expect("y"))].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).expect("a key");
    let signature = Signature::from_slice(&bytes(signature)).expect("a signature");
    key.verify(format!("{header}.{payload}").as_bytes(), &signature).expect("the signature holds");
    let mut text = String::new();
    DeflateDecoder::new(&bytes(payload)[..]).read_to_string(&mut text).expect("raw deflate");
    (head, serde_json::from_str(&text).expect("a payload"))
}

#[test]
fn only_who_reads_the_record_makes_cards_of_it() {
    on_every_engine(|world| {
        let (maria, emma) = (world.patient("Maria").to_string(), world.patient("Emma").to_string());
        assert_eq!(make(&world.nobody(), &maria, "other_vaccines").0.header("location"), "/sign-in");
        for stranger in ["tanya", "daniel", "priya"] {
            let stranger = world.sign_in(stranger);
            let refused = stranger.call("credentials/issue", &[("patient", &maria), ("subject", "other_vaccines")]);
            assert_eq!(refused.body, "\"NotFound\"");
            assert_eq!(stranger.get(&format!("/p/{maria}/health/credentials")).status, 404);
        }
        let mother = world.sign_in("maria");
        let (made, id) = make(&mother, &emma, "other_vaccines");
        assert_eq!(made.status, 303, "{}", made.body);
        assert_eq!(card(&mother, &emma, &id).0, 200);
        // A card is found in its own chart only, and by nobody else.
        assert_eq!(card(&mother, &maria, &id).0, 404);
        assert_eq!(card(&world.sign_in("daniel"), &emma, &id).0, 404);
        let lucas = world.patient("Lucas").to_string();
        assert_eq!(mother.call("credentials/issue", &[("patient", &lucas), ("subject", "other_vaccines")]).body, "\"NotFound\"");
    });
}

#[test]
fn a_card_is_signed_and_says_no_more_than_it_must() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, id) = make(&me, &maria, "covid_vaccines");
        let (_, jws) = card(&me, &maria, &id);
        let (header, payload) = verified(world, &jws);
        assert_eq!((header["zip"].as_str(), header["alg"].as_str()), (Some("DEF"), Some("ES256")));
        assert_eq!(payload["iss"], world.origin);
        let types = payload["vc"]["type"].as_array().expect("types");
        assert_eq!(types.len(), 3);
        assert!(types.contains(&"https://smarthealth.cards#covid19".into()));
        let bundle = &payload["vc"]["credentialSubject"]["fhirBundle"];
        let entries = bundle["entry"].as_array().expect("entries");
        assert_eq!(entries[0]["resource"]["name"][0]["family"], "Rivera");
        assert!(entries.len() > 1 && entries[1..].iter().all(|entry| entry["resource"]["resourceType"] == "Immunization"));
        let text = bundle.to_string();
        for word in ["\"id\"", "display\":\"COVID", "\"text\"", "identifier", "address", "telecom", "gender"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        // The page shows the codes and never the name of somebody else.
        let page = me.get(&format!("/p/{maria}/health/credentials/{id}"));
        assert!(page.status == 200 && page.body.contains("data:image/svg+xml"));
        // What nobody has been given is no card.
        assert_eq!(me.call("credentials/issue", &[("patient", &maria), ("subject", "result")]).body, "\"NotFound\"");
    });
}

#[test]
fn a_card_that_was_taken_back_is_on_the_list_of_its_key() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, kept) = make(&me, &maria, "covid_vaccines");
        let (_, gone) = make(&me, &maria, "covid_vaccines");
        let (header, payload) = verified(world, &card(&me, &maria, &gone).1);
        let list = format!("/.well-known/crl/{}.json", header["kid"].as_str().expect("a kid"));
        assert_eq!(world.nobody().get(&list).json()["rids"], serde_json::json!([]));
        let refused = world.sign_in("tanya").call("credentials/revoke", &[("patient", &maria), ("card", &gone)]);
        assert_eq!(refused.body, "\"NotFound\"");
        assert_eq!(me.submit("/api/credentials/revoke", &[("patient", &maria), ("card", &gone)]).status, 303);
        let revoked = world.nobody().get(&list);
        assert_eq!(revoked.header("access-control-allow-origin"), "*");
        let revoked = revoked.json();
        assert_eq!((revoked["method"].as_str(), revoked["ctr"].as_i64()), (Some("rid"), Some(1)));
        assert_eq!(revoked["rids"], serde_json::json!([payload["vc"]["rid"]]));
        let keys = world.nobody().get("/.well-known/jwks.json").json();
        assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1), "one key signed all");
        assert_eq!(keys["keys"][0]["crlVersion"], 1);
        assert_eq!((card(&me, &maria, &gone).0, card(&me, &maria, &kept).0), (404, 200));
        assert_eq!(world.nobody().get("/.well-known/crl/somebody.json").status, 404);
    });
}

#[test]
fn cards_from_before_a_new_key_still_verify() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, before) = make(&me, &maria, "covid_vaccines");
        let system = as_system(&world.state.db, "test");
        let kid = world.wait(keys::rotate(&system, &world.state.issuer.secret)).expect("a key");
        let (_, after) = make(&me, &maria, "covid_vaccines");
        let (old, _) = verified(world, &card(&me, &maria, &before).1);
        let (new, _) = verified(world, &card(&me, &maria, &after).1);
        assert_eq!(new["kid"], kid);
        assert_ne!(old["kid"], new["kid"]);
    });
}

/// What the verifier page says about some text.
fn checked(world: &World, text: &str) -> String {
    let answer = world.nobody().call("credentials/check", &[("card", text)]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    world.nobody().with_cookies_of(&answer).get("/verify?done=1").body
}

#[test]
fn anybody_checks_a_card_and_learns_what_it_is_worth() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, id) = make(&me, &maria, "covid_vaccines");
        let (_, jws) = card(&me, &maria, &id);
        let page = checked(world, &jws);
        assert!(page.contains("Genuine: issued by Middlesex Health") && page.contains("Maria Rivera") && page.contains("CVX"), "{page}");
        let file = serde_json::json!({ "verifiableCredential": [jws] }).to_string();
        assert!(checked(world, &file).contains("Genuine"));
        // One letter of the signature, and of what is signed, changed.
        let mut forged = jws.clone();
        let other = if forged.ends_with('A') { "B" } else { "A" };
        let end = forged.len() - 10;
        forged.replace_range(end..=end, if &forged[end..=end] == other { "C" } else { other });
        let page = checked(world, &forged);
        assert!(page.contains("Not genuine") && !page.contains("Maria Rivera"), "a forged card is not repeated: {page}");
        for (text, says) in [("hello", "There is no card in it"), ("shc:/1/3/5676", "This card has 3 codes"), ("shc:/123", "not complete")]
        {
            assert!(checked(world, text).contains(says), "{text}");
        }
        assert!(world.nobody().call("credentials/check", &[("card", " ")]).body.contains("Missing"));
        let no_code = world.nobody().upload("credentials/check-file", &[], "card_file", "photo.png", include_bytes!("tiny.png"));
        assert!(no_code.body.contains("NoCodeInPicture"), "{}", no_code.body);
        let uploaded = world.nobody().upload("credentials/check-file", &[], "card_file", "card.smart-health-card", file.as_bytes());
        assert!(world.nobody().with_cookies_of(&uploaded).get("/verify?done=1").body.contains("Genuine"));
        // What one browser checks, no other one sees.
        assert!(!world.nobody().get("/verify?done=1").body.contains("Maria Rivera"));
        assert_eq!(me.call("credentials/revoke", &[("patient", &maria), ("card", &id)]).status, 200);
        assert!(checked(world, &jws).contains("Taken back"));
    });
}
