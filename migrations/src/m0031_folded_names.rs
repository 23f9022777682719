//! Names are found and compared in one folding: without accents, apostrophes and case. It is kept in `search_name` and its parts,
//! and that of record numbers in a column beside them.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DatabaseBackend, Statement, Value},
};

use crate::{
    folding::{folded, number_key},
    m0001_records::index,
};

/// So many patients are read at a time.
const CHUNK: usize = 500;

/// As long as the application keeps a part of a word.
const LONGEST: usize = 40;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("patient").add_column(string_null("mrn_key")).take()).await?;
        let db = m.get_connection();
        let sqlite = m.get_database_backend() == DatabaseBackend::Sqlite;
        let id = if sqlite { "id" } else { "CAST(id AS text)" };
        let (id_is, id_value) = if sqlite { ("id =", "?") } else { ("id =", "CAST($3 AS uuid)") };
        db.execute_unprepared("DELETE FROM patient_name_part").await?;
        let mut last = String::new();
        loop {
            let rows = db
                .query_all_raw(Statement::from_string(
                    m.get_database_backend(),
                    format!(
                        "SELECT {id}, CAST(given_name AS text), CAST(family_name AS text), CAST(mrn AS text) FROM patient \
                         WHERE {id} > '{last}' ORDER BY {id} LIMIT {CHUNK}"
                    ),
                ))
                .await?;
            for row in &rows {
                let id: String = row.try_get_by_index(0)?;
                let (given, family): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
                let number: Option<String> = row.try_get_by_index(3)?;
                let name = folded(&format!("{given} {family}"));
                let set = if sqlite { ("?", "?") } else { ("$1", "$2") };
                let update = format!("UPDATE patient SET search_name = {}, mrn_key = {} WHERE {id_is} {id_value}", set.0, set.1);
                let values: [Value; 3] = [name.clone().into(), number.map(|number| number_key(&number)).into(), id.clone().into()];
                db.execute_raw(Statement::from_sql_and_values(m.get_database_backend(), update, values)).await?;
                for part in parts(&name) {
                    let insert = if sqlite {
                        "INSERT INTO patient_name_part (part, patient_id) VALUES (?, ?)"
                    } else {
                        "INSERT INTO patient_name_part (part, patient_id) VALUES ($1, CAST($2 AS uuid))"
                    };
                    let values: [Value; 2] = [part.into(), id.clone().into()];
                    db.execute_raw(Statement::from_sql_and_values(m.get_database_backend(), insert, values)).await?;
                }
                last = id;
            }
            if rows.len() < CHUNK {
                break;
            }
        }
        m.create_index(index("patient", &["mrn_key"])).await
    }
}

/// Each word from each of its letters on.
fn parts(name: &str) -> Vec<String> {
    let words = name.split_whitespace();
    let mut parts: Vec<String> =
        words.flat_map(|word| word.char_indices().map(|(from, _)| word[from..].chars().take(LONGEST).collect())).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}
