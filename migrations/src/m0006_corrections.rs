//! What was added to the record because somebody asked for a correction.

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
        m.create_table(
            table("amendment")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(uuid("target_id"))
                .col(uuid("request_id"))
                .col(string("voice"))
                .col(text("text"))
                .col(string("by_name"))
                .col(timestamp_with_time_zone("at"))
                .take(),
        )
        .await?;
        m.create_index(index("amendment", &["patient_id", "target_id"])).await
    }
}
