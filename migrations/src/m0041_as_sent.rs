//! When something was, as exact as its source says it, and the ends of ranges with the digits as they were sent.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("measurement", "taken"),
            ("measurement", "low_sent"),
            ("measurement", "high_sent"),
            ("test_result", "taken"),
            ("health_item", "at_sent"),
        ] {
            m.alter_table(Table::alter().table(table).add_column(string_null(column)).take()).await?;
        }
        Ok(())
    }
}
