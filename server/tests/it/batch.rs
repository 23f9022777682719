//! Many questions in one statement: what each would find by itself, also with names that mean other things elsewhere.

use std::fmt::Debug;

use app::{
    desk::{
        billing::entity::{benefit, bill, guarantor},
        check_in::entity::{check_in_handover, check_in_office, check_in_step, visit_arrival},
        consents::entity::{consent_document, consent_signature},
        questionnaires::entity::{questionnaire, questionnaire_office, questionnaire_response},
        scheduling::entity::{booking, scheduling_office, visit_kind, visit_offer, working_hours},
        video::entity::{video_office, video_room},
    },
    features::{
        medications::entity::refill_request,
        messages::entity::{e_visit, message_thread},
    },
    people::{account, patient, proxy_grant},
    platform::batch::{Batch, Columns},
    record::{
        care_team::entity::{clinician, department},
        item::entity::health_item,
        note::entity::note,
        prescription::entity::prescription,
        result::entity::{measurement, test_result},
        summary::entity::summary_item,
        visit::entity::{visit, visit_clinician},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::world::{on_every_engine, wait};

fn sorted<M: Debug>(rows: Vec<M>) -> Vec<String> {
    let mut told: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    told.sort();
    told
}

/// Asks for all rows of these entities at once, and compares with each by itself.
macro_rules! all_of {
    ($db:expr, $($entity:ident),+ $(,)?) => {{
        let mut batch = Batch::default();
        $(let $entity = batch.ask($entity::Entity::find());)+
        let mut rows = batch.read($db).await.expect("one statement");
        let mut counts = Vec::new();
        $({
            let together = sorted(rows.take($entity).expect(stringify!($entity)));
            let alone = sorted($entity::Entity::find().all($db).await.expect("a query"));
            assert_eq!(together, alone, stringify!($entity));
            counts.push(alone.len());
        })+
        counts
    }};
}

#[test]
fn each_question_finds_what_it_would_find_by_itself() {
    on_every_engine(|world| {
        wait(async {
            let db = &world.state.connection;
            let found = all_of!(
                db,
                account,
                benefit,
                bill,
                booking,
                check_in_handover,
                check_in_office,
                check_in_step,
                clinician,
                consent_document,
                consent_signature,
                department,
                e_visit,
                guarantor,
                health_item,
                measurement,
                message_thread,
                note,
                patient,
                prescription,
                proxy_grant,
                questionnaire,
                questionnaire_office,
                questionnaire_response,
                refill_request,
                scheduling_office,
                summary_item,
                test_result,
                video_office,
                video_room,
                visit,
                visit_arrival,
                visit_clinician,
                visit_kind,
                visit_offer,
                working_hours,
            );
            assert!(found.iter().filter(|count| **count > 0).count() > 20, "rows of most of them: {found:?}");
        });
    });
}

#[derive(Debug, FromQueryResult)]
struct Medicine {
    id: Uuid,
    runs_out_on: Option<chrono::NaiveDate>,
    title: String,
}

#[test]
fn columns_of_what_is_joined_limits_and_nothing_at_all() {
    on_every_engine(|world| {
        wait(async {
            let db = &world.state.connection;
            let join = || {
                prescription::Entity::find().join(
                    JoinType::InnerJoin,
                    prescription::Entity::belongs_to(health_item::Entity).from(prescription::Column::Id).to(health_item::Column::Id).into(),
                )
            };
            let mut batch = Batch::default();
            let columns =
                Columns::default().of([prescription::Column::Id, prescription::Column::RunsOutOn]).of([health_item::Column::Title]);
            let medicines = batch.ask_columns::<_, Medicine>(join(), columns);
            let last = batch.ask(visit::Entity::find().order_by_desc(visit::Column::StartsAt).limit(3));
            let none = batch.ask(visit::Entity::find().filter(visit::Column::Id.eq(Uuid::nil())));
            let mut rows = batch.read(db).await.expect("one statement");
            let alone: Vec<(Uuid, Option<chrono::NaiveDate>, String)> = join()
                .select_only()
                .columns([prescription::Column::Id, prescription::Column::RunsOutOn])
                .column(health_item::Column::Title)
                .into_tuple()
                .all(db)
                .await
                .expect("a query");
            let together = rows.take(medicines).expect("medicines").into_iter().map(|row| (row.id, row.runs_out_on, row.title));
            assert!(!alone.is_empty());
            assert_eq!(sorted(together.collect::<Vec<_>>()), sorted(alone));
            let three = visit::Entity::find().order_by_desc(visit::Column::StartsAt).limit(3).all(db).await.expect("a query");
            assert_eq!(sorted(rows.take(last).expect("visits")), sorted(three));
            assert_eq!(rows.take(none).expect("nothing"), []);
            // Nothing asked is no statement.
            assert!(Batch::default().read(db).await.is_ok());
        });
    });
}
