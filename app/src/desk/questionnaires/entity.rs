//! Questionnaires, answers, and what was told to the care team of them. Columns only: entities never leave the server.

use crate::base::{i18n::Texts, locale::Locale};

/// The words in the language of the reader, as far as they are there.
pub fn in_words<'a>(t: Texts, english: &'a str, spanish: Option<&'a str>) -> &'a str {
    match t.0 {
        Locale::Es => spanish.unwrap_or(english),
        Locale::En => english,
    }
}

pub mod questionnaire {
    use sea_orm::entity::prelude::*;

    use super::in_words;
    use crate::base::i18n::Texts;

    /// A questionnaire that came in; its id is that of its resource.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "questionnaire")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Its canonical address.
        pub url: Option<String>,
        pub version: Option<String>,
        pub title: String,
        /// Where its source has it so.
        pub title_es: Option<String>,
        /// Departments can ask it.
        pub active: bool,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl Model {
        /// In the language of the reader, as far as its source has it.
        pub fn title(&self, t: Texts) -> &str {
            in_words(t, &self.title, self.title_es.as_deref())
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod questionnaire_office {
    use sea_orm::entity::prelude::*;

    /// That a department asks a questionnaire before visits: of one kind, or of all.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "questionnaire_office")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub department_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub questionnaire_id: Uuid,
        pub kind_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::questionnaire::Entity", from = "Column::QuestionnaireId", to = "super::questionnaire::Column::Id")]
        Questionnaire,
    }

    impl Related<super::questionnaire::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Questionnaire.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod questionnaire_response {
    use sea_orm::entity::prelude::*;

    use super::in_words;
    use crate::{base::i18n::Texts, desk::questionnaires::model::State};

    impl Model {
        /// What nobody has answered, of nobody's asking.
        pub fn blank(id: Uuid, patient_id: Uuid, title: String, now: DateTimeUtc) -> Self {
            Self {
                id,
                patient_id,
                questionnaire_id: None,
                visit_id: None,
                department_id: None,
                title,
                title_es: None,
                state: State::Begun,
                sensitive: false,
                answers: None,
                body: None,
                asked_by: None,
                asked_at: None,
                due_on: None,
                note: None,
                author: None,
                role: None,
                authored_at: None,
                amended: false,
                canonical: None,
                changed_at: now,
                version: 0,
                written_by: None,
                resource_id: None,
            }
        }
    }

    /// A questionnaire that somebody is asked to fill in, fills in, or has filled in; here or elsewhere.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "questionnaire_response")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        /// None when it is not known here.
        pub questionnaire_id: Option<Uuid>,
        /// The visit before which it was begun.
        pub visit_id: Option<Uuid>,
        /// Who asked, and reads it.
        pub department_id: Option<Uuid>,
        pub title: String,
        /// Where its source has it so.
        pub title_es: Option<String>,
        pub state: State,
        pub sensitive: bool,
        /// What was answered, as its form has it (JSON), while it can be changed.
        #[sea_orm(column_type = "Text", nullable)]
        pub answers: Option<String>,
        /// What was answered: the items of a FHIR QuestionnaireResponse (JSON).
        #[sea_orm(column_type = "Text", nullable)]
        pub body: Option<String>,
        /// Who of the staff asked, and when.
        pub asked_by: Option<String>,
        pub asked_at: Option<DateTimeUtc>,
        pub due_on: Option<Date>,
        /// Why, for whoever fills it in.
        #[sea_orm(column_type = "Text", nullable)]
        pub note: Option<String>,
        pub author: Option<String>,
        /// What a proxy is to the patient, as it is stored.
        pub role: Option<String>,
        pub authored_at: Option<DateTimeUtc>,
        /// They were changed after they had been given.
        pub amended: bool,
        /// The address of the form, with its version, that was answered.
        pub canonical: Option<String>,
        pub changed_at: DateTimeUtc,
        /// Grows with each change: two tabs do not overwrite each other.
        pub version: i32,
        /// The open page that wrote last, by the mark that it was given: it may go on.
        pub written_by: Option<String>,
        /// The resource with which it came in.
        pub resource_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl Model {
        /// In the language of the reader, as far as its source has it.
        pub fn title(&self, t: Texts) -> &str {
            in_words(t, &self.title, self.title_es.as_deref())
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod questionnaire_alert {
    use sea_orm::entity::prelude::*;

    /// An answer of which the care team hears at once.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "questionnaire_alert")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub response_id: Uuid,
        pub patient_id: Uuid,
        pub department_id: Option<Uuid>,
        /// The question in its form.
        pub link_id: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub question: String,
        #[sea_orm(column_type = "Text")]
        pub answer: String,
        pub at: DateTimeUtc,
        /// When somebody of the care team took it on, and who.
        pub seen_at: Option<DateTimeUtc>,
        pub seen_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod questionnaire_file {
    use sea_orm::entity::prelude::*;

    /// A file that is an answer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "questionnaire_file")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub response_id: Uuid,
        pub name: String,
        pub content_type: String,
        pub content: Vec<u8>,
        pub added_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
