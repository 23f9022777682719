//! Paying. Columns only: entities never leave the server.

pub mod payment_method {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::MethodKind;

    /// A card or bank account that the processor keeps; here stands only how people know it again.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_method")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub kind: MethodKind,
        pub brand: String,
        pub last4: String,
        /// As 2030-04.
        pub expires: Option<String>,
        pub customer: String,
        pub token: String,
        pub added_at: DateTimeUtc,
        pub removed_at: Option<DateTimeUtc>,
        /// A bank account that cannot be charged before two small deposits are confirmed.
        pub unverified: bool,
        /// The processor's name for how it was typed, and where the deposits are confirmed.
        pub setup_id: Option<String>,
        pub verify_url: Option<String>,
        /// When the processor was asked last whether it is verified.
        pub looked_at: Option<DateTimeUtc>,
        /// By which the processor knows the same card or account again.
        pub fingerprint: Option<String>,
        /// The processor has forgotten it, where it was removed.
        pub forgotten: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod payment_attempt {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::{AttemptState, MethodKind};

    /// One try to pay. The row is there before the processor is asked.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_attempt")]
    pub struct Model {
        /// Also the key by which the processor knows a repeated question.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub guarantor_id: Uuid,
        pub account_id: Option<Uuid>,
        pub method_id: Option<Uuid>,
        /// What is charged, where it is not kept.
        pub token: Option<String>,
        pub plan_id: Option<Uuid>,
        pub plan_due_on: Option<Date>,
        pub guest: bool,
        pub cents: i64,
        pub currency: String,
        pub state: AttemptState,
        /// The guarantor while it is not known how it ends: there is one at a time.
        pub open_for: Option<Uuid>,
        pub processor_id: Option<String>,
        pub decline: Option<String>,
        /// The number of the receipt.
        pub receipt: String,
        /// Where a guest wants the receipt.
        pub tell: Option<String>,
        /// Where the bank asks something more.
        pub next_url: Option<String>,
        pub client_secret: Option<String>,
        pub made_at: DateTimeUtc,
        pub asked_at: Option<DateTimeUtc>,
        pub settled_at: Option<DateTimeUtc>,
        /// Staff were told that it stays open.
        pub raised_at: Option<DateTimeUtc>,
        pub by: String,
        /// When the processor was asked last how a debit that is on its way stands.
        pub looked_at: Option<DateTimeUtc>,
        /// With what, as people know it again, also where it is not kept.
        pub kind: Option<MethodKind>,
        pub brand: Option<String>,
        pub last4: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod payment_part {
    use sea_orm::entity::prelude::*;

    /// What of a try is for which bill.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_part")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub attempt_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bill_id: Uuid,
        pub cents: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod payment_refund {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::RefundState;

    /// Money that goes back.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_refund")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub attempt_id: Uuid,
        pub bill_id: Uuid,
        pub cents: i64,
        pub words: String,
        pub by: String,
        pub state: RefundState,
        pub processor_id: Option<String>,
        pub made_at: DateTimeUtc,
        pub settled_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod processor_event {
    use sea_orm::entity::prelude::*;

    /// A notice of the processor. Each counts once.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "processor_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub kind: String,
        pub object: Option<String>,
        pub received_at: DateTimeUtc,
        pub handled_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod payment_plan {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::PlanState;

    /// Paying month by month.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_plan")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub guarantor_id: Uuid,
        pub account_id: Uuid,
        pub method_id: Uuid,
        pub total_cents: i64,
        pub monthly_cents: i64,
        pub day: i32,
        pub state: PlanState,
        pub misses: i32,
        pub made_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
        pub ended_why: Option<String>,
        pub by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod plan_bill {
    use sea_orm::entity::prelude::*;

    /// A bill that a plan pays.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_bill")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub plan_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bill_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod plan_payment {
    use sea_orm::entity::prelude::*;

    use crate::desk::billing::model::PlanPaymentState;

    /// One payment of a plan.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_payment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub plan_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub due_on: Date,
        pub cents: i64,
        pub state: PlanPaymentState,
        pub tries: i32,
        /// When it is tried next.
        pub try_on: Option<Date>,
        pub attempt_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
