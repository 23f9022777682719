//! Records that were joined, and joined otherwise later: charts, accounts and what was kept under them.

use app::people::patient;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    persons::{NORTH, account, allergy, chart, expect, import, link, new, of, old, patient_of, person, taken},
    world::{on_every_database, wait},
};

fn third() -> Value {
    person("third", "THIRD-1", "Greta", "Lindqvist", "1951-03-17")
}

fn in_use(mut person: Value, updated: &str) -> Value {
    person["active"] = json!(true);
    person["meta"] = json!({"lastUpdated": updated});
    person
}

fn three(system: &app::access::System) {
    taken(
        system,
        NORTH,
        &[old(), new(), third(), allergy("1", "Latex", of("old")), allergy("2", "Egg", of("new")), allergy("3", "Soy", of("third"))],
    );
}

#[test]
fn a_merge_into_the_wrong_record_that_is_corrected_leaves_nothing_there() {
    on_every_database(|system| {
        three(system);
        let id = account(system, "margarethe", &patient_of(system, "OLD-1"));
        taken(system, NORTH, &[link(old(), "replaced-by", "new", false)]);
        assert_eq!(chart(system, id), Some(patient_of(system, "NEW-1").id));
        let mut corrected = link(old(), "replaced-by", "third", false);
        corrected["meta"] = json!({"versionId": "2"});
        taken(system, NORTH, &[corrected]);
        expect(system, &[("Margaret", &["Egg"]), ("Greta", &["Latex", "Soy"])]);
        assert_eq!(chart(system, id), Some(patient_of(system, "THIRD-1").id), "not with the record that it was taken for");
    });
}

#[test]
fn of_a_chain_of_merges_each_link_is_undone_alone() {
    on_every_database(|system| {
        three(system);
        let before = patient_of(system, "OLD-1");
        let id = account(system, "margarethe", &before);
        taken(system, NORTH, &[link(old(), "replaced-by", "new", false)]);
        taken(system, NORTH, &[link(new(), "replaced-by", "third", false)]);
        expect(system, &[("Greta", &["Egg", "Latex", "Soy"])]);
        assert_eq!(chart(system, id), Some(patient_of(system, "THIRD-1").id));
        taken(system, NORTH, &[in_use(old(), "2026-11-20T08:00:00Z")]);
        expect(system, &[("Margarethe", &["Latex"]), ("Greta", &["Egg", "Soy"])]);
        assert_eq!(chart(system, id), Some(before.id));
    });
}

#[test]
fn something_else_that_comes_does_not_part_what_was_joined() {
    on_every_database(|system| {
        let mut waits = in_use(old(), "2026-11-01T08:00:00Z");
        waits["link"] = json!([{"type": "seealso", "other": {"reference": "Patient/later"}}]);
        taken(system, NORTH, &[waits, new(), allergy("1", "Latex", of("old"))]);
        let mut joined = link(new(), "replaces", "old", true);
        joined["meta"] = json!({"lastUpdated": "2026-11-02T08:00:00Z"});
        taken(system, NORTH, &[joined]);
        expect(system, &[("Margaret", &["Latex"])]);
        taken(system, NORTH, &[person("later", "LATER-1", "Karin", "Berg", "1990-01-01")]);
        expect(system, &[("Margaret", &["Latex"]), ("Karin", &[])]);
    });
}

#[test]
fn what_was_added_and_what_protects_a_minor_goes_with_the_chart() {
    on_every_database(|system| {
        three(system);
        let (before, into) = (patient_of(system, "OLD-1"), patient_of(system, "NEW-1"));
        let day = chrono::Utc::now().date_naive();
        let emancipated = patient::ActiveModel { emancipated_on: Set(Some(day)), ..Default::default() };
        wait(patient::Entity::update_many().set(emancipated).filter(patient::Column::Id.eq(before.id)).exec(system.db()))
            .expect("recorded");
        taken(system, NORTH, &[link(old(), "replaced-by", "new", false)]);
        assert_eq!(patient_of(system, "NEW-1").emancipated_on, Some(day));
        let charts = wait(patient::with_merged(into.id).into_tuple::<uuid::Uuid>().all(system.db())).expect("charts");
        assert_eq!(charts.len(), 2);
    });
}

#[test]
fn an_id_without_a_source_takes_nothing_from_anybody() {
    on_every_database(|system| {
        taken(system, "", &[old(), allergy("1", "Latex", of("old"))]);
        let refusal = import(system, "", &[person("other", "O-1", "Karin", "Berg", "1990-01-01"), allergy("1", "Peanut", of("other"))]);
        let refusal = refusal.err().expect("a refusal");
        assert_eq!(refusal.resource.as_deref(), Some("AllergyIntolerance/1"));
        assert!(refusal.reason.contains("OLD-1") && refusal.reason.contains("somebody else"), "{refusal}");
        let refusal = import(system, "", &[allergy("1", "Peanut", of("nobody-here"))]).err().expect("a refusal");
        assert!(refusal.reason.contains("OLD-1"), "{refusal}");
        expect(system, &[("Margarethe", &["Latex"])]);
    });
}

#[test]
fn the_same_file_without_its_source_takes_no_identifier_away() {
    on_every_database(|system| {
        taken(system, NORTH, &[old()]);
        let summary = taken(system, "", &[old()]);
        assert_eq!(summary.total().unchanged, 1);
        let by_number = json!({"type": "Patient", "identifier": {"system": "https://mrn.example", "value": "OLD-1"}});
        taken(system, NORTH, &[allergy("9", "Pollen", by_number)]);
        expect(system, &[("Margarethe", &["Pollen"])]);
    });
}

#[test]
fn what_neither_tells_the_time_of_is_what_came_last() {
    on_every_database(|system| {
        taken(system, NORTH, &[old(), allergy("1", "Latex", of("old"))]);
        taken(system, NORTH, &[allergy("1", "Peanut", of("old"))]);
        taken(system, NORTH, &[allergy("1", "Latex", of("old"))]);
        expect(system, &[("Margarethe", &["Latex"])]);
        // Where versions are dated, an earlier one changes nothing.
        let dated = |to: &str, at: &str| {
            let mut allergy = allergy("1", to, of("old"));
            allergy["meta"] = json!({"lastUpdated": at});
            allergy
        };
        taken(system, NORTH, &[dated("Egg", "2026-11-20T08:00:00Z")]);
        taken(system, NORTH, &[dated("Soy", "2026-11-19T08:00:00Z")]);
        expect(system, &[("Margarethe", &["Egg"])]);
    });
}

#[test]
fn a_death_that_one_record_tells_holds_for_the_person() {
    on_every_database(|system| {
        let mut died = link(old(), "replaced-by", "new", false);
        died["deceasedDateTime"] = json!("2026-11-20");
        taken(system, NORTH, &[died, new()]);
        let chart = patient_of(system, "NEW-1");
        assert!(chart.deceased && chart.access_until.is_some(), "silence is not life");
        let mut corrected = new();
        corrected["deceasedBoolean"] = json!(false);
        taken(system, NORTH, &[corrected]);
        assert!(!patient_of(system, "NEW-1").deceased, "the record that counts says otherwise");
    });
}

#[test]
fn a_file_without_a_source_that_fits_two_sources_is_refused() {
    on_every_database(|system| {
        taken(system, NORTH, &[old()]);
        taken(system, "https://south.example/fhir", &[old()]);
        let refusal = import(system, "", &[old()]).err().expect("a refusal");
        assert!(refusal.reason.contains("several sources") && refusal.reason.contains("--source"), "{refusal}");
    });
}
