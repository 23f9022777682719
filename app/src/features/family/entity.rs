//! Invitations, and how people are seen. Columns only: entities never leave the server.

pub mod invitation {
    use sea_orm::entity::prelude::*;

    use crate::{
        features::family::model::InvitationState,
        people::relation::{AdultLevel, Relationship},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub invited_by: String,
        pub name: String,
        pub email: String,
        pub relationship: Relationship,
        pub level: AdultLevel,
        pub may_share: bool,
        pub access_until: Option<DateTimeUtc>,
        pub token_hash: String,
        pub state: InvitationState,
        pub wrong_tries: i32,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub answered_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
