//! Visits of the next days, and times that are held for somebody.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::SelectStatement,
};
use uuid::Uuid;

use super::{
    model::{Need, What},
    store::{Opened, need, of_charts, of_patient},
};
use crate::{
    access::policy::{BookVisits, CheckIn as MayCheckIn, JoinVideo, ViewVisits},
    base::{clock::local_date, error::Error, ids::VisitId},
    desk::{
        check_in::{
            entity::check_in_handover,
            handing::ask_handed_to,
            store::{CheckIn, ask_open},
            words::{in_words, title as title_of},
        },
        scheduling::{
            entity::{booking, visit_kind, visit_offer},
            kinds,
            model::OfferState,
        },
        video::words as video,
    },
    people::relation::Relationship,
    platform::batch::{Batch, Columns, Rows},
    record::{
        care_team::entity::department,
        visit::{entity::visit, model::Status},
    },
};

/// Visits are announced so many days ahead.
const VISIT_DAYS: i64 = 14;

/// The visits of the next two weeks, and those that were called off: how far their check-ins are, and whether they can be joined.
///
/// # Errors
/// When the database fails.
pub async fn visits(charts: &[Opened<ViewVisits>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let now = any.now().instant;
    let found = visit::Entity::find()
        .find_also_related(department::Entity)
        .filter(of_charts(charts, visit::Column::PatientId, visit::Column::Sensitive))
        .filter(visit::Column::Status.is_in([Status::Requested, Status::Booked, Status::Arrived, Status::InProgress, Status::Cancelled]))
        .filter(visit::Column::Id.not_in_subquery(called_off_by_themselves(charts)))
        .filter(visit::Column::StartsAt.gte(now - TimeDelta::hours(1)))
        .filter(visit::Column::StartsAt.lt(now + TimeDelta::days(VISIT_DAYS)))
        .order_by_asc(visit::Column::StartsAt)
        .all(any.db())
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<&visit::Model> = found.iter().map(|(visit, _)| visit).collect();
    let mut batch = Batch::default();
    let check_ins = ask_open(&mut batch, &all, now, any.zone());
    let handed = ask_handed_to(&mut batch, any.holder()?.account.0, &all);
    let by_video = video::ask(&mut batch, &all, now);
    let kinds = ask_kinds(&mut batch, &all);
    let mut answers = batch.read(any.db()).await?;
    let (check_ins, by_video, kinds) = (check_ins(&mut answers)?, by_video(&mut answers)?, kinds(&mut answers)?);
    let mut handed = answers.take(handed)?;
    handed.sort_by_key(|row| row.handed_at);
    let needs = found.into_iter().filter_map(|(visit, place)| {
        let id = visit.id;
        let handed = handed.iter().filter(|row| row.visit_id == id);
        told(charts, (visit, place), kinds.get(&id), &check_ins, handed, &by_video)
    });
    Ok(needs.collect())
}

fn told<'h>(
    charts: &[Opened<ViewVisits>],
    (visit, place): (visit::Model, Option<department::Model>),
    kind: Option<&visit_kind::Model>,
    check_ins: &HashMap<Uuid, CheckIn>,
    mut handed: impl Iterator<Item = &'h check_in_handover::Model>,
    by_video: &HashSet<Uuid>,
) -> Option<Need> {
    let (starts_at, chart) = (visit.starts_at?, of_patient(charts, visit.patient_id)?);
    let (t, zone) = (chart.grant.texts(), chart.grant.zone());
    let title = kind.map_or(visit.title, |kind| kinds::name(t, kind).to_owned());
    let before = kind.and_then(|kind| kinds::before(t, kind).map(str::to_owned)).or(visit.patient_instruction);
    let time = t.time(starts_at, &zone);
    let what = if visit.status == Status::Cancelled {
        What::CalledOff { title, time, phone: place.and_then(|place| place.phone) }
    } else {
        let (id, place) = (VisitId(visit.id), place.map(|place| place.name));
        let check_in = check_ins.get(&visit.id).filter(|_| chart.grant.would_allow::<MayCheckIn>(&chart.grant.patient()));
        let check_in = check_in.map(|found| match handed.find(|row| found.waits_for(row.step)) {
            Some(row) => (false, t.check_in_asks_for(title_of(t, row.step)), format!("check-in/{}", row.step.as_str())),
            None => in_words(t, found, chart.grant.now().instant),
        });
        let joins = by_video.contains(&visit.id) && chart.grant.would_allow::<JoinVideo>(&chart.grant.patient());
        let check_in = joins.then(|| (false, t.video_join().to_owned(), video::PAGE.to_owned())).or(check_in);
        What::Visit { id, title, time, place, instruction: before, check_in }
    };
    Some(need(t.day(local_date(starts_at, &zone), false), chart.grant.person().ok()?, chart.hue, what))
}

/// The visits that the patient's side called off: they need nobody.
fn called_off_by_themselves(charts: &[Opened<ViewVisits>]) -> SelectStatement {
    let theirs = Relationship::ALL.iter().map(|relationship| relationship.as_str());
    booking::Entity::find()
        .select_only()
        .column(booking::Column::VisitId)
        .filter(booking::Column::PatientId.is_in(charts.iter().flat_map(Opened::ids)))
        .filter(booking::Column::CancelledAt.is_not_null())
        .filter(Condition::any().add(booking::Column::CancelledRole.is_null()).add(booking::Column::CancelledRole.is_in(theirs)))
        .into_query()
}

/// The kind of a visit that was booked here.
#[derive(FromQueryResult)]
struct Booked {
    visit_id: Uuid,
    kind_id: Option<Uuid>,
}

/// Asks for the kinds of those that were booked here, by visit: their words are in both languages.
fn ask_kinds(
    batch: &mut Batch,
    visits: &[&visit::Model],
) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, visit_kind::Model>, DbErr> + use<> {
    let here: Vec<Uuid> = visits.iter().filter(|visit| visit.appointment_id.is_none()).map(|visit| visit.id).collect();
    let asked = (!here.is_empty()).then(|| {
        let booked = booking::Entity::find().filter(booking::Column::VisitId.is_in(here));
        let ids = booked.clone().select_only().column(booking::Column::KindId).into_query();
        let columns = Columns::default().of([booking::Column::VisitId, booking::Column::KindId]);
        let booked = batch.ask_columns::<_, Booked>(booked, columns);
        (booked, batch.ask(visit_kind::Entity::find().filter(visit_kind::Column::Id.in_subquery(ids))))
    });
    move |answers| {
        let Some((booked, kinds)) = asked else { return Ok(HashMap::new()) };
        let (booked, kinds) = (answers.take(booked)?, answers.take(kinds)?);
        let kind = |row: Booked| Some((row.visit_id, kinds.iter().find(|kind| Some(kind.id) == row.kind_id)?.clone()));
        Ok(booked.into_iter().filter_map(kind).collect())
    }
}

/// Asks for the times that are held for an answer, the first of each request.
pub fn times<'a>(batch: &mut Batch, charts: &'a [Opened<BookVisits>]) -> impl FnOnce(&mut Rows) -> Result<Vec<Need>, Error> + use<'a> {
    let asked = charts.first().map(|any| {
        let open = visit_offer::Entity::find()
            .filter(of_charts(charts, visit_offer::Column::PatientId, visit_offer::Column::Sensitive))
            .filter(visit_offer::Column::State.eq(OfferState::Open))
            .filter(visit_offer::Column::Until.gt(any.grant.now().instant));
        let kinds = open.clone().select_only().column(visit_offer::Column::KindId).into_query();
        (batch.ask(open), batch.ask(visit_kind::Entity::find().filter(visit_kind::Column::Id.in_subquery(kinds))))
    });
    move |answers| {
        let Some((offers, kinds)) = asked else { return Ok(Vec::new()) };
        let (mut offers, kinds) = (answers.take(offers)?, answers.take(kinds)?);
        offers.sort_by_key(|offer| (offer.starts_at, offer.id));
        let mut requests = Vec::new();
        let needs = offers.into_iter().filter_map(|offer| {
            let chart = of_patient(charts, offer.patient_id)?;
            if offer.request_id.is_some_and(|request| requests.contains(&request)) {
                return None;
            }
            requests.extend(offer.request_id);
            let (t, zone) = (chart.grant.texts(), chart.grant.zone());
            let path = offer.request_id.map_or_else(|| format!("offers/{}", offer.id), |request| format!("requests/{request}"));
            let kind = kinds.iter().find(|kind| Some(kind.id) == offer.kind_id);
            let what = What::Times {
                title: kind.map(|kind| kinds::name(t, kind).to_owned()).unwrap_or_default(),
                at: t.date_and_time(offer.starts_at, &zone),
                until: t.date_and_time(offer.until, &zone),
                path,
                earlier: offer.entry_id.is_some(),
            };
            Some(need(t.day(local_date(offer.starts_at, &zone), false), chart.grant.person().ok()?, chart.hue, what))
        });
        Ok(needs.collect())
    }
}
