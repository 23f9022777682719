//! Two records of one person from two sources, which the front desk joins and takes apart.

use app::{features::messages::entity::message_thread, people::patient, record::item::entity::health_item};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::{
    persons::{NORTH, SOUTH, account, allergy, chart, of, patient_of, person, taken},
    world::{Answer, Somebody, World, on_every_engine},
};

fn north() -> Value {
    person("1", "N-77", "Gerda", "Holm", "1949-02-11")
}

fn south(birth_date: &str) -> Value {
    person("1", "S-88", "Gerda", "Holm-Berg", birth_date)
}

fn allergies(world: &World, patient: &patient::Model) -> Vec<String> {
    let of_chart = health_item::Entity::find().filter(health_item::Column::PatientId.eq(patient.id));
    let names = of_chart.select_only().column(health_item::Column::Title).order_by_asc(health_item::Column::Title).into_tuple();
    world.wait(names.all(&world.state.connection)).expect("allergies")
}

fn join(who: &Somebody, kept: &patient::Model, other: &patient::Model, more: &[(&str, &str)]) -> Answer {
    let (kept, other) = (kept.id.to_string(), other.id.to_string());
    let both = [("patient", kept.as_str()), ("other", other.as_str())];
    who.call("staff/join-records", &[&both, more].concat())
}

#[test]
fn the_front_desk_joins_two_records_and_takes_them_apart() {
    on_every_engine(|world| {
        let system = app::access::as_system(&world.state.db, "test");
        taken(&system, NORTH, &[north(), allergy("1", "Latex", of("1"))]);
        taken(&system, SOUTH, &[south("1949-12-02"), allergy("1", "Egg", of("1"))]);
        let (kept, other) = (patient_of(&system, "N-77"), patient_of(&system, "S-88"));
        let id = account(&system, "gerda", &other);
        let desk = world.sign_in("priya");

        // Candidates stand beside the record, and what differs is marked.
        let page = format!("/staff/patients/{}/join", kept.id);
        let told = desk.get(&page).body;
        assert!(told.contains("S-88") && told.contains("February 11, 1949") && told.contains("December 2, 1949"), "{told}");
        assert!(!told.contains("N-77</p>"), "not beside itself: {told}");
        assert_eq!(world.sign_in("maria").get(&page).status, 404);

        let said: &[(&str, &str)] = &[("known_by", "Photo ID and both addresses"), ("differences_confirmed", "true")];
        assert_eq!(join(&world.sign_in("maria"), &kept, &other, said).body, "\"NotFound\"");
        assert_eq!(join(&world.nobody(), &kept, &other, said).body, "\"SignInNeeded\"");
        let silent = join(&desk, &kept, &other, &[]).body;
        assert!(silent.contains("known_by") && silent.contains("differences_confirmed"), "{silent}");
        assert!(join(&desk, &kept, &other, &said[..1]).body.contains("differences_confirmed"), "another birth date");
        assert!(join(&desk, &kept, &kept, said).body.contains("why_already_done"));
        assert_eq!((allergies(world, &kept), allergies(world, &other)), (vec!["Latex".into()], vec!["Egg".into()]), "nothing was done");

        let answer = join(&desk, &kept, &other, said);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(allergies(world, &kept), ["Egg", "Latex"]);
        assert_eq!((patient_of(&system, "S-88").merged_into, chart(&system, id)), (Some(kept.id), Some(kept.id)));
        let told = desk.get(&format!("/staff/patients/{}", other.id)).body;
        assert!(told.contains("N-77") && told.contains("Joined: S-88") && told.contains("Photo ID and both addresses"), "{told}");
        assert!(desk.get("/staff/patients?query=S-88").body.contains("N-77"));
        assert_eq!(join(&desk, &kept, &other, said).body, "\"NotFound\"", "it is joined");
        // What comes from either source goes into the one chart.
        taken(&system, SOUTH, &[south("1949-12-02"), allergy("2", "Soy", of("1"))]);
        assert_eq!(allergies(world, &kept), ["Egg", "Latex", "Soy"]);

        let joined = desk.get(&format!("/staff/patients/{}", kept.id)).body;
        let number = joined.split_once("id=\"separate-").expect("a form").1.split('"').next().expect("an id").to_owned();
        let patient = kept.id.to_string();
        let separate = |who: &Somebody, patient: &str, reason: &str| {
            who.call("staff/separate-records", &[("patient", patient), ("id", &number), ("reason", reason)])
        };
        assert_eq!(separate(&world.sign_in("maria"), &patient, "x").body, "\"NotFound\"");
        assert_eq!(separate(&desk, &world.patient("Lucas").to_string(), "Mistake").body, "\"NotFound\"", "by another chart");
        assert!(separate(&desk, &patient, " ").body.contains("reason"));
        assert_eq!(separate(&desk, &patient, "Another Gerda").status, 200);
        assert_eq!((allergies(world, &kept), allergies(world, &other)), (vec!["Latex".into()], vec!["Egg".into(), "Soy".into()]));
        assert_eq!((patient_of(&system, "S-88").merged_into, chart(&system, id)), (None, Some(other.id)));
        assert!(desk.get(&format!("/staff/patients/{}", kept.id)).body.contains("Another Gerda"));
        assert_eq!(separate(&desk, &patient, "Again").body, "\"NotFound\"");
        // The other way round.
        assert_eq!(join(&desk, &other, &kept, said).status, 200);
        assert_eq!(allergies(world, &other), ["Egg", "Latex", "Soy"]);
        assert_eq!(patient_of(&system, "N-77").merged_into, Some(other.id));
    });
}

#[test]
fn a_join_needs_no_confirmation_where_nothing_differs() {
    on_every_engine(|world| {
        let system = app::access::as_system(&world.state.db, "test");
        let half = |id: &str, number: &str| person(id, number, "Gerda", "Holm", "1949-02");
        taken(&system, NORTH, &[half("1", "N-77"), allergy("1", "Latex", of("1"))]);
        taken(&system, SOUTH, &[half("1", "S-88"), allergy("1", "Egg", of("1"))]);
        let (kept, other) = (patient_of(&system, "N-77"), patient_of(&system, "S-88"));
        let desk = world.sign_in("priya");
        let told = desk.get(&format!("/staff/patients/{}/join", kept.id)).body;
        assert!(told.contains("S-88") && told.contains("February 1949") && !told.contains("February 1, 1949"), "{told}");
        assert_eq!(join(&desk, &kept, &other, &[("known_by", "Seen both cards")]).status, 200);
        assert_eq!(allergies(world, &kept), ["Egg", "Latex"]);
    });
}

#[test]
fn taking_apart_gives_back_what_protects_and_what_was_written_meanwhile() {
    on_every_engine(|world| {
        let id_of = |name: &str| world.patient(name);
        let (desk, maria) = (world.sign_in("priya"), world.sign_in("maria"));
        let (emma, jayden, ernesto, sofia) = (id_of("Emma"), id_of("Jayden"), id_of("Ernesto"), id_of("Sofia"));
        let join = |kept: uuid::Uuid, other: uuid::Uuid| {
            let (kept, other) = (kept.to_string(), other.to_string());
            let said = [("patient", &*kept), ("other", &*other), ("known_by", "x"), ("differences_confirmed", "true")];
            let answer = desk.call("staff/join-records", &said);
            assert_eq!(answer.status, 200, "{}", answer.body);
        };
        let separate = |kept: uuid::Uuid| {
            let page = desk.get(&format!("/staff/patients/{kept}")).body;
            let id = page.split_once("id=\"separate-").expect("a form").1.split('"').next().expect("an id").to_owned();
            let answer = desk.call("staff/separate-records", &[("patient", &kept.to_string()), ("id", &id), ("reason", "Mistake")]);
            assert_eq!(answer.status, 200, "{}", answer.body);
        };
        // An emancipation that came along goes back, through a chain too.
        join(emma, jayden);
        separate(emma);
        assert_eq!(maria.get(&format!("/p/{emma}/visits")).status, 200, "the mother of a child of nine");
        join(ernesto, jayden);
        join(sofia, ernesto);
        separate(sofia);
        separate(ernesto);
        let emancipated = |id: uuid::Uuid| {
            let found = patient::Entity::find_by_id(id).one(&world.state.connection);
            world.wait(found).expect("a query").expect("a patient").emancipated_on.is_some()
        };
        assert_eq!([emma, jayden, ernesto, sofia].map(emancipated), [false, true, false, false]);

        // What an account began while its chart was elsewhere goes back with it.
        let harold = id_of("Harold");
        join(harold, sofia);
        let me = world.sign_in("sofia");
        let office = me.get(&format!("/p/{harold}/messages/new")).body;
        let to = office.split("<option value=\"office:").nth(1).expect("an office").split('"').next().expect("a key").to_owned();
        let key = uuid::Uuid::now_v7().to_string();
        let fields = [
            ("patient", harold.to_string()),
            ("sending_key", key),
            ("topic", "other".into()),
            ("to", format!("office:{to}")),
            ("subject", "While joined".into()),
            ("body", "Mine".into()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let sent = me.call("messages/send", &fields);
        assert_eq!(sent.status, 200, "{}", sent.body);
        separate(harold);
        assert!(me.get(&format!("/p/{sofia}/messages")).body.contains("While joined"));
        let left = message_thread::Entity::find().filter(message_thread::Column::PatientId.eq(harold)).all(&world.state.connection);
        assert!(world.wait(left).expect("threads").is_empty());
        let log = me.get(&format!("/p/{sofia}/access-log?who=staff")).body;
        assert!(log.matches("unió o separó").count() >= 4, "joined twice, taken apart twice: {log}");
    });
}
