//! Questionnaires that departments ask and what people answered; documents to be signed, and what became of them.

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
        let questionnaire = Table::create()
            .table("questionnaire")
            .col(uuid("id").primary_key())
            .col(string_len_null("url", 500))
            .col(string_len_null("version", 100))
            .col(string_len("title", 300))
            .col(boolean("active"))
            .col(boolean("sensitive"))
            .take();
        m.create_table(questionnaire).await?;
        m.create_index(index("questionnaire", &["url"])).await?;
        m.create_index(index("questionnaire", &["active", "title"])).await?;
        let asked = Table::create()
            .table("questionnaire_office")
            .col(uuid("department_id"))
            .col(uuid("questionnaire_id"))
            .col(uuid_null("kind_id"))
            .primary_key(Index::create().col("department_id").col("questionnaire_id"))
            .take();
        m.create_table(asked).await?;
        let response = Table::create()
            .table("questionnaire_response")
            .col(uuid("id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid_null("questionnaire_id"))
            .col(uuid_null("visit_id"))
            .col(uuid_null("department_id"))
            .col(string_len("title", 300))
            .col(string_len("state", 16))
            .col(boolean("sensitive"))
            .col(text_null("answers"))
            .col(text_null("body"))
            .col(string_len_null("asked_by", 200))
            .col(timestamp_with_time_zone_null("asked_at"))
            .col(date_null("due_on"))
            .col(text_null("note"))
            .col(string_len_null("author", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone_null("authored_at"))
            .col(timestamp_with_time_zone("changed_at"))
            .col(integer("version"))
            .col(string_len_null("written_by", 64))
            .col(uuid_null("resource_id"))
            .take();
        m.create_table(response).await?;
        m.create_index(index("questionnaire_response", &["patient_id"])).await?;
        m.create_index(index("questionnaire_response", &["visit_id"])).await?;
        m.create_index(index("questionnaire_response", &["resource_id"])).await?;
        let alert = Table::create()
            .table("questionnaire_alert")
            .col(uuid("id").primary_key())
            .col(uuid("response_id"))
            .col(uuid("patient_id"))
            .col(uuid_null("department_id"))
            .col(text("question"))
            .col(text("answer"))
            .col(timestamp_with_time_zone("at"))
            .col(timestamp_with_time_zone_null("seen_at"))
            .col(string_len_null("seen_by", 200))
            .take();
        m.create_table(alert).await?;
        m.create_index(index("questionnaire_alert", &["department_id", "seen_at"])).await?;
        m.create_index(index("questionnaire_alert", &["response_id"])).await?;
        let file = Table::create()
            .table("questionnaire_file")
            .col(uuid("id").primary_key())
            .col(uuid("response_id"))
            .col(string_len("name", 200))
            .col(string_len("content_type", 100))
            .col(blob("content"))
            .col(timestamp_with_time_zone("added_at"))
            .take();
        m.create_table(file).await?;
        m.create_index(index("questionnaire_file", &["response_id"])).await?;
        let document = Table::create()
            .table("consent_document")
            .col(uuid("id"))
            .col(integer("version"))
            .col(uuid_null("department_id"))
            .col(uuid_null("kind_id"))
            .col(string_len("title_en", 200))
            .col(string_len("title_es", 200))
            .col(text("text_en"))
            .col(text("text_es"))
            .col(boolean("each_visit"))
            .col(boolean("current"))
            .col(timestamp_with_time_zone("made_at"))
            .col(string_len("made_by", 200))
            .primary_key(Index::create().col("id").col("version"))
            .take();
        m.create_table(document).await?;
        m.create_index(index("consent_document", &["department_id"])).await?;
        let signature = Table::create()
            .table("consent_signature")
            .col(uuid("id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid_null("visit_id"))
            .col(uuid("document_id"))
            .col(integer("version"))
            .col(string_len("language", 8))
            .col(boolean("agreed"))
            .col(string_len_null("typed_name", 200))
            .col(text_null("words"))
            .col(uuid("account_id"))
            .col(string_len("author", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone("at"))
            .col(string_len("hash", 64))
            .take();
        m.create_table(signature).await?;
        m.create_index(index("consent_signature", &["patient_id"])).await?;
        m.create_index(index("consent_signature", &["document_id"])).await?;
        let pays = Table::alter().table("check_in_office").add_column(boolean("must_pay").default(false)).take();
        m.alter_table(pays).await
    }
}
