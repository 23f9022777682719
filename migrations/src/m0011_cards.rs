//! Cards know what they were made from, and keys can be withdrawn.

use sea_orm_migration::{prelude::*, schema::*};

use crate::m0001_records::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // A row for each resource replaces a list that nobody could ask about.
        m.create_table(
            table("health_card_source")
                .col(uuid("card_id"))
                .col(uuid("resource_id"))
                .col(string("content_hash"))
                .primary_key(Index::create().col("card_id").col("resource_id"))
                .take(),
        )
        .await?;
        m.create_index(index("health_card", &["revoked_at"])).await?;
        m.alter_table(Table::alter().table("health_card").drop_column("sources").take()).await?;
        m.alter_table(Table::alter().table("health_card").add_column(boolean("outdated").default(false).take()).take()).await?;
        m.alter_table(Table::alter().table("signing_key").add_column(timestamp_with_time_zone_null("withdrawn_at")).take()).await
    }
}
