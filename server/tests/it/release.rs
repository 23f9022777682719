//! When results are shown: at once, unless the person chose otherwise; and what is told meanwhile.

use app::access::as_system;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    accounts::letters,
    world::{Answer, Somebody, World, on_every_engine},
};

fn choose(who: &Somebody, patient: &str, laboratory: &str) -> Answer {
    let fields = [("patient", patient), ("laboratory", laboratory), ("imaging", "now"), ("pathology", "now"), ("other", "now")];
    who.call("results/choose-timing", &fields)
}

/// A ferritin of somebody, final at an instant, with or without a clinician's word.
fn arrives(world: &World, given_name: &str, id: &str, issued: DateTime<Utc>, comment: Option<&str>) {
    let mut value = json!({"resourceType": "Observation", "id": id, "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}], "subject": {"reference": format!("Patient/{}", world.reference(given_name))},
        "code": {"text": format!("Ferritin {id}"), "coding": [{"system": "http://loinc.org", "code": "2276-4"}]},
        "effectiveDateTime": "2026-11-01T10:00:00Z", "issued": issued.to_rfc3339(), "valueQuantity": {"value": 30, "unit": "ng/mL"}});
    if let Some(comment) = comment {
        value["note"] = json!([{ "text": comment }]);
    }
    let bundle: Value = json!({"resourceType": "Bundle", "type": "collection", "entry": [{ "resource": value }]});
    let system = as_system(&world.state.db, "test");
    world.wait(server::fhir::import_bundle(&system, "test", bundle)).expect("imported");
}

#[test]
fn the_person_chooses_and_a_parent_for_a_young_child_and_nobody_else() {
    on_every_engine(|world| {
        let (maria, ernesto) = (world.patient("Maria").to_string(), world.patient("Ernesto").to_string());
        assert_eq!(choose(&world.nobody(), &maria, "day").body, "\"SignInNeeded\"");
        for stranger in ["daniel", "priya", "ruth"] {
            assert_eq!(choose(&world.sign_in(stranger), &maria, "day").body, "\"NotFound\"");
        }
        let me = world.sign_in("maria");
        assert_eq!(choose(&me, &ernesto, "day").body, "\"NotAllowed\"", "not for another adult");
        assert_eq!(choose(&me, &world.patient("Lucas").to_string(), "day").body, "\"NotAllowed\"", "not for a teen");
        assert_eq!(choose(&me, &world.patient("Emma").to_string(), "day").status, 200);
        assert_eq!(choose(&me, &maria, "comment").status, 200);
        assert!(choose(&me, &maria, "never").body.contains("laboratory"));
        assert!(me.get(&format!("/p/{maria}/results/timing")).body.contains("value=\"comment\" checked"));
        assert!(world.sign_in("maria").get(&format!("/p/{maria}/access-log")).body.contains("chose when results are shown"));
    });
}

#[test]
fn a_result_waits_for_a_word_and_five_days_at_most() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let issued = world.state.clock.now().instant - TimeDelta::hours(1);
        let list = format!("/p/{maria}/results");
        arrives(world, "Maria", "first", issued, None);
        assert!(me.get(&list).body.contains("Ferritin first"), "nobody but the person holds anything back");
        assert_eq!(choose(&me, &maria, "comment").status, 200);
        let trend = format!("/p/{maria}/results/trend?code=http%3A%2F%2Floinc.org%7C2276-4");
        let held = me.get(&list).body;
        assert!(!held.contains("Ferritin first") && held.contains("have come in and are not shown yet"), "with others of these days");
        assert_eq!(me.get(&trend).status, 404, "not on another page either");
        arrives(world, "Maria", "second", issued, Some("All is well with your iron."));
        assert!(me.get(&list).body.contains("Ferritin second"), "a clinician wrote about it");
        world.move_clock(world.state.clock.now().today + chrono::Days::new(6), 0);
        assert!(me.get(&list).body.contains("Ferritin first"));
        assert_eq!(me.get(&trend).status, 200);
    });
}

#[test]
fn nothing_is_told_before_it_is_shown() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let now = Utc::now();
        let news = |until| world.wait(server::jobs::news::once(&world.state, until)).expect("told");
        assert_eq!(news(now), 0);
        assert_eq!(choose(&me, &maria, "comment").status, 200);
        let before = letters(world, "maria@example.org").len();
        arrives(world, "Maria", "first", now, None);
        assert_eq!(news(Utc::now()), 0, "it waits");
        assert_eq!(news(Utc::now() + TimeDelta::days(4)), 0);
        assert_eq!(news(Utc::now() + TimeDelta::days(5) + TimeDelta::hours(1)), 1, "now it can be seen");
        assert_eq!(news(Utc::now() + TimeDelta::days(6)), 0, "once");
        let told = letters(world, "maria@example.org");
        assert_eq!(told.len(), before + 1);
        assert!(told.iter().all(|letter| !letter.text.contains("Ferritin")), "never what it is");
    });
}

/// A report of imaging with its text, at a visit of Maria's and at none.
fn report_arrives(world: &World, id: &str, encounter: Option<&str>) {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let now = world.state.clock.now().instant.to_rfc3339();
    let mut report = json!({"resourceType": "DiagnosticReport", "id": id, "status": "final",
        "subject": {"reference": format!("Patient/{}", world.reference("Maria"))},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
        "code": {"text": format!("Chest x-ray {id}")}, "effectiveDateTime": now, "issued": now, "conclusion": "A shadow on the left.",
        "presentedForm": [{"contentType": "text/plain", "data": BASE64_STANDARD.encode(format!("Shadow {id} in the lung."))},
            {"contentType": "application/pdf", "data": BASE64_STANDARD.encode("%PDF-1.7")}]});
    if let Some(encounter) = encounter {
        report["encounter"] = json!({ "reference": encounter });
    }
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{ "resource": report }]});
    let system = as_system(&world.state.db, "test");
    world.wait(server::fhir::import_bundle(&system, "test", bundle)).expect("imported");
}

#[test]
fn the_text_of_a_result_waits_with_it_wherever_it_stands() {
    on_every_engine(|world| {
        use app::record::{resource::entity::fhir_resource, visit::entity::visit};
        use sea_orm::EntityTrait;
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let visit = crate::every_server_fn::a_visit(world, "Maria");
        let encounter = world.wait(async {
            let row = visit::Entity::find_by_id(visit.parse::<uuid::Uuid>().expect("an id")).one(&world.state.connection).await;
            let id = row.expect("a query").expect("a visit").encounter_id.expect("an encounter");
            fhir_resource::Entity::find_by_id(id).one(&world.state.connection).await.expect("a query").expect("a resource").reference
        });
        let timing = [("patient", maria.as_str()), ("laboratory", "now"), ("imaging", "comment"), ("pathology", "now"), ("other", "now")];
        assert_eq!(me.call("results/choose-timing", &timing).status, 200);
        report_arrives(world, "one", Some(&encounter));
        report_arrives(world, "two", None);
        let pages = [
            format!("/p/{maria}/visits/{visit}/notes"),
            format!("/p/{maria}/health/documents"),
            format!("/p/{maria}/results"),
            format!("/p/{maria}/health/other"),
        ];
        for page in &pages {
            let body = me.get(page).body;
            assert!(!body.contains("Shadow") && !body.contains("Chest x-ray"), "{page}");
        }
        let correction = |kind: &str, id: &str| {
            let id = world.wait(async {
                use sea_orm::{ColumnTrait, QueryFilter};
                let query = fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq(format!("DiagnosticReport/{id}")));
                query.one(&world.state.connection).await.expect("a query").expect("a report").id
            });
            me.get(&format!("/p/{maria}/correction?about={kind}:{id}")).status
        };
        assert_eq!(correction("result", "one"), 404, "nor by the way around");
        assert_eq!(correction("item", "two"), 404, "nor as a file among the documents");
        world.move_clock(world.state.clock.now().today + chrono::Days::new(6), 0);
        let me = world.sign_in("maria");
        assert!(me.get(&pages[0]).body.contains("Shadow one") && me.get(&pages[1]).body.contains("Chest x-ray two"));
        assert_eq!((correction("result", "one"), correction("item", "two")), (200, 200));
    });
}

#[test]
fn nobody_is_told_of_what_they_cannot_see() {
    on_every_engine(|world| {
        let news = |until| world.wait(server::jobs::news::once(&world.state, until)).expect("told");
        assert_eq!(news(Utc::now()), 0);
        let arrives = |value: Value| {
            let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{ "resource": value }]});
            world.wait(server::fhir::import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
        };
        let condition = |id: &str, status: &str, label: Option<&str>| {
            let mut value = json!({"resourceType": "Condition", "id": id, "code": {"text": format!("Condition {id}")},
                "subject": {"reference": format!("Patient/{}", world.reference("Ernesto"))},
                "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": status}]}});
            if let Some(code) = label {
                value["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code}]});
            }
            value
        };
        let told = |who: &str| letters(world, who).len();
        let before = (told("ernesto@example.org"), told("maria@example.org"));
        arrives(condition("wrong", "entered-in-error", None));
        assert_eq!(news(Utc::now()), 0, "what was entered in error is no news");
        arrives(condition("sensitive", "confirmed", Some("PSY")));
        assert_eq!(news(Utc::now()), 1, "its owner, and not his daughter, who does not see it");
        assert_eq!((told("ernesto@example.org"), told("maria@example.org")), (before.0 + 1, before.1));
        arrives(condition("plain", "confirmed", None));
        assert_eq!(news(Utc::now()), 2);
    });
}

/// A laboratory's panel that was sampled days ago; its value says no category and no time of its own.
#[test]
fn values_wait_with_their_result() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        assert_eq!(choose(&me, &maria, "comment").status, 200);
        let subject = json!({"reference": format!("Patient/{}", world.reference("Maria"))});
        let sampled = (Utc::now() - TimeDelta::days(6)).to_rfc3339();
        let report = json!({"resourceType": "DiagnosticReport", "id": "culture", "status": "final", "subject": subject,
            "category": [{"coding": [{"code": "HM"}]}], "code": {"text": "Culture"}, "effectiveDateTime": sampled,
            "result": [{"reference": "Observation/growth"}]});
        let value = json!({"resourceType": "Observation", "id": "growth", "status": "final", "subject": subject,
            "code": {"text": "Growth", "coding": [{"system": "urn:test", "code": "growth"}]}, "valueQuantity": {"value": 3, "unit": "g"}});
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": report}, {"resource": value}]});
        world.wait(server::fhir::import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
        let trend = format!("/p/{maria}/results/trend?code=urn%3Atest%7Cgrowth");
        assert!(!me.get(&format!("/p/{maria}/results")).body.contains("Culture"), "its days are counted from today, not from the sampling");
        assert_eq!(me.get(&trend).status, 404, "neither is its value shown");
        assert_eq!(me.get_bytes(&format!("/files/trend/{maria}?code=urn%3Atest%7Cgrowth")).0, 404);
        world.move_clock(world.state.clock.now().today + chrono::Days::new(6), 0);
        assert!(me.get(&format!("/p/{maria}/results")).body.contains("Culture"));
        assert_eq!(me.get(&trend).status, 200);
    });
}
