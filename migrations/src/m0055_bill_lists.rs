//! The lists of the billing office: the few bills among many that do not add up, or of which more was paid than was due.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("CREATE INDEX idx_bill_checking ON bill (issued_on) WHERE state = 'checking'").await?;
        db.execute_unprepared("CREATE INDEX idx_bill_credit ON bill (issued_on) WHERE balance_cents < 0").await?;
        Ok(())
    }
}
