//! What must be whole or not at all, and what there is once however many ask at the same moment.

use app::{
    base::{end_reason::EndReason, ids::new_id},
    desk::requests::entity::request,
    people::{
        account, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
    record::annotation::{entity::amendment, model::Voice},
};
use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, SqlErr};

use crate::world::{World, on_every_engine};

fn run(world: &World, sql: &str) {
    world.wait(world.state.connection.execute_unprepared(sql)).expect(sql);
}

#[test]
fn papers_without_their_file_are_no_request() {
    on_every_engine(|world| {
        run(world, "ALTER TABLE attachment RENAME TO away");
        let (born, tanya) = (world.birth_date("Harold").to_string(), world.sign_in("maria"));
        let fields =
            [("given_name", "Harold"), ("family_name", "Kim"), ("birth_date", born.as_str()), ("kind", "guardianship"), ("until", "")];
        let sent = tanya.upload("family/bring-papers", &fields, "file", "papers.pdf", b"%PDF-1.7 a paper");
        assert!(sent.body.contains("Unexpected"), "{}", sent.body);
        assert_eq!(world.wait(request::Entity::find().count(&world.state.connection)).expect("a number"), 0);
        run(world, "ALTER TABLE away RENAME TO attachment");
        assert_eq!(tanya.upload("family/bring-papers", &fields, "file", "papers.pdf", b"%PDF-1.7 a paper").status, 200);
    });
}

#[test]
fn a_chapter_that_cannot_be_read_fails_the_whole() {
    on_every_engine(|world| {
        let (maria, me) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let (status, file) = maria.get_bytes(&format!("/files/pdf/{me}/notes"));
        assert!(status == 200 && file.starts_with(b"%PDF"));
        // A table that only the notes need.
        run(world, "ALTER TABLE amendment RENAME TO away");
        assert_eq!(maria.get_bytes(&format!("/files/pdf/{me}/notes")).0, 500);
        run(world, "ALTER TABLE away RENAME TO amendment");
        run(world, "ALTER TABLE summary_item RENAME TO elsewhere");
        assert_eq!(maria.get_bytes(&format!("/files/pdf/{me}/summaries")).0, 500);
    });
}

fn grant(account: uuid::Uuid, patient: uuid::Uuid, ended: bool) -> proxy_grant::ActiveModel {
    proxy_grant::ActiveModel {
        id: Set(new_id()),
        account_id: Set(account),
        patient_id: Set(patient),
        basis: Set(Basis::AdultAdult),
        relationship: Set(Relationship::Caregiver),
        level: Set(Some(AdultLevel::All)),
        hue: Set(1),
        created_at: Set(Utc::now()),
        ended_at: Set(ended.then(Utc::now)),
        end_reason: Set(ended.then_some(EndReason::Revoked)),
        ..Default::default()
    }
}

#[test]
fn an_account_has_one_open_access_to_a_chart() {
    on_every_engine(|world| {
        let db = &world.state.connection;
        let daniel = world.wait(account::Entity::find().filter(account::Column::Username.eq("daniel")).one(db)).expect("a query");
        let (daniel, patient) = (daniel.expect("Daniel").id, world.patient("Harold"));
        let insert = |row| world.wait(proxy_grant::Entity::insert(row).exec_without_returning(db));
        for ended in [true, false, true] {
            insert(grant(daniel, patient, ended)).expect("inserted");
        }
        let second = insert(grant(daniel, patient, false)).expect_err("a second open one");
        assert!(matches!(second.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))));
        // Given anew at the desk, the new one takes the place of the old one; at the same moment twice, one of them does.
        let priya = world.sign_in("priya");
        let (harold, fields) = (patient.to_string(), [("username", "daniel"), ("basis", "adult_adult"), ("level", "all")]);
        let arguments: Vec<(&str, &str)> = std::iter::once(("patient", harold.as_str())).chain(fields).collect();
        let answers: Vec<String> = std::thread::scope(|scope| {
            let both: Vec<_> = (0..4).map(|_| scope.spawn(|| priya.call("staff/record-access", &arguments).body)).collect();
            both.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(answers.iter().any(|body| body == "null"), "{answers:?}");
        assert!(answers.iter().all(|body| body == "null" || body.contains("family_why_has_access")), "{answers:?}");
        let open = proxy_grant::Entity::find()
            .filter(proxy_grant::Column::AccountId.eq(daniel))
            .filter(proxy_grant::Column::PatientId.eq(patient))
            .filter(proxy_grant::Column::EndedAt.is_null());
        assert_eq!(world.wait(open.count(db)).expect("a number"), 1);
    });
}

#[test]
fn a_disagreement_is_written_down_once() {
    on_every_engine(|world| {
        let (maria, me) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let page = maria.get(&format!("/p/{me}/health/conditions")).body;
        let about = page.split("/correction?about=").nth(1).expect("a place").split('"').next().expect("a place").replace("%3A", ":");
        assert_eq!(maria.call("corrections/ask", &[("patient", &me), ("about", &about), ("wrong", "I never had this")]).status, 200);
        let db = &world.state.connection;
        let row = world.wait(request::Entity::find().one(db)).expect("a query").expect("a request");
        let id = row.id.to_string();
        let declined = world.sign_in("ruth").call("corrections/decide", &[("id", &id), ("decision", "decline"), ("words", "It stands")]);
        assert_eq!(declined.status, 200);
        let arguments = [("patient", me.as_str()), ("id", id.as_str()), ("words", "I still never had it")];
        let answers: Vec<String> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(|| maria.call("corrections/disagree", &arguments).body)).collect();
            all.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(answers.iter().filter(|body| *body == "null").count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|body| body.contains("why_already_done")).count(), 3, "{answers:?}");
        let added = amendment::Entity::find().filter(amendment::Column::RequestId.eq(row.id));
        assert_eq!(world.wait(added.clone().count(db)).expect("a number"), 1);
        // The database holds it, whoever asks.
        let first = world.wait(added.one(db)).expect("a query").expect("an addition");
        let second = amendment::ActiveModel { id: Set(new_id()), voice: Set(Voice::Addendum), ..first.into() };
        let refused = world.wait(amendment::Entity::insert(second).exec_without_returning(db)).expect_err("a second one");
        assert!(matches!(refused.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))));
    });
}
