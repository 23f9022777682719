//! What was added to the record. Columns only: entities never leave the server.

pub mod amendment {
    use sea_orm::entity::prelude::*;

    use crate::record::annotation::model::Voice;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "amendment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        /// The item, the result or the note.
        pub target_id: Uuid,
        pub request_id: Uuid,
        pub voice: Voice,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        pub by_name: String,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
