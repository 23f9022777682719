//! Reads visits, from a grant for one chart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationTrait};
use uuid::Uuid;

use super::{
    wire::{Choices, Filter, VisitCard, Visits},
    written::Written,
};
use crate::{
    access::{
        Grant,
        policy::{JoinVideo, ViewVisits},
    },
    base::{clock::local_date, error::Error, i18n::Texts, ids::VisitId, locale::Locale},
    desk::{
        check_in::words as check_in,
        scheduling::{
            entity::{booking, visit_kind},
            words::reason_for,
        },
        video::words as video,
    },
    platform::batch::{Batch, Columns},
    record::{
        care_team::entity::{clinician, department},
        visit::{
            entity::{visit, visit_clinician},
            model::{Status, is_upcoming},
            store::visible,
        },
    },
};

/// Past visits come in pages of so many.
const PAGE: usize = 20;

/// Upcoming visits and one page of the past ones.
///
/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<ViewVisits>, filter: &Filter) -> Result<Visits, Error> {
    let all = Overview::load(grant).await?;
    let now = grant.now().instant;
    let (mut upcoming, mut past): (Vec<&Row>, Vec<&Row>) = all
        .visits
        .iter()
        .filter(|row| all.matches(row, filter, grant.zone()))
        .partition(|row| is_upcoming(row.status, row.starts_at, row.ends_at, now));
    upcoming.sort_by_key(|row| row.starts_at);
    past.sort_by_key(|row| std::cmp::Reverse((row.starts_at, row.id)));
    let pages = past.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(filter.page.unwrap_or(1)).unwrap_or(pages).clamp(1, pages);
    let total = past.len();
    let past: Vec<&Row> = past.into_iter().skip((page - 1) * PAGE).take(PAGE).collect();
    let ids: Vec<Uuid> = upcoming.iter().chain(&past).map(|row| row.id).collect();
    let whole = visit::Entity::find().filter(visit::Column::Id.is_in(ids.iter().copied())).all(grant.db()).await?;
    let visits: Vec<&visit::Model> = whole.iter().collect();
    let mut batch = Batch::default();
    let written = Written::ask(&mut batch, grant, ids);
    let check_ins = check_in::ask(&mut batch, grant, &visits);
    let joins = grant.would_allow::<JoinVideo>(&grant.patient());
    let by_video = video::ask(&mut batch, if joins { &visits } else { &[] }, now);
    let mut answers = batch.read(grant.db()).await?;
    let (check_ins, by_video, written) = (check_ins(&mut answers)?, by_video(&mut answers)?, written(&mut answers)?);
    let mut whole: HashMap<Uuid, visit::Model> = whole.into_iter().map(|visit| (visit.id, visit)).collect();
    let mut cards = |rows: Vec<&Row>, past: bool| {
        let whole = rows.into_iter().filter_map(|row| Some((row, whole.remove(&row.id)?)));
        whole
            .map(|(row, visit)| {
                let id = visit.id;
                let check_in = check_ins.get(&id).map(|found| check_in::in_words(grant.texts(), found, now));
                let joins = by_video.contains(&id).then(|| (false, grant.texts().video_join().to_owned(), video::PAGE.to_owned()));
                let check_in = joins.or(check_in);
                VisitCard { check_in: check_in.filter(|_| !past), ..card(grant, &all, row, visit, &written, past) }
            })
            .collect()
    };
    Ok(Visits {
        given_name: grant.person()?.given_name.clone(),
        upcoming: cards(upcoming, false),
        past: cards(past, true),
        page: u64::try_from(page).unwrap_or(1),
        pages: u64::try_from(pages).unwrap_or(1),
        total: u64::try_from(total).unwrap_or(0),
        choices: all.choices(grant.zone()),
    })
}

/// The instants between which a year lies in the organisation's time zone.
fn year_of(year: i32, zone: impl TimeZone) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let start = |year| {
        let midnight = NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(0, 0, 0)?;
        Some(zone.from_local_datetime(&midnight).earliest()?.with_timezone(&Utc))
    };
    Some((start(year)?, start(year.checked_add(1)?)?))
}

/// What decides where a visit stands, and whether it is shown.
#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    status: Status,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    department_id: Option<Uuid>,
    /// Of the department.
    name: Option<String>,
    /// When the person, or somebody for them, said that it takes place.
    confirmed_at: Option<DateTime<Utc>>,
    name_en: Option<String>,
    name_es: Option<String>,
    before_en: Option<String>,
    before_es: Option<String>,
}

impl Row {
    /// The name of its kind in the reader's language, where it was booked here.
    fn title(&self, t: Texts) -> Option<String> {
        if t.0 == Locale::Es { self.name_es.clone() } else { self.name_en.clone() }
    }

    /// What to do before, in the reader's language, where it was booked here.
    fn before(&self, t: Texts) -> Option<String> {
        if t.0 == Locale::Es { self.before_es.clone() } else { self.before_en.clone() }
    }
}

/// Who was seen at a visit.
#[derive(FromQueryResult)]
struct Seen {
    visit_id: Uuid,
    clinician_id: Uuid,
    position: i32,
    name: String,
}

/// All visits of a chart, as far as filters, their choices and pages need them.
struct Overview {
    visits: Vec<Row>,
    seen: HashMap<Uuid, Vec<Seen>>,
}

impl Overview {
    async fn load(grant: &Grant<ViewVisits>) -> Result<Self, Error> {
        let visits = visible(grant)
            .join(JoinType::LeftJoin, visit::Relation::Department.def())
            .join(
                JoinType::LeftJoin,
                visit::Entity::belongs_to(booking::Entity).from(visit::Column::Id).to(booking::Column::VisitId).into(),
            )
            .join(
                JoinType::LeftJoin,
                booking::Entity::belongs_to(visit_kind::Entity).from(booking::Column::KindId).to(visit_kind::Column::Id).into(),
            );
        let columns = Columns::default()
            .of([visit::Column::Id, visit::Column::Status, visit::Column::StartsAt, visit::Column::EndsAt, visit::Column::DepartmentId])
            .of([department::Column::Name])
            .of([booking::Column::ConfirmedAt])
            .of([visit_kind::Column::NameEn, visit_kind::Column::NameEs, visit_kind::Column::BeforeEn, visit_kind::Column::BeforeEs]);
        let of_chart = visible(grant).select_only().column(visit::Column::Id).into_query();
        let seen = visit_clinician::Entity::find()
            .join(JoinType::InnerJoin, visit_clinician::Relation::Clinician.def())
            .filter(visit_clinician::Column::VisitId.in_subquery(of_chart));
        let of_seen = Columns::default()
            .of([visit_clinician::Column::VisitId, visit_clinician::Column::ClinicianId, visit_clinician::Column::Position])
            .of([clinician::Column::Name]);
        let mut batch = Batch::default();
        let (visits, rows) = (batch.ask_columns(visits, columns), batch.ask_columns::<_, Seen>(seen, of_seen));
        let mut answers = batch.read(grant.db()).await?;
        let (visits, mut rows) = (answers.take(visits)?, answers.take(rows)?);
        rows.sort_by_key(|row| row.position);
        let mut seen: HashMap<Uuid, Vec<Seen>> = HashMap::new();
        for row in rows {
            seen.entry(row.visit_id).or_default().push(row);
        }
        Ok(Self { visits, seen })
    }

    fn matches(&self, row: &Row, filter: &Filter, zone: impl TimeZone) -> bool {
        let in_year = filter
            .year
            .and_then(|year| year_of(year, zone))
            .is_none_or(|(from, until)| row.starts_at.is_some_and(|at| from <= at && at < until));
        let at = filter.department.is_none_or(|wanted| row.department_id == Some(wanted));
        let with = filter
            .clinician
            .is_none_or(|wanted| self.seen.get(&row.id).is_some_and(|seen| seen.iter().any(|found| found.clinician_id == wanted)));
        in_year && at && with
    }

    fn clinicians_of(&self, visit: &visit::Model) -> Option<String> {
        let seen = self.seen.get(&visit.id).into_iter().flatten().map(|found| found.name.as_str());
        let names = seen.chain(visit.named_clinicians.as_deref()).collect::<Vec<_>>().join(", ");
        Some(names).filter(|names| !names.is_empty())
    }

    /// The years, departments and clinicians that occur, whatever is chosen now.
    fn choices(&self, zone: impl TimeZone) -> Choices {
        let years: BTreeSet<i32> = self.visits.iter().filter_map(|row| row.starts_at).map(|at| local_date(at, &zone).year()).collect();
        Choices {
            years: years.into_iter().rev().collect(),
            departments: by_name(self.visits.iter().filter_map(|row| Some((row.name.clone()?, row.department_id?)))),
            clinicians: by_name(self.seen.values().flatten().map(|found| (found.name.clone(), found.clinician_id))),
        }
    }
}

/// Reasons are a clinician's words: who may see the schedule only does not get them.
fn card(grant: &Grant<ViewVisits>, all: &Overview, row: &Row, visit: visit::Model, written: &Written, past: bool) -> VisitCard {
    let (t, zone, clinical) = (grant.texts(), grant.zone(), grant.sees_clinical());
    let took_place = visit.encounter_id.is_some() && visit.status == Status::Finished;
    let is_told = written.summaries.contains(&visit.id) || visit.reason.is_some();
    VisitCard {
        clinicians: all.clinicians_of(&visit),
        id: VisitId(visit.id),
        status: visit.status,
        kind: visit.kind,
        title: row.title(grant.texts()).unwrap_or(visit.title),
        confirmed: row.confirmed_at.is_some(),
        day: visit.starts_at.map(|at| t.day(local_date(at, &zone), past)),
        time: visit.starts_at.map(|at| {
            let minutes = visit.ends_at.map(|end| (end - at).num_minutes()).filter(|minutes| (1..=120).contains(minutes));
            match minutes {
                Some(minutes) => format!("{} · {}", t.time(at, &zone), t.visits_minutes(&minutes.to_string())),
                None => t.time(at, &zone),
            }
        }),
        place: row.name.clone(),
        reason: visit.reason.filter(|_| clinical),
        instruction: row.before(t).or(visit.patient_instruction).filter(|_| !past && visit.status != Status::Cancelled),
        cancel_reason: visit.cancel_reason.filter(|_| clinical).map(|words| reason_for(t, &words)),
        requested_on: visit.requested_at.filter(|_| visit.status == Status::Requested).map(|at| t.date(local_date(at, &zone))),
        has_summary: clinical && took_place && is_told,
        has_notes: written.notes.contains(&visit.id),
        check_in: None,
    }
}

fn by_name(found: impl Iterator<Item = (String, Uuid)>) -> Vec<(String, String)> {
    found.collect::<BTreeMap<_, _>>().into_iter().map(|(name, id)| (id.to_string(), name)).collect()
}
