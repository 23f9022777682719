//! What the home page says of messages: answers, offers of visits by message, and what is new.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{
    model::{MOST_NEWS, Need, News, NewsKind, What},
    newest::{NEW_DAYS, news},
    store::{Opened, need, of_charts, of_patient},
};
use crate::{
    access::policy::{DecideEVisit, ReadMessages},
    base::{clock::local_date, error::Error},
    features::messages::{
        entity::{e_visit, message_thread},
        watching::unread,
    },
    platform::batch::{Asked, Batch, Columns, Rows},
};

/// So many answers are told here, and so many offers; the others stand among the messages.
const MOST_ANSWERS: u64 = 10;

#[derive(FromQueryResult)]
struct Thread {
    id: Uuid,
    patient_id: Uuid,
    subject: String,
    last_at: DateTime<Utc>,
}

fn ask_threads(batch: &mut Batch, select: Select<message_thread::Entity>) -> Asked<Thread> {
    use message_thread::Column;
    batch.ask_columns(select, Columns::default().of([Column::Id, Column::PatientId, Column::Subject, Column::LastAt]))
}

/// Those of a question that was asked, the newest first.
fn threads(answers: &mut Rows, asked: Option<Asked<Thread>>) -> Result<Vec<Thread>, Error> {
    let mut found = answers.take(asked)?;
    found.sort_by_key(|thread| std::cmp::Reverse((thread.last_at, thread.id)));
    Ok(found)
}

/// Asks what offices answered and the account holder has not opened, the newest first.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn answers<'a>(
    batch: &mut Batch,
    charts: &'a [Opened<ReadMessages>],
) -> Result<impl FnOnce(&mut Rows) -> Result<Vec<Need>, Error> + use<'a>, Error> {
    let asked = match charts.first() {
        Some(any) => {
            let unread = unread(any.grant.holder()?.account.0, any.grant.now())
                .filter(of_charts(charts, message_thread::Column::PatientId, message_thread::Column::Sensitive))
                .order_by_desc(message_thread::Column::LastAt)
                .limit(MOST_ANSWERS);
            Some(ask_threads(batch, unread))
        }
        None => None,
    };
    Ok(move |answers: &mut Rows| {
        let needs = threads(answers, asked)?.into_iter().filter_map(|thread| {
            let chart = of_patient(charts, thread.patient_id)?;
            let day = chart.grant.texts().day(local_date(thread.last_at, &chart.grant.zone()), true);
            Some(need(day, chart.grant.person().ok()?, chart.hue, What::Answer { subject: thread.subject, thread: thread.id }))
        });
        Ok(needs.collect())
    })
}

#[derive(FromQueryResult)]
struct Offer {
    thread_id: Uuid,
    offered_at: DateTime<Utc>,
    patient_id: Uuid,
    subject: String,
}

/// Asks for the visits by message that were offered, and about which nobody has decided, the newest first.
pub fn offers<'a>(batch: &mut Batch, charts: &'a [Opened<DecideEVisit>]) -> impl FnOnce(&mut Rows) -> Result<Vec<Need>, Error> + use<'a> {
    let asked = (!charts.is_empty()).then(|| {
        let open = e_visit::Entity::find()
            .join(
                JoinType::InnerJoin,
                e_visit::Entity::belongs_to(message_thread::Entity).from(e_visit::Column::ThreadId).to(message_thread::Column::Id).into(),
            )
            .filter(of_charts(charts, message_thread::Column::PatientId, message_thread::Column::Sensitive))
            .filter(e_visit::Column::Accepted.is_null())
            .order_by_desc(e_visit::Column::OfferedAt)
            .limit(MOST_ANSWERS);
        let columns = Columns::default()
            .of([e_visit::Column::ThreadId, e_visit::Column::OfferedAt])
            .of([message_thread::Column::PatientId, message_thread::Column::Subject]);
        batch.ask_columns::<_, Offer>(open, columns)
    });
    move |answers| {
        let mut found = answers.take(asked)?;
        found.sort_by_key(|offer| std::cmp::Reverse((offer.offered_at, offer.thread_id)));
        let needs = found.into_iter().filter_map(|offer| {
            let chart = of_patient(charts, offer.patient_id)?;
            let day = chart.grant.texts().day(local_date(offer.offered_at, &chart.grant.zone()), true);
            let what = What::EVisit { subject: offer.subject, thread: offer.thread_id };
            Some(need(day, chart.grant.person().ok()?, chart.hue, what))
        });
        Ok(needs.collect())
    }
}

/// Asks for the threads in which something was written last; those that already need somebody are not told twice.
pub fn newest<'a>(
    batch: &mut Batch,
    charts: &'a [Opened<ReadMessages>],
) -> impl FnOnce(&mut Rows, &[Need]) -> Result<Vec<News>, Error> + use<'a> {
    let asked = charts.first().map(|any| {
        let since = any.grant.now().instant - TimeDelta::days(NEW_DAYS);
        let last = message_thread::Entity::find()
            .filter(of_charts(charts, message_thread::Column::PatientId, message_thread::Column::Sensitive))
            .filter(message_thread::Column::LastAt.gte(since))
            .order_by_desc(message_thread::Column::LastAt)
            .limit(MOST_NEWS as u64 + 2 * MOST_ANSWERS);
        ask_threads(batch, last)
    });
    move |answers, needs| {
        let told = |id: Uuid| {
            needs.iter().any(|need| matches!(need.what, What::Answer { thread, .. } | What::EVisit { thread, .. } if thread == id))
        };
        let new = threads(answers, asked)?.into_iter().filter(|thread| !told(thread.id)).take(MOST_NEWS).filter_map(|thread| {
            let chart = of_patient(charts, thread.patient_id)?;
            let day = chart.grant.texts().date(local_date(thread.last_at, &chart.grant.zone()));
            news(chart, thread.id, NewsKind::Message, thread.subject, thread.last_at.to_rfc3339(), day)
        });
        Ok(new.collect())
    }
}
