//! Results, values and what they said before. Columns only: entities never leave the server.

pub mod test_result {
    use sea_orm::entity::prelude::*;

    use crate::record::result::model::{Kind, Status};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "test_result")]
    pub struct Model {
        /// The resource's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub kind: Kind,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        /// In small letters, with the names of its values.
        #[sea_orm(column_type = "Text")]
        pub search_title: String,
        pub status: Status,
        /// By which lists are sorted; the beginning of 1970 where the source says nothing.
        pub taken_at: DateTimeUtc,
        /// When it was taken, as [`crate::base::when::When`] is stored; nothing of what was read before this was kept.
        pub taken: Option<String>,
        /// Whether the source said a time, and not the day only.
        pub timed: bool,
        pub issued_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text", nullable)]
        pub conclusion: Option<String>,
        /// What it concluded before it was amended.
        #[sea_orm(column_type = "Text", nullable)]
        pub conclusion_before: Option<String>,
        /// When it became available here: since then it could be shown.
        pub available_at: DateTimeUtc,
        /// The report's text.
        pub note_id: Option<Uuid>,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod measurement {
    use sea_orm::entity::prelude::*;

    use crate::record::result::model::{Kind, Status};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "measurement")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub resource_id: Uuid,
        pub patient_id: Uuid,
        pub result_id: Option<Uuid>,
        /// Of a component in its observation; 0 is the observation's own value.
        pub position: i32,
        pub kind: Kind,
        /// `system|code`.
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Double", nullable)]
        pub value: Option<f64>,
        /// As people read it, without the unit; empty where there is no value.
        #[sea_orm(column_type = "Text")]
        pub shown: String,
        /// Why there is no value: words of the source, a code of FHIR's data-absent-reason, or [`crate::record::result::model::NONE_SENT`].
        #[sea_orm(column_type = "Text", nullable)]
        pub absent: Option<String>,
        pub unit: Option<String>,
        /// The unit's code in UCUM.
        pub ucum: Option<String>,
        #[sea_orm(column_type = "Double", nullable)]
        pub low: Option<f64>,
        #[sea_orm(column_type = "Double", nullable)]
        pub high: Option<f64>,
        /// Both ends with the digits as they were sent.
        pub low_sent: Option<String>,
        pub high_sent: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub range_text: Option<String>,
        /// HL7 v3-ObservationInterpretation.
        pub flag: Option<String>,
        pub status: Status,
        /// By which lists are sorted; the beginning of 1970 where the source says nothing.
        pub taken_at: DateTimeUtc,
        /// When it was taken, as [`crate::base::when::When`] is stored; nothing of what was read before this was kept.
        pub taken: Option<String>,
        /// Whether the source said a time, and not the day only.
        pub timed: bool,
        /// When it became available here: since then it could be shown.
        pub available_at: DateTimeUtc,
        #[sea_orm(column_type = "Text", nullable)]
        pub comment: Option<String>,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod measurement_before {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "measurement_before")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub resource_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        /// With its unit.
        #[sea_orm(primary_key, auto_increment = false)]
        pub shown: String,
        pub replaced_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod result_choice {
    use sea_orm::entity::prelude::*;

    use crate::record::result::model::{Choice, Kind};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "result_choice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub patient_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: Kind,
        pub choice: Choice,
        /// Who chose.
        pub account_id: Uuid,
        pub chosen_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
