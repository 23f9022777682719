//! Checking in for visits before they begin, arriving, and how departments want both.

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
        let office = Table::create()
            .table("check_in_office")
            .col(uuid("department_id").primary_key())
            .col(boolean("is_on"))
            .col(integer("opens_days"))
            .col(string_len("steps", 200))
            .col(integer("arrive_from"))
            .col(integer("arrive_until"))
            .col(text_null("after_en"))
            .col(text_null("after_es"))
            .col(integer_null("delay_minutes"))
            .col(timestamp_with_time_zone_null("delay_at"))
            .take();
        m.create_table(office).await?;
        let step = Table::create()
            .table("check_in_step")
            .col(uuid("visit_id"))
            .col(string_len("step", 16))
            .col(uuid("patient_id"))
            .col(timestamp_with_time_zone("starts_at"))
            .col(timestamp_with_time_zone_null("done_at"))
            .col(boolean("told"))
            .col(string_len("author", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone_null("reopened_at"))
            .col(string_len_null("reopened_why", 500))
            .col(string_len_null("reopened_by", 200))
            .primary_key(Index::create().col("visit_id").col("step"))
            .take();
        m.create_table(step).await?;
        m.create_index(index("check_in_step", &["patient_id"])).await?;
        let handed = Table::create()
            .table("check_in_handover")
            .col(uuid("visit_id"))
            .col(string_len("step", 16))
            .col(uuid("patient_id"))
            .col(uuid("account_id"))
            .col(string_len("name", 200))
            .col(string_len("author", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone("handed_at"))
            .primary_key(Index::create().col("visit_id").col("step"))
            .take();
        m.create_table(handed).await?;
        let arrival = Table::create()
            .table("visit_arrival")
            .col(uuid("visit_id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid("department_id"))
            .col(timestamp_with_time_zone("starts_at"))
            .col(timestamp_with_time_zone("arrived_at"))
            .col(string_len("author", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone_null("called_at"))
            .col(string_len_null("called_to", 200))
            .col(string_len_null("called_by", 200))
            .take();
        m.create_table(arrival).await?;
        m.create_index(index("visit_arrival", &["department_id", "starts_at"])).await?;
        m.create_index(index("visit_arrival", &["patient_id"])).await?;
        m.create_index(index("visit", &["department_id", "starts_at"])).await
    }
}
