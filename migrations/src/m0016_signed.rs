//! Whether the moment of a note is the one at which it was signed.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("note").add_column(boolean("is_signed").default(true).take()).take()).await?;
        let status = match m.get_database_backend() {
            DatabaseBackend::Sqlite => "json_extract(body, '$.docStatus')",
            _ => "(body::json ->> 'docStatus')",
        };
        // One that is kept back may be a draft as well.
        let drafts = format!(
            "UPDATE note SET is_signed = FALSE WHERE disclosure = 'unsigned' OR (disclosure = 'kept_back' AND resource_id IN \
             (SELECT id FROM fhir_resource WHERE resource_type = 'DocumentReference' AND {status} = 'preliminary'))"
        );
        m.get_connection().execute_unprepared(&drafts).await?;
        Ok(())
    }
}
