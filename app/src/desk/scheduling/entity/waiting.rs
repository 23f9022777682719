//! Who asked for a visit, and who waits for an earlier one.

pub mod visit_request {
    use sea_orm::entity::prelude::*;

    use crate::desk::scheduling::model::{HowSoon, RequestState};

    /// A visit that an office is asked for.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub kind_id: Option<Uuid>,
        pub department_id: Uuid,
        pub clinician_id: Option<Uuid>,
        /// The visit that is to be moved.
        pub moves: Option<Uuid>,
        pub order_id: Option<Uuid>,
        pub state: RequestState,
        pub sensitive: bool,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub how_soon: HowSoon,
        /// Up to three, as JSON.
        #[sea_orm(column_type = "Text")]
        pub windows: String,
        pub contact: String,
        pub needs: String,
        pub account_id: Uuid,
        pub author: String,
        pub role: Option<String>,
        pub requested_at: DateTimeUtc,
        pub due_at: DateTimeUtc,
        pub seen_at: Option<DateTimeUtc>,
        pub seen_by: Option<String>,
        pub offered_at: Option<DateTimeUtc>,
        pub decided_at: Option<DateTimeUtc>,
        pub decided_by: Option<String>,
        pub decided_role: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub answer: Option<String>,
        /// The visit that came of it.
        pub visit_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod visit_offer {
    use sea_orm::entity::prelude::*;

    use crate::desk::scheduling::model::OfferState;

    /// A time that is held for one person: offered to a request, or to who waits for an earlier one.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_offer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub request_id: Option<Uuid>,
        pub entry_id: Option<Uuid>,
        pub opening_id: Option<Uuid>,
        pub kind_id: Option<Uuid>,
        pub clinician_id: Uuid,
        pub department_id: Uuid,
        /// The time of another system's calendar.
        pub slot_id: Option<Uuid>,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub state: OfferState,
        /// Several are asked at once, and nothing is held.
        pub race: bool,
        pub sensitive: bool,
        pub made_at: DateTimeUtc,
        pub until: DateTimeUtc,
        pub viewed_at: Option<DateTimeUtc>,
        pub ended_at: Option<DateTimeUtc>,
        pub ended_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod fast_pass_entry {
    use sea_orm::entity::prelude::*;

    /// Somebody who waits for an earlier time than that of their visit.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fast_pass_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub visit_id: Uuid,
        pub patient_id: Uuid,
        pub kind_id: Uuid,
        /// Who put it on.
        pub account_id: Option<Uuid>,
        pub since: DateTimeUtc,
        pub on: bool,
        pub paused: bool,
        /// Nothing that begins in fewer hours.
        pub notice_hours: i32,
        /// A bit for each day, Monday the lowest.
        pub weekdays: i32,
        /// Of the place's day.
        pub from_minute: i32,
        pub until_minute: i32,
        /// Ids of departments, separated by spaces; none means all.
        #[sea_orm(column_type = "Text")]
        pub places: String,
        /// By video too.
        pub video: bool,
        /// Offers may come at night.
        pub nights: bool,
        /// Also what begins within a day.
        pub short_notice: bool,
        pub declines: i32,
        pub urgent_by: Option<String>,
        pub urgent_reason: Option<String>,
        pub urgent_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod opening {
    use sea_orm::entity::prelude::*;

    use crate::desk::scheduling::model::Freed;

    /// Time that became free.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "opening")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub clinician_id: Uuid,
        pub department_id: Uuid,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        /// When it became free last: who joined later saw it.
        pub freed_at: DateTimeUtc,
        pub why: Freed,
        /// Those who wait are asked.
        pub open: bool,
        pub filled_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
