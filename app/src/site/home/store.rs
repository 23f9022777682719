//! Gathers what needs somebody: everybody's from one statement for each kind of thing, however many people there are.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::model::{Due, EndedAccess, Need, What};
use crate::{
    access::{
        Grant, Permission, Person, allow,
        policy::{DecideEVisit, GatherHome, ReadMessages, UseBilling, UseOwnAccount, ViewSummaries},
        proxy,
    },
    base::{
        clock::local_date,
        dates::Day,
        error::Error,
        ids::{PatientId, VisitId},
        money::price,
    },
    desk::billing::{entity::guarantor, store::due_by_account},
    features::messages::{
        entity::{e_visit, message_thread},
        watching::unread,
    },
    people::patient,
    record::summary::{entity::summary_item, model::Section},
};

/// Follow-ups stand here from so many days before their date ...
const FOLLOW_UP_DAYS: i64 = 30;
/// ... until so many days after it.
const OVERDUE_DAYS: i64 = 7;
/// A birthday that changes what a parent sees is announced so many days ahead.
const BIRTHDAY_DAYS: i64 = 60;
/// So is the end of access that was given until a day.
const EXPIRY_DAYS: i64 = 30;

/// So many answers are told here; the others stand among the messages.
const MOST_ANSWERS: u64 = 10;

/// A chart that was opened for this page, and its colour.
pub struct Opened<P: Permission<Scope = PatientId>> {
    pub grant: Grant<P>,
    pub hue: u8,
    /// The charts that went into it: what was written under them belongs to it.
    pub merged: Vec<Uuid>,
}

/// The charts that went into these, with the chart into which each went.
///
/// # Errors
/// When the database fails.
pub async fn merged(grant: &Grant<UseOwnAccount>, people: &[(PatientId, u8)]) -> Result<Vec<(Uuid, PatientId)>, Error> {
    let found: Vec<(Uuid, Uuid)> = patient::Entity::find()
        .select_only()
        .columns([patient::Column::Id, patient::Column::MergedInto])
        .filter(patient::Column::MergedInto.is_in(people.iter().map(|(patient, _)| patient.0)))
        .into_tuple()
        .all(grant.db())
        .await?;
    Ok(found.into_iter().map(|(id, into)| (id, PatientId(into))).collect())
}

/// Everybody this account holder acts for, with their colours.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn people(grant: &Grant<UseOwnAccount>) -> Result<Vec<(PatientId, u8)>, Error> {
    let holder = grant.holder()?;
    let own = holder.own_chart.iter().map(|person| (person.patient, 0));
    let others = holder.acts_for(grant.now()).into_iter().filter(|(_, level)| level.is_ok());
    Ok(own.chain(others.map(|(found, _)| (found.person.patient, found.hue))).collect())
}

/// Birthdays and dates that will change what this account holder may see.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn changes_of_access(grant: &Grant<UseOwnAccount>) -> Result<Vec<Need>, Error> {
    let now = grant.now();
    let mut needs = Vec::new();
    for (found, level) in grant.holder()?.acts_for(now) {
        if level.is_err() {
            continue;
        }
        let mut tell = |date: NaiveDate, what: What| needs.push(need(grant.texts().day(date, false), &found.person, found.hue, what));
        if let Some((day, then)) = proxy::next_change_by_age(&found.facts, now)
            && day - now.today <= TimeDelta::days(BIRTHDAY_DAYS)
        {
            tell(day, if then.is_some() { What::TurnsThirteen } else { What::TurnsEighteen });
        }
        if let Some(day) = found.facts.expires_at.map(|at| local_date(at, &grant.zone()))
            && day - now.today <= TimeDelta::days(EXPIRY_DAYS)
        {
            tell(day, What::AccessExpires);
        }
    }
    Ok(needs)
}

/// Charts that are closed by now.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn ended(grant: &Grant<UseOwnAccount>) -> Result<Vec<EndedAccess>, Error> {
    let acts_for = grant.holder()?.acts_for(grant.now());
    let ended = acts_for.into_iter().filter_map(|(found, level)| Some((found, level.err()?)));
    Ok(ended.map(|(found, reason)| EndedAccess { given_name: found.person.given_name.clone(), reason }).collect())
}

/// What clinicians asked to be done around now.
///
/// # Errors
/// When the database fails.
pub async fn follow_ups(charts: &[Opened<ViewSummaries>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let today = any.now().today;
    let found = summary_item::Entity::find()
        .filter(of_charts(charts, summary_item::Column::PatientId, summary_item::Column::Sensitive))
        .filter(summary_item::Column::Section.eq(Section::FollowUp))
        .filter(summary_item::Column::DueOn.gte(today - TimeDelta::days(OVERDUE_DAYS)))
        .filter(summary_item::Column::DueOn.lte(today + TimeDelta::days(FOLLOW_UP_DAYS)))
        .order_by_asc(summary_item::Column::DueOn)
        .all(any.db())
        .await?;
    let needs = found.into_iter().filter_map(|item| {
        let chart = of_patient(charts, item.patient_id)?;
        let day = chart.grant.texts().day(item.due_on?, false);
        Some(need(day, chart.grant.person().ok()?, chart.hue, What::FollowUp { text: item.text, visit: VisitId(item.visit_id) }))
    });
    Ok(needs.collect())
}

/// What offices answered and the account holder has not opened, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn answers(charts: &[Opened<ReadMessages>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let found = unread(any.holder()?.account.0, any.now())
        .filter(of_charts(charts, message_thread::Column::PatientId, message_thread::Column::Sensitive))
        .order_by_desc(message_thread::Column::LastAt)
        .limit(MOST_ANSWERS)
        .all(any.db())
        .await?;
    let needs = found.into_iter().filter_map(|thread| {
        let chart = of_patient(charts, thread.patient_id)?;
        let day = chart.grant.texts().day(local_date(thread.last_at, &chart.grant.zone()), true);
        Some(need(day, chart.grant.person().ok()?, chart.hue, What::Answer { subject: thread.subject, thread: thread.id }))
    });
    Ok(needs.collect())
}

/// What is due of the bills that the account holder may see.
///
/// # Errors
/// When the database fails.
pub async fn due() -> Result<Vec<Due>, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, today, holder) = (grant.texts(), grant.now().today, grant.holder()?);
    let own = |row: &guarantor::Model| {
        row.account_id == Some(holder.account.0) || holder.own_chart.as_ref().is_some_and(|chart| row.patient_id == Some(chart.patient.0))
    };
    let told = |(row, cents, day): (guarantor::Model, i64, NaiveDate)| Due {
        whose: (!own(&row)).then(|| row.given_name.clone()),
        amount: price(cents),
        day: t.date(day),
        past: day < today,
    };
    Ok(due_by_account(&grant).await?.into_iter().map(told).collect())
}

/// Visits by message that were offered, and about which nobody has decided, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn offers(charts: &[Opened<DecideEVisit>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let found = e_visit::Entity::find()
        .select_only()
        .columns([e_visit::Column::ThreadId, e_visit::Column::OfferedAt])
        .columns([message_thread::Column::PatientId, message_thread::Column::Subject])
        .join(
            JoinType::InnerJoin,
            e_visit::Entity::belongs_to(message_thread::Entity).from(e_visit::Column::ThreadId).to(message_thread::Column::Id).into(),
        )
        .filter(of_charts(charts, message_thread::Column::PatientId, message_thread::Column::Sensitive))
        .filter(e_visit::Column::Accepted.is_null())
        .order_by_desc(e_visit::Column::OfferedAt)
        .limit(MOST_ANSWERS);
    let found: Vec<(Uuid, DateTime<Utc>, Uuid, String)> = found.into_tuple().all(any.db()).await?;
    let needs = found.into_iter().filter_map(|(thread, at, patient, subject)| {
        let chart = of_patient(charts, patient)?;
        let day = chart.grant.texts().day(local_date(at, &chart.grant.zone()), true);
        Some(need(day, chart.grant.person().ok()?, chart.hue, What::EVisit { subject, thread }))
    });
    Ok(needs.collect())
}

/// The rows of these charts; what is sensitive only of those where the reader sees it.
pub(super) fn of_charts<P: Permission<Scope = PatientId>>(
    charts: &[Opened<P>],
    patient: impl ColumnTrait,
    sensitive: impl ColumnTrait,
) -> Condition {
    let ids = |charts: Vec<&Opened<P>>| charts.into_iter().flat_map(Opened::ids).collect::<Vec<_>>();
    let all = Condition::all().add(patient.is_in(ids(charts.iter().collect())));
    if charts.iter().all(|chart| chart.grant.sees_sensitive()) {
        return all;
    }
    let whole = ids(charts.iter().filter(|chart| chart.grant.sees_sensitive()).collect());
    all.add(Condition::any().add(sensitive.eq(false)).add(patient.is_in(whole)))
}

pub(super) fn of_patient<P: Permission<Scope = PatientId>>(charts: &[Opened<P>], patient: Uuid) -> Option<&Opened<P>> {
    charts.iter().find(|chart| chart.ids().any(|id| id == patient))
}

impl<P: Permission<Scope = PatientId>> Opened<P> {
    /// The part of a chart that this permission opens, where it does.
    pub fn part(chart: &Grant<GatherHome>, hue: u8, merged: &[Uuid]) -> Option<Self> {
        chart.part::<P>().map(|grant| Self { grant, hue, merged: merged.to_vec() })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        std::iter::once(self.grant.patient().0).chain(self.merged.iter().copied())
    }
}

pub(super) fn need(day: Day, person: &Person, hue: u8, what: What) -> Need {
    Need { patient: person.patient, given_name: person.given_name.clone(), hue, day, what }
}
