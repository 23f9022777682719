//! Charts that are made of the records of several sources: there, each record says where it is from.

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
        m.alter_table(Table::alter().table("patient").add_column(boolean("several_sources").default(false)).take()).await?;
        m.create_index(index("fhir_resource", &["patient_id", "source"])).await
    }
}
