//! Health cards: who makes them, what is in them, whether their signature holds, and how they are taken back.

use std::io::Read;

use app::{
    access::{as_system, entity::form_draft},
    features::credentials::{
        entity::{health_card, signing_key},
        keys,
    },
    platform::secret::Secret,
    record::{
        item::{entity::health_item, model::Kind},
        resource::entity::fhir_resource,
        result::entity::test_result,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use flate2::{
    Compression,
    read::{DeflateDecoder, DeflateEncoder},
};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer, Verifier},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::jobs::tidy;

use crate::{
    import::import,
    world::{Answer, Somebody, World, on_every_engine},
};

/// Maria's vaccination against tetanus.
const TETANUS: &str = "Immunization/ed8d3183-927f-5f43-a64f-38a3fea5cffb";

/// Makes a card as a browser does, and says where it is.
fn make(somebody: &Somebody, patient: &str, subject: &str) -> (Answer, String) {
    make_about(somebody, &[("patient", patient), ("subject", subject)])
}

fn make_about(somebody: &Somebody, about: &[(&str, &str)]) -> (Answer, String) {
    let made = somebody.submit("/api/credentials/issue", about);
    let at = made.header("location").rsplit('/').next().unwrap_or_default().to_owned();
    (made, at)
}

fn card(somebody: &Somebody, patient: &str, id: &str) -> (u16, String) {
    let (status, body) = somebody.get_bytes(&format!("/files/card/{patient}/{id}"));
    let file: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status, file["verifiableCredential"][0].as_str().unwrap_or_default().to_owned())
}

/// What a card says of one thing after the other; the person left out.
fn said(world: &World, jws: &str) -> Vec<Value> {
    let (_, payload) = verified(world, jws);
    let entries = payload["vc"]["credentialSubject"]["fhirBundle"]["entry"].as_array().expect("entries").clone();
    entries.into_iter().skip(1).map(|mut entry| entry["resource"].take()).collect()
}

/// A resource as the hospital sent it last.
fn sent(world: &World, reference: &str) -> Value {
    let find = fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq(reference));
    let found = world.wait(find.one(&world.state.connection)).expect("a query").expect("a resource");
    serde_json::from_str(&found.body).expect("JSON")
}

/// The hospital sends a resource again, with something else in it.
fn corrects(world: &World, reference: &str, key: &str, value: Value) {
    let mut resource = sent(world, reference);
    resource[key] = value;
    import(&as_system(&world.state.db, "test"), &[resource]);
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

/// The pages of vaccinations and of results know nothing of cards: what leads there, the cards hand in.
#[test]
fn the_record_leads_to_cards_where_one_can_be_made() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let cards = format!("href=\"/p/{maria}/health/credentials\"");
        let leads = |page: &str| me.get(&format!("/p/{maria}/health/{page}")).body.contains(&cards);
        assert!(leads("immunizations") && !leads("allergies"));
        // A vaccine of which no card can be made.
        let unknown = health_item::ActiveModel { code: Set(Some("http://example.org|1".into())), ..Default::default() };
        let all = health_item::Entity::update_many().set(unknown).filter(health_item::Column::Kind.eq(Kind::Immunization));
        world.wait(all.exec(&world.state.connection)).expect("changed");
        assert!(!leads("immunizations"));
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
        let empty = world.nobody().get(&list).json();
        assert_eq!((&empty["rids"], empty["ctr"].as_i64()), (&json!([]), Some(1)));
        assert_eq!(world.nobody().get("/.well-known/jwks.json").json()["keys"][0]["crlVersion"], 1, "there is a list from the start");
        let refused = world.sign_in("tanya").call("credentials/revoke", &[("patient", &maria), ("card", &gone)]);
        assert_eq!(refused.body, "\"NotFound\"");
        assert_eq!(me.submit("/api/credentials/revoke", &[("patient", &maria), ("card", &gone)]).status, 303);
        let revoked = world.nobody().get(&list);
        assert_eq!(revoked.header("access-control-allow-origin"), "*");
        let revoked = revoked.json();
        assert_eq!((revoked["method"].as_str(), revoked["ctr"].as_i64()), (Some("rid"), Some(2)));
        assert_eq!(revoked["rids"], serde_json::json!([payload["vc"]["rid"]]));
        let keys = world.nobody().get("/.well-known/jwks.json").json();
        assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1), "one key signed all");
        assert_eq!(keys["keys"][0]["crlVersion"], 2);
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
        let rows = world.wait(signing_key::Entity::find().all(&world.state.connection)).expect("keys");
        for row in rows {
            assert_eq!(row.sealed.is_empty(), row.kid != kid, "what the old key signed with is destroyed");
        }
    });
}

#[test]
fn a_secret_that_opens_no_key_makes_no_new_one() {
    on_every_engine(|world| {
        let (system, other) = (as_system(&world.state.db, "test"), Secret::new([8; 32]));
        assert!(world.wait(keys::fits(&system, &other)).expect("a query"), "there is no key yet");
        world.wait(keys::current(system.db(), &world.state.issuer.secret)).expect("a key");
        assert!(world.wait(keys::fits(&system, &world.state.issuer.secret)).expect("a query"));
        assert!(!world.wait(keys::fits(&system, &other)).expect("a query"));
        assert!(world.wait(keys::current(system.db(), &other)).is_err());
        assert_eq!(world.wait(signing_key::Entity::find().count(&world.state.connection)).expect("a count"), 1);
    });
}

#[test]
fn a_key_from_a_file_signs() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, before) = make(&me, &maria, "covid_vaccines");
        let (system, secret) = (as_system(&world.state.db, "test"), &world.state.issuer.secret);
        let key = json!({"kty": "EC", "crv": "P-256", "d": BASE64_URL_SAFE_NO_PAD.encode([5; 32])}).to_string();
        assert_eq!(world.wait(keys::import(&system, secret, "{}")), Err(keys::Refused::NoKey));
        let kid = world.wait(keys::import(&system, secret, &key)).expect("a key");
        assert_eq!(world.wait(keys::import(&system, secret, &key)).as_ref(), Ok(&kid), "the server starts again");
        let (_, after) = make(&me, &maria, "covid_vaccines");
        assert_eq!(verified(world, &card(&me, &maria, &after).1).0["kid"], kid.as_str());
        assert_ne!(verified(world, &card(&me, &maria, &before).1).0["kid"], kid.as_str(), "the key before it stays published");
        world.wait(keys::withdraw(&system, &kid)).expect("withdrawn");
        assert_eq!(world.wait(keys::import(&system, secret, &key)), Err(keys::Refused::Withdrawn));
    });
}

#[test]
fn a_stolen_key_is_published_no_more_and_its_cards_are_taken_back() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, id) = make(&me, &maria, "covid_vaccines");
        let (_, jws) = card(&me, &maria, &id);
        let (header, payload) = verified(world, &jws);
        let kid = header["kid"].as_str().expect("a kid");
        let system = as_system(&world.state.db, "test");
        assert_eq!(world.wait(keys::withdraw(&system, "another")), Err(app::base::error::Error::NotFound));
        assert_eq!(world.wait(keys::withdraw(&system, kid)), Ok(1));
        assert_eq!(world.nobody().get("/.well-known/jwks.json").json()["keys"], json!([]));
        let list = world.nobody().get(&format!("/.well-known/crl/{kid}.json")).json();
        assert_eq!(list["rids"], json!([payload["vc"]["rid"]]), "for whoever remembers the key");
        assert!(checked(world, &jws).contains(">Not genuine<"));
        assert_eq!(card(&me, &maria, &id).0, 404);
        // The next card has a key of its own.
        let (_, again) = make(&me, &maria, "covid_vaccines");
        assert_ne!(verified(world, &card(&me, &maria, &again).1).0["kid"], kid);
    });
}

#[test]
fn there_is_a_card_for_each_disease() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let page = me.get(&format!("/p/{maria}/health/credentials")).body;
        let places: Vec<Option<usize>> = [
            ">COVID-19 vaccinations<",
            ">Flu vaccinations<",
            ">Tetanus, diphtheria and whooping cough vaccinations<",
            ">Other vaccinations<",
        ]
        .iter()
        .map(|title| page.find(title))
        .collect();
        assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
        let (_, id) = make_about(&me, &[("patient", &maria), ("subject", "vaccine"), ("vaccine", "influenza")]);
        let codes: Vec<Value> =
            said(world, &card(&me, &maria, &id).1).iter().map(|dose| dose["vaccineCode"]["coding"][0]["code"].clone()).collect();
        assert_eq!(codes, [json!("140"), json!("140")]);
        assert!(me.get(&format!("/p/{maria}/health/credentials/{id}")).body.contains(">Flu vaccinations<"));
        for other in [&[("vaccine", "polio")][..], &[("vaccine", "covid")], &[]] {
            let about = [&[("patient", maria.as_str()), ("subject", "vaccine")][..], other].concat();
            assert_eq!(me.call("credentials/issue", &about).body, "\"NotFound\"", "{other:?}");
        }
    });
}

#[test]
fn a_card_names_only_those_who_gave_the_dose() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let about = [("patient", maria.as_str()), ("subject", "vaccine"), ("vaccine", "tetanus")];
        let signed = || {
            let (_, id) = make_about(&me, &about);
            said(world, &card(&me, &maria, &id).1).remove(0)
        };
        assert_eq!(signed()["performer"][0]["actor"]["display"], "Middlesex Health");
        let elsewhere = json!([{"actor": {"reference": "Location/29d1b86a-1efd-52a1-92aa-3147cb315926"}}]);
        corrects(world, TETANUS, "performer", elsewhere);
        assert_eq!(signed()["performer"][0]["actor"]["display"], "Behavioral Health", "what the reference leads to");
        corrects(world, TETANUS, "performer", json!([]));
        assert_eq!(signed()["performer"], Value::Null);
        corrects(world, TETANUS, "occurrenceDateTime", json!("2021-08-22T00:12:17+00:00"));
        assert_eq!(signed()["occurrenceDateTime"], "2021-08-21", "in New York");
        corrects(world, TETANUS, "primarySource", json!(false));
        assert_eq!(me.call("credentials/issue", &about).body, "\"NotFound\"", "somebody told it");
        let page = me.get(&format!("/p/{maria}/health/credentials")).body;
        assert!(!page.contains("value=\"tetanus\"") && page.contains("value=\"influenza\""), "only what can be signed is offered");
    });
}

#[test]
fn only_laboratory_values_are_signed_as_such() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let value = |id: &str, category: Value| {
            json!({"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": format!("Patient/{}", world.reference("Maria"))},
                "category": category, "code": {"text": "Titre", "coding": [{"system": "http://loinc.org", "code": "22600-1"}]},
                "effectiveDateTime": "2025-03-01T10:00:00Z", "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}})
        };
        let laboratory = json!([{"coding": [{"code": "laboratory"}]}]);
        import(&as_system(&world.state.db, "test"), &[value("titre", laboratory), value("guess", json!([]))]);
        let result = |name: &str| {
            let find = fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq(format!("Observation/{name}")));
            let found = world.wait(find.one(&world.state.connection)).expect("a query").expect("a resource").id;
            assert!(world.wait(test_result::Entity::find_by_id(found).one(&world.state.connection)).expect("a query").is_some());
            found.to_string()
        };
        let (_, id) = make_about(&me, &[("patient", &maria), ("subject", "result"), ("result", &result("titre"))]);
        let signed = said(world, &card(&me, &maria, &id).1).remove(0);
        assert_eq!(signed["valueRatio"]["denominator"]["value"], 128);
        assert_eq!(signed["performer"], Value::Null);
        let guess = me.call("credentials/issue", &[("patient", &maria), ("subject", "result"), ("result", &result("guess"))]);
        assert_eq!(guess.body, "\"NotFound\"");
    });
}

#[test]
fn a_corrected_record_takes_its_card_back() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let about = [("patient", maria.as_str()), ("subject", "vaccine"), ("vaccine", "tetanus")];
        let list = format!("/p/{maria}/health/credentials");
        let outdated = ">Taken back: the record behind it was corrected<";
        let (_, first) = make_about(&me, &about);
        let (_, covid) = make(&me, &maria, "covid_vaccines");
        let (_, jws) = card(&me, &maria, &first);
        // What is not on the card takes nothing back.
        corrects(world, TETANUS, "note", json!([{"text": "left arm"}]));
        assert_eq!(world.wait(tidy::once(&world.state)), Ok(0));
        assert!(!me.get(&list).body.contains(outdated) && card(&me, &maria, &first).0 == 200);
        corrects(world, TETANUS, "lotNumber", json!("ANOTHER"));
        assert!(me.get(&list).body.contains(outdated), "on sight");
        assert_eq!((card(&me, &maria, &first).0, card(&me, &maria, &covid).0), (404, 200));
        assert!(checked(world, &jws).contains(">Taken back<"));
        // A new one says what is so now, and is taken back by the job when the dose was none.
        let (_, second) = make_about(&me, &about);
        assert_eq!(said(world, &card(&me, &maria, &second).1)[0]["lotNumber"], "ANOTHER");
        corrects(world, TETANUS, "status", json!("entered-in-error"));
        assert_eq!(world.wait(tidy::once(&world.state)), Ok(1));
        assert_eq!(world.wait(tidy::once(&world.state)), Ok(0));
        let rows = world.wait(health_card::Entity::find().all(&world.state.connection)).expect("cards");
        assert_eq!(rows.iter().filter(|row| row.outdated && row.revoked_at.is_some()).count(), 2);
        assert_eq!(rows.iter().filter(|row| row.revoked_at.is_none()).count(), 1);
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
        assert!(world.nobody().call("credentials/check", &[("card", " ")]).body.contains("why_missing"));
        let no_code = world.nobody().upload("credentials/check-file", &[], "card_file", "photo.png", include_bytes!("tiny.png"));
        assert!(no_code.body.contains("credentials_why_no_code_in_picture"), "{}", no_code.body);
        let uploaded = world.nobody().upload("credentials/check-file", &[], "card_file", "card.smart-health-card", file.as_bytes());
        assert!(world.nobody().with_cookies_of(&uploaded).get("/verify?done=1").body.contains("Genuine"));
        // What one browser checks, no other one sees.
        assert!(!world.nobody().get("/verify?done=1").body.contains("Maria Rivera"));
        assert_eq!(me.call("credentials/revoke", &[("patient", &maria), ("card", &id)]).status, 200);
        assert!(checked(world, &jws).contains("Taken back"));
    });
}

#[test]
fn several_cards_are_judged_each_for_itself() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (_, gone) = make(&me, &maria, "covid_vaccines");
        let (_, kept) = make(&me, &maria, "other_vaccines");
        let file = json!({ "verifiableCredential": [card(&me, &maria, &gone).1, card(&me, &maria, &kept).1] }).to_string();
        assert_eq!(me.call("credentials/revoke", &[("patient", &maria), ("card", &gone)]).status, 200);
        let page = checked(world, &file);
        assert!(page.contains(">Taken back<") && page.contains(">Genuine: issued by Middlesex Health<"), "{page}");
    });
}

#[test]
fn a_card_of_somebody_unknown_is_not_called_in_order() {
    on_every_engine(|world| {
        let payload = json!({"iss": "https://elsewhere.example", "nbf": 1_600_000_000, "vc": {"type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": [
                {"fullUrl": "resource:0", "resource": {"resourceType": "Patient", "name": [{"family": "Forger", "given": ["Fay"]}]}},
                {"fullUrl": "resource:1", "resource": {"resourceType": "Immunization", "status": "not-done", "occurrenceDateTime": "2021-01-01",
                    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]}}}]}}}});
        let mut deflated = Vec::new();
        DeflateEncoder::new(payload.to_string().as_bytes(), Compression::best()).read_to_end(&mut deflated).expect("deflated");
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"zip":"DEF","alg":"ES256","kid":"x"}"#);
        let signed = format!("{header}.{}", BASE64_URL_SAFE_NO_PAD.encode(deflated));
        let signature: Signature = SigningKey::from_slice(&[6; 32]).expect("a key").sign(signed.as_bytes());
        let page = checked(world, &format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes())));
        for words in [
            ">Issuer not known here<",
            ">This page cannot check its signature: anybody could have made it. It names its issuer:<",
            ">https://elsewhere.example<",
            ">What the card says, unchecked<",
            ">Fay Forger<",
            ">Not given<",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains(">What the card says<"));
    });
}

#[test]
fn pictures_are_counted_before_they_are_looked_at() {
    on_every_engine(|world| {
        let upload = || world.nobody().upload("credentials/check-file", &[], "card_file", "photo.png", include_bytes!("tiny.png")).body;
        for _ in 0..100 {
            assert!(upload().contains("credentials_why_no_code_in_picture"));
        }
        assert!(upload().contains("TooManyTries"), "{}", upload());
    });
}

#[test]
fn what_was_checked_is_forgotten() {
    on_every_engine(|world| {
        let kept = || world.wait(form_draft::Entity::find().count(&world.state.connection)).expect("a count");
        checked(world, "hello");
        world.wait(tidy::once(&world.state)).expect("tidied");
        assert_eq!(kept(), 1);
        let old = form_draft::ActiveModel { created_at: Set(Utc::now() - TimeDelta::minutes(14)), ..Default::default() };
        world.wait(form_draft::Entity::update_many().set(old).exec(&world.state.connection)).expect("a change");
        world.wait(tidy::once(&world.state)).expect("tidied");
        assert_eq!(kept(), 0);
    });
}

/// What the page that checks cards takes into the browser: what is published anyway, and nothing that signs.
#[test]
fn the_list_of_issuers_holds_public_keys_only() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        make(&me, &maria, "covid_vaccines");
        let found = world.nobody().get("/verify/issuers.json");
        assert_eq!((found.status, found.header("access-control-allow-origin")), (200, "*"));
        let issuers = found.json();
        let own = &issuers[0];
        assert_eq!((own["iss"].as_str(), own["name"].as_str()), (Some(world.origin.as_str()), Some("Middlesex Health")));
        let key = own["keys"][0].as_object().expect("a key");
        assert!(key.contains_key("x") && !key.contains_key("d"), "{key:?}");
        assert!(own["revoked"][key["kid"].as_str().expect("a name")].as_array().is_some_and(Vec::is_empty), "known, and none so far");
    });
}
