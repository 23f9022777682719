//! Large files on their way in: checked, and not yet in the record.

use sea_orm_migration::{prelude::*, schema::*};

use crate::m0001_records::table;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("import_file")
                .col(pk_uuid("id"))
                .col(text("name"))
                .col(boolean("accepted"))
                .col(timestamp_with_time_zone("begun_at"))
                .take(),
        )
        .await?;
        m.create_table(
            table("import_step")
                .col(uuid("file_id"))
                .col(integer("number"))
                .col(text("body"))
                .primary_key(Index::create().col("file_id").col("number"))
                .take(),
        )
        .await
    }
}
