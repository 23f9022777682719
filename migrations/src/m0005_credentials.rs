//! Health cards that the hospital signs, and the keys it signs with.

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
            table("signing_key")
                .col(string("kid").primary_key())
                .col(text("public_jwk"))
                .col(blob("sealed"))
                .col(timestamp_with_time_zone("created_at"))
                .take(),
        )
        .await?;

        m.create_table(
            table("health_card")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(string_uniq("revocation_id"))
                .col(string("kid"))
                .col(string("subject"))
                .col(text("sources"))
                .col(text("title"))
                .col(text("jws"))
                .col(boolean("sensitive"))
                .col(timestamp_with_time_zone("issued_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .take(),
        )
        .await?;
        m.create_index(index("health_card", &["patient_id", "issued_at"])).await?;
        m.create_index(index("health_card", &["kid", "revoked_at"])).await
    }
}
