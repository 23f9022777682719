//! Browsers that keep something or get notices, and notices on their way. Columns only: entities never leave the server.

/// A browser of somebody, known by its cookie. It outlives sessions that end for want of use, and goes with those that somebody ends.
pub mod phone_device {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "phone_device")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub token_hash: String,
        pub account_id: Uuid,
        /// The session that is open in it; nothing when it ended for want of use. A session that is deleted takes the row along.
        pub session_id: Option<Uuid>,
        pub device: String,
        pub made_at: DateTimeUtc,
        pub seen_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where notices for a browser go, and which it gets.
pub mod push_subscription {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "push_subscription")]
    pub struct Model {
        /// The browser.
        #[sea_orm(primary_key, auto_increment = false)]
        pub phone_id: Uuid,
        pub account_id: Uuid,
        pub endpoint_hash: String,
        #[sea_orm(column_type = "Text")]
        pub endpoint: String,
        /// The browser's public key, and its secret.
        pub p256dh: String,
        pub auth: String,
        /// Kinds of news and people of whom it gets none, with commas between.
        #[sea_orm(column_type = "Text")]
        pub kinds_off: String,
        #[sea_orm(column_type = "Text")]
        pub people_off: String,
        /// Hours of the organisation's day between which nothing is sent.
        pub quiet_from: Option<i32>,
        pub quiet_until: Option<i32>,
        /// No e-mail about what it tells, unless it cannot be told.
        pub instead_of_mail: bool,
        pub made_at: DateTimeUtc,
        /// Notices in a row that its service refused.
        pub failed: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A notice that is not delivered yet.
pub mod push_notice {
    use sea_orm::entity::prelude::*;

    use crate::platform::mail::model::News;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "push_notice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub phone_id: Uuid,
        pub news: News,
        /// Whose charts it is about, with commas between; nobody's when it is about the account.
        #[sea_orm(column_type = "Text")]
        pub about: String,
        pub locale: String,
        /// The letter that is held back for it.
        pub letter_id: Option<Uuid>,
        pub tries: i32,
        pub next_try_at: DateTimeUtc,
        pub locked_until: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The key by which push services know the portal.
pub mod push_key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "push_key")]
    pub struct Model {
        /// There is one.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub sealed: Vec<u8>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
