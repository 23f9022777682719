//! The newest results of all people, beside what needs somebody.

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    model::{MOST_NEWS, News, NewsKind},
    store::{Opened, of_charts, of_patient},
};
use crate::{
    access::{Permission, policy::ViewResults},
    base::{error::Error, ids::PatientId},
    platform::batch::{Batch, Rows},
    record::{release, result::entity::test_result},
};

/// What is older than so many days is not new any more.
pub(super) const NEW_DAYS: i64 = 60;

/// Asks for the results that are shown, by when they were taken.
pub fn results<'a>(batch: &mut Batch, charts: &'a [Opened<ViewResults>]) -> impl FnOnce(&mut Rows) -> Result<Vec<News>, Error> + use<'a> {
    let asked = charts.first().map(|any| {
        let (now, ids) = (any.grant.now().instant, charts.iter().flat_map(Opened::ids).collect::<Vec<_>>());
        let last = test_result::Entity::find()
            .filter(of_charts(charts, test_result::Column::PatientId, test_result::Column::Sensitive))
            .filter(release::results_for(&ids, now, any.grant.zone()))
            .filter(test_result::Column::TakenAt.gte(now - TimeDelta::days(NEW_DAYS)))
            .order_by_desc(test_result::Column::TakenAt)
            .limit(MOST_NEWS as u64);
        batch.ask(last)
    });
    move |answers| {
        let mut found = answers.take(asked)?;
        found.sort_by_key(|result| std::cmp::Reverse((result.taken_at, result.id)));
        let new = found.into_iter().filter_map(|result| {
            let chart = of_patient(charts, result.patient_id)?;
            let day = chart.grant.texts().when_day(&result.when(), chart.grant.zone());
            news(chart, result.id, NewsKind::Result, result.title, result.taken_at.to_rfc3339(), day)
        });
        Ok(new.collect())
    }
}

pub(super) fn news<P: Permission<Scope = PatientId>>(
    chart: &Opened<P>,
    id: Uuid,
    kind: NewsKind,
    title: String,
    at: String,
    day: String,
) -> Option<News> {
    let person = chart.grant.person().ok()?;
    Some(News { patient: person.patient, given_name: person.given_name.clone(), hue: chart.hue, id, kind, title, at, day })
}
