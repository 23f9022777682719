//! What people do, for the hospital's own system.

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
        let outgoing = Table::create()
            .table("outgoing")
            .col(uuid("id").primary_key())
            .col(string_len("kind", 20))
            .col(uuid("about"))
            .col(timestamp_with_time_zone("at"))
            .col(big_integer_null("number").unique_key())
            .take();
        m.create_table(outgoing).await?;
        m.create_index(index("outgoing", &["number", "at"])).await
    }
}
