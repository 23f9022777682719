//! Access that one person has to another's chart. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

use crate::{
    base::end_reason::EndReason,
    people::relation::{AdultLevel, Basis, Relationship},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "proxy_grant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub patient_id: Uuid,
    pub basis: Basis,
    pub relationship: Relationship,
    pub level: Option<AdultLevel>,
    /// The patient lets them share the record with others.
    pub may_share: bool,
    pub hue: i32,
    pub created_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub end_reason: Option<EndReason>,
    pub last_used_at: Option<DateTimeUtc>,
    /// The organisation's day on which people were last told what will change about it.
    pub noticed_on: Option<Date>,
    /// The name of whoever gave it; nothing when the record itself did.
    pub given_by: Option<String>,
    /// Who of the staff ended it, and why.
    pub end_note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
