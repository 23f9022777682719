//! Kinds of visits, and when and where they are had.

pub mod scheduling_office {
    use sea_orm::entity::prelude::*;

    use crate::desk::scheduling::model::Owner;

    /// How the calendar of a department is kept.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "scheduling_office")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub department_id: Uuid,
        pub owner: Owner,
        /// Requests are answered within so many business days.
        pub request_days: i32,
        /// No time is offered to those who wait that begins in fewer hours, but for short notice.
        pub fast_pass_lead_hours: i32,
        /// Stairs, ramp, where to park.
        pub access_en: Option<String>,
        pub access_es: Option<String>,
        /// An interpreter can be had.
        pub interpreter: bool,
        /// Whatever is booked there is sensitive.
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod visit_kind {
    use sea_orm::entity::prelude::*;

    use crate::desk::scheduling::model::Who;
    use crate::record::visit::model::Kind as Way;

    /// What visits can be for.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_kind")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name_en: String,
        pub name_es: String,
        /// In a sentence, for whom it is.
        pub says_en: String,
        pub says_es: String,
        pub minutes: i32,
        /// Who may book it without asking.
        pub who: Who,
        pub way: Way,
        /// What to do before.
        #[sea_orm(column_type = "Text", nullable)]
        pub before_en: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub before_es: Option<String>,
        /// What it costs as an estimate, without insurance.
        pub price_cents: Option<i64>,
        /// Until so many hours before it may be moved, and cancelled without a call.
        pub cutoff_hours: i32,
        /// It is booked so many hours ahead at least.
        pub lead_hours: i32,
        /// Who has one may wait for an earlier time.
        pub fast_pass: bool,
        /// The code or the title of the orders that open it.
        pub order_code: Option<String>,
        /// For whom it is, by age in years.
        pub least_age: Option<i32>,
        pub most_age: Option<i32>,
        /// Not booked any more.
        pub retired_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod visit_kind_clinician {
    use sea_orm::entity::prelude::*;

    /// Who does which kind of visit where.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_kind_clinician")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub clinician_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub department_id: Uuid,
        /// Only asked for; the office finds the time.
        pub by_request: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod working_hours {
    use sea_orm::entity::prelude::*;

    /// When a clinician sees patients: minutes of the place's own clock.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "working_hours")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub clinician_id: Uuid,
        pub department_id: Uuid,
        /// 1 is Monday.
        pub weekday: i32,
        pub from_minute: i32,
        pub until_minute: i32,
        pub first_on: Date,
        /// The last day.
        pub last_on: Option<Date>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod blocked_time {
    use sea_orm::entity::prelude::*;

    /// Time in which nobody is seen: of one clinician, or of the whole department.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "blocked_time")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub department_id: Uuid,
        pub clinician_id: Option<Uuid>,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub reason: String,
        pub made_by: String,
        pub made_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod open_slot {
    use sea_orm::entity::prelude::*;

    /// A time of a calendar that another system keeps. FHIR: Slot.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "open_slot")]
    pub struct Model {
        /// The id of its resource.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub clinician_id: Uuid,
        pub department_id: Uuid,
        /// The only kind it is for.
        pub kind_id: Option<Uuid>,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub free: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
