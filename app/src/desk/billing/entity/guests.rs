//! Paying without an account. Columns only: entities never leave the server.

pub mod guest_code {
    use sea_orm::entity::prelude::*;

    /// The code of a printed letter: it opens what one bill asks for, and nothing else.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "guest_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code_hash: String,
        pub bill_id: Uuid,
        pub made_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub made_by: String,
        pub revoked_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod guest_visit {
    use sea_orm::entity::prelude::*;

    /// Somebody who proved that a bill is theirs to pay, for a short time.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "guest_visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: String,
        pub guarantor_id: Uuid,
        /// The one bill of a letter's code.
        pub bill_id: Option<Uuid>,
        pub expires_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
