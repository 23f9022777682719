//! The items of the health summary. Columns only: entities never leave the server.

pub mod health_item {
    use sea_orm::entity::prelude::*;

    use crate::record::item::model::{Kind, State};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "health_item")]
    pub struct Model {
        /// The resource's; of a resource that holds several items, of all but the first one that is derived from it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub kind: Kind,
        pub state: State,
        /// Not confirmed, or not final.
        pub tentative: bool,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        /// `system|code`.
        pub code: Option<String>,
        /// When it began or took place.
        pub at: Option<DateTimeUtc>,
        /// The same as its source says it, as [`crate::base::when::When`] is stored.
        pub at_sent: Option<String>,
        pub until: Option<Date>,
        /// JSON: a list of [`crate::record::item::model::Fact`].
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
