//! Emancipations of minors, with who recorded and who undid them. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "emancipation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub patient_id: Uuid,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    pub undone_at: Option<DateTimeUtc>,
    pub undone_by: Option<String>,
    /// Why it was undone.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
