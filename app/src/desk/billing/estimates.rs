//! Good-faith estimates: each version is kept, and a bill that is far above is told. Source: 45 CFR 149.610 and 149.620.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::entity::{bill, bill_line, estimate, estimate_line};
use crate::{
    access::{Grant, policy::KeepLedgers},
    base::{
        error::{Error, Problem},
        ids::new_id,
        money::cents,
        why::Why,
    },
};

/// A bill that is higher by so much may be disputed (45 CFR 149.620).
pub const DISPUTED_FROM: i64 = 40_000;

/// The estimate for the visit of a bill, as it was last.
///
/// # Errors
/// When the database fails.
pub async fn of_visit(db: &impl ConnectionTrait, bill: &bill::Model) -> Result<Option<estimate::Model>, DbErr> {
    let Some(visit) = bill.visit_id else { return Ok(None) };
    let newest = estimate::Entity::find()
        .filter(estimate::Column::VisitId.eq(visit))
        .filter(estimate::Column::PatientId.eq(bill.patient_id))
        .filter(estimate::Column::Newest.eq(true));
    newest.order_by_desc(estimate::Column::MadeAt).one(db).await
}

/// All versions of the estimate for the visit of a bill, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn versions(db: &impl ConnectionTrait, bill: &bill::Model) -> Result<Vec<estimate::Model>, DbErr> {
    match of_visit(db, bill).await? {
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

/// So many services has an estimate.
const MOST_LINES: usize = 40;

/// An estimate as somebody of the office types it, a service and its price a line, for the visit of a bill.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` with everything that is wrong.
pub async fn by_office(grant: &Grant<KeepLedgers>, bill: Uuid, title: &str, lines: &str, note: &str) -> Result<Uuid, Error> {
    let (found, _) = super::staff::bill_of(grant, bill).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let (title, note) = (title.trim(), note.trim());
    match title.chars().count() {
        0 => refuse("title", Why::MISSING),
        1..=300 => {}
        _ => refuse("title", Why::TOO_LONG),
    }
    if note.chars().count() > 500 {
        refuse("note", Why::TOO_LONG);
    }
    let typed: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let read = |line: &&str| {
        let (title, sum) = line.rsplit_once([' ', '\t', '$']).unwrap_or((line, ""));
        Some((title.trim().trim_end_matches([':', ',', '-']).to_owned(), cents(sum)?)).filter(|(title, _)| !title.is_empty())
    };
    let parts: Option<Vec<(String, i64)>> = typed.iter().map(read).collect();
    match &parts {
        _ if typed.is_empty() => refuse("lines", Why::MISSING),
        _ if typed.len() > MOST_LINES => refuse("lines", Why::TOO_LONG),
        None => refuse("lines", Why::of("ledgers_why_lines")),
        Some(_) => {}
    }
    let (Some(parts), true) = (parts, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let before = of_visit(grant.db(), &found).await?;
    let tx = grant.begin().await?;
    let new = New {
        series: before.map(|before| before.series),
        patient: found.patient_id,
        visit: found.visit_id,
        title,
        lines: &parts,
        note: Some(note.to_owned()).filter(|note| !note.is_empty()),
        by: &grant.holder()?.name,
    };
    let id = write(&tx, &new, grant.now().instant).await?;
    tx.commit().await?;
    Ok(id)
}
