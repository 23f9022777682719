//! How departments answer. Columns only: entities never leave the server.

/// How a department answers, where it is not as usual.
pub mod message_office {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_office")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub department_id: Uuid,
        pub reply_days: i32,
        /// Whatever is written to it is sensitive.
        pub sensitive: bool,
        /// What a visit by message usually costs there, in cents; it offers none otherwise.
        pub e_visit_cents: Option<i64>,
        /// Of what was given last so many percent must be used before there is more.
        pub refill_percent: i32,
        /// A request for medicine is answered within so many business days.
        pub refill_days: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// When a clinician is away, and who answers meanwhile.
pub mod clinician_away {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "clinician_away")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub clinician_id: Uuid,
        pub from_on: Date,
        /// The last day.
        pub until_on: Date,
        /// The clinician who answers meanwhile; the whole office otherwise.
        pub cover_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An answer that a department gives often.
pub mod saved_reply {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "saved_reply")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub department_id: Uuid,
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub english: String,
        #[sea_orm(column_type = "Text")]
        pub spanish: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
