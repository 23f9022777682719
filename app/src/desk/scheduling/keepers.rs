//! Who changes how a department keeps its calendar.

use uuid::Uuid;

use crate::{
    access::{Grant, policy::ManageCalendars},
    base::error::Error,
    desk::office::store::offices,
    people::relation::StaffRole,
};

/// Whether the caller changes something of a department: the front desk of all of them, others of those that they supervise.
///
/// # Errors
/// When the database fails.
pub async fn changes(grant: &Grant<ManageCalendars>, department: Uuid) -> Result<bool, Error> {
    let own = offices(grant).await?;
    Ok(grant.holder()?.staff == Some(StaffRole::FrontDesk)
        || own.iter().any(|office| office.supervisor && office.department_id == department))
}
