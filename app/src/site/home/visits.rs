//! Visits of the next days, and times that are held for somebody.

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::SelectStatement,
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
            handing::handed_to,
            store::open_ones,
            words::{in_words, title as title_of},
        },
        scheduling::{
            entity::{booking, visit_kind, visit_offer},
            kinds,
            model::OfferState,
        },
        video::words::{PAGE, open_now},
    },
    people::relation::Relationship,
    record::{
        care_team::entity::department,
        visit::{entity::visit, model::Status},
    },
};

/// Visits are announced so many days ahead.
const VISIT_DAYS: i64 = 14;

/// The visits of the next two weeks, and those that were called off.
///
/// # Errors
/// When the database fails.
pub async fn visits(charts: &[Opened<ViewVisits>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let now = any.now();
    let found = visit::Entity::find()
        .find_also_related(department::Entity)
        .filter(of_charts(charts, visit::Column::PatientId, visit::Column::Sensitive))
        .filter(visit::Column::Status.is_in([Status::Requested, Status::Booked, Status::Arrived, Status::InProgress, Status::Cancelled]))
        .filter(visit::Column::Id.not_in_subquery(called_off_by_themselves(charts)))
        .filter(visit::Column::StartsAt.gte(now.instant - TimeDelta::hours(1)))
        .filter(visit::Column::StartsAt.lt(now.instant + TimeDelta::days(VISIT_DAYS)))
        .order_by_asc(visit::Column::StartsAt)
        .all(any.db())
        .await?;
    let booked: Vec<&visit::Model> = found.iter().map(|(visit, _)| visit).collect();
    let check_ins = open_ones(any.db(), &booked, now.instant, &any.zone()).await?;
    let handed = handed_to(any.db(), any.holder()?.account.0, check_ins.keys().copied()).await?;
    let by_video = open_now(any.db(), &booked, now.instant).await?;
    let named = named(any.db(), found.iter().map(|(visit, _)| visit)).await?;
    let needs = found.into_iter().filter_map(|(visit, place)| {
        let kind = named.iter().find(|(id, _)| *id == visit.id).map(|(_, kind)| kind);
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
            let check_in = check_in.map(|found| match handed.iter().find(|row| row.visit_id == visit.id && found.waits_for(row.step)) {
                Some(row) => (false, t.check_in_asks_for(title_of(t, row.step)), format!("check-in/{}", row.step.as_str())),
                None => in_words(t, found, now.instant),
            });
            let joins = by_video.contains(&visit.id) && chart.grant.would_allow::<JoinVideo>(&chart.grant.patient());
            let check_in = joins.then(|| (false, t.video_join().to_owned(), PAGE.to_owned())).or(check_in);
            What::Visit { id, title, time, place, instruction: before, check_in }
        };
        Some(need(t.day(local_date(starts_at, &zone), false), chart.grant.person().ok()?, chart.hue, what))
    });
    Ok(needs.collect())
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

/// The kinds of the visits that were booked here: their words are in both languages.
async fn named(db: &impl ConnectionTrait, visits: impl Iterator<Item = &visit::Model>) -> Result<Vec<(Uuid, visit_kind::Model)>, Error> {
    let here: Vec<Uuid> = visits.filter(|visit| visit.appointment_id.is_none()).map(|visit| visit.id).collect();
    if here.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = booking::Entity::find()
        .select_only()
        .column(booking::Column::VisitId)
        .column(booking::Column::KindId)
        .filter(booking::Column::VisitId.is_in(here));
    let rows: Vec<(Uuid, Option<Uuid>)> = kinds.into_tuple().all(db).await?;
    let all = visit_kind::Entity::find().filter(visit_kind::Column::Id.is_in(rows.iter().filter_map(|(_, kind)| *kind))).all(db).await?;
    Ok(rows.into_iter().filter_map(|(visit, kind)| Some((visit, all.iter().find(|found| Some(found.id) == kind)?.clone()))).collect())
}

/// Times that are held for an answer, the first of each request.
///
/// # Errors
/// When the database fails.
pub async fn times(charts: &[Opened<BookVisits>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let found = visit_offer::Entity::find()
        .filter(of_charts(charts, visit_offer::Column::PatientId, visit_offer::Column::Sensitive))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .filter(visit_offer::Column::Until.gt(any.now().instant))
        .order_by_asc(visit_offer::Column::StartsAt)
        .all(any.db())
        .await?;
    let of_offers = visit_kind::Entity::find().filter(visit_kind::Column::Id.is_in(found.iter().filter_map(|offer| offer.kind_id)));
    let of_offers = if found.is_empty() { Vec::new() } else { of_offers.all(any.db()).await? };
    let mut requests = Vec::new();
    let needs = found.into_iter().filter_map(|offer| {
        let chart = of_patient(charts, offer.patient_id)?;
        if offer.request_id.is_some_and(|request| requests.contains(&request)) {
            return None;
        }
        requests.extend(offer.request_id);
        let (t, zone) = (chart.grant.texts(), chart.grant.zone());
        let path = offer.request_id.map_or_else(|| format!("offers/{}", offer.id), |request| format!("requests/{request}"));
        let kind = of_offers.iter().find(|kind| Some(kind.id) == offer.kind_id);
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
