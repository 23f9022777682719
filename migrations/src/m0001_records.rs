//! What hospitals send: every FHIR resource as received, and the tables that pages read.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Every resource, understood or not. `reference` is its canonical name, such as `Encounter/0b1c`.
        m.create_table(
            table("fhir_resource")
                .col(pk_uuid("id"))
                .col(string("resource_type"))
                .col(string_uniq("reference"))
                .col(uuid_null("patient_id"))
                .col(string_null("version_id"))
                .col(timestamp_with_time_zone_null("last_updated"))
                .col(string("content_hash"))
                .col(text("body"))
                .col(timestamp_with_time_zone("imported_at"))
                .take(),
        )
        .await?;
        m.create_index(index("fhir_resource", &["patient_id", "resource_type"])).await?;

        // What a resource said before. Two exports may hold two versions without saying which is newer: the one that was here
        // already does not come back.
        m.create_table(
            table("fhir_version")
                .col(uuid("resource_id"))
                .col(string("content_hash"))
                .primary_key(Index::create().col("resource_id").col("content_hash"))
                .take(),
        )
        .await?;

        // Every name by which others may point at a resource: `Type/id`, `urn:uuid:`, URL, `Type?identifier=system|value`.
        m.create_table(table("fhir_alias").col(pk_string("alias")).col(uuid("resource_id")).take()).await?;
        m.create_index(index("fhir_alias", &["resource_id"])).await?;

        // Who waits for a name that nobody bears yet: files may come in any order.
        m.create_table(
            table("fhir_pending")
                .col(string("alias"))
                .col(uuid("resource_id"))
                .primary_key(Index::create().col("alias").col("resource_id"))
                .take(),
        )
        .await?;

        m.create_table(
            table("patient")
                .col(pk_uuid("id"))
                .col(uuid("resource_id").unique_key())
                .col(string_null("mrn"))
                .col(string("given_name"))
                .col(string("family_name"))
                .col(string("search_name"))
                .col(date("birth_date"))
                .col(string_null("sex"))
                .col(boolean("deceased"))
                .col(string_null("language"))
                .col(string_null("marital_status"))
                .col(string_null("address_line"))
                .col(string_null("city"))
                .col(string_null("state"))
                .col(string_null("postal_code"))
                .col(string_null("phone_home"))
                .col(string_null("phone_mobile"))
                .col(string_null("phone_work"))
                .col(string_null("email"))
                .col(date_null("emancipated_on"))
                .take(),
        )
        .await?;
        m.create_index(index("patient", &["search_name"])).await?;

        m.create_table(
            table("related_person")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(string("name"))
                .col(string_null("relationship"))
                .col(string_null("phone"))
                .take(),
        )
        .await?;
        m.create_index(index("related_person", &["patient_id"])).await?;

        // Location or, where there is none, Organization.
        m.create_table(
            table("department").col(pk_uuid("id")).col(string("name")).col(string_null("phone")).col(string_null("address")).take(),
        )
        .await?;

        m.create_table(
            table("clinician")
                .col(pk_uuid("id"))
                .col(string("name"))
                .col(string_null("specialty"))
                .col(string_null("phone"))
                .col(uuid_null("department_id"))
                .take(),
        )
        .await?;

        m.create_table(
            table("visit")
                .col(pk_uuid("id"))
                .col(uuid("patient_id"))
                .col(uuid_null("encounter_id").unique_key())
                .col(uuid_null("appointment_id").unique_key())
                .col(string("status"))
                .col(string("kind"))
                .col(string("title"))
                .col(string_null("reason"))
                .col(timestamp_with_time_zone_null("starts_at"))
                .col(timestamp_with_time_zone_null("ends_at"))
                .col(timestamp_with_time_zone_null("requested_at"))
                .col(uuid_null("department_id"))
                .col(string_null("cancel_reason"))
                .col(text_null("patient_instruction"))
                .col(boolean("sensitive"))
                .take(),
        )
        .await?;
        m.create_index(index("visit", &["patient_id", "starts_at"])).await?;

        m.create_table(
            table("visit_clinician")
                .col(uuid("visit_id"))
                .col(uuid("clinician_id"))
                .col(string_null("role"))
                .col(integer("position"))
                .primary_key(Index::create().col("visit_id").col("clinician_id"))
                .take(),
        )
        .await?;
        m.create_index(index("visit_clinician", &["clinician_id"])).await?;

        m.create_table(
            table("note")
                .col(pk_uuid("id"))
                .col(uuid("resource_id").unique_key())
                .col(uuid("patient_id"))
                .col(uuid_null("visit_id"))
                .col(string("kind"))
                .col(string("title"))
                .col(uuid_null("author_id"))
                .col(string_null("author_name"))
                .col(timestamp_with_time_zone_null("signed_at"))
                .col(string("format"))
                .col(text("body"))
                .col(string("content_hash"))
                .col(string("disclosure"))
                .col(boolean("sensitive"))
                .col(uuid_null("addendum_to"))
                .col(string_null("language"))
                .take(),
        )
        .await?;
        m.create_index(index("note", &["visit_id"])).await?;
        m.create_index(index("note", &["patient_id"])).await?;

        // One line of an After Visit Summary, told by one resource.
        m.create_table(
            table("summary_item")
                .col(pk_uuid("id"))
                .col(uuid("resource_id"))
                .col(uuid("patient_id"))
                .col(uuid("visit_id"))
                .col(string("section"))
                .col(integer("position"))
                .col(text("text"))
                .col(text_null("detail"))
                .col(date_null("due_on"))
                .col(boolean("sensitive"))
                .take(),
        )
        .await?;
        m.create_index(index("summary_item", &["visit_id"])).await?;
        m.create_index(index("summary_item", &["resource_id"])).await?;
        Ok(())
    }
}

pub(crate) fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).take()
}

pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("idx_{table}_{}", columns.join("_"))).table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}

fn pk_string(name: &'static str) -> ColumnDef {
    string(name).primary_key().take()
}
