//! Good-faith estimates: each version is kept, and a bill that is far above is told. Source: 45 CFR 149.610 and 149.620.

use std::{cmp::Reverse, collections::HashMap};

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    entity::{bill, bill_line, coverage, estimate, estimate_line},
    staff::FOUND,
};
use crate::{
    access::{
        Grant, allow,
        policy::{KeepLedgers, OpenLedger, ViewInsurance},
    },
    base::{
        clock::local_date,
        error::Error,
        ids::{PatientId, new_id},
    },
    desk::{
        requests::{
            kind::RequestDetails,
            model::{business_days_after, business_days_between},
        },
        scheduling::{entity::booking_event, model::Happened},
    },
    people::patient,
    platform::batch::Batch,
    record::visit::{entity::visit, model::Status},
};

/// A bill that is higher by so much may be disputed (45 CFR 149.620).
pub const DISPUTED_FROM: i64 = 40_000;

/// The estimate for the visit of a bill, as it was last.
///
/// # Errors
/// When the database fails.
pub async fn of_visit(db: &impl ConnectionTrait, bill: &bill::Model) -> Result<Option<estimate::Model>, DbErr> {
    match bill.visit_id {
        Some(visit) => newest(db, visit).await,
        None => Ok(None),
    }
}

/// The estimate for a visit, as it was last.
///
/// # Errors
/// When the database fails.
pub async fn newest(db: &impl ConnectionTrait, visit: Uuid) -> Result<Option<estimate::Model>, DbErr> {
    let newest = estimate::Entity::find().filter(estimate::Column::VisitId.eq(visit)).filter(estimate::Column::Newest.eq(true));
    newest.order_by_desc(estimate::Column::MadeAt).one(db).await
}

/// All versions of the estimate for a visit, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn versions(db: &impl ConnectionTrait, visit: Uuid) -> Result<Vec<estimate::Model>, DbErr> {
    match newest(db, visit).await? {
        Some(newest) => {
            let all = estimate::Entity::find().filter(estimate::Column::Series.eq(newest.series));
            all.order_by_desc(estimate::Column::Version).all(db).await
        }
        None => Ok(Vec::new()),
    }
}

/// By how much the charges are above what was estimated, where it is so much that it may be disputed.
pub fn above(estimate: &estimate::Model, lines: &[bill_line::Model]) -> Option<i64> {
    let charged: i64 = lines.iter().map(|line| line.charged_cents).sum();
    Some(charged - estimate.total_cents).filter(|above| *above >= DISPUTED_FROM)
}

/// An estimate on its way.
pub struct New<'a> {
    /// The one that it takes the place of.
    pub series: Option<Uuid>,
    pub patient: Uuid,
    pub visit: Option<Uuid>,
    pub title: &'a str,
    pub lines: &'a [(String, i64)],
    pub note: Option<String>,
    pub by: &'a str,
}

/// Writes an estimate, or a new version of one.
///
/// # Errors
/// When the database fails.
pub async fn write(tx: &impl ConnectionTrait, new: &New<'_>, now: chrono::DateTime<chrono::Utc>) -> Result<Uuid, DbErr> {
    let id = new_id();
    let series = new.series.unwrap_or(id);
    let before =
        estimate::Entity::find().filter(estimate::Column::Series.eq(series)).order_by_desc(estimate::Column::Version).one(tx).await?;
    estimate::Entity::update_many()
        .col_expr(estimate::Column::Newest, Expr::value(false))
        .filter(estimate::Column::Series.eq(series))
        .exec(tx)
        .await?;
    let row = estimate::ActiveModel {
        id: Set(id),
        series: Set(series),
        version: Set(before.map_or(1, |before| before.version + 1)),
        patient_id: Set(new.patient),
        visit_id: Set(new.visit),
        title: Set(new.title.chars().take(300).collect()),
        total_cents: Set(new.lines.iter().map(|(_, cents)| cents).sum()),
        note: Set(new.note.clone()),
        made_at: Set(now),
        made_by: Set(new.by.to_owned()),
        newest: Set(true),
    };
    estimate::Entity::insert(row).exec_without_returning(tx).await?;
    let rows: Vec<_> = (0..)
        .zip(new.lines)
        .map(|(position, (title, cents))| estimate_line::ActiveModel {
            estimate_id: Set(id),
            position: Set(position),
            title: Set(title.chars().take(300).collect()),
            cents: Set(*cents),
        })
        .collect();
    if !rows.is_empty() {
        estimate_line::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(id)
}

/// What somebody asks an estimate for.
#[derive(Serialize, Deserialize)]
pub struct AskedEstimate {
    pub visit: Option<Uuid>,
    /// The visit as it was called then.
    pub title: Option<String>,
    pub words: String,
}

impl RequestDetails for AskedEstimate {
    const KEY: &'static str = "estimate";
}

/// An estimate as the patient's side reads it.
pub struct Told {
    pub estimate: estimate::Model,
    pub lines: Vec<estimate_line::Model>,
    pub visit: Option<visit::Model>,
}

/// The newest estimates of a chart, the latest first; what is sensitive only for whoever may see it.
///
/// # Errors
/// When the database fails.
pub async fn of_chart(grant: &Grant<ViewInsurance>, sees_sensitive: bool) -> Result<Vec<Told>, Error> {
    let newest = estimate::Entity::find()
        .filter(estimate::Column::PatientId.in_subquery(patient::with_merged(grant.patient().0).into_query()))
        .filter(estimate::Column::Newest.eq(true))
        .order_by_desc(estimate::Column::MadeAt)
        .order_by_desc(estimate::Column::Id)
        .limit(FOUND);
    let ids = |of: estimate::Column| newest.clone().select_only().column(of).into_query();
    let visits = visit::Entity::find().filter(visit::Column::Id.in_subquery(ids(estimate::Column::VisitId)));
    let lines = estimate_line::Entity::find().filter(estimate_line::Column::EstimateId.in_subquery(ids(estimate::Column::Id)));
    let mut batch = Batch::default();
    let (visits, lines, newest) = (batch.ask(visits), batch.ask(lines), batch.ask(newest));
    let mut answers = batch.read(grant.db()).await?;
    let (visits, mut lines, mut all) = (answers.take(visits)?, answers.take(lines)?, answers.take(newest)?);
    all.sort_by_key(|row| Reverse((row.made_at, row.id)));
    lines.sort_by_key(|line| line.position);
    let mut of: HashMap<Uuid, Vec<estimate_line::Model>> = HashMap::new();
    for line in lines {
        of.entry(line.estimate_id).or_default().push(line);
    }
    let told = all.into_iter().map(|estimate| Told {
        lines: of.remove(&estimate.id).unwrap_or_default(),
        visit: visits.iter().find(|visit| Some(visit.id) == estimate.visit_id).cloned(),
        estimate,
    });
    // Of what is for no visit nobody knows whether it is sensitive.
    Ok(told.filter(|told| sees_sensitive || told.visit.as_ref().is_some_and(|visit| !visit.sensitive)).collect())
}

/// The visits of a chart that are to come, of which an estimate can be asked for.
///
/// # Errors
/// When the database fails.
pub async fn visits_to_come(grant: &Grant<ViewInsurance>, sees_sensitive: bool) -> Result<Vec<visit::Model>, Error> {
    let mut all = visit::Entity::find()
        .filter(visit::Column::PatientId.in_subquery(patient::with_merged(grant.patient().0).into_query()))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::StartsAt.gt(grant.now().instant));
    if !sees_sensitive {
        all = all.filter(visit::Column::Sensitive.eq(false));
    }
    Ok(all.order_by_asc(visit::Column::StartsAt).limit(FOUND).all(grant.db()).await?)
}

/// A visit of somebody without insurance for which the law asks for an estimate.
pub struct Owed {
    pub visit: visit::Model,
    /// Whose visit it is.
    pub name: String,
    pub due_on: NaiveDate,
}

/// The day by which an estimate is due for a visit that was booked on a day; `None` when it was booked too late for one.
/// Source: 45 CFR 149.610(b)(1)(vi).
pub fn due_on(booked: NaiveDate, visit: NaiveDate) -> Option<NaiveDate> {
    match business_days_between(booked, visit) {
        0..=2 => None,
        3..=9 => Some(business_days_after(booked, 1)),
        _ => Some(business_days_after(booked, 3)),
    }
}

/// The estimates that the office owes: of visits to come that were booked here, of people without an insurance, the most urgent first.
///
/// # Errors
/// When the database fails.
pub async fn owed(grant: &Grant<KeepLedgers>) -> Result<Vec<Owed>, Error> {
    let (db, now, zone) = (grant.db(), grant.now(), grant.zone());
    let insured = coverage::Entity::find()
        .select_only()
        .column(coverage::Column::PatientId)
        .filter(coverage::Column::Active.eq(true))
        .filter(Expr::col((coverage::Entity, coverage::Column::PatientId)).equals((visit::Entity, visit::Column::PatientId)))
        .into_query();
    let written = estimate::Entity::find()
        .select_only()
        .column(estimate::Column::Id)
        .filter(Expr::col((estimate::Entity, estimate::Column::VisitId)).equals((visit::Entity, visit::Column::Id)))
        .into_query();
    let visits = visit::Entity::find()
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::StartsAt.gt(now.instant))
        .filter(Expr::exists(insured).not())
        .filter(Expr::exists(written).not())
        .order_by_asc(visit::Column::StartsAt)
        .limit(200)
        .all(db)
        .await?;
    let ids: Vec<Uuid> = visits.iter().map(|visit| visit.id).collect();
    let booked = booking_event::Entity::find().filter(booking_event::Column::VisitId.is_in(ids));
    let booked = booked.filter(booking_event::Column::What.eq(Happened::Booked)).order_by_asc(booking_event::Column::At).all(db).await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(visits.iter().map(|visit| visit.patient_id))).all(db).await?;
    let mut all: Vec<Owed> = visits
        .into_iter()
        .filter_map(|visit| {
            let booked = booked.iter().find(|event| event.visit_id == visit.id)?.at;
            let due_on = due_on(local_date(booked, &zone), local_date(visit.starts_at?, &zone))?;
            let person = people.iter().find(|person| person.id == visit.patient_id)?;
            Some(Owed { name: format!("{} {}", person.given_name, person.family_name), due_on, visit })
        })
        .collect();
    all.sort_by_key(|owed| owed.due_on);
    all.truncate(usize::try_from(FOUND).unwrap_or(usize::MAX));
    for owed in &all {
        allow::<OpenLedger>(PatientId(owed.visit.patient_id)).await?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_due_by_how_early_the_visit_was_booked() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let due = |booked: &str, visit: &str| due_on(day(booked), day(visit)).map(|due| due.to_string());
        assert_eq!(due("2026-11-02", "2026-11-04"), None, "two business days ahead");
        assert_eq!(due("2026-11-02", "2026-11-05").as_deref(), Some("2026-11-03"));
        assert_eq!(due("2026-11-06", "2026-11-10"), None, "a weekend counts for nothing");
        assert_eq!(due("2026-11-02", "2026-11-13").as_deref(), Some("2026-11-03"), "nine ahead");
        assert_eq!(due("2026-11-02", "2026-11-16").as_deref(), Some("2026-11-05"), "ten ahead");
        // Thanksgiving is between, and no business day.
        assert_eq!(due("2026-11-16", "2026-11-30").as_deref(), Some("2026-11-17"), "nine ahead");
        assert_eq!(due("2026-11-02", "2026-11-01"), None);
    }
}
