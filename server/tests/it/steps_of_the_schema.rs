//! Steps of the schema that rewrite what is stored.

use app::people::{name_part, patient};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};

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
