//! Names are found and compared in one folding: without accents, apostrophes and case. It is kept in `search_name` and its parts,
//! and that of record numbers in a column beside them.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, prelude::Uuid},
};

use crate::{
    folding::{folded, number_key},
    m0001_records::index,
};

/// So many patients are read at a time.
const CHUNK: u64 = 500;

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
        let (patient, part) = (Alias::new("patient"), Alias::new("patient_name_part"));
        let column = |name: &str| Alias::new(name);
        db.execute(Query::delete().from_table(part.clone())).await?;
        let mut last = Uuid::nil();
        loop {
            let mut select = Query::select();
            select.columns(["id", "given_name", "family_name", "mrn"].map(Alias::new)).from(patient.clone());
            select.and_where(Expr::col(column("id")).gt(last)).order_by(column("id"), Order::Asc).limit(CHUNK);
            let rows = db.query_all(&select).await?;
            for row in &rows {
                let (given, family): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
                let number: Option<String> = row.try_get_by_index(3)?;
                let name = folded(&format!("{given} {family}"));
                last = row.try_get_by_index(0)?;
                let mut update = Query::update();
                update.table(patient.clone()).value(column("search_name"), name.as_str());
                update.value(column("mrn_key"), number.map(|number| number_key(&number)));
                db.execute(update.and_where(Expr::col(column("id")).eq(last))).await?;
                let mut insert = Query::insert();
                insert.into_table(part.clone()).columns(["part", "patient_id"].map(Alias::new));
                for part in parts(&name) {
                    insert.values_panic([part.into(), last.into()]);
                }
                if !name.is_empty() {
                    db.execute(&insert).await?;
                }
            }
            if (rows.len() as u64) < CHUNK {
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
