//! Check-ins, their steps, arrivals and how departments want them. Columns only: entities never leave the server.

pub mod check_in_office {
    use sea_orm::entity::prelude::*;

    /// How a department wants people to check in and to arrive.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "check_in_office")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub department_id: Uuid,
        pub is_on: bool,
        /// So many days before the visit it opens.
        pub opens_days: i32,
        /// The steps, separated by blanks.
        pub steps: String,
        /// Minutes before the visit from which people may say that they are there.
        pub arrive_from: i32,
        /// Minutes after the visit's time until which they may.
        pub arrive_until: i32,
        /// What to do then: where to wait.
        #[sea_orm(column_type = "Text", nullable)]
        pub after_en: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub after_es: Option<String>,
        /// How late the office is, in minutes, and when somebody said so: it holds for that day.
        pub delay_minutes: Option<i32>,
        pub delay_at: Option<DateTimeUtc>,
        /// What is due is paid before the visit.
        pub must_pay: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod check_in_step {
    use sea_orm::entity::prelude::*;

    use crate::desk::check_in::model::Step;

    /// A step that was done, or that staff asked again.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "check_in_step")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: Step,
        pub patient_id: Uuid,
        /// The time of the visit for which it was done.
        pub starts_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
        /// Something was told that differs from the record.
        pub told: bool,
        /// Who did it; empty where nobody has.
        pub author: String,
        /// What a proxy is to the patient, as it is stored.
        pub role: Option<String>,
        /// When staff asked it again, why, and who did: what was done before counts no more.
        pub reopened_at: Option<DateTimeUtc>,
        pub reopened_why: Option<String>,
        pub reopened_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod check_in_handover {
    use sea_orm::entity::prelude::*;

    use crate::desk::check_in::model::Step;

    /// That somebody asked somebody else to do a step.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "check_in_handover")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: Step,
        pub patient_id: Uuid,
        /// Whom, and their name.
        pub account_id: Uuid,
        pub name: String,
        /// Who asked, and what they are to the patient, as it is stored.
        pub author: String,
        pub role: Option<String>,
        pub handed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod visit_arrival {
    use sea_orm::entity::prelude::*;

    /// That somebody is there for a visit.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_arrival")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        pub patient_id: Uuid,
        pub department_id: Uuid,
        /// The time of the visit for which it was said: of a visit that was moved it says nothing.
        pub starts_at: DateTimeUtc,
        pub arrived_at: DateTimeUtc,
        pub author: String,
        pub role: Option<String>,
        /// When the office asked them in, where to, and who did.
        pub called_at: Option<DateTimeUtc>,
        pub called_to: Option<String>,
        pub called_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
