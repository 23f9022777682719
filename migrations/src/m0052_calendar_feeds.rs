//! Visits in the calendars of people's own programs.

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
        let feed = Table::create()
            .table("calendar_feed")
            .col(uuid("id").primary_key())
            .col(uuid("account_id").unique_key())
            .col(string_len("token_hash", 64).unique_key())
            .col(blob("sealed_token"))
            .col(boolean("details"))
            .col(boolean("names"))
            .col(timestamp_with_time_zone("made_at"))
            .col(timestamp_with_time_zone("changed_at"))
            .col(timestamp_with_time_zone_null("fetched_at"))
            .take();
        m.create_table(feed).await?;
        let person = Table::create()
            .table("calendar_feed_person")
            .col(uuid("feed_id"))
            .col(uuid("patient_id"))
            .col(date_null("logged_on"))
            .primary_key(Index::create().col("feed_id").col("patient_id"))
            .take();
        m.create_table(person).await?;
        m.create_index(index("calendar_feed_person", &["patient_id"])).await
    }
}
