//! Visits, notes and summaries, as patients read them.

use app::{
    base::ids::new_id,
    record::{
        note::{
            entity::note,
            model::{Disclosure, Kind},
        },
        visit::{
            entity::visit,
            model::{Kind as VisitKind, Status},
        },
    },
};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    telling::arrive,
    world::{Somebody, World, on_every_engine},
};

fn list(somebody: &Somebody, patient: Uuid, filter: &[(&str, &str)]) -> Value {
    let patient = patient.to_string();
    let answer = somebody.call("visits/list", &[&[("patient", patient.as_str())][..], filter].concat());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn a_visit(patient: Uuid, title: &str) -> visit::ActiveModel {
    visit::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(patient),
        encounter_id: Set(Some(new_id())),
        appointment_id: Set(None),
        status: Set(Status::Finished),
        kind: Set(VisitKind::Office),
        title: Set(title.to_owned()),
        reason: Set(None),
        starts_at: Set(Some(Utc::now())),
        ends_at: Set(None),
        requested_at: Set(None),
        department_id: Set(None),
        cancel_reason: Set(None),
        patient_instruction: Set(None),
        named_clinicians: Set(None),
        join_url: Set(None),
        sensitive: Set(false),
    }
}

fn a_note(world: &World, given_name: &str, disclosure: Disclosure) -> note::Model {
    let find = note::Entity::find()
        .filter(note::Column::PatientId.eq(world.patient(given_name)))
        .filter(note::Column::Kind.eq(Kind::Note))
        .filter(note::Column::VisitId.is_not_null())
        .filter(note::Column::Disclosure.eq(disclosure));
    world.wait(find.one(&world.state.connection)).expect("a query").unwrap_or_else(|| panic!("{given_name} has a note {disclosure:?}"))
}

#[test]
fn the_words_of_the_hospital_stand_on_the_buttons() {
    on_every_engine(|world| {
        let page = world.sign_in("maria").get(&format!("/p/{}/visits", world.patient("Maria"))).body;
        for words in [
            "View After Visit Summary",
            "View notes",
            "Upcoming",
            "Past visits",
            "Before this visit",
            "Cancelled",
            "Requested",
            "Video visit",
        ] {
            assert!(page.contains(words), "{words}");
        }
        let spanish = world.sign_in("ernesto").get(&format!("/p/{}/visits", world.patient("Ernesto"))).body;
        assert!(spanish.contains("Ver notas") && spanish.contains("Ver resumen de la consulta"));
    });
}

#[test]
fn upcoming_is_soonest_first_and_past_is_latest_first() {
    on_every_engine(|world| {
        let found = list(&world.sign_in("maria"), world.patient("Maria"), &[]);
        let days = |name: &str| -> Vec<String> {
            found[name].as_array().expect("visits").iter().filter_map(|visit| visit["day"]["iso"].as_str()).map(str::to_owned).collect()
        };
        let (upcoming, past) = (days("upcoming"), days("past"));
        assert!(upcoming.len() >= 3 && past.len() == 20, "{} and {}", upcoming.len(), past.len());
        assert!(upcoming.is_sorted());
        assert!(past.iter().rev().is_sorted());
        let today = world.state.clock.now().today.to_string();
        assert!(upcoming.iter().all(|day| *day >= today));
    });
}

#[test]
fn a_visit_that_was_called_off_stands_where_it_was_until_its_time() {
    on_every_engine(|world| {
        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria"));
        let found = list(&maria, patient, &[]);
        let cancelled = |list: &str| {
            let visits = found[list].as_array().expect("visits").iter();
            visits.filter(|visit| visit["status"] == "cancelled").cloned().collect::<Vec<_>>()
        };
        let upcoming = cancelled("upcoming");
        assert_eq!(upcoming.len(), 1, "{found}");
        assert!(upcoming[0]["instruction"].is_null(), "nothing is to be prepared for it: {}", upcoming[0]);
        assert!(upcoming[0]["cancel_reason"].as_str().expect("why").contains("clinician is away"));
        assert!(cancelled("past").iter().all(|visit| !visit["cancel_reason"].as_str().unwrap_or_default().contains("clinician is away")));
    });
}

#[test]
fn a_visit_of_the_next_days_that_was_called_off_needs_its_person() {
    on_every_engine(|world| {
        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria"));
        let needs = || maria.call("home/needs-you", &[]).body;
        // At some hours, one of the household's own is within the next days.
        let before = needs().matches("CalledOff").count();
        let gone = visit::ActiveModel {
            status: Set(Status::Cancelled),
            starts_at: Set(Some(Utc::now() + TimeDelta::days(5))),
            ..a_visit(patient, "Allergy follow-up")
        };
        world.wait(visit::Entity::insert(gone).exec_without_returning(&world.state.connection)).expect("a visit");
        assert_eq!(needs().matches("CalledOff").count(), before + 1, "{}", needs());
        let home = maria.get("/home").body;
        assert!(home.contains("Allergy follow-up") && home.contains("This visit will not take place"), "{home}");
    });
}

#[test]
fn whoever_is_known_by_a_name_alone_was_seen_and_a_summary_of_nothing_is_not_offered() {
    on_every_engine(|world| {
        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria"));
        let encounter = |names: &[&str]| {
            let people: Vec<Value> = names.iter().map(|name| json!({"individual": {"display": name}})).collect();
            json!({"resourceType": "Encounter", "id": "named", "status": "finished", "class": {"code": "AMB"}, "type": [{"text": "Named visit"}],
                "period": {"start": "2026-10-03T07:30:00-04:00"}, "participant": people})
        };
        let found = || {
            let all = list(&maria, patient, &[("filter[year]", "2026")])["past"].as_array().expect("visits").clone();
            all.into_iter().find(|visit| visit["title"] == "Named visit").expect("the visit")
        };
        arrive(world, "Maria", vec![encounter(&["Dr. Ines Velez", "Tom Weber RN"])]);
        assert_eq!((found()["clinicians"].as_str(), &found()["has_summary"]), (Some("Dr. Ines Velez, Tom Weber RN"), &json!(false)));
        let id = found()["id"].as_str().expect("an id").to_owned();
        assert!(maria.get(&format!("/p/{patient}/visits/{id}/summary")).body.contains("Dr. Ines Velez"));
        arrive(world, "Maria", vec![encounter(&[])]);
        assert!(found()["clinicians"].is_null(), "a correction takes a name away");
        let line = json!({"resourceType": "Condition", "id": "why", "code": {"text": "Sprain of ankle"}, "encounter": {"reference": "Encounter/named"},
            "category": [{"coding": [{"code": "encounter-diagnosis"}]}]});
        arrive(world, "Maria", vec![line]);
        assert_eq!(found()["has_summary"], json!(true));
    });
}

#[test]
fn a_visit_of_somebody_else_holds_nothing_of_this_person() {
    on_every_engine(|world| {
        let (maria, sofia) = (world.sign_in("maria"), world.sign_in("sofia"));
        let encounter = json!({"resourceType": "Encounter", "id": "theirs", "status": "finished", "class": {"code": "AMB"},
            "type": [{"text": "Their visit"}], "period": {"start": "2026-10-03T07:30:00-04:00"}});
        arrive(world, "Sofia", vec![encounter]);
        let note = json!({"resourceType": "DocumentReference", "id": "mine", "status": "current", "type": {"text": "Progress note"},
            "date": "2026-10-06T11:00:00-04:00", "context": {"encounter": [{"reference": "Encounter/theirs"}]},
            "content": [{"attachment": {"contentType": "text/plain", "data": "V2Fsa3Mgd2VsbC4="}}]});
        let problem = json!({"resourceType": "Condition", "id": "why", "code": {"text": "Sprain of ankle"},
            "encounter": {"reference": "Encounter/theirs"}, "category": [{"coding": [{"code": "encounter-diagnosis"}]}]});
        arrive(world, "Maria", vec![note, problem]);
        let all = list(&sofia, world.patient("Sofia"), &[])["past"].as_array().expect("visits").clone();
        let visit = all.into_iter().find(|visit| visit["title"] == "Their visit").expect("the visit");
        assert_eq!((&visit["has_notes"], &visit["has_summary"]), (&json!(false), &json!(false)), "{visit}");
        let documents = maria.get(&format!("/p/{}/health/documents", world.patient("Maria"))).body;
        assert!(documents.contains("Progress note"), "{documents}");
    });
}

#[test]
fn an_appointment_that_the_patient_declined_is_off() {
    on_every_engine(|world| {
        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria"));
        let person = json!({"reference": format!("Patient/{}", world.reference("Maria"))});
        let appointment = json!({"resourceType": "Appointment", "id": "no", "status": "booked", "serviceType": [{"text": "Declined visit"}],
            "start": (Utc::now() + TimeDelta::days(40)).to_rfc3339(), "end": (Utc::now() + TimeDelta::days(41)).to_rfc3339(),
            "participant": [{"actor": person, "status": "declined"}]});
        arrive(world, "Maria", vec![appointment]);
        let all = list(&maria, patient, &[])["upcoming"].as_array().expect("visits").clone();
        let visit = all.into_iter().find(|visit| visit["title"] == "Declined visit").expect("the visit");
        assert_eq!(visit["status"], "cancelled");
    });
}

#[test]
fn the_visit_and_the_help_say_the_same_of_how_a_video_visit_begins() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let (visits, help) = (maria.get(&format!("/p/{}/visits", world.patient("Maria"))).body, maria.get("/help/virtual-visits").body);
        assert!(visits.contains("Join from this page") && help.contains("a button to join"), "{visits}");
        for page in [&visits, &help] {
            assert!(!page.contains("sends you the link") && !page.contains("sends the link"), "{page}");
        }
    });
}

#[test]
fn a_visit_moves_to_the_past_when_it_is_over() {
    on_every_engine(|world| {
        let emma = world.patient("Emma");
        let maria = world.sign_in("maria");
        let before = list(&maria, emma, &[])["upcoming"].as_array().expect("visits").len();
        assert!(before > 0);
        world.state.clock.move_to(Some(Utc::now() + TimeDelta::days(300)));
        assert_eq!(list(&maria, emma, &[])["upcoming"].as_array().expect("visits").len(), 0);
    });
}

#[test]
fn hundreds_of_visits_come_in_pages_and_filters_count_right() {
    on_every_engine(|world| {
        let patient = world.patient("Harold");
        let grace = world.sign_in("grace");
        let before = list(&grace, patient, &[])["total"].as_u64().expect("a number");
        let rows = (0..300).map(|index| visit::ActiveModel {
            starts_at: Set(Some(Utc::now() - TimeDelta::days(4000 + index))),
            sensitive: Set(index % 3 == 0),
            ..a_visit(patient, &format!("Visit {index}"))
        });
        world.wait(visit::Entity::insert_many(rows).exec_without_returning(&world.state.connection)).expect("visits");
        // Grace sees no sensitive visits: a third of them does not even count.
        let all = list(&grace, patient, &[]);
        assert_eq!(all["total"].as_u64(), Some(before + 200));
        let pages = all["pages"].as_u64().expect("a number");
        assert_eq!(pages, (before + 200).div_ceil(20));
        let mut seen = std::collections::BTreeSet::new();
        for page in 1..=pages {
            let found = list(&grace, patient, &[("filter[page]", &page.to_string())]);
            seen.extend(found["past"].as_array().expect("visits").iter().map(|visit| visit["id"].to_string()));
        }
        assert_eq!(seen.len() as u64, before + 200, "no visit twice, none left out");
        let year = all["choices"]["years"].as_array().expect("years").last().expect("a year").to_string();
        let filtered = list(&grace, patient, &[("filter[year]", &year)]);
        assert!(filtered["past"].as_array().expect("visits").iter().all(|visit| visit["day"]["below"] == year.as_str()));
        assert!(filtered["total"].as_u64() < Some(before + 200));
        let nobody = list(&grace, patient, &[("filter[clinician]", &new_id().to_string())]);
        assert_eq!(nobody["total"], 0);
        let page = grace.get(&format!("/p/{patient}/visits?page=2"));
        assert!(page.body.contains("rel=\"prev\"") && page.body.contains("rel=\"next\""), "pages without JavaScript");
    });
}

#[test]
fn a_note_that_was_kept_back_says_so_and_no_more() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let patient = world.patient("Maria").to_string();
        for (disclosure, words) in
            [(Disclosure::KeptBack, "Your clinician kept this note back"), (Disclosure::Unsigned, "This note is not signed yet")]
        {
            let kept = a_note(world, "Maria", disclosure);
            let visit = kept.visit_id.expect("a visit").to_string();
            let page = maria.get(&format!("/p/{patient}/visits/{visit}/notes"));
            assert_eq!(page.status, 200);
            assert!(page.body.contains(words), "{disclosure:?}");
            assert!(kept.body.is_empty(), "its words are not in the table that pages read");
        }
    });
}

#[test]
fn a_note_that_is_withheld_for_privacy_does_not_exist() {
    on_every_engine(|world| {
        let hidden = a_note(world, "Maria", Disclosure::Hidden);
        let visit = hidden.visit_id.expect("a visit");
        let maria = world.sign_in("maria");
        let patient = world.patient("Maria");
        let notes = maria.call("notes/read", &[("patient", &patient.to_string()), ("visit", &visit.to_string())]);
        assert!(!notes.body.contains("KeptBack"), "{}", notes.body);
        assert!(!notes.body.contains(&hidden.title) || notes.status == 200);
    });
}

#[test]
fn an_addendum_follows_its_note_and_a_note_told_twice_is_shown_once() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let patient = world.patient("Maria");
        let find = note::Entity::find().filter(note::Column::PatientId.eq(patient)).filter(note::Column::AddendumTo.is_not_null());
        let addendum = world.wait(find.one(&world.state.connection)).expect("a query").expect("an addendum");
        let read = |visit: Uuid| maria.call("notes/read", &[("patient", &patient.to_string()), ("visit", &visit.to_string())]).json();
        let notes = read(addendum.visit_id.expect("a visit"));
        let notes = notes["notes"].as_array().expect("notes");
        let place = notes.iter().position(|note| note["is_addendum"] == true).expect("the addendum");
        assert!(place > 0 && notes[place - 1]["is_addendum"] == false);
        let all = world.wait(note::Entity::find().filter(note::Column::PatientId.eq(patient)).all(&world.state.connection)).expect("notes");
        let twice = all
            .iter()
            .find(|one| {
                one.disclosure == Disclosure::Shown
                    && all
                        .iter()
                        .any(|other| other.id != one.id && other.visit_id == one.visit_id && other.content_hash == one.content_hash)
            })
            .expect("a note that came as two resources");
        let visit = twice.visit_id.expect("a visit");
        let rows = all
            .iter()
            .filter(|note| note.visit_id == Some(visit) && note.kind == Kind::Note && note.disclosure == Disclosure::Shown)
            .count();
        assert!(read(visit)["notes"].as_array().expect("notes").len() < rows);
    });
}

#[test]
fn a_summary_says_what_changes_and_what_to_do() {
    use app::record::summary::{entity::summary_item, model::Section};
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for section in Section::ALL {
            let items =
                world.wait(summary_item::Entity::find().filter(summary_item::Column::Section.eq(*section)).all(&world.state.connection));
            let items = items.expect("a query");
            assert!(!items.is_empty() || *section == Section::Instruction, "the household has {section:?}");
        }
        let emma = world.patient("Emma");
        let find = summary_item::Entity::find()
            .filter(summary_item::Column::PatientId.eq(emma))
            .filter(summary_item::Column::Section.eq(Section::MedicineStart));
        let medicine = world.wait(find.one(&world.state.connection)).expect("a query").expect("a medicine");
        let page = maria.get(&format!("/p/{emma}/visits/{}/summary", medicine.visit_id));
        assert_eq!(page.status, 200);
        for words in ["After Visit Summary", "Start taking", "What to do next", "Who you saw", &medicine.text] {
            assert!(page.body.contains(words), "{words}");
        }
    });
}
