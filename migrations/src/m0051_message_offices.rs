//! How offices answer, and what goes with messages: files, muted threads, leave, replies that are kept, visits by message.

use sea_orm_migration::{prelude::*, schema::*};

use crate::m0001_records::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_index(index("message_thread", &["department_id", "last_at"])).await?;
        let file = Table::create()
            .table("message_file")
            .col(uuid("id").primary_key())
            .col(uuid_null("message_id"))
            .col(uuid("account_id"))
            .col(uuid("patient_id"))
            .col(uuid("thread_id"))
            .col(string_len("name", 200))
            .col(string_len("media_type", 60))
            .col(big_integer("size"))
            .col(string_len("sha256", 64))
            .col(string_len("state", 20))
            .col(boolean("scanned"))
            .col(timestamp_with_time_zone("added_at"))
            .take();
        m.create_table(file).await?;
        m.create_index(index("message_file", &["message_id"])).await?;
        m.create_index(index("message_file", &["state", "added_at"])).await?;
        m.create_index(index("message_file", &["account_id", "patient_id", "thread_id"])).await?;
        let chunk = Table::create()
            .table("message_file_chunk")
            .col(uuid("file_id"))
            .col(integer("number"))
            .col(blob("sealed"))
            .primary_key(Index::create().col("file_id").col("number"))
            .take();
        m.create_table(chunk).await?;
        let muted = Table::create()
            .table("message_muted")
            .col(uuid("account_id"))
            .col(uuid("thread_id"))
            .primary_key(Index::create().col("account_id").col("thread_id"))
            .take();
        m.create_table(muted).await?;
        let away = Table::create()
            .table("clinician_away")
            .col(uuid("id").primary_key())
            .col(uuid("clinician_id"))
            .col(date("from_on"))
            .col(date("until_on"))
            .col(uuid_null("cover_id"))
            .take();
        m.create_table(away).await?;
        m.create_index(index("clinician_away", &["clinician_id", "until_on"])).await?;
        m.create_index(index("clinician_away", &["cover_id"])).await?;
        let reply = Table::create()
            .table("saved_reply")
            .col(uuid("id").primary_key())
            .col(uuid("department_id"))
            .col(string_len("title", 100))
            .col(text("english"))
            .col(text("spanish"))
            .take();
        m.create_table(reply).await?;
        m.create_index(index("saved_reply", &["department_id"])).await?;
        let visit = Table::create()
            .table("e_visit")
            .col(uuid("thread_id").primary_key())
            .col(big_integer("price_cents"))
            .col(text("reason"))
            .col(uuid("offered_by"))
            .col(string_len("offered_by_name", 200))
            .col(timestamp_with_time_zone("offered_at"))
            .col(boolean_null("accepted"))
            .col(uuid_null("decided_by"))
            .col(timestamp_with_time_zone_null("decided_at"))
            .take();
        m.create_table(visit).await?;
        let settings = [
            big_integer_null("e_visit_cents").take(),
            integer("refill_percent").default(75).take(),
            integer("refill_days").default(3).take(),
        ];
        for setting in settings {
            m.alter_table(Table::alter().table("message_office").add_column(setting).take()).await?;
        }
        // What is stored by now is mapped again by the servers; without anything, there is nothing to map.
        let nothing = "INSERT INTO setting (name, value) SELECT 'maps', '1' WHERE NOT EXISTS (SELECT 1 FROM fhir_resource)";
        m.get_connection().execute_unprepared(nothing).await?;
        Ok(())
    }
}
