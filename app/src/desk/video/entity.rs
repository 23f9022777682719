//! Rooms of visits by video. Columns only: entities never leave the server.

pub mod video_office {
    use sea_orm::entity::prelude::*;

    /// How a department holds its visits by video.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_office")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub department_id: Uuid,
        /// Here, or by the link that comes with each appointment.
        pub in_portal: bool,
        /// So many minutes before the visit the room opens.
        pub opens_minutes: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod video_room {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_room")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        /// The number of what was said last. It is taken while this row is locked: whoever reads on from a number misses nothing.
        pub last_number: i64,
        /// Counts what changed of who is there and how.
        pub people_number: i64,
        /// Nobody else is admitted.
        pub closed: bool,
        /// When patient and clinician were first both inside.
        pub begun_at: Option<DateTimeUtc>,
        pub ended_at: Option<DateTimeUtc>,
        /// All agreed to keep what was written.
        pub chat_kept: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod video_participant {
    use sea_orm::entity::prelude::*;

    use crate::desk::video::model::Role;

    /// Somebody's place in a room: one for each account, and one for each guest.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_participant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub visit_id: Uuid,
        pub account_id: Option<Uuid>,
        pub guest_id: Option<Uuid>,
        pub role: Role,
        pub name: String,
        /// Of the device that has the place now.
        pub ticket_hash: String,
        /// Of the device that had it before.
        pub ticket_before: Option<String>,
        /// What was said before is not for the device that has the place now.
        pub hears_after: i64,
        /// What they said, in bytes.
        pub said: i64,
        pub inside: bool,
        pub was_inside: bool,
        pub mic: bool,
        pub camera: bool,
        pub screen: bool,
        pub keeps_chat: bool,
        /// When they came first.
        pub since: DateTimeUtc,
        /// When their page was last heard of, in real time whatever the demo's clock says.
        pub seen_at: DateTimeUtc,
        /// They left.
        pub gone: bool,
        pub removed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod video_signal {
    use sea_orm::entity::prelude::*;

    /// What one browser tells another, to find each other. Deleted when the visit ends.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_signal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub from_id: Uuid,
        pub to_id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub data: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod video_chat {
    use sea_orm::entity::prelude::*;

    /// A line of chat. Deleted when the visit ends, unless all agreed to keep it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_chat")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        /// Counted together with the signals.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub from_id: Uuid,
        /// The same key is the same line.
        pub sending_key: String,
        #[sea_orm(column_type = "Text")]
        pub words: String,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod video_guest {
    use sea_orm::entity::prelude::*;

    /// A link by which somebody without an account joins one visit.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_guest")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub visit_id: Uuid,
        pub code_hash: String,
        /// The code, sealed: both sides see the link while it lives.
        pub sealed_code: Vec<u8>,
        /// Whom it is for, as whoever made it says.
        pub whom: String,
        /// As the guest says.
        pub name: Option<String>,
        pub made_by: String,
        pub role: Option<String>,
        pub made_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
        pub ended_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod video_call_back {
    use sea_orm::entity::prelude::*;

    /// That somebody wants to be called instead.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "video_call_back")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        pub patient_id: Uuid,
        pub department_id: Uuid,
        pub phone: String,
        pub author: String,
        pub role: Option<String>,
        pub asked_at: DateTimeUtc,
        pub called_at: Option<DateTimeUtc>,
        pub called_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
