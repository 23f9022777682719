//! Messages: threads, what was written, who opened it, and who of the staff answers for which department.

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
        let thread = Table::create()
            .table("message_thread")
            .col(uuid("id").primary_key())
            .col(uuid("patient_id"))
            .col(string_len("topic", 20))
            .col(string_len("subject", 200))
            .col(uuid("department_id"))
            .col(uuid_null("clinician_id"))
            .col(string_len("state", 20))
            .col(boolean("sensitive"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("last_at"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(timestamp_with_time_zone_null("urged_at"))
            .col(uuid_null("taken_by"))
            .take();
        m.create_table(thread).await?;
        m.create_index(index("message_thread", &["patient_id", "last_at"])).await?;
        m.create_index(index("message_thread", &["department_id", "state", "due_at"])).await?;
        m.create_index(index("message_thread", &["taken_by"])).await?;
        let message = Table::create()
            .table("message")
            .col(uuid("id").primary_key())
            .col(uuid("thread_id"))
            .col(string_len("side", 20))
            .col(uuid_null("account_id"))
            .col(string_len("author", 200))
            .col(string_len_null("role", 20))
            .col(boolean("internal"))
            .col(text("body"))
            .col(timestamp_with_time_zone("sent_at"))
            .col(uuid("sending_key").unique_key())
            .col(boolean("danger_confirmed"))
            .take();
        m.create_table(message).await?;
        m.create_index(index("message", &["thread_id", "sent_at"])).await?;
        let opened = Table::create()
            .table("message_opened")
            .col(uuid("message_id"))
            .col(uuid("account_id"))
            .col(string_len("name", 200))
            .col(string_len_null("role", 20))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("message_id").col("account_id"))
            .take();
        m.create_table(opened).await?;
        let office = Table::create()
            .table("message_office")
            .col(uuid("department_id").primary_key())
            .col(integer("reply_days"))
            .col(boolean("sensitive"))
            .take();
        m.create_table(office).await?;
        let staff = Table::create()
            .table("staff_office")
            .col(uuid("account_id"))
            .col(uuid("department_id"))
            .col(uuid_null("clinician_id"))
            .col(boolean("supervisor"))
            .primary_key(Index::create().col("account_id").col("department_id"))
            .take();
        m.create_table(staff).await?;
        m.create_index(index("staff_office", &["department_id"])).await
    }
}
