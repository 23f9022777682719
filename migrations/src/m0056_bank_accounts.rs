//! Bank accounts: a debit is on its way for days, and an account may have to be verified before it is charged.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("ALTER TABLE bill ADD COLUMN pending_cents BIGINT NOT NULL DEFAULT 0").await?;
        db.execute_unprepared("ALTER TABLE payment_method ADD COLUMN unverified BOOLEAN NOT NULL DEFAULT FALSE").await?;
        db.execute_unprepared("ALTER TABLE payment_method ADD COLUMN forgotten BOOLEAN NOT NULL DEFAULT TRUE").await?;
        for (table, column) in [
            ("payment_method", "setup_id"),
            ("payment_method", "verify_url"),
            ("payment_method", "fingerprint"),
            ("payment_attempt", "kind"),
            ("payment_attempt", "brand"),
            ("payment_attempt", "last4"),
        ] {
            db.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {column} TEXT")).await?;
        }
        for table in ["payment_method", "payment_attempt"] {
            let mut looked_at = timestamp_with_time_zone_null("looked_at");
            m.alter_table(Table::alter().table(Alias::new(table)).add_column(&mut looked_at).to_owned()).await?;
        }
        // Few of many: what is on its way, and what waits for two small deposits.
        db.execute_unprepared("CREATE INDEX idx_payment_attempt_on_its_way ON payment_attempt (looked_at) WHERE state = 'processing'")
            .await?;
        db.execute_unprepared("CREATE INDEX idx_payment_attempt_debits_of ON payment_attempt (guarantor_id) WHERE state = 'processing'")
            .await?;
        db.execute_unprepared("CREATE INDEX idx_payment_method_to_forget ON payment_method (removed_at) WHERE NOT forgotten").await?;
        db.execute_unprepared("CREATE INDEX idx_payment_method_unverified ON payment_method (looked_at) WHERE unverified").await?;
        Ok(())
    }
}
