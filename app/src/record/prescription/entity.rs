//! Prescriptions and dispenses. Columns only: entities never leave the server.

pub mod prescription {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "prescription")]
    pub struct Model {
        /// The resource's, and that of the medicine in the health summary.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub clinician_id: Option<Uuid>,
        pub visit_id: Option<Uuid>,
        /// How often it may be given again after the first time.
        pub repeats: Option<i32>,
        pub valid_until: Option<Date>,
        /// For how many days what is given at once lasts.
        pub days: Option<i32>,
        /// The days were computed from quantity and dose.
        pub days_computed: bool,
        pub authored_at: Option<DateTimeUtc>,
        /// The last day on which there is some left of what was given.
        pub runs_out_on: Option<Date>,
        /// The request made here that it answers.
        pub answers: Option<Uuid>,
        pub sensitive: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod dispense {
    use sea_orm::entity::prelude::*;

    use crate::record::prescription::model::DispenseState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dispense")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub prescription_id: Uuid,
        pub state: DispenseState,
        pub days: Option<i32>,
        pub quantity: Option<String>,
        pub prepared_at: Option<DateTimeUtc>,
        pub handed_over_at: Option<DateTimeUtc>,
        pub pharmacy: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
