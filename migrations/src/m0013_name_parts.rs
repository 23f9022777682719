//! What staff find patients by: each word of a name from each of its letters on, so that a part inside of a name is the
//! beginning of a row.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::m0001_records::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let sqlite = m.get_database_backend() == DatabaseBackend::Sqlite;
        // Bytes decide about the order, whatever the locale of the database: a beginning is a range.
        let (text, uuid, end) = if sqlite { ("text", "uuid_text", " WITHOUT ROWID") } else { (r#"text COLLATE "C""#, "uuid", "") };
        let create = format!(
            "CREATE TABLE patient_name_part (part {text} NOT NULL, patient_id {uuid} NOT NULL, PRIMARY KEY (part, patient_id)){end}"
        );
        db.execute_unprepared(&create).await?;
        m.create_index(index("patient_name_part", &["patient_id"])).await?;
        let word = if sqlite {
            "CASE instr(rest, ' ') WHEN 0 THEN rest ELSE substr(rest, 1, instr(rest, ' ') - 1) END"
        } else {
            "split_part(rest, ' ', 1)"
        };
        let known = format!(
            "INSERT INTO patient_name_part (part, patient_id) WITH RECURSIVE name (id, rest) AS ( \
                SELECT id, CAST(search_name AS text) FROM patient UNION ALL \
                SELECT id, substr(rest, 2) FROM name WHERE length(rest) > 1) \
             SELECT DISTINCT substr({word}, 1, 40), id FROM name WHERE rest <> '' AND substr(rest, 1, 1) <> ' '"
        );
        db.execute_unprepared(&known).await?;
        Ok(())
    }
}
