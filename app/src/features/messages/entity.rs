//! Threads of messages, who opened what, and how offices answer. Columns only: entities never leave the server.

pub mod message_thread {
    use sea_orm::entity::prelude::*;

    use crate::features::messages::model::{ThreadState, Topic};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_thread")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub topic: Topic,
        pub subject: String,
        /// Whose staff answer.
        pub department_id: Uuid,
        /// The clinician to whom it is addressed; the whole office otherwise.
        pub clinician_id: Option<Uuid>,
        pub state: ThreadState,
        pub sensitive: bool,
        pub created_at: DateTimeUtc,
        pub last_at: DateTimeUtc,
        /// While the office is asked.
        pub due_at: Option<DateTimeUtc>,
        /// When the patient's side asked to look at what is overdue.
        pub urged_at: Option<DateTimeUtc>,
        /// Who of the staff has taken it.
        pub taken_by: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message {
    use sea_orm::entity::prelude::*;

    use crate::features::messages::model::Side;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub thread_id: Uuid,
        pub side: Side,
        pub account_id: Option<Uuid>,
        /// Their name when they wrote it.
        pub author: String,
        /// What a proxy is to the patient, or the role of somebody of the staff, as it is stored.
        pub role: Option<String>,
        /// A note of the staff, which the patient's side never sees.
        pub internal: bool,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub sent_at: DateTimeUtc,
        /// Of the form that sent it: what is sent twice is one message.
        #[sea_orm(unique)]
        pub sending_key: Uuid,
        /// It was sent although words of danger were pointed out.
        pub danger_confirmed: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message_opened {
    use sea_orm::entity::prelude::*;

    /// Who has opened a message, for the first time.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_opened")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub message_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub name: String,
        /// Of somebody of the staff, as it is stored.
        pub role: Option<String>,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message_draft {
    use sea_orm::entity::prelude::*;

    /// What an account holder began to write about a patient and did not send: one for each thread, and one for a new one.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_draft")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub patient_id: Uuid,
        /// The thread that it answers; nil for a new one.
        #[sea_orm(primary_key, auto_increment = false)]
        pub thread_id: Uuid,
        pub topic: String,
        pub recipient: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub saved_at: DateTimeUtc,
        /// It was given up, and can be brought back for a day.
        pub discarded_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message_file {
    use sea_orm::entity::prelude::*;

    use crate::features::messages::model::FileState;

    /// A file that goes with a message, or with one that is being written.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_file")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Nothing while it is not sent.
        pub message_id: Option<Uuid>,
        pub account_id: Uuid,
        pub patient_id: Uuid,
        /// The thread that the message answers; nil for a new one that is not sent.
        pub thread_id: Uuid,
        pub name: String,
        pub media_type: String,
        /// Bytes, as they are handed out.
        pub size: i64,
        /// Of the bytes that came, in hexadecimal.
        pub sha256: String,
        pub state: FileState,
        /// A scanner found nothing in it; without one it is kept as it is.
        pub scanned: bool,
        pub added_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message_file_chunk {
    use sea_orm::entity::prelude::*;

    /// A piece of a file, sealed with the portal's secret.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_file_chunk")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub file_id: Uuid,
        /// Counted from 0.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub sealed: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message_muted {
    use sea_orm::entity::prelude::*;

    /// An account that gets no e-mail about a thread.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_muted")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub thread_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod e_visit {
    use sea_orm::entity::prelude::*;

    /// A clinician offers to answer a thread as a visit that costs something: an event for billing once it is accepted.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "e_visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub thread_id: Uuid,
        pub price_cents: i64,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub offered_by: Uuid,
        /// Their name when they offered it.
        pub offered_by_name: String,
        pub offered_at: DateTimeUtc,
        /// What the patient's side said; nothing while they were not heard.
        pub accepted: Option<bool>,
        pub decided_by: Option<Uuid>,
        pub decided_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
