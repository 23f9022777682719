//! Gathers what needs somebody: everybody's at once, however many people there are.

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::model::{Due, EndedAccess, Need, What};
use crate::{
    access::{
        Grant, Permission, Person, allow,
        policy::{GatherHome, UseBilling, UseOwnAccount, ViewSummaries},
        proxy,
    },
    base::{
        clock::local_date,
        dates::Day,
        error::Error,
        ids::{PatientId, VisitId},
        money::price,
    },
    desk::billing::store::{self, ask_due},
    people::patient,
    platform::batch::{Batch, Rows},
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

/// Asks what clinicians want done around now.
pub fn follow_ups<'a>(
    batch: &mut Batch,
    charts: &'a [Opened<ViewSummaries>],
) -> impl FnOnce(&mut Rows) -> Result<Vec<Need>, Error> + use<'a> {
    let asked = charts.first().map(|any| {
        let today = any.grant.now().today;
        let due = summary_item::Entity::find()
            .filter(of_charts(charts, summary_item::Column::PatientId, summary_item::Column::Sensitive))
            .filter(summary_item::Column::Section.eq(Section::FollowUp))
            .filter(summary_item::Column::DueOn.gte(today - TimeDelta::days(OVERDUE_DAYS)))
            .filter(summary_item::Column::DueOn.lte(today + TimeDelta::days(FOLLOW_UP_DAYS)));
        batch.ask(due)
    });
    move |answers| {
        let mut found = answers.take(asked)?;
        found.sort_by_key(|item| (item.due_on, item.id));
        let needs = found.into_iter().filter_map(|item| {
            let chart = of_patient(charts, item.patient_id)?;
            let day = chart.grant.texts().day(item.due_on?, false);
            Some(need(day, chart.grant.person().ok()?, chart.hue, What::FollowUp { text: item.text, visit: VisitId(item.visit_id) }))
        });
        Ok(needs.collect())
    }
}

/// Asks what is due of the bills that the account holder may see.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn due(batch: &mut Batch) -> Result<impl FnOnce(&mut Rows) -> Result<Vec<Due>, Error> + use<>, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, today, holder) = (grant.texts(), grant.now().today, grant.holder()?);
    let (account, own_chart) = (holder.account.0, holder.own_chart.as_ref().map(|chart| chart.patient.0));
    let asked = ask_due(batch, &grant)?;
    let told = move |due: store::Due| {
        let is_own = due.of.account_id == Some(account) || own_chart.is_some_and(|chart| due.of.patient_id == Some(chart));
        Due { whose: (!is_own).then_some(due.of.given_name), amount: price(due.cents), day: t.date(due.on), past: due.on < today }
    };
    Ok(move |answers: &mut Rows| Ok(asked(answers)?.into_iter().map(told).collect()))
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
