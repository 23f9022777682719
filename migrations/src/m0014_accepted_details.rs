//! Changes of address and phone that staff accepted, which the hospital's records do not say yet.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

use crate::m0001_records::table;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// An address is accepted as a whole: half of it with half of another would be nobody's.
const ADDRESS: [&str; 4] = ["address_line", "city", "state", "postal_code"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            table("patient_overlay")
                .col(uuid("patient_id"))
                .col(string("field"))
                .col(text_null("value"))
                .col(timestamp_with_time_zone("accepted_at"))
                .primary_key(Index::create().col("patient_id").col("field"))
                .take(),
        )
        .await?;
        let sqlite = m.get_database_backend() == DatabaseBackend::Sqlite;
        let said = |field: &str| {
            if sqlite { format!("json_extract(request.body, '$.{field}')") } else { format!("(request.body::json ->> '{field}')") }
        };
        // What was accepted before and still stands, stays with the next import too.
        let phones = [["phone_mobile"], ["phone_home"]];
        for group in [&ADDRESS[..], &phones[0][..], &phones[1][..]] {
            let stands: Vec<String> = group.iter().map(|field| format!("{} = patient.{field}", said(field))).collect();
            for field in group {
                let accepted = format!(
                    "INSERT INTO patient_overlay (patient_id, field, value, accepted_at) \
                     SELECT patient.id, '{field}', patient.{field}, MAX(request.answered_at) FROM patient \
                     JOIN request ON request.patient_id = patient.id WHERE request.kind = 'details' AND request.state = 'accepted' \
                     AND request.answered_at IS NOT NULL AND ({}) GROUP BY patient.id, patient.{field}",
                    stands.join(" OR ")
                );
                m.get_connection().execute_unprepared(&accepted).await?;
            }
        }
        Ok(())
    }
}
