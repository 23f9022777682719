//! What is owed and why. Columns only: entities never leave the server.

pub mod guarantor {
    use sea_orm::entity::prelude::*;

    /// Who pays the bills of an account: the person responsible, who need be neither patient nor account holder.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "guarantor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// What the source says who it is: `patient:` or `person:` and an id.
        pub party_key: String,
        /// As it stands on letters.
        pub number: String,
        pub given_name: String,
        pub family_name: String,
        /// For comparing with what guests type.
        pub folded_family: String,
        pub birth_date: Option<Date>,
        /// Their own chart.
        pub patient_id: Option<Uuid>,
        /// The account of somebody who is no patient.
        pub account_id: Option<Uuid>,
        pub address: Option<String>,
        pub paperless: bool,
        /// The first day of the month in which they were last told of a statement by e-mail.
        pub told_month: Option<Date>,
        pub made_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod bill {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::BillState;

    /// What one guarantor is asked for, for one visit.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bill")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub guarantor_id: Option<Uuid>,
        /// The bill of another guarantor of which this is the rest: the office made it, and no record says anything of it.
        pub moved_from: Option<Uuid>,
        /// Who was seen.
        pub patient_id: Uuid,
        pub visit_id: Option<Uuid>,
        pub number: String,
        pub title: Option<String>,
        pub service_on: Option<Date>,
        pub issued_on: Date,
        pub due_on: Date,
        pub currency: String,
        pub state: BillState,
        /// Why the office checks it, as a key.
        pub problem: Option<String>,
        /// Of a minor's confidential service: whoever pays reads that there was a visit.
        pub confidential: bool,
        /// The patient agreed that the guarantor reads more.
        pub agreed_at: Option<DateTimeUtc>,
        /// As the source says it.
        pub gross_cents: Option<i64>,
        /// As the source says it.
        pub net_cents: Option<i64>,
        /// A sum of it cannot be read.
        pub unreadable: bool,
        /// The sum of its entries, kept with each of them.
        pub balance_cents: i64,
        /// What of it is on its way from a bank account.
        pub pending_cents: i64,
        /// Something is due, waited for or checked.
        pub is_open: bool,
        pub changed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod bill_line {
    use sea_orm::entity::prelude::*;

    /// What was done, as the bill lists it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bill_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bill_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub code: Option<String>,
        pub system: Option<String>,
        pub title: String,
        pub charged_cents: i64,
        /// Discounts and deductions of the bill itself, not positive.
        pub adjusted_cents: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod ledger_entry {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::EntryKind;

    /// One entry of the ledger. Entries are only ever added.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub bill_id: Uuid,
        pub kind: EntryKind,
        /// What it adds to what is due.
        pub cents: i64,
        pub at: DateTimeUtc,
        /// Names what it was made of: each counts once.
        pub source_key: String,
        pub words: Option<String>,
        pub by: Option<String>,
        pub attempt_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod benefit {
    use sea_orm::entity::prelude::*;

    /// What a plan says of a claim: an ExplanationOfBenefit.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "benefit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub visit_id: Option<Uuid>,
        /// The number of the account or bill that it names.
        pub number: Option<String>,
        pub insurer: Option<String>,
        pub created_on: Option<Date>,
        pub currency: String,
        pub charged_cents: Option<i64>,
        pub allowed_cents: Option<i64>,
        pub paid_cents: Option<i64>,
        /// What the plan says that the patient owes.
        pub owed_cents: Option<i64>,
        pub deductible_cents: i64,
        pub coinsurance_cents: i64,
        pub copay_cents: i64,
        pub noncovered_cents: i64,
        /// Adjustment and remark codes, with blanks between them.
        pub codes: String,
        pub adds_up: bool,
        pub sensitive: bool,
        pub cancelled: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod benefit_line {
    use sea_orm::entity::prelude::*;

    /// One service of such a claim.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "benefit_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub benefit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub code: Option<String>,
        pub title: String,
        pub charged_cents: Option<i64>,
        pub allowed_cents: Option<i64>,
        pub paid_cents: Option<i64>,
        pub owed_cents: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod claim_sent {
    use sea_orm::entity::prelude::*;

    /// A claim that went to a plan.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "claim_sent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub visit_id: Option<Uuid>,
        pub number: Option<String>,
        pub cancelled: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod posted_payment {
    use sea_orm::entity::prelude::*;

    /// A payment that the hospital's own system posted.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "posted_payment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub bill_id: Option<Uuid>,
        pub claim_id: Option<Uuid>,
        pub cents: i64,
        pub posted_on: Date,
        pub by_insurer: bool,
        pub cancelled: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod coverage {
    use sea_orm::entity::prelude::*;

    /// An insurance of a patient.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coverage")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub insurer: String,
        pub plan_name: Option<String>,
        pub member_id: Option<String>,
        pub group_id: Option<String>,
        pub relationship: Option<String>,
        pub holder: Option<String>,
        pub starts_on: Option<Date>,
        pub ends_on: Option<Date>,
        pub active: bool,
        pub from_record: bool,
        pub request_id: Option<Uuid>,
        pub made_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
