//! Medications: prescriptions and what pharmacies gave, which departments are pharmacies, and requests for more.

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
        let place = |column: ColumnDef| Table::alter().table("department").add_column(column).take();
        m.alter_table(place(boolean("pharmacy").default(false).take())).await?;
        m.alter_table(place(boolean("delivers").default(false).take())).await?;
        m.create_index(index("department", &["pharmacy", "name"])).await?;
        let prescription = Table::create()
            .table("prescription")
            .col(uuid("id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid_null("clinician_id"))
            .col(uuid_null("visit_id"))
            .col(integer_null("repeats"))
            .col(date_null("valid_until"))
            .col(integer_null("days"))
            .col(boolean("days_computed"))
            .col(timestamp_with_time_zone_null("authored_at"))
            .col(date_null("runs_out_on"))
            .col(uuid_null("answers"))
            .col(boolean("sensitive"))
            .take();
        m.create_table(prescription).await?;
        m.create_index(index("prescription", &["patient_id", "runs_out_on"])).await?;
        m.create_index(index("prescription", &["answers"])).await?;
        let dispense = Table::create()
            .table("dispense")
            .col(uuid("id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid("prescription_id"))
            .col(string_len("state", 20))
            .col(integer_null("days"))
            .col(string_len_null("quantity", 100))
            .col(timestamp_with_time_zone_null("prepared_at"))
            .col(timestamp_with_time_zone_null("handed_over_at"))
            .col(string_len_null("pharmacy", 200))
            .take();
        m.create_table(dispense).await?;
        m.create_index(index("dispense", &["patient_id"])).await?;
        m.create_index(index("dispense", &["prescription_id"])).await?;
        let request = Table::create()
            .table("refill_request")
            .col(uuid("id").primary_key())
            .col(uuid("batch"))
            .col(uuid("patient_id"))
            .col(uuid("prescription_id"))
            .col(uuid_null("open_for").unique_key())
            .col(string_len("medicine", 500))
            .col(string_len("kind", 20))
            .col(string_len("state", 20))
            .col(boolean("sensitive"))
            .col(uuid("department_id"))
            .col(uuid_null("clinician_id"))
            .col(uuid_null("pharmacy_id"))
            .col(string_len("pharmacy", 400))
            .col(boolean("delivery"))
            .col(integer_null("days_left"))
            .col(text_null("comment"))
            .col(uuid("account_id"))
            .col(string_len("author", 200))
            .col(string_len_null("role", 20))
            .col(timestamp_with_time_zone("prepared_at"))
            .col(timestamp_with_time_zone_null("requested_at"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(timestamp_with_time_zone_null("seen_at"))
            .col(string_len_null("seen_by", 200))
            .col(timestamp_with_time_zone_null("decided_at"))
            .col(string_len_null("decided_by", 200))
            .col(string_len_null("decided_role", 20))
            .col(text_null("answer"))
            .col(integer_null("refills"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("ready_at"))
            .col(timestamp_with_time_zone_null("done_at"))
            .col(timestamp_with_time_zone_null("withdrawn_at"))
            .col(timestamp_with_time_zone_null("told_sent_at"))
            .col(timestamp_with_time_zone_null("told_ready_at"))
            .col(timestamp_with_time_zone_null("told_done_at"))
            .take();
        m.create_table(request).await?;
        m.create_index(index("refill_request", &["patient_id", "prepared_at"])).await?;
        m.create_index(index("refill_request", &["batch"])).await?;
        m.create_index(index("refill_request", &["account_id", "state"])).await?;
        m.create_index(index("refill_request", &["department_id", "state", "due_at"])).await?;
        let preferred = Table::create()
            .table("preferred_pharmacy")
            .col(uuid("patient_id").primary_key())
            .col(uuid("department_id"))
            .col(timestamp_with_time_zone("at"))
            .take();
        m.create_table(preferred).await?;
        let proposal = Table::create()
            .table("medicine_proposal")
            .col(uuid("id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid_null("item_id"))
            .col(string_len("kind", 20))
            .col(string_len("title", 500))
            .col(text("words"))
            .col(string_len("state", 20))
            .col(boolean("sensitive"))
            .col(uuid("department_id"))
            .col(uuid("account_id"))
            .col(string_len("author", 200))
            .col(string_len_null("role", 20))
            .col(timestamp_with_time_zone("made_at"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone_null("decided_at"))
            .col(string_len_null("decided_by", 200))
            .col(string_len_null("decided_role", 20))
            .col(text_null("answer"))
            .take();
        m.create_table(proposal).await?;
        m.create_index(index("medicine_proposal", &["patient_id", "made_at"])).await?;
        m.create_index(index("medicine_proposal", &["department_id", "state", "due_at"])).await
    }
}
