//! The visits of a chart, for those who write down what was said at them.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select};

use super::entity::visit;
use crate::{
    access::{Grant, policy::ViewVisits},
    base::{error::Error, period::Period},
    people::patient::with_merged,
};

/// Every visit of this chart that the grant lets be seen.
pub(crate) fn visible(grant: &Grant<ViewVisits>) -> Select<visit::Entity> {
    // What was booked under a record that went into this one stands under it still.
    let charts = with_merged(grant.patient().0).into_query();
    let all = visit::Entity::find().filter(visit::Column::PatientId.in_subquery(charts));
    if grant.sees_sensitive() { all } else { all.filter(visit::Column::Sensitive.eq(false)) }
}

/// The visits of a chart that have a time, newest first.
struct Dated(Vec<visit::Model>);

/// The visits of a period, newest first; read once for each request.
///
/// # Errors
/// When the database fails.
pub(crate) async fn visits_in(grant: &Grant<ViewVisits>, period: Period) -> Result<Vec<visit::Model>, Error> {
    let dated = visible(grant).filter(visit::Column::StartsAt.is_not_null()).order_by_desc(visit::Column::StartsAt);
    let dated = grant.once(async { dated.all(grant.db()).await.map(Dated) }).await?;
    Ok(dated.0.iter().filter(|row| row.starts_at.is_some_and(|at| period.holds(at, grant.zone()))).cloned().collect())
}

/// When a visit begins, in words; empty of one without a time.
pub(crate) fn when(grant: &Grant<ViewVisits>, row: &visit::Model) -> String {
    row.starts_at.map(|at| grant.texts().date_and_time(at, &grant.zone())).unwrap_or_default()
}
