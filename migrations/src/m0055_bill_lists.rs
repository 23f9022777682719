//! The lists of the billing office: the few bills among many that do not add up, or of which more was paid than was due. Bills of which a
//! sum cannot be read. A card is kept once.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("CREATE INDEX idx_bill_checking ON bill (issued_on) WHERE state = 'checking'").await?;
        db.execute_unprepared("CREATE INDEX idx_bill_credit ON bill (issued_on) WHERE balance_cents < 0").await?;
        db.execute_unprepared("ALTER TABLE bill ADD COLUMN unreadable BOOLEAN NOT NULL DEFAULT FALSE").await?;
        // Of a card that was kept twice, the first one stays.
        let first = "SELECT f.id FROM payment_method m JOIN payment_method f ON f.account_id = m.account_id AND f.token = m.token \
                     WHERE m.id = payment_plan.method_id ORDER BY f.added_at, f.id LIMIT 1";
        db.execute_unprepared(&format!("UPDATE payment_plan SET method_id = ({first}) WHERE EXISTS ({first})")).await?;
        let again = "DELETE FROM payment_method WHERE EXISTS (SELECT 1 FROM payment_method AS f WHERE f.account_id = payment_method.account_id \
                     AND f.token = payment_method.token AND (f.added_at < payment_method.added_at \
                     OR (f.added_at = payment_method.added_at AND f.id < payment_method.id)))";
        db.execute_unprepared(again).await?;
        db.execute_unprepared("CREATE UNIQUE INDEX idx_payment_method_token ON payment_method (account_id, token)").await?;
        Ok(())
    }
}
