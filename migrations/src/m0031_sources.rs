//! Resources belong to a source, several may bear one name, and one chart may be made of several Patient resources.

use sea_orm_migration::{prelude::*, schema::*};

use crate::m0001_records::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // `source` is the base address of the server that sent it, or the name given at the import; empty when neither is known.
        // `local_reference` is its name there, such as `Encounter/0b1c`; `reference` is both, and no other has it.
        m.alter_table(Table::alter().table("fhir_resource").add_column(text("source").default("")).take()).await?;
        m.alter_table(Table::alter().table("fhir_resource").add_column(text("local_reference").default("")).take()).await?;
        let db = m.get_connection();
        db.execute_unprepared("UPDATE fhir_resource SET local_reference = reference").await?;
        m.create_index(index("fhir_resource", &["local_reference"])).await?;

        // A name that several bear means none of them.
        m.create_table(
            table("fhir_name")
                .col(text("alias"))
                .col(uuid("resource_id"))
                .primary_key(Index::create().col("alias").col("resource_id"))
                .take(),
        )
        .await?;
        db.execute_unprepared("INSERT INTO fhir_name (alias, resource_id) SELECT alias, resource_id FROM fhir_alias").await?;
        m.drop_table(Table::drop().table("fhir_alias").take()).await?;
        m.rename_table(Table::rename().table("fhir_name", "fhir_alias").take()).await?;
        m.create_index(index("fhir_alias", &["resource_id"])).await?;

        // The chart of each Patient resource. `patient.resource_id` is the one whose demographics are shown.
        m.create_table(table("patient_record").col(pk_uuid("resource_id")).col(uuid("patient_id")).take()).await?;
        m.create_index(index("patient_record", &["patient_id"])).await?;
        db.execute_unprepared("INSERT INTO patient_record (resource_id, patient_id) SELECT resource_id, id FROM patient").await?;

        // FHIR Patient.link: which Patient resource says that one record has been replaced by another, or is the same person's.
        m.create_table(
            table("patient_link")
                .col(uuid("stated_by"))
                .col(uuid("from_id"))
                .col(uuid("to_id"))
                .col(boolean("replaced"))
                .primary_key(Index::create().col("stated_by").col("from_id").col("to_id"))
                .take(),
        )
        .await?;
        m.create_index(index("patient_link", &["from_id"])).await?;
        m.create_index(index("patient_link", &["to_id"])).await?;

        // Into which chart another went, and what went along: account and accesses come back when the source takes the merge back.
        m.alter_table(Table::alter().table("patient").add_column(uuid_null("merged_into")).take()).await?;
        m.create_table(
            table("patient_moved")
                .col(string("kind"))
                .col(uuid("id"))
                .col(uuid("from_patient"))
                .col(uuid("to_patient"))
                .primary_key(Index::create().col("kind").col("id"))
                .take(),
        )
        .await?;
        m.create_index(index("patient_moved", &["from_patient"])).await?;

        // The day, month or year of death as it was sent.
        m.alter_table(Table::alter().table("patient").add_column(string_null("deceased_on")).take()).await?;
        m.alter_table(Table::alter().table("patient").add_column(date_null("access_until")).take()).await
    }
}
