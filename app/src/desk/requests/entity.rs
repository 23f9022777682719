//! What people ask of staff. Columns only: entities never leave the server.

pub mod request {
    use sea_orm::entity::prelude::*;

    use crate::desk::requests::model::RequestState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        /// The key of its kind.
        pub kind: String,
        pub state: RequestState,
        pub account_id: Option<Uuid>,
        pub patient_id: Option<Uuid>,
        pub name: String,
        pub email: Option<String>,
        pub locale: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub created_at: DateTimeUtc,
        pub due_on: Date,
        #[sea_orm(column_type = "Text")]
        pub answer: Option<String>,
        pub answered_by: Option<String>,
        pub answered_at: Option<DateTimeUtc>,
        /// Who took it for the chosen record although details differed, which, and how they knew.
        #[sea_orm(column_type = "Text")]
        pub confirmed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod attachment {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub request_id: Uuid,
        pub name: String,
        pub media_type: String,
        pub body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
