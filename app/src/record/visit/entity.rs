//! Visits, who was seen at them, and whose time is taken by them. Columns only: entities never leave the server.

pub mod visit {
    use sea_orm::entity::prelude::*;

    use crate::record::{
        care_team::entity::department,
        visit::model::{Kind, Status},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub encounter_id: Option<Uuid>,
        pub appointment_id: Option<Uuid>,
        pub status: Status,
        pub kind: Kind,
        pub title: String,
        pub reason: Option<String>,
        pub starts_at: Option<DateTimeUtc>,
        pub ends_at: Option<DateTimeUtc>,
        pub requested_at: Option<DateTimeUtc>,
        pub department_id: Option<Uuid>,
        pub cancel_reason: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub patient_instruction: Option<String>,
        /// Who was seen of whom the source sends a name and nobody behind it, separated by commas.
        #[sea_orm(column_type = "Text", nullable)]
        pub named_clinicians: Option<String>,
        /// Where a visit by video is held outside of the portal, as it came with the appointment.
        #[sea_orm(column_type = "Text", nullable)]
        pub join_url: Option<String>,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "crate::record::care_team::entity::department::Entity",
            from = "Column::DepartmentId",
            to = "crate::record::care_team::entity::department::Column::Id"
        )]
        Department,
    }

    impl Related<department::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Department.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod visit_clinician {
    use sea_orm::entity::prelude::*;

    use crate::record::care_team::entity::clinician;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_clinician")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub clinician_id: Uuid,
        pub role: Option<String>,
        pub position: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "crate::record::care_team::entity::clinician::Entity",
            from = "Column::ClinicianId",
            to = "crate::record::care_team::entity::clinician::Column::Id"
        )]
        Clinician,
    }

    impl Related<clinician::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Clinician.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod taken_time {
    use sea_orm::entity::prelude::*;

    /// Five minutes of a clinician that are somebody's.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "taken_time")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub clinician_id: Uuid,
        /// Which five minutes, counted from 1970.
        #[sea_orm(primary_key, auto_increment = false)]
        pub cell: i64,
        /// A visit, a hold or an offer.
        pub holder: Uuid,
        /// Free again from then on; for good without it.
        pub until: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod booking {
    use sea_orm::entity::prelude::*;

    /// What the portal knows of a visit that was booked, moved, confirmed or cancelled in it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "booking")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub visit_id: Uuid,
        pub patient_id: Uuid,
        /// None of a visit that came in.
        pub kind_id: Option<Uuid>,
        pub department_id: Uuid,
        pub clinician_id: Uuid,
        /// The time of the other system's calendar.
        pub slot_id: Option<Uuid>,
        pub phone: Option<String>,
        /// The language.
        pub interpreter: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub needs: Option<String>,
        pub insurance_same: Option<bool>,
        /// The order that it is for.
        pub order_id: Option<Uuid>,
        /// The request that led to it.
        pub request_id: Option<Uuid>,
        /// Beside another visit, knowingly.
        pub overbooked: bool,
        /// Booked in the portal; others came in.
        pub made_here: bool,
        pub account_id: Option<Uuid>,
        /// Who booked it.
        pub author: String,
        /// What a proxy is to the patient, or a role of the staff, as it is stored.
        pub role: Option<String>,
        pub made_at: DateTimeUtc,
        pub changed_at: DateTimeUtc,
        pub confirmed_at: Option<DateTimeUtc>,
        pub confirmed_by: Option<String>,
        pub cancelled_at: Option<DateTimeUtc>,
        pub cancelled_by: Option<String>,
        pub cancelled_role: Option<String>,
        /// When the system that keeps the calendar said that it has it.
        pub acknowledged_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
