//! What staff accepted and the hospital's records do not say yet. Columns only: entities never leave the server.

pub mod patient_overlay {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "patient_overlay")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub patient_id: Uuid,
        /// A column of `patient`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub field: String,
        #[sea_orm(column_type = "Text")]
        pub value: Option<String>,
        pub accepted_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
