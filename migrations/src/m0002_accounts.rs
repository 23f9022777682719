//! Who signs in, for whom they may act, and what they did.

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
            table("account")
                .col(pk_uuid("id"))
                .col(string("username"))
                .col(string_uniq("username_key"))
                .col(string("display_name"))
                .col(string("password_hash"))
                .col(string_null("staff_role"))
                .col(uuid_null("patient_id").unique_key())
                .col(string("locale"))
                .col(timestamp_with_time_zone("created_at"))
                .take(),
        )
        .await?;

        m.create_table(
            table("account_session")
                .col(pk_uuid("id"))
                .col(string_uniq("token_hash"))
                .col(uuid("account_id"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("last_seen_at"))
                .foreign_key(
                    ForeignKey::create().from("account_session", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade),
                )
                .take(),
        )
        .await?;
        m.create_index(index("account_session", &["account_id"])).await?;

        m.create_table(
            table("proxy_grant")
                .col(pk_uuid("id"))
                .col(uuid("account_id"))
                .col(uuid("patient_id"))
                .col(string("basis"))
                .col(string("relationship"))
                .col(string_null("level"))
                .col(integer("hue"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("expires_at"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .col(string_null("end_reason"))
                .foreign_key(
                    ForeignKey::create().from("proxy_grant", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade),
                )
                .take(),
        )
        .await?;
        m.create_index(index("proxy_grant", &["account_id"])).await?;
        m.create_index(index("proxy_grant", &["patient_id"])).await?;

        // Append-only. Accounts and patients stay named here after they are gone, so there are no foreign keys.
        m.create_table(
            table("audit_event")
                .col(pk_uuid("id"))
                .col(timestamp_with_time_zone("at"))
                .col(uuid_null("account_id"))
                .col(uuid_null("patient_id"))
                .col(string("actor"))
                .col(string("permission"))
                .col(string("outcome"))
                .take(),
        )
        .await?;
        m.create_index(index("audit_event", &["patient_id", "at"])).await?;
        m.create_index(index("audit_event", &["account_id", "at"])).await?;

        // Counters of refused attempts, shared by all server processes. The key is a hash.
        m.create_table(
            table("attempt")
                .col(string("key").primary_key())
                .col(timestamp_with_time_zone("window_started_at"))
                .col(integer("count"))
                .take(),
        )
        .await?;

        m.create_table(table("setting").col(string("name").primary_key()).col(text("value")).take()).await?;
        Ok(())
    }
}
