//! Who was seen at a visit, where the source sends a name and nobody behind it; charts by the one into which they went.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("visit").add_column(text_null("named_clinicians")).take()).await?;
        // Of the few that went into others: the many that did not are found in the order of other indexes.
        let merged = "CREATE INDEX idx_patient_merged_into ON patient (merged_into) WHERE merged_into IS NOT NULL";
        m.get_connection().execute_unprepared(merged).await?;
        Ok(())
    }
}
