//! Notes and instructions as clinicians wrote them. Columns only: entities never leave the server.

pub mod note {
    use sea_orm::entity::prelude::*;

    use crate::record::{
        care_team::entity::clinician,
        note::model::{Disclosure, Format, Kind},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub resource_id: Uuid,
        pub patient_id: Uuid,
        pub visit_id: Option<Uuid>,
        pub kind: Kind,
        pub title: String,
        pub author_id: Option<Uuid>,
        pub author_name: Option<String>,
        pub signed_at: Option<DateTimeUtc>,
        /// The moment is the one of its signature. Of a draft it is the last change, of others the day they are about.
        pub is_signed: bool,
        pub format: Format,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub content_hash: String,
        pub disclosure: Disclosure,
        pub sensitive: bool,
        pub addendum_to: Option<Uuid>,
        pub language: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "crate::record::care_team::entity::clinician::Entity",
            from = "Column::AuthorId",
            to = "crate::record::care_team::entity::clinician::Column::Id"
        )]
        Author,
    }

    impl Related<clinician::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}
