//! Letters in classes, of which the urgent one is sent first; what sent letters said is forgotten.

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
        let mut class = integer("class").default(1).take();
        m.alter_table(Table::alter().table("outbox_mail").add_column(&mut class).take()).await?;
        let db = m.get_connection();
        db.execute_unprepared("UPDATE outbox_mail SET class = 0 WHERE news IN ('security', 'asked')").await?;
        db.execute_unprepared("UPDATE outbox_mail SET text = '', html = '' WHERE state IN ('sent', 'failed')").await?;
        m.drop_index(Index::drop().name("idx_outbox_mail_state_next_try_at").table("outbox_mail").to_owned()).await?;
        m.create_index(index("outbox_mail", &["state", "class", "next_try_at"])).await
    }
}
