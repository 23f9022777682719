//! The health record that pages read: items of the summary, measurements, and the reports that group them.

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
        // One resource that is a line of the health summary. Its id is the resource's.
        m.create_table(
            table("health_item")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(string("kind"))
                .col(string("state"))
                .col(boolean("tentative"))
                .col(text("title"))
                .col(string_null("code"))
                .col(timestamp_with_time_zone_null("at"))
                .col(date_null("until"))
                .col(text("facts"))
                .col(boolean("sensitive"))
                .take(),
        )
        .await?;
        m.create_index(index("health_item", &["patient_id", "kind", "at"])).await?;

        // One line of the list of results: a report, or an observation that no report names. Its id is the resource's.
        m.create_table(
            table("test_result")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(string("kind"))
                .col(text("title"))
                .col(text("search_title"))
                .col(string("status"))
                .col(timestamp_with_time_zone("taken_at"))
                .col(timestamp_with_time_zone_null("issued_at"))
                .col(text_null("conclusion"))
                .col(uuid_null("note_id"))
                .col(boolean("sensitive"))
                .take(),
        )
        .await?;
        m.create_index(index("test_result", &["patient_id", "taken_at"])).await?;

        // One value, or one component of a value, in the unit in which it was measured.
        m.create_table(
            table("measurement")
                .col(pk_uuid("id"))
                .col(uuid("resource_id"))
                .col(uuid("patient_id"))
                .col(uuid_null("result_id"))
                .col(integer("position"))
                .col(string("kind"))
                .col(string("code"))
                .col(text("name"))
                .col(double_null("value"))
                .col(text("shown"))
                .col(string_null("unit"))
                .col(double_null("low"))
                .col(double_null("high"))
                .col(text_null("range_text"))
                .col(string_null("flag"))
                .col(string("status"))
                .col(timestamp_with_time_zone("taken_at"))
                .col(text_null("comment"))
                .col(boolean("sensitive"))
                .take(),
        )
        .await?;
        m.create_index(index("measurement", &["resource_id"])).await?;
        m.create_index(index("measurement", &["result_id"])).await?;
        m.create_index(index("measurement", &["patient_id", "kind", "code", "taken_at"])).await?;
        m.create_index(index("measurement", &["patient_id", "code", "taken_at"])).await?;

        // What a value said before it was amended.
        m.create_table(
            table("measurement_before")
                .col(uuid("resource_id"))
                .col(integer("position"))
                .col(text("shown"))
                .col(timestamp_with_time_zone("replaced_at"))
                .primary_key(Index::create().col("resource_id").col("position").col("shown"))
                .take(),
        )
        .await?;
        Ok(())
    }
}
