//! What is shared, and with whom. Columns only: entities never leave the server.

pub mod share {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "share")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        /// Whose permission it rests on.
        pub account_id: Uuid,
        pub recipient: String,
        /// See [`crate::record::chapter::RecordSection::list`].
        pub sections: String,
        /// With what is sensitive; left out unless it was chosen.
        pub sensitive: bool,
        pub code_hash: String,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub wrong_tries: i32,
        pub opened_at: Option<DateTimeUtc>,
        /// Of the one browser session that reads it.
        pub session_hash: Option<String>,
        /// The reader ended it, or it was revoked.
        pub closed_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text", nullable)]
        pub note: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod health_link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "health_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub account_id: Uuid,
        /// Whom it is for, as it also stands in the link.
        pub label: String,
        pub sections: String,
        /// With what is sensitive; left out unless it was chosen.
        pub sensitive: bool,
        /// 256 random bits in the address, so that nobody guesses it.
        pub path: String,
        /// The key that stands in the link, sealed.
        pub sealed_key: Vec<u8>,
        pub passcode_hash: Option<String>,
        pub tries_left: i32,
        pub opened: i32,
        pub last_opened_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub revoked_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod take_along {
    use sea_orm::entity::prelude::*;

    use crate::features::sharing::model::State;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "take_along")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub account_id: Uuid,
        pub sections: String,
        pub since: Option<Date>,
        pub until: Option<Date>,
        pub locale: String,
        /// For the file; gone when the file is made.
        pub sealed_password: Option<Vec<u8>>,
        pub state: State,
        pub percent: i32,
        /// How often a server began to make it.
        pub tries: i32,
        /// Whether it holds what not everybody with access may see.
        pub with_sensitive: bool,
        pub created_at: DateTimeUtc,
        pub claimed_at: Option<DateTimeUtc>,
        pub ready_at: Option<DateTimeUtc>,
        pub expires_at: DateTimeUtc,
        pub file: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
