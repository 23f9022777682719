//! Bills, the ledger, payments, plans, paying as a guest, estimates.

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
        bills(m).await?;
        payments(m).await?;
        guests(m).await?;
        estimates(m).await
    }
}

async fn bills(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guarantor = Table::create()
        .table("guarantor")
        .col(uuid("id").primary_key())
        .col(string_len("party_key", 80))
        .col(string_len("number", 40))
        .col(string_len("given_name", 200))
        .col(string_len("family_name", 200))
        .col(string_len("folded_family", 200))
        .col(date_null("birth_date"))
        .col(uuid_null("patient_id"))
        .col(uuid_null("account_id"))
        .col(text_null("address"))
        .col(boolean("paperless"))
        .col(date_null("told_month"))
        .col(timestamp_with_time_zone("made_at"))
        .take();
    m.create_table(guarantor).await?;
    m.create_index(index("guarantor", &["patient_id"])).await?;
    m.create_index(index("guarantor", &["account_id"])).await?;
    m.create_index(index("guarantor", &["paperless", "told_month"])).await?;
    m.create_index(index("guarantor", &["folded_family"])).await?;
    m.create_index(index("guarantor", &["party_key"]).unique().take()).await?;
    m.create_index(index("guarantor", &["number"]).unique().take()).await?;
    let bill = Table::create()
        .table("bill")
        .col(uuid("id").primary_key())
        .col(uuid_null("guarantor_id"))
        .col(uuid_null("moved_from"))
        .col(uuid("patient_id"))
        .col(uuid_null("visit_id"))
        .col(string_len("number", 60))
        .col(string_len_null("title", 300))
        .col(date_null("service_on"))
        .col(date("issued_on"))
        .col(date("due_on"))
        .col(string_len("currency", 3))
        .col(string_len("state", 24))
        .col(string_len_null("problem", 40))
        .col(boolean("confidential"))
        .col(timestamp_with_time_zone_null("agreed_at"))
        .col(big_integer_null("gross_cents"))
        .col(big_integer_null("net_cents"))
        .col(big_integer("balance_cents"))
        .col(boolean("is_open"))
        .col(timestamp_with_time_zone("changed_at"))
        .take();
    m.create_table(bill).await?;
    m.create_index(index("bill", &["guarantor_id", "is_open", "issued_on"])).await?;
    m.create_index(index("bill", &["patient_id"])).await?;
    m.create_index(index("bill", &["visit_id"])).await?;
    m.create_index(index("bill", &["number"])).await?;
    let bill_line = Table::create()
        .table("bill_line")
        .col(uuid("bill_id"))
        .col(integer("position"))
        .col(string_len_null("code", 60))
        .col(string_len_null("system", 200))
        .col(string_len("title", 300))
        .col(big_integer("charged_cents"))
        .col(big_integer("adjusted_cents"))
        .primary_key(Index::create().col("bill_id").col("position"))
        .take();
    m.create_table(bill_line).await?;
    let ledger_entry = Table::create()
        .table("ledger_entry")
        .col(uuid("id").primary_key())
        .col(uuid("bill_id"))
        .col(string_len("kind", 24))
        .col(big_integer("cents"))
        .col(timestamp_with_time_zone("at"))
        .col(string_len("source_key", 160))
        .col(string_len_null("words", 500))
        .col(string_len_null("by", 200))
        .col(uuid_null("attempt_id"))
        .take();
    m.create_table(ledger_entry).await?;
    m.create_index(index("ledger_entry", &["bill_id", "at"])).await?;
    m.create_index(index("ledger_entry", &["attempt_id"])).await?;
    m.create_index(index("ledger_entry", &["at"])).await?;
    m.create_index(index("ledger_entry", &["source_key"]).unique().take()).await?;
    let benefit = Table::create()
        .table("benefit")
        .col(uuid("id").primary_key())
        .col(uuid("patient_id"))
        .col(uuid_null("visit_id"))
        .col(string_len_null("number", 60))
        .col(string_len_null("insurer", 200))
        .col(date_null("created_on"))
        .col(string_len("currency", 3))
        .col(big_integer_null("charged_cents"))
        .col(big_integer_null("allowed_cents"))
        .col(big_integer_null("paid_cents"))
        .col(big_integer_null("owed_cents"))
        .col(big_integer("deductible_cents"))
        .col(big_integer("coinsurance_cents"))
        .col(big_integer("copay_cents"))
        .col(big_integer("noncovered_cents"))
        .col(string_len("codes", 400))
        .col(boolean("adds_up"))
        .col(boolean("sensitive"))
        .col(boolean("cancelled"))
        .take();
    m.create_table(benefit).await?;
    m.create_index(index("benefit", &["patient_id"])).await?;
    m.create_index(index("benefit", &["visit_id"])).await?;
    m.create_index(index("benefit", &["number"])).await?;
    let benefit_line = Table::create()
        .table("benefit_line")
        .col(uuid("benefit_id"))
        .col(integer("position"))
        .col(string_len_null("code", 60))
        .col(string_len("title", 300))
        .col(big_integer_null("charged_cents"))
        .col(big_integer_null("allowed_cents"))
        .col(big_integer_null("paid_cents"))
        .col(big_integer_null("owed_cents"))
        .primary_key(Index::create().col("benefit_id").col("position"))
        .take();
    m.create_table(benefit_line).await?;
    let claim_sent = Table::create()
        .table("claim_sent")
        .col(uuid("id").primary_key())
        .col(uuid("patient_id"))
        .col(uuid_null("visit_id"))
        .col(string_len_null("number", 60))
        .col(boolean("cancelled"))
        .take();
    m.create_table(claim_sent).await?;
    m.create_index(index("claim_sent", &["visit_id"])).await?;
    m.create_index(index("claim_sent", &["number"])).await?;
    let posted_payment = Table::create()
        .table("posted_payment")
        .col(uuid("id"))
        .col(integer("position"))
        .col(uuid_null("bill_id"))
        .col(uuid_null("claim_id"))
        .col(big_integer("cents"))
        .col(date("posted_on"))
        .col(boolean("by_insurer"))
        .col(boolean("cancelled"))
        .primary_key(Index::create().col("id").col("position"))
        .take();
    m.create_table(posted_payment).await?;
    m.create_index(index("posted_payment", &["bill_id"])).await?;
    m.create_index(index("posted_payment", &["claim_id"])).await?;
    let coverage = Table::create()
        .table("coverage")
        .col(uuid("id").primary_key())
        .col(uuid("patient_id"))
        .col(string_len("insurer", 200))
        .col(string_len_null("plan_name", 200))
        .col(string_len_null("member_id", 60))
        .col(string_len_null("group_id", 60))
        .col(string_len_null("relationship", 60))
        .col(string_len_null("holder", 200))
        .col(date_null("starts_on"))
        .col(date_null("ends_on"))
        .col(boolean("active"))
        .col(boolean("from_record"))
        .col(uuid_null("request_id"))
        .col(timestamp_with_time_zone("made_at"))
        .take();
    m.create_table(coverage).await?;
    m.create_index(index("coverage", &["patient_id"])).await
}

async fn payments(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let payment_method = Table::create()
        .table("payment_method")
        .col(uuid("id").primary_key())
        .col(uuid("account_id"))
        .col(string_len("kind", 8))
        .col(string_len("brand", 24))
        .col(string_len("last4", 4))
        .col(string_len_null("expires", 7))
        .col(string_len("customer", 80))
        .col(string_len("token", 80))
        .col(timestamp_with_time_zone("added_at"))
        .col(timestamp_with_time_zone_null("removed_at"))
        .take();
    m.create_table(payment_method).await?;
    m.create_index(index("payment_method", &["account_id"])).await?;
    let payment_attempt = Table::create()
        .table("payment_attempt")
        .col(uuid("id").primary_key())
        .col(uuid("guarantor_id"))
        .col(uuid_null("account_id"))
        .col(uuid_null("method_id"))
        .col(string_len_null("token", 80))
        .col(uuid_null("plan_id"))
        .col(date_null("plan_due_on"))
        .col(boolean("guest"))
        .col(big_integer("cents"))
        .col(string_len("currency", 3))
        .col(string_len("state", 24))
        .col(uuid_null("open_for"))
        .col(string_len_null("processor_id", 80))
        .col(string_len_null("decline", 60))
        .col(string_len("receipt", 20))
        .col(string_len_null("tell", 200))
        .col(text_null("next_url"))
        .col(string_len_null("client_secret", 200))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone_null("asked_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .col(timestamp_with_time_zone_null("raised_at"))
        .col(string_len("by", 200))
        .take();
    m.create_table(payment_attempt).await?;
    m.create_index(index("payment_attempt", &["guarantor_id", "made_at"])).await?;
    m.create_index(index("payment_attempt", &["processor_id"])).await?;
    m.create_index(index("payment_attempt", &["state", "asked_at"])).await?;
    m.create_index(index("payment_attempt", &["made_at"])).await?;
    m.create_index(index("payment_attempt", &["open_for"]).unique().take()).await?;
    m.create_index(index("payment_attempt", &["receipt"]).unique().take()).await?;
    let payment_part = Table::create()
        .table("payment_part")
        .col(uuid("attempt_id"))
        .col(uuid("bill_id"))
        .col(big_integer("cents"))
        .primary_key(Index::create().col("attempt_id").col("bill_id"))
        .take();
    m.create_table(payment_part).await?;
    m.create_index(index("payment_part", &["bill_id"])).await?;
    let payment_refund = Table::create()
        .table("payment_refund")
        .col(uuid("id").primary_key())
        .col(uuid("attempt_id"))
        .col(uuid("bill_id"))
        .col(big_integer("cents"))
        .col(string_len("words", 500))
        .col(string_len("by", 200))
        .col(string_len("state", 24))
        .col(string_len_null("processor_id", 80))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .take();
    m.create_table(payment_refund).await?;
    m.create_index(index("payment_refund", &["attempt_id"])).await?;
    m.create_index(index("payment_refund", &["bill_id"])).await?;
    m.create_index(index("payment_refund", &["state"])).await?;
    let processor_event = Table::create()
        .table("processor_event")
        .col(string_len("id", 120).primary_key())
        .col(string_len("kind", 80))
        .col(string_len_null("object", 120))
        .col(timestamp_with_time_zone("received_at"))
        .col(timestamp_with_time_zone_null("handled_at"))
        .take();
    m.create_table(processor_event).await?;
    let payment_plan = Table::create()
        .table("payment_plan")
        .col(uuid("id").primary_key())
        .col(uuid("guarantor_id"))
        .col(uuid("account_id"))
        .col(uuid("method_id"))
        .col(big_integer("total_cents"))
        .col(big_integer("monthly_cents"))
        .col(integer("day"))
        .col(string_len("state", 24))
        .col(integer("misses"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(string_len_null("ended_why", 24))
        .col(string_len("by", 200))
        .take();
    m.create_table(payment_plan).await?;
    m.create_index(index("payment_plan", &["guarantor_id"])).await?;
    m.create_index(index("payment_plan", &["account_id"])).await?;
    let plan_bill = Table::create()
        .table("plan_bill")
        .col(uuid("plan_id"))
        .col(uuid("bill_id"))
        .primary_key(Index::create().col("plan_id").col("bill_id"))
        .take();
    m.create_table(plan_bill).await?;
    m.create_index(index("plan_bill", &["bill_id"])).await?;
    let plan_payment = Table::create()
        .table("plan_payment")
        .col(uuid("plan_id"))
        .col(date("due_on"))
        .col(big_integer("cents"))
        .col(string_len("state", 24))
        .col(integer("tries"))
        .col(date_null("try_on"))
        .col(uuid_null("attempt_id"))
        .primary_key(Index::create().col("plan_id").col("due_on"))
        .take();
    m.create_table(plan_payment).await?;
    m.create_index(index("plan_payment", &["state", "try_on"])).await
}

async fn guests(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guest_code = Table::create()
        .table("guest_code")
        .col(string_len("code_hash", 64).primary_key())
        .col(uuid("bill_id"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(string_len("made_by", 200))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .take();
    m.create_table(guest_code).await?;
    m.create_index(index("guest_code", &["bill_id"])).await?;
    let guest_visit = Table::create()
        .table("guest_visit")
        .col(string_len("token_hash", 64).primary_key())
        .col(uuid("guarantor_id"))
        .col(uuid_null("bill_id"))
        .col(timestamp_with_time_zone("expires_at"))
        .take();
    m.create_table(guest_visit).await?;
    m.create_index(index("guest_visit", &["expires_at"])).await
}

async fn estimates(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let estimate = Table::create()
        .table("estimate")
        .col(uuid("id").primary_key())
        .col(uuid("series"))
        .col(integer("version"))
        .col(uuid("patient_id"))
        .col(uuid_null("visit_id"))
        .col(string_len("title", 300))
        .col(big_integer("total_cents"))
        .col(string_len_null("note", 500))
        .col(timestamp_with_time_zone("made_at"))
        .col(string_len("made_by", 200))
        .col(boolean("newest"))
        .take();
    m.create_table(estimate).await?;
    m.create_index(index("estimate", &["patient_id"])).await?;
    m.create_index(index("estimate", &["visit_id"])).await?;
    m.create_index(index("estimate", &["series"])).await?;
    let estimate_line = Table::create()
        .table("estimate_line")
        .col(uuid("estimate_id"))
        .col(integer("position"))
        .col(string_len("title", 300))
        .col(big_integer("cents"))
        .primary_key(Index::create().col("estimate_id").col("position"))
        .take();
    m.create_table(estimate_line).await?;
    let ledger_proposal = Table::create()
        .table("ledger_proposal")
        .col(uuid("id").primary_key())
        .col(uuid("bill_id"))
        .col(string_len("kind", 24))
        .col(big_integer("cents"))
        .col(string_len("words", 500))
        .col(uuid("account_id"))
        .col(string_len("by", 200))
        .col(timestamp_with_time_zone("at"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_len_null("decided_by", 200))
        .col(boolean_null("accepted"))
        .take();
    m.create_table(ledger_proposal).await?;
    m.create_index(index("ledger_proposal", &["bill_id"])).await?;
    m.create_index(index("ledger_proposal", &["decided_at"])).await
}
