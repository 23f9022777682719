//! Activation codes and sign-ups under way. Columns only: entities never leave the server.

pub mod activation_code {
    use sea_orm::entity::prelude::*;

    use crate::features::account::sign_up::model::CodeDelivery;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "activation_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub code_hash: String,
        pub handed: CodeDelivery,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub wrong_tries: i32,
        pub used_at: Option<DateTimeUtc>,
        pub void_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod sign_up {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_up")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub token_hash: String,
        pub code_id: Option<Uuid>,
        pub invitation_id: Option<Uuid>,
        pub patient_id: Option<Uuid>,
        pub name: String,
        pub birth_date: Date,
        /// The address at which the code or the invitation arrived.
        pub proved_email: Option<String>,
        pub username: Option<String>,
        pub password_hash: Option<String>,
        pub security_question: Option<String>,
        pub security_answer_hash: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
