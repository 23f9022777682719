//! Records of one person that somebody of the front desk joined, and took apart again.

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
        let table = Table::create()
            .table("patient_join")
            .col(uuid("id").primary_key())
            .col(uuid("from_id"))
            .col(uuid("to_id"))
            .col(string_len("joined_by", 200))
            .col(timestamp_with_time_zone("joined_at"))
            .col(text("known_by"))
            .col(string_len_null("undone_by", 200))
            .col(timestamp_with_time_zone_null("undone_at"))
            .col(text_null("reason"))
            .take();
        m.create_table(table).await?;
        m.create_index(index("patient_join", &["from_id"])).await?;
        m.create_index(index("patient_join", &["to_id"])).await
    }
}
