//! Estimates, and what a second person decides about. Columns only: entities never leave the server.

pub mod estimate {
    use sea_orm::entity::prelude::*;

    /// A good-faith estimate; each version is kept.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "estimate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The same for all versions.
        pub series: Uuid,
        pub version: i32,
        pub patient_id: Uuid,
        pub visit_id: Option<Uuid>,
        pub title: String,
        pub total_cents: i64,
        pub note: Option<String>,
        pub made_at: DateTimeUtc,
        pub made_by: String,
        pub newest: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod estimate_line {
    use sea_orm::entity::prelude::*;

    /// A service of an estimate.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "estimate_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub estimate_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub title: String,
        pub cents: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod ledger_proposal {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::EntryKind;

    /// An adjustment or a write-off that a second person decides about.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_proposal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub bill_id: Uuid,
        pub kind: EntryKind,
        pub cents: i64,
        pub words: String,
        pub account_id: Uuid,
        pub by: String,
        pub at: DateTimeUtc,
        pub decided_at: Option<DateTimeUtc>,
        pub decided_by: Option<String>,
        pub accepted: Option<bool>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
