//! Steps of the schema that rewrite what is stored.

use app::{
    desk::questionnaires::entity::{questionnaire, questionnaire_response},
    features::messages::entity::message,
    people::{name_part, patient},
    platform::entity::setting,
    record::{
        item::entity::health_item,
        prescription::entity::{dispense, prescription},
        resource::entity::arrival,
    },
};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};

use server::fhir::{ImportOptions, map_after_upgrade};

use crate::{
    import::import,
    world::{on_every_database, wait},
};

#[test]
fn names_that_were_stored_before_are_folded_as_new_ones() {
    on_every_database(|system| {
        let db = system.db();
        let names = [("José", "Núñez"), ("Sinéad", "O’Brien-Walsh"), ("Łukasz", "Weiß"), ("小雨", "李")];
        let people: Vec<Value> = (0..1100)
            .map(|number| {
                let (given, family) = names[number % names.len()];
                json!({"resourceType": "Patient", "id": format!("p{number}"), "birthDate": "1961-07-08",
                    "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "mrn", "value": format!("M-{number}")}],
                    "name": [{"given": [given], "family": family}]})
            })
            .collect();
        import(system, &people);
        let stored = || {
            wait(async {
                let people = patient::Entity::find().order_by_asc(patient::Column::Id).all(db).await.expect("patients");
                let parts = name_part::Entity::find().order_by_asc(name_part::Column::PatientId).order_by_asc(name_part::Column::Part);
                (people, parts.all(db).await.expect("parts"))
            })
        };
        let wanted = stored();
        assert_eq!(wanted.0.len(), people.len());
        for statement in [
            "DROP INDEX idx_patient_mrn_key",
            "ALTER TABLE patient DROP COLUMN mrn_key",
            "UPDATE patient SET search_name = lower(given_name)",
            "DELETE FROM patient_name_part",
            "DELETE FROM seaql_migrations WHERE version = 'm0033_folded_names'",
        ] {
            wait(db.execute_unprepared(statement)).expect(statement);
        }
        wait(Migrator::up(db, None)).expect("the step is taken again");
        assert!(stored() == wanted, "as the importer folds them");
    });
}

#[test]
fn what_came_in_before_an_upgrade_is_mapped_by_the_new_version() {
    on_every_database(|system| {
        let db = system.db();
        assert!(wait(setting::Entity::find_by_id("maps").one(db)).expect("a query").is_some(), "of an empty database nothing is due");
        let subject = json!({"reference": "Patient/one"});
        let medicine = json!({"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "979492"}], "text": "Losartan"});
        let mut resources = vec![
            json!({"resourceType": "Patient", "id": "one", "birthDate": "1961-07-08", "name": [{"given": ["Ana"], "family": "Núñez"}]}),
            json!({"resourceType": "Organization", "id": "house", "name": "Family Medicine"}),
            json!({"resourceType": "Practitioner", "id": "doctor", "name": [{"text": "Dr. Lee"}]}),
            json!({"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "Practitioner/doctor"},
                "organization": {"reference": "Organization/house"}}),
            json!({"resourceType": "MedicationDispense", "id": "given", "status": "completed", "subject": subject,
                "medicationCodeableConcept": medicine, "whenHandedOver": "2026-09-01T10:00:00Z", "daysSupply": {"value": 30},
                "authorizingPrescription": [{"reference": "MedicationRequest/m7"}]}),
            json!({"resourceType": "Questionnaire", "id": "asked", "url": "https://ehr.example/q", "status": "active", "title": "Falls",
                "_title": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": [
                    {"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "Caídas"}]}]},
                "item": [{"linkId": "1", "type": "boolean", "text": "Did you fall?"}]}),
            json!({"resourceType": "QuestionnaireResponse", "id": "said", "status": "amended", "questionnaire": "https://ehr.example/q",
                "subject": subject, "authored": "2026-09-01T10:00:00Z", "item": [{"linkId": "1", "text": "Did you fall?",
                "answer": [{"valueBoolean": true}]}]}),
        ];
        resources.extend((0..230).map(|number| {
            json!({"resourceType": "MedicationRequest", "id": format!("m{number}"), "status": "active", "intent": "order",
                "subject": subject, "medicationCodeableConcept": medicine, "authoredOn": "2026-09-01",
                "dispenseRequest": {"numberOfRepeatsAllowed": 3}})
        }));
        import(system, &resources);
        let stored = || {
            wait(async {
                let prescriptions = prescription::Entity::find().order_by_asc(prescription::Column::Id).all(db).await.expect("rows");
                let given = dispense::Entity::find().all(db).await.expect("rows");
                let items = health_item::Entity::find().order_by_asc(health_item::Column::Id).all(db).await.expect("rows");
                let asked = questionnaire::Entity::find().all(db).await.expect("rows");
                let said = questionnaire_response::Entity::find().all(db).await.expect("rows");
                (prescriptions, given, items, asked, said)
            })
        };
        let (wanted, news) = (stored(), wait(arrival::Entity::find().count(db)).expect("a count"));
        assert_eq!((wanted.0.len(), wanted.1.len()), (230, 1));
        assert!(wanted.3[0].title_es.as_deref() == Some("Caídas") && wanted.4[0].amended, "{:?}", wanted.4);
        // As it was before there were prescriptions, questionnaires in Spanish, and amended answers.
        for statement in [
            "DELETE FROM prescription",
            "DELETE FROM dispense",
            "UPDATE questionnaire SET title_es = NULL",
            "DELETE FROM questionnaire_response",
            "DELETE FROM setting WHERE name = 'maps'",
        ] {
            wait(db.execute_unprepared(statement)).expect(statement);
        }
        let steps = (0..100).take_while(|_| wait(map_after_upgrade(system, &ImportOptions::default())).expect("mapped")).count();
        assert_eq!(steps, 3, "in steps of a hundred");
        assert!(stored() == wanted, "as by an import");
        assert_eq!(wait(arrival::Entity::find().count(db)).expect("a count"), news, "nobody is told of it");
        assert!(!wait(map_after_upgrade(system, &ImportOptions::default())).expect("mapped"), "once");
        assert_eq!(wait(message::Entity::find().count(db)).expect("a count"), 0);
    });
}
