//! When results are shown: since when each could be, and what people chose.

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
        for name in ["test_result", "measurement"] {
            // What is there already was shown already.
            let column = timestamp_with_time_zone("available_at").default("1970-01-01 00:00:00+00:00").take();
            m.alter_table(Table::alter().table(name).add_column(column).take()).await?;
        }
        m.create_index(index("test_result", &["available_at"])).await?;
        m.create_table(
            table("result_choice")
                .col(uuid("patient_id"))
                .col(string("kind"))
                .col(string("choice"))
                .col(uuid("account_id"))
                .col(timestamp_with_time_zone("chosen_at"))
                .primary_key(Index::create().col("patient_id").col("kind"))
                .take(),
        )
        .await
    }
}
