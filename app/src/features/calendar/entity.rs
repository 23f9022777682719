//! Private addresses of calendars. Columns only: entities never leave the server.

pub mod calendar_feed {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "calendar_feed")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// An account has one address at most.
        #[sea_orm(unique)]
        pub account_id: Uuid,
        /// By which a calendar program is known.
        #[sea_orm(unique)]
        pub token_hash: String,
        /// Sealed with the portal's secret, so that its owner sees it again.
        pub sealed_token: Vec<u8>,
        /// With the title of the visit, the department and what to do before.
        pub details: bool,
        /// With the given names of the persons.
        pub names: bool,
        pub made_at: DateTimeUtc,
        /// When its owner changed last what is told of visits.
        pub changed_at: DateTimeUtc,
        /// When a calendar program read it last.
        pub fetched_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Whose visits are in it.
pub mod calendar_feed_person {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "calendar_feed_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub feed_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub patient_id: Uuid,
        /// The day on which the chart's access log said last that it was read.
        pub logged_on: Option<Date>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
