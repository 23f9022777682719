//! The Spanish titles of questionnaires; of answers, whether they were changed after they were given, and which version of the form they
//! answer; of what must be heard at once, its question.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["questionnaire", "questionnaire_response"] {
            // Some databases that were made between two versions have it.
            if !m.has_column(table, "title_es").await? {
                m.alter_table(Table::alter().table(table).add_column(string_len_null("title_es", 300)).take()).await?;
            }
        }
        let amended = Table::alter().table("questionnaire_response").add_column(boolean("amended").default(false)).take();
        m.alter_table(amended).await?;
        let canonical = Table::alter().table("questionnaire_response").add_column(string_len_null("canonical", 600)).take();
        m.alter_table(canonical).await?;
        let link_id = Table::alter().table("questionnaire_alert").add_column(text_null("link_id")).take();
        m.alter_table(link_id).await
    }
}
