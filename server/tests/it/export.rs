//! An export holds what came in about a person, and nothing of another one. Drafts say that they are drafts.

use app::record::note::{entity::note, model::Disclosure};
use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::export_patient;

use crate::{
    import::import,
    world::{on_every_database, on_every_engine, wait},
};

fn person(id: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "name": [{"given": ["Ana"], "family": "Roe"}], "birthDate": "1980-02-29"})
}

fn seen_by(id: &str, patient: &str, practitioner: &str) -> Value {
    json!({"resourceType": "Encounter", "id": id, "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": format!("Patient/{patient}")}, "period": {"start": "2026-05-01T10:05:00Z"},
        "participant": [{"individual": {"reference": format!("Practitioner/{practitioner}")}}]})
}

#[test]
fn what_speaks_of_a_record_is_exported_with_it() {
    on_every_database(|system| {
        let practitioner = |id: &str| json!({"resourceType": "Practitioner", "id": id, "name": [{"given": ["Susan"], "family": "Hale"}]});
        let role = |id: &str, of: &str| {
            json!({"resourceType": "PractitionerRole", "id": id, "practitioner": {"reference": format!("Practitioner/{of}")},
                "organization": {"reference": "Organization/o"}, "specialty": [{"text": "Cardiology"}]})
        };
        let provenance = |id: &str, targets: &[&str], who: &str| {
            let targets: Vec<Value> = targets.iter().map(|target| json!({"reference": target})).collect();
            json!({"resourceType": "Provenance", "id": id, "target": targets, "recorded": "2026-05-01T10:05:00Z",
                "agent": [{"who": {"reference": format!("Practitioner/{who}")}}]})
        };
        let own = [
            person("p"),
            practitioner("d"),
            json!({"resourceType": "Organization", "id": "o", "name": "House"}),
            seen_by("e", "p", "d"),
            role("r", "d"),
            provenance("v", &["Patient/p", "Encounter/e"], "writer"),
            // Whom only the Provenance names, and whose role only that leads to.
            practitioner("writer"),
            role("r2", "writer"),
        ];
        let others = [
            person("q"),
            practitioner("x"),
            seen_by("f", "q", "x"),
            role("r3", "x"),
            provenance("w", &["Encounter/f"], "d"),
            // Of two people at once: it would tell each of the other.
            provenance("both", &["Encounter/e", "Encounter/f"], "d"),
        ];
        import(system, &[&own[..], &others[..]].concat());
        let mut out = Vec::new();
        let count = wait(export_patient(system, None, "Patient/p", &mut out)).expect("an export");
        let exported: Value = serde_json::from_slice(&out).expect("a bundle");
        let entries = exported["entry"].as_array().expect("entries").iter();
        let mut found: Vec<String> = entries.map(|entry| entry["resource"].to_string()).collect();
        let mut wanted: Vec<String> = own.iter().map(Value::to_string).collect();
        found.sort();
        wanted.sort();
        assert_eq!((count, found), (own.len(), wanted));
    });
}

#[test]
fn a_note_says_that_it_was_signed_when_it_was() {
    on_every_engine(|world| {
        let written = |id: &str, status: Option<&str>, more: Value| {
            let mut note = json!({"resourceType": "DocumentReference", "id": id, "status": "current", "type": {"text": id},
                "subject": {"reference": format!("Patient/{}", world.reference("Maria"))},
                "context": {"encounter": [{"reference": "Encounter/signed"}], "period": {"end": "2026-03-03T12:00:00Z"}},
                "content": [{"attachment": {"contentType": "text/plain", "data": BASE64_STANDARD.encode(format!("Words of {id}."))}}]});
            note["docStatus"] = json!(status);
            note.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            note.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
            note
        };
        let mut visit = seen_by("signed", &world.reference("Maria"), "d");
        visit["participant"] = json!([]);
        let date = json!({"date": "2026-02-02T12:00:00Z"});
        let mut kept = written("Kept", Some("preliminary"), date.clone());
        kept["securityLabel"] = json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPAT"}]}]);
        let system = app::access::as_system(&world.state.db, "test");
        let resources = [
            visit,
            written("Final", Some("final"), date.clone()),
            written("Draft", Some("preliminary"), date),
            written("Undated", Some("final"), json!({})),
            kept,
        ];
        import(&system, &resources);
        let notes = world.wait(note::Entity::find().all(&world.state.connection)).expect("notes");
        let visit = notes.iter().find(|note| note.title == "Final").and_then(|note| note.visit_id).expect("a visit").to_string();
        let maria = world.sign_in("maria");
        let answer = maria.call("notes/read", &[("patient", &world.patient("Maria").to_string()), ("visit", &visit)]).json();
        let signed = |title: &str| {
            let notes = answer["notes"].as_array().expect("notes");
            notes.iter().find(|note| note["title"] == title).unwrap_or_else(|| panic!("{title}: {answer}"))["signed"].clone()
        };
        assert_eq!(signed("Final"), "February 2, 2026, 7:00\u{a0}am");
        assert_eq!(signed("Draft"), Value::Null, "not signed yet");
        assert_eq!(signed("Kept"), Value::Null, "kept back, and a draft");
        assert_eq!(signed("Undated"), Value::Null, "the end of the visit is no signature");
        let page = maria.get(&format!("/p/{}/visits/{visit}/notes", world.patient("Maria"))).body;
        assert_eq!(page.matches("Signed on").count(), 1, "{page}");
        assert!(notes.iter().any(|note| note.title == "Draft" && note.disclosure == Disclosure::Unsigned && note.body.is_empty()));
    });
}

#[test]
fn texts_are_read_in_their_encoding_and_addenda_stand_with_their_originals() {
    on_every_engine(|world| {
        let subject = json!({"reference": format!("Patient/{}", world.reference("Maria"))});
        let note = |id: &str, kind: &str, bytes: &[u8], more: Value| {
            let mut note = json!({"resourceType": "DocumentReference", "id": id, "status": "current", "type": {"text": format!("Title {id}")},
                "subject": subject, "date": "2026-10-01T11:00:00-04:00",
                "content": [{"attachment": {"contentType": kind, "data": BASE64_STANDARD.encode(bytes)}}]});
            note.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            note
        };
        let appends = |id: &str| json!({"relatesTo": [{"code": "appends", "target": {"reference": format!("DocumentReference/{id}")}}]});
        let mut visit = seen_by("with-note", &world.reference("Maria"), "d");
        visit["participant"] = json!([]);
        let in_visit = json!({"context": {"encounter": [{"reference": "Encounter/with-note"}]}});
        let system = app::access::as_system(&world.state.db, "test");
        let mut odd = note("nul", "text/plain", b"Take 1\x00 tablet\x07.", json!({}));
        odd["type"]["text"] = json!("Odd\u{0} title");
        import(
            &system,
            &[
                visit,
                odd,
                note("windows", "text/plain; charset=windows-1252", b"1\x962 tablets \x93daily\x94 for 20 \x80", json!({})),
                note("wide", "text/plain", &"Kurz – gut.".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), json!({})),
                note("early", "text/plain", b"Addendum: the left knee.", appends("late")),
                note("second", "text/plain", b"Addendum: both knees.", appends("early")),
                note("visit-addendum", "text/plain", b"Addendum: the right elbow.", appends("in-visit")),
                note("in-visit", "text/plain", b"The elbow is swollen.", in_visit),
            ],
        );
        import(&system, &[note("late", "text/plain", b"The knee is swollen.", json!({}))]);

        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria"));
        let stored = |title: &str| {
            let found = note::Entity::find().filter(note::Column::Title.eq(title)).one(&world.state.connection);
            world.wait(found).expect("a query").unwrap_or_else(|| panic!("{title}"))
        };
        let read = |title: &str| maria.get(&format!("/p/{patient}/health/documents/{}", stored(title).id)).body;
        assert!(read("Title windows").contains("1–2 tablets “daily” for 20 €"));
        assert!(read("Title wide").contains("Kurz – gut."));
        assert!(read("Odd title").contains("Take 1 tablet."));

        let original = read("Title late");
        let places = ["The knee is swollen.", "the left knee", "both knees"].map(|words| original.find(words));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {original}");
        let list = maria.get(&format!("/p/{patient}/health/documents")).body;
        assert!(list.contains("Title late") && list.contains("With an addendum"), "{list}");
        assert!(!list.contains("Title early") && !list.contains("Title visit-addendum"), "{list}");

        let visit = stored("Title in-visit").visit_id.expect("a visit");
        let notes = maria.call("notes/read", &[("patient", &patient.to_string()), ("visit", &visit.to_string())]).json();
        let titles: Vec<&str> = notes["notes"].as_array().expect("notes").iter().filter_map(|note| note["title"].as_str()).collect();
        assert_eq!(titles, ["Title in-visit", "Title visit-addendum"]);
    });
}
