//! Acts that go out. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

use super::model::ActKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outgoing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: ActKind,
    /// The message, request or statement that somebody made or changed.
    pub about: Uuid,
    pub at: DateTimeUtc,
    /// Its place among all that went out; given when it is read first, so that nothing that is committed later comes before it.
    #[sea_orm(unique)]
    pub number: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
