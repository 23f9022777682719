//! Jobs that one server does at a time; notices that are told once, also when their day was missed.

use sea_orm_migration::{prelude::*, schema::*};

use crate::m0001_records::table;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Whoever moves `until` from the past into the future has the job until then.
        m.create_table(table("job_lease").col(string("name").primary_key()).col(timestamp_with_time_zone("until")).take()).await?;
        // The organisation's day on which people were last told what will change about an access.
        let mut noticed_on = date_null("noticed_on");
        m.alter_table(Table::alter().table("proxy_grant").add_column(&mut noticed_on).take()).await?;
        // Up to now notices were sent on their very day.
        m.get_connection().execute_unprepared("UPDATE proxy_grant SET noticed_on = CURRENT_DATE WHERE ended_at IS NULL").await?;
        Ok(())
    }
}
