//! Parts of a record that are shared: codes for one reader, links for one app.

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
            table("share")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(uuid("account_id"))
                .col(string("recipient"))
                .col(text("sections"))
                .col(string_uniq("code_hash"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(integer("wrong_tries"))
                .col(timestamp_with_time_zone_null("opened_at"))
                .col(string_null("session_hash"))
                .col(timestamp_with_time_zone_null("closed_at"))
                .col(text_null("note"))
                .take(),
        )
        .await?;
        m.create_index(index("share", &["patient_id", "created_at"])).await?;
        m.create_index(index("share", &["session_hash"])).await?;

        m.create_table(
            table("health_link")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(uuid("account_id"))
                .col(string("label"))
                .col(text("sections"))
                .col(string_uniq("path"))
                .col(blob("sealed_key"))
                .col(text_null("passcode_hash"))
                .col(integer("tries_left"))
                .col(integer("opened"))
                .col(timestamp_with_time_zone_null("last_opened_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .take(),
        )
        .await?;
        m.create_index(index("health_link", &["patient_id", "created_at"])).await
    }
}
