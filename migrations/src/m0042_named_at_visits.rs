//! Who was seen at a visit, where the source sends a name and nobody behind it; charts by the one into which they went.

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
        m.alter_table(Table::alter().table("visit").add_column(text_null("named_clinicians")).take()).await?;
        m.create_index(index("patient", &["merged_into"])).await
    }
}
