//! The lines of After Visit Summaries. Columns only: entities never leave the server.

pub mod summary_item {
    use sea_orm::entity::prelude::*;

    use crate::record::summary::model::Section;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "summary_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub resource_id: Uuid,
        pub patient_id: Uuid,
        pub visit_id: Uuid,
        pub section: Section,
        pub position: i32,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub detail: Option<String>,
        pub due_on: Option<Date>,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
