//! What became of visits, and what somebody is about to book.

pub mod booking_event {
    use sea_orm::entity::prelude::*;

    use crate::desk::scheduling::model::Happened;

    /// What became of a visit, in order.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "booking_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub visit_id: Uuid,
        pub at: DateTimeUtc,
        pub what: Happened,
        pub by: String,
        pub role: Option<String>,
        pub from_at: Option<DateTimeUtc>,
        pub to_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text", nullable)]
        pub words: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod visit_hold {
    use sea_orm::entity::prelude::*;

    /// A time that somebody chose and has not booked yet, with what they typed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_hold")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub patient_id: Uuid,
        pub kind_id: Uuid,
        pub clinician_id: Uuid,
        pub department_id: Uuid,
        pub slot_id: Option<Uuid>,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub until: DateTimeUtc,
        pub renewed: bool,
        /// The visit that is to be moved there.
        pub moves: Option<Uuid>,
        pub order_id: Option<Uuid>,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub phone: String,
        pub interpreter: String,
        #[sea_orm(column_type = "Text")]
        pub needs: String,
        pub insurance: String,
        /// The visit that it has become.
        pub visit_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
