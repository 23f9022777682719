//! Visits by video: how departments hold them, rooms with who is in them and what they tell each other, guests, and calls instead.

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
        m.alter_table(Table::alter().table("visit").add_column(text_null("join_url")).take()).await?;
        let office = Table::create()
            .table("video_office")
            .col(uuid("department_id").primary_key())
            .col(boolean("in_portal"))
            .col(integer("opens_minutes"))
            .take();
        m.create_table(office).await?;
        let room = Table::create()
            .table("video_room")
            .col(uuid("visit_id").primary_key())
            .col(big_integer("last_number"))
            .col(big_integer("people_number"))
            .col(boolean("closed"))
            .col(timestamp_with_time_zone_null("begun_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(boolean("chat_kept"))
            .take();
        m.create_table(room).await?;
        m.create_index(index("video_room", &["ended_at"])).await?;
        let participant = Table::create()
            .table("video_participant")
            .col(uuid("id").primary_key())
            .col(uuid("visit_id"))
            .col(uuid_null("account_id"))
            .col(uuid_null("guest_id"))
            .col(string_len("role", 16))
            .col(string_len("name", 200))
            .col(string_len("ticket_hash", 64))
            .col(string_len_null("ticket_before", 64))
            .col(big_integer("hears_after"))
            .col(boolean("inside"))
            .col(boolean("was_inside"))
            .col(boolean("mic"))
            .col(boolean("camera"))
            .col(boolean("screen"))
            .col(boolean("keeps_chat"))
            .col(timestamp_with_time_zone("since"))
            .col(timestamp_with_time_zone("seen_at"))
            .col(boolean("gone"))
            .col(timestamp_with_time_zone_null("removed_at"))
            .take();
        m.create_table(participant).await?;
        m.create_index(index("video_participant", &["visit_id", "account_id"]).unique().take()).await?;
        m.create_index(index("video_participant", &["visit_id", "guest_id"]).unique().take()).await?;
        let signal = Table::create()
            .table("video_signal")
            .col(uuid("visit_id"))
            .col(big_integer("number"))
            .col(uuid("from_id"))
            .col(uuid("to_id"))
            .col(text("data"))
            .primary_key(Index::create().col("visit_id").col("number"))
            .take();
        m.create_table(signal).await?;
        let chat = Table::create()
            .table("video_chat")
            .col(uuid("visit_id"))
            .col(big_integer("number"))
            .col(uuid("from_id"))
            .col(string_len("sending_key", 100))
            .col(text("words"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("visit_id").col("number"))
            .take();
        m.create_table(chat).await?;
        m.create_index(index("video_chat", &["from_id", "sending_key"]).unique().take()).await?;
        let guest = Table::create()
            .table("video_guest")
            .col(uuid("id").primary_key())
            .col(uuid("visit_id"))
            .col(string_len("code_hash", 64))
            .col(binary("sealed_code"))
            .col(string_len("whom", 100))
            .col(string_len_null("name", 100))
            .col(string_len("made_by", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone("made_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(string_len_null("ended_by", 200))
            .take();
        m.create_table(guest).await?;
        m.create_index(index("video_guest", &["code_hash"]).unique().take()).await?;
        m.create_index(index("video_guest", &["visit_id"])).await?;
        let call_back = Table::create()
            .table("video_call_back")
            .col(uuid("visit_id").primary_key())
            .col(uuid("patient_id"))
            .col(uuid("department_id"))
            .col(string_len("phone", 40))
            .col(string_len("author", 200))
            .col(string_len_null("role", 32))
            .col(timestamp_with_time_zone("asked_at"))
            .col(timestamp_with_time_zone_null("called_at"))
            .col(string_len_null("called_by", 200))
            .take();
        m.create_table(call_back).await?;
        m.create_index(index("video_call_back", &["department_id", "called_at"])).await
    }
}
