//! Documents to be signed, version by version, and signatures. Columns only: entities never leave the server.

pub mod consent_document {
    use sea_orm::entity::prelude::*;

    /// One version of a document: it never changes, so that what somebody signed can be read for ever.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_document")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub department_id: Option<Uuid>,
        /// Before visits of one kind, or of all.
        pub kind_id: Option<Uuid>,
        pub title_en: String,
        pub title_es: String,
        #[sea_orm(column_type = "Text")]
        pub text_en: String,
        #[sea_orm(column_type = "Text")]
        pub text_es: String,
        /// Asked before each visit, also when it was signed before.
        pub each_visit: bool,
        /// The version that is asked.
        pub current: bool,
        pub made_at: DateTimeUtc,
        pub made_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod consent_signature {
    use sea_orm::entity::prelude::*;

    /// What somebody decided about a version of a document. Rows are only added; the newest counts.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_signature")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub visit_id: Option<Uuid>,
        pub document_id: Uuid,
        pub version: i32,
        /// In which language it was read.
        pub language: String,
        pub agreed: bool,
        /// The name that was typed to sign.
        pub typed_name: Option<String>,
        /// Why somebody does not agree, where they say it.
        #[sea_orm(column_type = "Text", nullable)]
        pub words: Option<String>,
        pub account_id: Uuid,
        pub author: String,
        /// What a proxy is to the patient, as it is stored.
        pub role: Option<String>,
        pub at: DateTimeUtc,
        /// SHA-256 of the document as it was shown and of the signature, in hexadecimal.
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
