//! Times of clinicians, the visits that are booked into them, requests for visits, and who waits for an earlier time.

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
        times(m).await?;
        kinds(m).await?;
        bookings(m).await?;
        requests(m).await?;
        fast_pass(m).await
    }
}

/// When clinicians work, when they do not, and which of their time is taken.
async fn times(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let office = Table::create()
        .table("scheduling_office")
        .col(uuid("department_id").primary_key())
        .col(string_len("owner", 16))
        .col(integer("request_days"))
        .col(integer("fast_pass_lead_hours"))
        .col(string_len_null("access_en", 500))
        .col(string_len_null("access_es", 500))
        .col(boolean("interpreter"))
        .col(boolean("sensitive"))
        .take();
    m.create_table(office).await?;
    let hours = Table::create()
        .table("working_hours")
        .col(uuid("id").primary_key())
        .col(uuid("clinician_id"))
        .col(uuid("department_id"))
        .col(integer("weekday"))
        .col(integer("from_minute"))
        .col(integer("until_minute"))
        .col(date("first_on"))
        .col(date_null("last_on"))
        .take();
    m.create_table(hours).await?;
    m.create_index(index("working_hours", &["clinician_id"])).await?;
    m.create_index(index("working_hours", &["department_id"])).await?;
    let blocked = Table::create()
        .table("blocked_time")
        .col(uuid("id").primary_key())
        .col(uuid("department_id"))
        .col(uuid_null("clinician_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(string_len("reason", 200))
        .col(string_len("made_by", 200))
        .col(timestamp_with_time_zone("made_at"))
        .take();
    m.create_table(blocked).await?;
    m.create_index(index("blocked_time", &["department_id", "ends_at"])).await?;
    // Of a clinician each five minutes are somebody's once: the primary key is what keeps two from having them.
    let taken = Table::create()
        .table("taken_time")
        .col(uuid("clinician_id"))
        .col(big_integer("cell"))
        .col(uuid("holder"))
        .col(timestamp_with_time_zone_null("until"))
        .primary_key(Index::create().col("clinician_id").col("cell"))
        .take();
    m.create_table(taken).await?;
    m.create_index(index("taken_time", &["holder"])).await?;
    let slot = Table::create()
        .table("open_slot")
        .col(uuid("id").primary_key())
        .col(uuid("clinician_id"))
        .col(uuid("department_id"))
        .col(uuid_null("kind_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(boolean("free"))
        .take();
    m.create_table(slot).await?;
    m.create_index(index("open_slot", &["clinician_id", "starts_at"])).await
}

async fn kinds(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kind = Table::create()
        .table("visit_kind")
        .col(uuid("id").primary_key())
        .col(string_len("name_en", 120))
        .col(string_len("name_es", 120))
        .col(string_len("says_en", 500))
        .col(string_len("says_es", 500))
        .col(integer("minutes"))
        .col(string_len("who", 16))
        .col(string_len("way", 16))
        .col(text_null("before_en"))
        .col(text_null("before_es"))
        .col(big_integer_null("price_cents"))
        .col(integer("cutoff_hours"))
        .col(integer("lead_hours"))
        .col(boolean("fast_pass"))
        .col(string_len_null("order_code", 120))
        .col(integer_null("least_age"))
        .col(integer_null("most_age"))
        .col(timestamp_with_time_zone_null("retired_at"))
        .take();
    m.create_table(kind).await?;
    let offered = Table::create()
        .table("visit_kind_clinician")
        .col(uuid("kind_id"))
        .col(uuid("clinician_id"))
        .col(uuid("department_id"))
        .col(boolean("by_request"))
        .primary_key(Index::create().col("kind_id").col("clinician_id").col("department_id"))
        .take();
    m.create_table(offered).await?;
    m.create_index(index("visit_kind_clinician", &["clinician_id"])).await?;
    m.create_index(index("visit_kind_clinician", &["department_id"])).await
}

async fn bookings(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let booking = Table::create()
        .table("booking")
        .col(uuid("visit_id").primary_key())
        .col(uuid("patient_id"))
        .col(uuid_null("kind_id"))
        .col(uuid("department_id"))
        .col(uuid("clinician_id"))
        .col(uuid_null("slot_id"))
        .col(string_len_null("phone", 40))
        .col(string_len_null("interpreter", 60))
        .col(text_null("needs"))
        .col(boolean_null("insurance_same"))
        .col(uuid_null("order_id"))
        .col(uuid_null("request_id"))
        .col(boolean("overbooked"))
        .col(boolean("made_here"))
        .col(uuid_null("account_id"))
        .col(string_len("author", 200))
        .col(string_len_null("role", 32))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(timestamp_with_time_zone_null("confirmed_at"))
        .col(string_len_null("confirmed_by", 200))
        .col(timestamp_with_time_zone_null("cancelled_at"))
        .col(string_len_null("cancelled_by", 200))
        .col(string_len_null("cancelled_role", 32))
        .col(timestamp_with_time_zone_null("acknowledged_at"))
        .take();
    m.create_table(booking).await?;
    m.create_index(index("booking", &["patient_id"])).await?;
    m.create_index(index("booking", &["order_id"])).await?;
    let event = Table::create()
        .table("booking_event")
        .col(uuid("id").primary_key())
        .col(uuid("visit_id"))
        .col(timestamp_with_time_zone("at"))
        .col(string_len("what", 32))
        .col(string_len("by", 200))
        .col(string_len_null("role", 32))
        .col(timestamp_with_time_zone_null("from_at"))
        .col(timestamp_with_time_zone_null("to_at"))
        .col(text_null("words"))
        .take();
    m.create_table(event).await?;
    m.create_index(index("booking_event", &["visit_id"])).await?;
    let hold = Table::create()
        .table("visit_hold")
        .col(uuid("id").primary_key())
        .col(uuid("account_id"))
        .col(uuid("patient_id"))
        .col(uuid("kind_id"))
        .col(uuid("clinician_id"))
        .col(uuid("department_id"))
        .col(uuid_null("slot_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(timestamp_with_time_zone("until"))
        .col(boolean("renewed"))
        .col(uuid_null("moves"))
        .col(uuid_null("order_id"))
        .col(text("reason"))
        .col(string_len("phone", 40))
        .col(string_len("interpreter", 60))
        .col(text("needs"))
        .col(string_len("insurance", 16))
        .col(uuid_null("visit_id"))
        .take();
    m.create_table(hold).await?;
    m.create_index(index("visit_hold", &["account_id", "patient_id"])).await?;
    m.create_index(index("visit_hold", &["until"])).await?;
    let reminder = Table::create()
        .table("visit_reminder")
        .col(uuid("visit_id"))
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(integer("days"))
        .col(timestamp_with_time_zone("sent_at"))
        .primary_key(Index::create().col("visit_id").col("account_id").col("starts_at").col("days"))
        .take();
    m.create_table(reminder).await?;
    let link = Table::create()
        .table("visit_link")
        .col(string_len("token_hash", 64).primary_key())
        .col(uuid("visit_id"))
        .col(uuid("patient_id"))
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(string_len_null("used_for", 16))
        .take();
    m.create_table(link).await?;
    m.create_index(index("visit_link", &["starts_at"])).await
}

async fn requests(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let request = Table::create()
        .table("visit_request")
        .col(uuid("id").primary_key())
        .col(uuid("patient_id"))
        .col(uuid_null("kind_id"))
        .col(uuid("department_id"))
        .col(uuid_null("clinician_id"))
        .col(uuid_null("moves"))
        .col(uuid_null("order_id"))
        .col(string_len("state", 16))
        .col(boolean("sensitive"))
        .col(text("reason"))
        .col(string_len("how_soon", 16))
        .col(text("windows"))
        .col(string_len("contact", 200))
        .col(string_len("needs", 500))
        .col(uuid("account_id"))
        .col(string_len("author", 200))
        .col(string_len_null("role", 32))
        .col(timestamp_with_time_zone("requested_at"))
        .col(timestamp_with_time_zone("due_at"))
        .col(timestamp_with_time_zone_null("seen_at"))
        .col(string_len_null("seen_by", 200))
        .col(timestamp_with_time_zone_null("offered_at"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_len_null("decided_by", 200))
        .col(string_len_null("decided_role", 32))
        .col(text_null("answer"))
        .col(uuid_null("visit_id"))
        .take();
    m.create_table(request).await?;
    m.create_index(index("visit_request", &["patient_id"])).await?;
    m.create_index(index("visit_request", &["department_id", "state", "due_at"])).await?;
    m.create_index(index("visit_request", &["visit_id"])).await?;
    let offer = Table::create()
        .table("visit_offer")
        .col(uuid("id").primary_key())
        .col(uuid("patient_id"))
        .col(uuid_null("request_id"))
        .col(uuid_null("entry_id"))
        .col(uuid_null("opening_id"))
        .col(uuid_null("kind_id"))
        .col(uuid("clinician_id"))
        .col(uuid("department_id"))
        .col(uuid_null("slot_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(string_len("state", 16))
        .col(boolean("race"))
        .col(boolean("sensitive"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone("until"))
        .col(timestamp_with_time_zone_null("viewed_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(string_len_null("ended_by", 200))
        .take();
    m.create_table(offer).await?;
    m.create_index(index("visit_offer", &["request_id"])).await?;
    m.create_index(index("visit_offer", &["entry_id"])).await?;
    m.create_index(index("visit_offer", &["opening_id"])).await?;
    m.create_index(index("visit_offer", &["patient_id"])).await?;
    m.create_index(index("visit_offer", &["state", "until"])).await
}

async fn fast_pass(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let entry = Table::create()
        .table("fast_pass_entry")
        .col(uuid("id").primary_key())
        .col(uuid("visit_id").unique_key())
        .col(uuid("patient_id"))
        .col(uuid("kind_id"))
        .col(uuid_null("account_id"))
        .col(timestamp_with_time_zone("since"))
        .col(boolean("on"))
        .col(boolean("paused"))
        .col(integer("notice_hours"))
        .col(integer("weekdays"))
        .col(integer("from_minute"))
        .col(integer("until_minute"))
        .col(text("places"))
        .col(boolean("video"))
        .col(boolean("nights"))
        .col(boolean("short_notice"))
        .col(integer("declines"))
        .col(string_len_null("urgent_by", 200))
        .col(string_len_null("urgent_reason", 500))
        .col(timestamp_with_time_zone_null("urgent_at"))
        .take();
    m.create_table(entry).await?;
    m.create_index(index("fast_pass_entry", &["kind_id"])).await?;
    m.create_index(index("fast_pass_entry", &["patient_id"])).await?;
    let opening = Table::create()
        .table("opening")
        .col(uuid("id").primary_key())
        .col(uuid("clinician_id"))
        .col(uuid("department_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(timestamp_with_time_zone("freed_at"))
        .col(string_len("why", 16))
        .col(boolean("open"))
        .col(timestamp_with_time_zone_null("filled_at"))
        .take();
    m.create_table(opening).await?;
    m.create_index(index("opening", &["open", "starts_at"])).await?;
    m.create_index(index("opening", &["department_id", "freed_at"])).await
}
