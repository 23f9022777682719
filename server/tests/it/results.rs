//! Results as they are told: what stands in which, what is sensitive, whose range it is, what was said before.

use std::{fs, path::Path};

use app::{
    access::as_system,
    desk::requests::entity::request,
    record::result::entity::{measurement, test_result},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use server::fhir::{ImportOptions, import_bundle, import_bundle_from};
use uuid::Uuid;

use crate::{
    import::import,
    world::{Somebody, World, on_every_database, on_every_engine, wait},
};

fn person(sex: &str) -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"given": ["Ana"], "family": "Roe"}], "birthDate": "1980-02-29", "gender": sex})
}

/// A resource with other members; those that are null are left out.
fn with(mut resource: Value, more: &Value) -> Value {
    let members = resource.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    members.retain(|_, member| !member.is_null());
    resource
}

/// A value of the laboratory.
fn value(id: &str, name: &str, more: Value) -> Value {
    let value = json!({"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": "laboratory"}]}], "code": {"text": name}, "effectiveDateTime": "2026-03-01T10:00:00Z",
        "valueQuantity": {"value": 5, "unit": "g/L"}});
    with(value, &more)
}

fn references(ids: &[&str]) -> Vec<Value> {
    ids.iter().map(|id| json!({"reference": format!("Observation/{id}")})).collect()
}

fn report(members: &[&str], more: Value) -> Value {
    let report = json!({"resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": "LAB"}]}], "code": {"text": "Panel"}, "effectiveDateTime": "2026-03-01T10:00:00Z",
        "result": references(members)});
    with(report, &more)
}

/// An observation that only names others.
fn panel(id: &str, members: &[&str], more: Value) -> Value {
    let panel = value(id, &format!("Panel {id}"), json!({"valueQuantity": null, "hasMember": references(members)}));
    with(panel, &more)
}

fn psychiatric() -> Value {
    json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]})
}

fn values(system: &app::access::System) -> Vec<measurement::Model> {
    let mut found = wait(measurement::Entity::find().all(system.db())).expect("values");
    found.sort_by(|one, other| (&one.name, one.position).cmp(&(&other.name, other.position)));
    found
}

/// The titles of all results, in order.
fn titles(system: &app::access::System) -> Vec<String> {
    let mut found: Vec<String> =
        wait(test_result::Entity::find().all(system.db())).expect("results").into_iter().map(|row| row.title).collect();
    found.sort();
    found
}

#[test]
fn what_stands_in_a_sensitive_report_is_sensitive_whichever_came_first() {
    on_every_database(|system| {
        let all_sensitive = |when: &str| {
            let found = values(system);
            assert!(found.len() == 2 && found.iter().all(|value| value.sensitive), "{when}");
        };
        let (a, b) = (value("a", "A", json!({})), value("b", "B", json!({})));
        let sensitive = report(&["a", "b"], json!({"meta": psychiatric()}));
        import(system, &[person("male"), sensitive.clone(), a.clone(), b.clone()]);
        all_sensitive("together");
        wait(crate::import::clear(system));
        import(system, &[person("male"), a.clone(), b.clone()]);
        assert!(values(system).iter().all(|value| !value.sensitive));
        import(system, std::slice::from_ref(&sensitive));
        all_sensitive("values first");
        wait(crate::import::clear(system));
        import(system, &[person("male"), report(&["p1"], json!({})), panel("p1", &["a", "b"], json!({"meta": psychiatric()}))]);
        import(system, &[a, b]);
        all_sensitive("in a sensitive panel, before its values");
    });
}

#[test]
fn panels_in_panels_are_one_result_whichever_came_first() {
    on_every_database(|system| {
        // As laboratories send them: a panel without a patient, a value without a time.
        let outer = panel("p1", &["p2", "a"], json!({"subject": null}));
        let inner = panel("p2", &["b"], json!({}));
        let b = value("b", "B", json!({"effectiveDateTime": null}));
        let all = [report(&["p1"], json!({})), outer, inner.clone(), value("a", "A", json!({})), b.clone()];
        let check = |when: &str| {
            assert_eq!(titles(system), ["Panel"], "{when}");
            let found = values(system);
            let results: Vec<Option<Uuid>> = found.iter().map(|value| value.result_id).collect();
            assert!(found.len() == 2 && results[0].is_some() && results[0] == results[1], "{when}: {found:#?}");
        };
        import(system, &[person("male")]);
        import(system, &all);
        check("together");
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
            wait(crate::import::clear(system));
            import(system, &[person("male")]);
            for index in order {
                import(system, &all[index..=index]);
            }
            check(&format!("{order:?}"));
        }
        let found = wait(test_result::Entity::find().all(system.db())).expect("results");
        assert!(found[0].search_title.contains("panel p2"), "found by the name of a panel in it");
        // Without a report, the outermost panel is the result.
        wait(crate::import::clear(system));
        import(system, &[person("male"), inner, panel("p1", &["p2"], json!({})), b]);
        assert_eq!(titles(system), ["Panel p1"]);
        import(system, &[panel("p1", &[], json!({"note": [{"text": "See the other one."}]}))]);
        assert_eq!(titles(system), ["Panel p1", "Panel p2"], "who is named no more stands alone");
    });
}

#[test]
fn a_report_that_changes_leaves_no_value_behind() {
    on_every_database(|system| {
        let (a, b) = (value("a", "A", json!({})), value("b", "B", json!({})));
        import(system, &[person("male"), report(&["a", "b"], json!({})), a, b]);
        assert_eq!(titles(system), ["Panel"]);
        import(system, &[report(&["a"], json!({}))]);
        assert_eq!(titles(system), ["B", "Panel"], "a member less");
        import(system, &[report(&["a"], json!({"status": "preliminary"}))]);
        assert_eq!(titles(system), ["A", "B"], "final values of a report that is not");
        import(system, &[report(&["a", "b"], json!({"status": "amended"}))]);
        assert_eq!(titles(system), ["Panel"]);
    });
}

#[test]
fn a_value_keeps_its_report_when_something_else_that_it_waited_for_comes() {
    on_every_database(|system| {
        let a = value("a", "A", json!({"encounter": {"reference": "Encounter/e"}}));
        import(system, &[person("male"), report(&["a"], json!({})), a]);
        let since = values(system)[0].available_at;
        import(
            system,
            &[json!({"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"},
                "subject": {"reference": "Patient/p"}, "period": {"start": "2026-03-01T09:00:00Z"}})],
        );
        assert_eq!(titles(system), ["Panel"]);
        assert_eq!(values(system)[0].available_at, since, "nor is it new today");
    });
}

#[test]
fn a_report_says_what_it_concluded_before_and_gives_its_kind() {
    on_every_database(|system| {
        let a = value("a", "A", json!({"category": null}));
        let concludes = |status: &str, said: &str| report(&["a"], json!({"status": status, "conclusion": said}));
        import(system, &[person("male"), concludes("final", "All is well."), a]);
        assert_eq!(values(system)[0].kind, app::record::result::model::Kind::Laboratory);
        import(system, &[concludes("amended", "Please come again.")]);
        import(system, &[concludes("corrected", "Please come soon.")]);
        let found = wait(test_result::Entity::find().all(system.db())).expect("results");
        assert_eq!(found[0].conclusion.as_deref(), Some("Please come soon."));
        assert_eq!(found[0].conclusion_before.as_deref(), Some("All is well.\n\nPlease come again."));
    });
}

#[test]
fn nothing_of_a_value_is_lost_and_a_man_has_the_mens_range() {
    on_every_database(|system| {
        let quantity = |number: f64| json!({"value": number, "unit": "mmol/l", "system": "http://unitsofmeasure.org", "code": "mmol/L"});
        let parts = json!({"valueQuantity": null, "note": [{"text": "Looks fine."}],
            "component": [{"code": {"text": "One"}, "valueQuantity": quantity(1.0)}, {"code": {"text": "Two"}, "valueQuantity": quantity(2.0)}]});
        let absent = json!({"valueQuantity": null, "dataAbsentReason": {"text": "Clotted"}});
        let range = |sex: &str, low: f64, high: f64| json!({"appliesTo": [{"text": sex}], "low": {"value": low}, "high": {"value": high}});
        let ranged = json!({"referenceRange": [range("female", 12.0, 16.0), range("male", 13.5, 17.5)]});
        let said = json!({"valueQuantity": null, "note": [{"text": "See the report."}]});
        let on_a_day = json!({"effectiveDateTime": "2005-07-05"});
        import(
            system,
            &[
                person("male"),
                value("a", "Parts", parts),
                value("b", "Absent", absent),
                value("c", "Ranged", ranged),
                value("d", "Said", said),
            ],
        );
        import(system, &[value("e", "Zoned", on_a_day)]);
        let found = values(system);
        let told: Vec<_> =
            found.iter().map(|row| (row.name.as_str(), row.shown.as_str(), row.absent.as_deref(), row.comment.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("Absent", "", Some("Clotted"), None),
                ("One", "1.0", None, Some("Looks fine.")),
                ("Ranged", "5", None, None),
                ("Said", "", None, Some("See the report.")),
                ("Two", "2.0", None, None),
                ("Zoned", "5", None, None),
            ]
        );
        assert_eq!((found[1].unit.as_deref(), found[1].ucum.as_deref()), (Some("mmol/l"), Some("mmol/L")));
        assert_eq!((found[2].low, found[2].high), (Some(13.5), Some(17.5)));
        assert!(found[0].timed && !found[5].timed, "a day without a time");
    });
}

/// The panels of the HL7 specification, where they are at hand.
#[test]
fn panels_of_the_specification_are_one_result_each() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/fhir/hl7-r4-examples");
    if !folder.is_dir() {
        eprintln!("not here: {}", folder.display());
        return;
    }
    on_every_database(|system| {
        let mut patient = person("male");
        patient["id"] = json!("pat2");
        let take = |name: &str, bundle: Value| {
            let options = ImportOptions { source: Some("hl7".into()), ..ImportOptions::default() };
            wait(import_bundle_from(system, name, bundle, &options)).unwrap_or_else(|refusal| panic!("{refusal}"));
        };
        take("patient", patient);
        for name in ["Bundle-ghp.json", "Bundle-lipids.json"] {
            take(name, serde_json::from_str(&fs::read_to_string(folder.join(name)).expect("a file")).expect("JSON"));
        }
        let results = wait(test_result::Entity::find().all(system.db())).expect("results");
        assert_eq!(titles(system), ["General Health Profile", "Lipid Panel"]);
        let count = |title: &str| {
            let id = results.iter().find(|row| row.title == title).map(|row| row.id);
            values(system).iter().filter(|value| value.result_id == id).count()
        };
        assert_eq!((count("General Health Profile"), count("Lipid Panel")), (48, 4));
        let lipids = results.iter().find(|row| row.title == "Lipid Panel").expect("a panel");
        assert!(lipids.search_title.contains("ldl"));
    });
}

fn arrive(world: &World, given_name: &str, mut resources: Vec<Value>) {
    let subject = json!({"reference": format!("Patient/{}", world.reference(given_name))});
    resources.iter_mut().for_each(|resource| resource["subject"] = subject.clone());
    let entries: Vec<Value> = resources.into_iter().map(|resource| json!({"resource": resource})).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
}

/// A value in a chart that is followed over the years.
fn followed(id: &str, code: &str, year: i32, number: f64, unit: &str) -> Value {
    value(
        id,
        &format!("Followed {code}"),
        json!({"code": {"text": format!("Followed {code}"), "coding": [{"system": "urn:test", "code": code}]},
            "effectiveDateTime": format!("{year}-07-05"), "valueQuantity": {"value": number, "unit": unit}}),
    )
}

#[test]
fn lists_find_values_say_that_there_is_a_comment_and_have_an_end() {
    on_every_engine(|world| {
        let me = world.sign_in("maria");
        let base = format!("/p/{}/results", world.patient("Maria"));
        assert!(me.get(&format!("{base}?words=ldl")).body.contains("Lipid panel"), "by the name of a value");
        let last = me.get(&format!("{base}?page=18446744073709551615"));
        assert!(last.status == 200 && last.body.contains("No results match your search"));
        let commented = value("note", "Zinc", json!({"note": [{"text": "All is well."}], "effectiveDateTime": "2005-07-05"}));
        arrive(world, "Maria", vec![commented, value("bare", "Copper", json!({})), value("bare2", "Copper", json!({}))]);
        let list = me.get(&format!("{base}?words=zinc")).body;
        assert!(list.contains("with a comment") && !list.contains("none outside"), "{list}");
        let id = result(world, "Zinc").id;
        let page = me.get(&format!("{base}/{id}")).body;
        assert!(page.contains("Taken July 5, 2005<") || page.contains("Taken July 5, 2005\""), "no time that nobody said: {page}");
    });
}

fn result(world: &World, title: &str) -> test_result::Model {
    let all = world.wait(test_result::Entity::find().all(&world.state.connection)).expect("results");
    all.into_iter().find(|row| row.title == title).unwrap_or_else(|| panic!("{title} is a result"))
}

#[test]
fn a_trend_keeps_units_apart_and_says_whose_values_they_are() {
    on_every_engine(|world| {
        let me = world.sign_in("maria");
        let years = [(2020, 70.0, "kg"), (2021, 155.0, "lb"), (2022, 71.0, "kg"), (2023, 72.0, "kg"), (2024, 71.5, "kg")];
        let own = years.iter().map(|(year, number, unit)| followed(&format!("e{year}"), "weight", *year, *number, unit)).collect();
        arrive(world, "Emma", own);
        let trend = format!("/p/{}/results/trend", world.patient("Emma"));
        let page = me.get(&format!("{trend}?code=urn%3Atest%7Cweight")).body;
        assert!(page.contains("Emma’s own 3 earlier values: 70 to 72"), "{page}");
        assert!(page.contains("1 value in lb has a table of its own") && page.contains("Followed weight, in lb"));
        let others = ["one", "two", "three", "four"].map(|code| followed(&format!("e-{code}"), code, 2022, 50.0, "kg"));
        arrive(world, "Emma", others.to_vec());
        let with_all: String = ["one", "two", "three", "four"].iter().map(|code| format!("&with=urn%3Atest%7C{code}")).collect();
        let arguments = [("path", trend), ("query", format!("?code=urn%3Atest%7Cweight{with_all}"))];
        let page = me.call("pages/read", &arguments.each_ref().map(|(name, value)| (*name, value.as_str()))).body;
        assert!(page.contains("chart__line--3") && !page.contains("chart__line--4"), "three others at most");
        let head = ["Day", "Followed weight", "Followed one", "Followed two", "Followed three"];
        let head: String = head.iter().map(|cell| format!("<th scope=\\\"col\\\">{cell}</th>")).collect();
        assert!(page.contains(&head), "{page}");
    });
}

fn accepted(world: &World, who: &Somebody, patient: &str, about: &str, words: &str) {
    let asked = who.call("corrections/ask", &[("patient", patient), ("about", about), ("wrong", "Not mine")]);
    assert_eq!(asked.status, 200, "{}", asked.body);
    let id = world.wait(request::Entity::find().one(&world.state.connection)).expect("a query").expect("a request").id.to_string();
    let decided = world.sign_in("ruth").call("corrections/decide", &[("id", &id), ("decision", "accept"), ("words", words)]);
    assert_eq!(decided.status, 200, "{}", decided.body);
}

#[test]
fn what_was_added_to_a_vital_sign_stands_beside_it_everywhere() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let mut weight = followed("w", "weight", 2026, 170.0, "kg");
        weight["category"] = json!([{"coding": [{"code": "vital-signs"}]}]);
        arrive(world, "Maria", vec![weight]);
        let all = world.wait(measurement::Entity::find().all(&world.state.connection)).expect("values");
        let id = all.iter().find(|row| row.code == "urn:test|weight").expect("a value").resource_id;
        let about = format!("result:{id}");
        let pages = [format!("/p/{maria}/health/vitals"), format!("/p/{maria}/results/trend?code=urn%3Atest%7Cweight")];
        for page in &pages {
            assert!(me.get(page).body.contains(&format!("/correction?about={about}")), "{page} has the way to say that it is wrong");
        }
        accepted(world, &me, &maria, &about, "The scale showed 70 kg.");
        for page in &pages {
            assert!(me.get(page).body.contains("The scale showed 70 kg."), "{page}");
        }
    });
}

#[test]
fn an_amended_report_shows_what_it_said_and_who_changed_it() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let concludes = |status: &str, said: &str| {
            let more = json!({"category": [{"coding": [{"code": "RAD"}]}], "code": {"text": "X-ray of the left ear"}});
            with(report(&[], more), &json!({"status": status, "conclusion": said}))
        };
        arrive(world, "Maria", vec![concludes("final", "No finding.")]);
        arrive(world, "Maria", vec![concludes("amended", "A small shadow.")]);
        let page = me.get(&format!("/p/{maria}/results/{}", result(world, "X-ray of the left ear").id)).body;
        assert!(page.contains("A small shadow.") && page.contains("No finding."), "{page}");
        assert!(page.contains("Its source changed this result"), "no laboratory takes pictures");
        assert!(page.contains("both are shown"), "{page}");
        // Of what came amended, nothing is known that was said before.
        let more = json!({"id": "late", "category": [{"coding": [{"code": "RAD"}]}], "code": {"text": "X-ray of the right ear"}});
        arrive(world, "Maria", vec![with(report(&[], more), &json!({"status": "amended", "conclusion": "No finding."}))]);
        let page = me.get(&format!("/p/{maria}/results/{}", result(world, "X-ray of the right ear").id)).body;
        assert!(page.contains("did not come to this portal") && !page.contains("both are shown"), "{page}");
    });
}
