//! Records that people take along as a file.

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
            table("take_along")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(uuid("account_id"))
                .col(text("sections"))
                .col(date_null("since"))
                .col(date_null("until"))
                .col(string("locale"))
                .col(blob_null("sealed_password"))
                .col(string("state"))
                .col(integer("percent"))
                .col(integer("tries"))
                .col(boolean("with_sensitive"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("claimed_at"))
                .col(timestamp_with_time_zone_null("ready_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(blob_null("file"))
                .take(),
        )
        .await?;
        m.create_index(index("take_along", &["account_id", "patient_id"])).await?;
        m.create_index(index("take_along", &["state", "created_at"])).await
    }
}
