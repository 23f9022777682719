//! What somebody began to write and did not send.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let draft = Table::create()
            .table("message_draft")
            .col(uuid("account_id"))
            .col(uuid("patient_id"))
            .col(uuid("thread_id"))
            .col(string_len("topic", 20))
            .col(string_len("recipient", 120))
            .col(text("subject"))
            .col(text("body"))
            .col(timestamp_with_time_zone("saved_at"))
            .col(timestamp_with_time_zone_null("discarded_at"))
            .primary_key(Index::create().col("account_id").col("patient_id").col("thread_id"))
            .take();
        m.create_table(draft).await
    }
}
