//! E-mail on its way, and what was done once. Columns only: entities never leave the server.

pub mod outbox_mail {
    use sea_orm::entity::prelude::*;

    use crate::platform::mail::model::{News, State};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_mail")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Option<Uuid>,
        pub recipient: String,
        pub news: News,
        /// Letters of a lower class are sent first.
        pub class: i32,
        pub subject: String,
        /// Empty once the letter is sent or given up: its links and codes would open what they open to whoever reads the table.
        #[sea_orm(column_type = "Text")]
        pub text: String,
        #[sea_orm(column_type = "Text")]
        pub html: String,
        pub state: State,
        pub tries: i32,
        pub next_try_at: DateTimeUtc,
        pub locked_until: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub sent_at: Option<DateTimeUtc>,
        pub refusal: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
