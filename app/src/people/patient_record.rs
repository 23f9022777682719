//! The charts of Patient resources. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

/// Several Patient resources may be one person's, and one chart.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
    pub patient_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What Patient resources say of each other (FHIR R4, Patient.link).
pub mod link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "patient_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub stated_by: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub from_id: Uuid,
        /// The record to be used.
        #[sea_orm(primary_key, auto_increment = false)]
        pub to_id: Uuid,
        /// `from_id` is not used any more; otherwise both are.
        pub replaced: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What went along with a chart into another.
pub mod moved {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "patient_moved")]
    pub struct Model {
        /// The table.
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub from_patient: Uuid,
        pub to_patient: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Records that somebody of the front desk joined: they are one person's.
pub mod join {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "patient_join")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The Patient resource whose chart went into the other.
        pub from_id: Uuid,
        /// The Patient resource to be used.
        pub to_id: Uuid,
        pub joined_by: String,
        pub joined_at: DateTimeUtc,
        /// How it is known that both are one person, in the words of whoever joined them.
        pub known_by: String,
        pub undone_by: Option<String>,
        pub undone_at: Option<DateTimeUtc>,
        pub reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
