//! The newest messages and results of all people, beside what needs somebody.

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    model::{MOST_NEWS, Need, News, NewsKind, What},
    store::{Opened, of_charts, of_patient},
};
use crate::{
    access::{
        Permission,
        policy::{ReadMessages, ViewResults},
    },
    base::{clock::local_date, error::Error, ids::PatientId},
    features::messages::entity::message_thread,
    record::{release, result::entity::test_result},
};

/// What is older than so many days is not new any more.
const NEW_DAYS: i64 = 60;

/// The threads in which something was written last, but for those that already need somebody.
///
/// # Errors
/// When the database fails.
pub async fn messages(charts: &[Opened<ReadMessages>], needs: &[Need]) -> Result<Vec<News>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let told: Vec<_> = needs
        .iter()
        .filter_map(|need| match need.what {
            What::Answer { thread, .. } | What::EVisit { thread, .. } => Some(thread),
            _ => None,
        })
        .collect();
    let found = message_thread::Entity::find()
        .filter(of_charts(charts, message_thread::Column::PatientId, message_thread::Column::Sensitive))
        .filter(message_thread::Column::LastAt.gte(any.now().instant - TimeDelta::days(NEW_DAYS)))
        .filter(message_thread::Column::Id.is_not_in(told))
        .order_by_desc(message_thread::Column::LastAt)
        .limit(MOST_NEWS as u64)
        .all(any.db())
        .await?;
    let news = found.into_iter().filter_map(|thread| {
        let chart = of_patient(charts, thread.patient_id)?;
        let day = chart.grant.texts().date(local_date(thread.last_at, &chart.grant.zone()));
        news(chart, thread.id, NewsKind::Message, thread.subject, thread.last_at.to_rfc3339(), day)
    });
    Ok(news.collect())
}

/// The results that are shown, by when they were taken.
///
/// # Errors
/// When the database fails.
pub async fn results(charts: &[Opened<ViewResults>]) -> Result<Vec<News>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let ids: Vec<_> = charts.iter().flat_map(Opened::ids).collect();
    let found = test_result::Entity::find()
        .filter(of_charts(charts, test_result::Column::PatientId, test_result::Column::Sensitive))
        .filter(release::results_for(&ids, any.now().instant, any.zone()))
        .filter(test_result::Column::TakenAt.gte(any.now().instant - TimeDelta::days(NEW_DAYS)))
        .order_by_desc(test_result::Column::TakenAt)
        .limit(MOST_NEWS as u64)
        .all(any.db())
        .await?;
    let news = found.into_iter().filter_map(|result| {
        let chart = of_patient(charts, result.patient_id)?;
        let day = chart.grant.texts().when_day(&result.when(), chart.grant.zone());
        news(chart, result.id, NewsKind::Result, result.title, result.taken_at.to_rfc3339(), day)
    });
    Ok(news.collect())
}

fn news<P: Permission<Scope = PatientId>>(
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
