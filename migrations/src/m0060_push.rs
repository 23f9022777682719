//! Browsers that keep something or get notices, notices on their way, and the key by which push services know the portal.

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
        let cascade = |table: &'static str, column: &'static str, to: &'static str, key: &'static str| {
            ForeignKey::create().from(table, column).to(to, key).on_delete(ForeignKeyAction::Cascade).take()
        };
        // A session that is ended by hand takes its browser along: one that ends for want of use is taken out of it before.
        let phone = Table::create()
            .table("phone_device")
            .col(uuid("id").primary_key())
            .col(string_len("token_hash", 64).unique_key())
            .col(uuid("account_id"))
            .col(uuid_null("session_id"))
            .col(string_len("device", 200))
            .col(timestamp_with_time_zone("made_at"))
            .col(timestamp_with_time_zone("seen_at"))
            .foreign_key(&mut cascade("phone_device", "account_id", "account", "id"))
            .foreign_key(&mut cascade("phone_device", "session_id", "account_session", "id"))
            .take();
        m.create_table(phone).await?;
        m.create_index(index("phone_device", &["account_id"])).await?;
        m.create_index(index("phone_device", &["session_id"])).await?;
        let subscription = Table::create()
            .table("push_subscription")
            .col(uuid("phone_id").primary_key())
            .col(uuid("account_id"))
            .col(string_len("endpoint_hash", 64).unique_key())
            .col(text("endpoint"))
            .col(string_len("p256dh", 100))
            .col(string_len("auth", 40))
            .col(text("kinds_off"))
            .col(text("people_off"))
            .col(integer_null("quiet_from"))
            .col(integer_null("quiet_until"))
            .col(boolean("instead_of_mail"))
            .col(timestamp_with_time_zone("made_at"))
            .col(integer("failed"))
            .foreign_key(&mut cascade("push_subscription", "phone_id", "phone_device", "id"))
            .take();
        m.create_table(subscription).await?;
        m.create_index(index("push_subscription", &["account_id"])).await?;
        let notice = Table::create()
            .table("push_notice")
            .col(uuid("id").primary_key())
            .col(uuid("phone_id"))
            .col(string_len("news", 16))
            .col(text("about"))
            .col(string_len("locale", 8))
            .col(uuid_null("letter_id"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone("next_try_at"))
            .col(timestamp_with_time_zone_null("locked_until"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut cascade("push_notice", "phone_id", "push_subscription", "phone_id"))
            .take();
        m.create_table(notice).await?;
        for columns in [&["phone_id"], &["letter_id"], &["next_try_at"]] {
            m.create_index(index("push_notice", columns)).await?;
        }
        let key = Table::create()
            .table("push_key")
            .col(integer("id").primary_key())
            .col(blob("sealed"))
            .col(timestamp_with_time_zone("created_at"))
            .take();
        m.create_table(key).await
    }
}
