//! How many statements a page costs: each is a way to the database and back, so that their number is held.

use app::{
    people::{
        account, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
    record::note::{
        entity::note,
        model::{Disclosure, Kind},
    },
};
use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    every_server_fn::PAGES,
    sharing::code,
    world::{Somebody, World, on_every_engine},
};

/// Who is asking, what is shown with how far check-ins are, and the rows of the audit log.
const MOST_OF_A_CHART_PAGE: usize = 6;
/// Of somebody whose visit by video is about to begin: with how far the check-in is, and whether it can be joined.
const MOST_OF_HOME: usize = 8;

/// What a page asks of the database when its reader has just had another one.
fn statements(world: &World, reader: &Somebody<'_>, path: &str) -> Vec<String> {
    assert_eq!(reader.get(path).status, 200, "{path}");
    world.statements.lock().expect("no panic").clear();
    assert_eq!(reader.get(path).status, 200, "{path}");
    std::mem::take(&mut *world.statements.lock().expect("no panic"))
}

fn told(asked: &[String]) -> String {
    asked.join("\n")
}

fn a_visit_with_notes(world: &World, given_name: &str) -> Uuid {
    let find = note::Entity::find()
        .filter(note::Column::PatientId.eq(world.patient(given_name)))
        .filter(note::Column::VisitId.is_not_null())
        .filter(note::Column::Kind.eq(Kind::Note))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("a note").visit_id.expect("of a visit")
}

/// Lets an account act for a patient.
fn give(world: &World, username: &str, patient: Uuid) {
    world.wait(async {
        let db = &world.state.connection;
        let holder = account::Entity::find().filter(account::Column::Username.eq(username)).one(db).await.expect("a query");
        let row = proxy_grant::ActiveModel {
            id: Set(Uuid::now_v7()),
            account_id: Set(holder.expect("an account").id),
            patient_id: Set(patient),
            basis: Set(Basis::AdultAdult),
            relationship: Set(Relationship::Caregiver),
            level: Set(Some(AdultLevel::AllButSensitive)),
            hue: Set(3),
            created_at: Set(Utc::now()),
            ..Default::default()
        };
        proxy_grant::Entity::insert(row).exec_without_returning(db).await.expect("a grant");
    });
}

#[test]
fn home_costs_the_same_for_one_person_and_for_many() {
    on_every_engine(|world| {
        let sofia = world.sign_in("sofia");
        let one = statements(world, &sofia, "/home");
        assert!(one.len() <= MOST_OF_HOME, "{}:\n{}", one.len(), told(&one));
        for name in ["Maria", "Ernesto", "Emma", "Lucas", "Harold", "Noah", "Olivia"] {
            give(world, "sofia", world.patient(name));
        }
        let many = statements(world, &sofia, "/home");
        assert!(sofia.get("/home").body.contains("Ernesto"), "there are many people by now");
        assert!(many.len() <= one.len(), "one:\n{}\n\nmany:\n{}", told(&one), told(&many));
    });
}

#[test]
fn a_shared_record_asks_for_its_sharer_and_its_visits_once() {
    on_every_engine(|world| {
        let (maria, patient) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let code = code(&maria, &patient, &["visits", "summaries", "notes"]);
        let opened =
            world.nobody().call("portable/enter", &[("share_code", &code), ("birth_date", &world.birth_date("Maria").to_string())]);
        let reader = world.nobody().with_cookies_of(&opened);
        let asked = statements(world, &reader, "/shared/record");
        let times = |part: &str| asked.iter().filter(|sql| sql.contains(part)).count();
        assert_eq!(times("account_session s ON FALSE"), 1, "whoever shares it:\n{}", told(&asked));
        assert_eq!(times("\"visit\".\"starts_at\" IS NOT NULL"), 1, "the visits:\n{}", told(&asked));
    });
}

#[test]
fn a_chart_page_costs_a_handful_of_statements() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for name in ["Maria", "Emma"] {
            let (patient, visit) = (world.patient(name), a_visit_with_notes(world, name));
            let pages = [
                "/visits".to_owned(),
                "/visits?page=2".to_owned(),
                format!("/visits/{visit}/notes"),
                format!("/visits/{visit}/summary"),
                "/health".to_owned(),
                "/results".to_owned(),
                "/personal-information".to_owned(),
            ];
            for page in pages {
                let asked = statements(world, &maria, &format!("/p/{patient}{page}"));
                assert!(asked.len() <= MOST_OF_A_CHART_PAGE, "{name}{page}: {}\n{}", asked.len(), told(&asked));
            }
        }
    });
}

#[test]
fn no_page_of_a_chart_asks_more() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let (patient, visit) = (world.patient("Maria").to_string(), a_visit_with_notes(world, "Maria").to_string());
        let (mut faults, mut opened) = (Vec::new(), 0);
        for (page, _) in PAGES.iter().filter(|(page, _)| page.starts_with("/p/{p}/")) {
            let path = page.replace("{p}", &patient).replace("{v}", &visit);
            if maria.get(&path).status != 200 {
                continue;
            }
            let asked = statements(world, &maria, &path);
            opened += 1;
            if asked.len() > MOST_OF_A_CHART_PAGE {
                faults.push(format!("{page}: {}\n{}", asked.len(), told(&asked)));
            }
        }
        assert!(opened > 35, "{opened} pages");
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    });
}

#[test]
fn the_bills_of_several_accounts_are_asked_for_at_once() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let accounts = maria.get("/billing").body.matches("/history\"").count();
        assert!(accounts > 1, "{accounts} accounts");
        let asked = statements(world, &maria, "/billing");
        assert!(asked.len() <= MOST_OF_A_CHART_PAGE, "{}:\n{}", asked.len(), told(&asked));
    });
}
