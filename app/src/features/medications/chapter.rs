//! What was asked for of medicines, as a chapter of a record that is read outside of the portal.

use sea_orm::QueryOrder;

use super::{
    entity::refill_request,
    pages::words::{details, state, taken},
    store::visible,
};
use crate::{
    access::{DelegatedAccess, policy::ViewHealthSummary},
    base::{error::Error, ids::PatientId, period::Period},
    record::chapter::{Content, or_nothing},
    view::document::Part,
};

/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = &reader.allow::<ViewHealthSummary>(patient)?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let whose = &grant.person()?.given_name;
    let requests = visible(grant).order_by_desc(refill_request::Column::RequestedAt).all(grant.db()).await?;
    let within = requests.into_iter().filter(|request| request.requested_at.is_none_or(|at| period.holds(at, zone)));
    let parts = within.map(|request| {
        let steps = taken(t, &request, whose).into_iter().map(|(words, at)| (words, t.date_and_time(at, &zone))).collect();
        let answer = request.answer.clone().map(Part::Quote);
        let parts = [details(t, &request), Part::Facts(steps)].into_iter().chain(answer).collect();
        Part::Entry { title: request.medicine.clone(), tag: Some(state(t, &request, now)), lines: Vec::new(), parts }
    });
    Ok((t.medications_chapter().to_owned(), or_nothing(t, parts.collect(), period), Vec::new()))
}
