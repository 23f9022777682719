use crate::{
    access::{allow, policy},
    base::{error::Error, ids::PatientId},
};

/// The caller's own chart, into which they let others.
pub(super) async fn own_chart() -> Result<PatientId, Error> {
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    grant.holder()?.own_chart.as_ref().map(|own| own.patient).ok_or(Error::NotFound)
}
