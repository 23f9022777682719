//! What paying needs, in a request and in a job.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

use super::processor::Processor;
use crate::{
    access::{Grant, Permission, System, begin},
    base::error::Error,
    platform::{
        mail::{letter::Organization, store::organization_here},
        request::context,
    },
};

/// Bills are paid here.
pub struct Till {
    db: DatabaseConnection,
    pub processor: Processor,
    pub organization: Organization,
    pub zone: Tz,
    /// Where this portal is reached.
    pub origin: String,
    pub now: DateTime<Utc>,
}

impl Till {
    /// For whoever was let in.
    ///
    /// # Errors
    /// When the server was put together without a processor or a brand.
    pub fn of<P: Permission>(grant: &Grant<P>) -> Result<Self, Error> {
        Ok(Self {
            db: grant.db().part().clone(),
            processor: context()?,
            organization: organization_here()?,
            zone: grant.zone(),
            origin: grant.link(""),
            now: grant.now().instant,
        })
    }

    /// For a job, or a notice of the processor.
    pub fn of_system(
        system: &System,
        processor: Processor,
        organization: Organization,
        zone: Tz,
        origin: &str,
        now: DateTime<Utc>,
    ) -> Self {
        Self { db: system.db().clone(), processor, organization, zone, origin: origin.to_owned(), now }
    }

    pub(super) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.db).await
    }

    /// The seconds of Unix at which something happened by the processor's clock, which the demo does not move.
    pub fn by_processors_clock(&self, at: DateTime<Utc>) -> i64 {
        (at - (self.now - Utc::now())).timestamp()
    }

    /// An absolute address on this portal.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}
