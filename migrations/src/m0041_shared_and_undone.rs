//! What a share holds and who may share; and emancipations, with who recorded and who undid them.

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
        for (name, column) in
            [("share", "sensitive"), ("health_link", "sensitive"), ("proxy_grant", "may_share"), ("invitation", "may_share")]
        {
            m.alter_table(Table::alter().table(name).add_column(boolean(column).default(false)).take()).await?;
        }
        m.create_table(
            table("emancipation")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(timestamp_with_time_zone("recorded_at"))
                .col(string("recorded_by"))
                .col(timestamp_with_time_zone_null("undone_at"))
                .col(string_null("undone_by"))
                .col(text_null("reason"))
                .take(),
        )
        .await?;
        m.create_index(index("emancipation", &["patient_id"])).await
    }
}
