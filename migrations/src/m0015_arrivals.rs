//! Charts into which something came that was not told yet. A row is there as soon as its import is: nobody has to ask the
//! largest table what is new, and nothing is missed however long an import took.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

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
            table("arrival")
                .col(uuid("patient_id"))
                .col(timestamp_with_time_zone("imported_at"))
                .col(string("reason"))
                // The round of telling that has taken it.
                .col(uuid_null("batch"))
                .primary_key(Index::create().col("patient_id").col("imported_at").col("reason"))
                .take(),
        )
        .await?;
        m.create_index(index("arrival", &["imported_at"])).await?;
        m.create_index(index("arrival", &["batch"])).await?;
        m.create_index(index("fhir_resource", &["patient_id", "imported_at"])).await?;
        // What came in since the last time somebody was told.
        let untold = "INSERT INTO arrival (patient_id, imported_at, reason) SELECT DISTINCT patient_id, imported_at, 'import' FROM fhir_resource \
            WHERE patient_id IS NOT NULL AND resource_type NOT IN ('Patient', 'RelatedPerson') \
            AND imported_at > (SELECT CAST(value AS TIMESTAMP WITH TIME ZONE) FROM setting WHERE name = 'news.told_until')";
        let sqlite = "INSERT INTO arrival (patient_id, imported_at, reason) SELECT DISTINCT patient_id, imported_at, 'import' FROM fhir_resource \
            WHERE patient_id IS NOT NULL AND resource_type NOT IN ('Patient', 'RelatedPerson') \
            AND julianday(imported_at) > (SELECT julianday(value) FROM setting WHERE name = 'news.told_until')";
        let untold = if m.get_database_backend() == DatabaseBackend::Sqlite { sqlite } else { untold };
        m.get_connection().execute_unprepared(untold).await?;
        Ok(())
    }
}
