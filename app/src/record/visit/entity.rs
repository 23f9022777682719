//! Visits and who was seen at them. Columns only: entities never leave the server.

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
