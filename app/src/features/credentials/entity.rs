//! Keys that sign, and the cards that were signed. Columns only: entities never leave the server.

pub mod signing_key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_key")]
    pub struct Model {
        /// The thumbprint of the public key (RFC 7638).
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        /// JSON Web Key (RFC 7517). Published for ever, so that old cards stay valid, unless it was withdrawn.
        #[sea_orm(column_type = "Text")]
        pub public_jwk: String,
        /// The private key, sealed with the portal's secret; empty when it signs no more.
        pub sealed: Vec<u8>,
        pub created_at: DateTimeUtc,
        /// When it was taken out of publication, because somebody else may have it.
        pub withdrawn_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod health_card {
    use sea_orm::entity::prelude::*;

    use crate::features::credentials::model::Subject;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "health_card")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        /// By which it is revoked: tells nothing about the person.
        pub revocation_id: String,
        pub kid: String,
        pub subject: Subject,
        /// Of a result, or of a vaccine.
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub jws: String,
        pub sensitive: bool,
        pub issued_at: DateTimeUtc,
        pub revoked_at: Option<DateTimeUtc>,
        /// It was taken back because what it was made from says something else now.
        pub outdated: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod health_card_source {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "health_card_source")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub card_id: Uuid,
        /// The resource that a card was made from ...
        #[sea_orm(primary_key, auto_increment = false)]
        pub resource_id: Uuid,
        /// ... and what it said, as the importer hashes it.
        pub content_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
