//! Reads visits, from a grant for one chart.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait as _, Func, NullOrdering, Query, SimpleExpr},
};
use uuid::Uuid;

use super::wire::{Choices, Filter, VisitCard, Visits};
use crate::{
    access::{Grant, policy::ViewVisits},
    base::{clock::local_date, error::Error, ids::VisitId},
    people::patient,
    record::{
        care_team::entity::{clinician, department},
        note::{
            entity::note,
            model::{Disclosure, Kind},
        },
        release::Release,
        visit::{
            entity::{visit, visit_clinician},
            model::Status,
            store::visible,
        },
    },
};

/// Past visits come in pages of so many.
const PAGE: u64 = 20;

/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<ViewVisits>, filter: &Filter) -> Result<Visits, Error> {
    let db = grant.db();
    let upcoming = filtered(grant, filter)
        .filter(is_upcoming(grant.now().instant))
        .order_by_with_nulls(visit::Column::StartsAt, Order::Asc, NullOrdering::First)
        .all(db)
        .await?;
    let past = filtered(grant, filter)
        .filter(is_upcoming(grant.now().instant).not())
        .order_by_with_nulls(visit::Column::StartsAt, Order::Desc, NullOrdering::Last)
        .order_by_desc(visit::Column::Id);
    let total = past.clone().count(db).await?;
    let pages = std::cmp::max(total.div_ceil(PAGE), 1);
    let page = filter.page.unwrap_or(1).clamp(1, pages);
    let past = past.offset((page - 1) * PAGE).limit(PAGE).all(db).await?;
    let around = Around::load(grant, upcoming.iter().chain(&past)).await?;
    let given_name = patient::Entity::find_by_id(grant.patient().0).one(db).await?.ok_or(Error::NotFound)?.given_name;
    Ok(Visits {
        given_name,
        upcoming: upcoming.into_iter().map(|visit| card(grant, &around, visit, false)).collect(),
        past: past.into_iter().map(|visit| card(grant, &around, visit, true)).collect(),
        page,
        pages,
        total,
        choices: choices(grant).await?,
    })
}

fn filtered(grant: &Grant<ViewVisits>, filter: &Filter) -> Select<visit::Entity> {
    let mut query = visible(grant);
    if let Some((from, until)) = filter.year.and_then(|year| year_of(year, grant.zone())) {
        query = query.filter(visit::Column::StartsAt.gte(from)).filter(visit::Column::StartsAt.lt(until));
    }
    if let Some(department) = filter.department {
        query = query.filter(visit::Column::DepartmentId.eq(department));
    }
    if let Some(clinician) = filter.clinician {
        let seen = Query::select()
            .column(visit_clinician::Column::VisitId)
            .from(visit_clinician::Entity)
            .and_where(visit_clinician::Column::ClinicianId.eq(clinician))
            .to_owned();
        query = query.filter(visit::Column::Id.in_subquery(seen));
    }
    query
}

/// The instants between which a year lies in the organisation's time zone.
fn year_of(year: i32, zone: impl TimeZone) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let start = |year| {
        let midnight = NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(0, 0, 0)?;
        Some(zone.from_local_datetime(&midnight).earliest()?.with_timezone(&Utc))
    };
    Some((start(year)?, start(year.checked_add(1)?)?))
}

/// The same rule as [`crate::record::visit::model::is_upcoming`], for the database.
fn is_upcoming(now: DateTime<Utc>) -> Condition {
    let over: SimpleExpr = Func::if_null(Expr::col(visit::Column::EndsAt), Expr::col(visit::Column::StartsAt)).into();
    Condition::any().add(Condition::all().add(visit::Column::Status.eq(Status::Requested)).add(visit::Column::StartsAt.is_null())).add(
        Condition::all()
            .add(visit::Column::Status.is_in([Status::Requested, Status::Booked, Status::Arrived, Status::InProgress]))
            .add(visit::Column::StartsAt.is_not_null())
            .add(over.gte(now)),
    )
}

/// What stands beside the visits of one page, read in four queries whatever their number.
struct Around {
    departments: HashMap<Uuid, department::Model>,
    clinicians: HashMap<Uuid, Vec<String>>,
    with_notes: HashSet<Uuid>,
}

impl Around {
    async fn load(grant: &Grant<ViewVisits>, visits: impl Iterator<Item = &visit::Model> + Clone) -> Result<Self, Error> {
        let db = grant.db();
        let ids: Vec<Uuid> = visits.clone().map(|visit| visit.id).collect();
        let departments = department::Entity::find()
            .filter(department::Column::Id.is_in(visits.filter_map(|visit| visit.department_id).collect::<BTreeSet<_>>()))
            .all(db)
            .await?;
        let seen = visit_clinician::Entity::find()
            .filter(visit_clinician::Column::VisitId.is_in(ids.iter().copied()))
            .order_by_asc(visit_clinician::Column::Position)
            .all(db)
            .await?;
        let names = clinician::Entity::find()
            .filter(clinician::Column::Id.is_in(seen.iter().map(|seen| seen.clinician_id).collect::<BTreeSet<_>>()))
            .all(db)
            .await?;
        let mut clinicians: HashMap<Uuid, Vec<String>> = HashMap::new();
        for seen in seen {
            if let Some(found) = names.iter().find(|found| found.id == seen.clinician_id) {
                clinicians.entry(seen.visit_id).or_default().push(found.name.clone());
            }
        }
        let with_notes = if grant.sees_clinical() { notes_of(grant, ids).await? } else { HashSet::new() };
        Ok(Self { departments: departments.into_iter().map(|found| (found.id, found)).collect(), clinicians, with_notes })
    }
}

/// Which of these visits have a note that its reader may know of.
async fn notes_of(grant: &Grant<ViewVisits>, visits: Vec<Uuid>) -> Result<HashSet<Uuid>, Error> {
    let mut query = note::Entity::find()
        .select_only()
        .column(note::Column::VisitId)
        .distinct()
        .filter(note::Column::VisitId.is_in(visits))
        .filter(note::Column::Kind.eq(Kind::Note))
        .filter(note::Column::Disclosure.ne(Disclosure::Hidden))
        .filter(Release::for_reader(grant).await?.notes());
    if !grant.sees_sensitive() {
        query = query.filter(note::Column::Sensitive.eq(false));
    }
    Ok(query.into_tuple::<Uuid>().all(grant.db()).await?.into_iter().collect())
}

/// Reasons are a clinician's words: who may see the schedule only does not get them.
fn card(grant: &Grant<ViewVisits>, around: &Around, visit: visit::Model, past: bool) -> VisitCard {
    let (t, zone, clinical) = (grant.texts(), grant.zone(), grant.sees_clinical());
    let department = visit.department_id.and_then(|id| around.departments.get(&id));
    VisitCard {
        id: VisitId(visit.id),
        status: visit.status,
        kind: visit.kind,
        title: visit.title,
        day: visit.starts_at.map(|at| t.day(local_date(at, &zone), past)),
        time: visit.starts_at.map(|at| {
            let minutes = visit.ends_at.map(|end| (end - at).num_minutes()).filter(|minutes| (1..=120).contains(minutes));
            match minutes {
                Some(minutes) => format!("{} · {}", t.time(at, &zone), t.visits_minutes(&minutes.to_string())),
                None => t.time(at, &zone),
            }
        }),
        place: department.map(|found| found.name.clone()),
        clinicians: around.clinicians.get(&visit.id).map(|names| names.join(", ")),
        reason: visit.reason.filter(|_| clinical),
        instruction: visit.patient_instruction.filter(|_| !past),
        cancel_reason: visit.cancel_reason.filter(|_| clinical),
        requested_on: visit.requested_at.filter(|_| visit.status == Status::Requested).map(|at| t.date(local_date(at, &zone))),
        has_summary: clinical && visit.encounter_id.is_some() && visit.status == Status::Finished,
        has_notes: around.with_notes.contains(&visit.id),
    }
}

/// The years, departments and clinicians that occur, whatever is chosen now.
async fn choices(grant: &Grant<ViewVisits>) -> Result<Choices, Error> {
    let db = grant.db();
    let rows: Vec<(Uuid, Option<DateTime<Utc>>, Option<Uuid>)> = visible(grant)
        .select_only()
        .columns([visit::Column::Id, visit::Column::StartsAt, visit::Column::DepartmentId])
        .into_tuple()
        .all(db)
        .await?;
    let years: BTreeSet<i32> = rows.iter().filter_map(|row| row.1).map(|at| local_date(at, &grant.zone()).year()).collect();
    let departments = department::Entity::find()
        .filter(department::Column::Id.is_in(rows.iter().filter_map(|row| row.2).collect::<BTreeSet<_>>()))
        .all(db)
        .await?;
    let visits = Query::select()
        .column(visit::Column::Id)
        .from(visit::Entity)
        .and_where(visit::Column::PatientId.eq(grant.patient().0))
        .cond_where(if grant.sees_sensitive() { Condition::all() } else { Condition::all().add(visit::Column::Sensitive.eq(false)) })
        .to_owned();
    let seen = Query::select()
        .distinct()
        .column(visit_clinician::Column::ClinicianId)
        .from(visit_clinician::Entity)
        .and_where(visit_clinician::Column::VisitId.in_subquery(visits))
        .to_owned();
    let clinicians = clinician::Entity::find().filter(clinician::Column::Id.in_subquery(seen)).all(db).await?;
    Ok(Choices {
        years: years.into_iter().rev().collect(),
        departments: by_name(departments.into_iter().map(|found| (found.name, found.id))),
        clinicians: by_name(clinicians.into_iter().map(|found| (found.name, found.id))),
    })
}

fn by_name(found: impl Iterator<Item = (String, Uuid)>) -> Vec<(String, String)> {
    found.collect::<BTreeMap<_, _>>().into_iter().map(|(name, id)| (id.to_string(), name)).collect()
}
