//! What results say of themselves beside the value: whether a time was given, the unit's code, why there is no value, and
//! what a report concluded before it was amended. And indexes for the lists and charts of a large record.

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
        // SQLite adds one column in a statement.
        for (name, column) in [
            ("test_result", boolean("timed").default(true).take()),
            ("test_result", text_null("conclusion_before")),
            ("measurement", boolean("timed").default(true).take()),
            ("measurement", string_null("ucum")),
            ("measurement", text_null("absent")),
        ] {
            m.alter_table(Table::alter().table(name).add_column(column).take()).await?;
        }
        m.create_index(index("measurement", &["patient_id", "result_id"])).await?;
        m.create_index(index("measurement", &["patient_id", "unit", "code"])).await?;
        m.create_index(index("test_result", &["patient_id", "kind", "taken_at"])).await?;
        // What stands in a sensitive report is sensitive; imports said so of the report only.
        let sensitive = "UPDATE measurement SET sensitive = TRUE WHERE result_id IN (SELECT id FROM test_result WHERE sensitive = TRUE)";
        m.get_connection().execute_unprepared(sensitive).await?;
        Ok(())
    }
}
