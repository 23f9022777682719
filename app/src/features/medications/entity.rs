//! Requests for more of a medicine, and the pharmacies that people prefer. Columns only: entities never leave the server.

pub mod refill_request {
    use sea_orm::entity::prelude::*;

    use crate::features::medications::model::{Kind, RequestState};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refill_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// What was asked for together.
        pub batch: Uuid,
        pub patient_id: Uuid,
        pub prescription_id: Uuid,
        /// The prescription, while the request is open: of one medicine there is one open request.
        #[sea_orm(unique)]
        pub open_for: Option<Uuid>,
        /// What the medicine was called then.
        pub medicine: String,
        pub kind: Kind,
        pub state: RequestState,
        pub sensitive: bool,
        /// Whose staff decide.
        pub department_id: Uuid,
        pub clinician_id: Option<Uuid>,
        pub pharmacy_id: Option<Uuid>,
        /// Its name and address, as they were then, or as they were typed.
        pub pharmacy: String,
        pub delivery: bool,
        /// For how many days there is some left.
        pub days_left: Option<i32>,
        #[sea_orm(column_type = "Text", nullable)]
        pub comment: Option<String>,
        pub account_id: Uuid,
        /// Their name when they asked.
        pub author: String,
        /// What a proxy is to the patient, as it is stored.
        pub role: Option<String>,
        pub prepared_at: DateTimeUtc,
        pub requested_at: Option<DateTimeUtc>,
        pub due_at: Option<DateTimeUtc>,
        /// When somebody of the office opened it first.
        pub seen_at: Option<DateTimeUtc>,
        pub seen_by: Option<String>,
        pub decided_at: Option<DateTimeUtc>,
        pub decided_by: Option<String>,
        pub decided_role: Option<String>,
        /// The words of whoever decided.
        #[sea_orm(column_type = "Text", nullable)]
        pub answer: Option<String>,
        /// How many refills were approved.
        pub refills: Option<i32>,
        pub sent_at: Option<DateTimeUtc>,
        pub ready_at: Option<DateTimeUtc>,
        pub done_at: Option<DateTimeUtc>,
        pub withdrawn_at: Option<DateTimeUtc>,
        /// When the hospital's system wrote the prescription that answers it, as the record says.
        pub told_sent_at: Option<DateTimeUtc>,
        /// When a pharmacy made it ready, as the record says.
        pub told_ready_at: Option<DateTimeUtc>,
        /// When a pharmacy gave it out, as the record says.
        pub told_done_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod preferred_pharmacy {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "preferred_pharmacy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub patient_id: Uuid,
        pub department_id: Uuid,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod medicine_proposal {
    use sea_orm::entity::prelude::*;

    use crate::features::medications::model::{ProposalKind, ProposalState};

    /// What a patient's side says that differs from the record, until a clinician has reviewed it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "medicine_proposal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        /// The medicine or allergy of the record that it is about.
        pub item_id: Option<Uuid>,
        pub kind: ProposalKind,
        /// What the medicine or the substance is called.
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub words: String,
        pub state: ProposalState,
        pub sensitive: bool,
        pub department_id: Uuid,
        pub account_id: Uuid,
        pub author: String,
        /// What a proxy is to the patient, as it is stored.
        pub role: Option<String>,
        pub made_at: DateTimeUtc,
        pub due_at: DateTimeUtc,
        pub decided_at: Option<DateTimeUtc>,
        pub decided_by: Option<String>,
        pub decided_role: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub answer: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
