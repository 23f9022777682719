//! The patient's side of requests for visits that an office finds the time for.

use std::cmp::Reverse;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select,
};
use uuid::Uuid;

use super::{
    act::{Actor, May, kind_of, lock_account, lock_request, visit_of},
    ending,
    entity::{scheduling_office, visit_offer, visit_request},
    holding::MOST_REASON,
    kinds::kind_for,
    model::{HowSoon, OfferState, RequestState, Window},
    problem,
    windows::{WINDOWS, windows},
};
use crate::{
    access::{
        Grant, Permission,
        policy::{BookVisits, ViewVisits},
    },
    base::{
        error::{Error, Problem},
        ids::{PatientId, new_id},
        why::Why,
    },
    desk::{
        danger,
        office::{due::due_at, store::office},
        outgoing::{model::ActKind, store::announce},
    },
    people::patient::with_merged,
    platform::{
        batch::{Batch, Rows},
        throttle::limit,
    },
};

/// So many requests of one account in a window of the throttle.
const PER_ACCOUNT: i32 = 30;

/// What somebody asks for. Dates and parts of the day as they were typed.
pub struct Wanted<'a> {
    pub kind: Option<Uuid>,
    pub department: Option<Uuid>,
    pub clinician: Option<Uuid>,
    pub moves: Option<Uuid>,
    pub order: Option<Uuid>,
    pub reason: &'a str,
    pub how_soon: &'a str,
    /// From, until, part of the day.
    pub windows: [(&'a str, &'a str, &'a str); WINDOWS],
    pub contact: &'a str,
    pub needs: &'a str,
    pub danger_confirmed: bool,
}

/// Asks an office for a visit, or for another time of one. Asked again while it is open, it is the same request.
///
/// # Errors
/// `NotFound` for a kind, an office or a visit that is not this person's; `Invalid` with everything that is wrong.
pub async fn ask(grant: &Grant<BookVisits>, wanted: &Wanted<'_>) -> Result<Uuid, Error> {
    let (db, now, actor) = (grant.db(), grant.now(), Actor::patients_side(grant)?);
    limit(db, &format!("visit-request:{}", grant.holder()?.account), PER_ACCOUNT).await?;
    let mut problems = Vec::new();
    let reason = wanted.reason;
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    match reason.trim() {
        "" => refuse("reason", Why::MISSING),
        text if text.chars().count() > MOST_REASON => refuse("reason", problem::REASON_LONG),
        text if !wanted.danger_confirmed && !danger::found(text).is_empty() => refuse("danger", problem::DANGER),
        _ => {}
    }
    let how_soon = HowSoon::ALL.iter().copied().find(|known| known.as_str() == wanted.how_soon);
    if how_soon.is_none() {
        refuse("how_soon", Why::MISSING);
    }
    match wanted.contact.trim() {
        "" => refuse("contact", Why::MISSING),
        text if text.chars().count() > 200 => refuse("contact", Why::TOO_LONG),
        text if !text.contains('@') && text.chars().filter(char::is_ascii_digit).count() < 7 => refuse("contact", problem::NO_CONTACT),
        _ => {}
    }
    if wanted.needs.chars().count() > MOST_REASON {
        refuse("needs", problem::REASON_LONG);
    }
    let windows = windows(&wanted.windows, now.today, &mut problems);
    let about = About::of(grant, wanted).await?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tx = grant.begin().await?;
    lock_account(&tx, grant.holder()?.account.0).await?;
    let same = visible_of(grant, grant.sees_sensitive())
        .filter(visit_request::Column::State.is_in([RequestState::Requested, RequestState::Offered]))
        .filter(visit_request::Column::DepartmentId.eq(about.office.department_id))
        .all(&tx)
        .await?;
    if let Some(found) = same.into_iter().find(|found| found.kind_id == about.kind && found.moves == wanted.moves) {
        say_more(&tx, &found, reason.trim(), wanted.contact.trim(), &windows, how_soon).await?;
        announce(&tx, ActKind::VisitRequest, found.id, now.instant).await?;
        tx.commit().await?;
        return Ok(found.id);
    }
    let id = new_id();
    let row = visit_request::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        kind_id: Set(about.kind),
        department_id: Set(about.office.department_id),
        clinician_id: Set(about.clinician),
        moves: Set(wanted.moves),
        order_id: Set(about.order),
        state: Set(RequestState::Requested),
        sensitive: Set(about.sensitive || about.office.sensitive || office(&tx, about.office.department_id).await?.sensitive),
        reason: Set(reason.trim().to_owned()),
        how_soon: Set(how_soon.unwrap_or(HowSoon::Any)),
        windows: Set(serde_json::to_string(&windows).unwrap_or_else(|_| "[]".into())),
        contact: Set(wanted.contact.trim().to_owned()),
        needs: Set(wanted.needs.trim().to_owned()),
        account_id: Set(grant.holder()?.account.0),
        author: Set(actor.name),
        role: Set(actor.role),
        requested_at: Set(now.instant),
        due_at: Set(due_at(now.instant, about.office.request_days, &grant.zone())),
        ..Default::default()
    };
    visit_request::Entity::insert(row).exec_without_returning(&tx).await?;
    announce(&tx, ActKind::VisitRequest, id, now.instant).await?;
    tx.commit().await?;
    Ok(id)
}

/// Adds to a request that is open what is new about it: nothing that was written before is lost.
async fn say_more(
    tx: &DatabaseTransaction,
    found: &visit_request::Model,
    reason: &str,
    contact: &str,
    windows: &[Window],
    how_soon: Option<HowSoon>,
) -> Result<(), Error> {
    let known = found.reason.contains(reason);
    let more = visit_request::ActiveModel {
        reason: if known { NotSet } else { Set(format!("{}\n{reason}", found.reason).chars().take(4 * MOST_REASON).collect()) },
        contact: Set(contact.to_owned()),
        windows: if windows.is_empty() { NotSet } else { Set(serde_json::to_string(windows).unwrap_or_else(|_| "[]".into())) },
        how_soon: how_soon.map_or(NotSet, Set),
        seen_at: if known { NotSet } else { Set(None) },
        ..Default::default()
    };
    visit_request::Entity::update_many().set(more).filter(visit_request::Column::Id.eq(found.id)).exec(tx).await?;
    Ok(())
}

/// What a request is about, as the record knows it.
struct About {
    kind: Option<Uuid>,
    office: scheduling_office::Model,
    clinician: Option<Uuid>,
    order: Option<Uuid>,
    sensitive: bool,
}

impl About {
    async fn of(grant: &Grant<BookVisits>, wanted: &Wanted<'_>) -> Result<Self, Error> {
        let moved = match wanted.moves {
            Some(id) => {
                let (visit, booking) = visit_of(grant, id).await?;
                let kind = kind_of(grant.db(), booking.as_ref()).await?;
                let may = May::of(&visit, booking.as_ref(), kind.as_ref(), grant.now().instant, grant.zone());
                if may.cutoff.is_none() {
                    return Err(Error::form(problem::CHANGED));
                }
                Some((visit, kind))
            }
            None => None,
        };
        if let Some(id) = wanted.kind.or(moved.as_ref().and_then(|(_, kind)| kind.as_ref().map(|kind| kind.id))) {
            let found = kind_for(grant, id).await?;
            let wanted_place = wanted.department.or(moved.as_ref().and_then(|(visit, _)| visit.department_id));
            let offered = found.offered.iter().find(|offered| {
                wanted_place.is_none_or(|place| offered.department.id == place)
                    && wanted.clinician.is_none_or(|clinician| offered.clinician.id == clinician)
            });
            let office = offered.map(|offered| offered.office.clone()).ok_or(Error::NotFound)?;
            let order = found.orders.iter().find(|order| wanted.order.is_none_or(|id| id == order.id)).map(|order| order.id);
            let sensitive = moved.is_some_and(|(visit, _)| visit.sensitive);
            return Ok(Self { kind: Some(id), office, clinician: wanted.clinician, order, sensitive });
        }
        // A visit that came in has no kind here: its department finds another time.
        let (visit, _) = moved.ok_or(Error::NotFound)?;
        let place = visit.department_id.ok_or(Error::NotFound)?;
        let office = super::kinds::office(grant.db(), place).await?.ok_or(Error::NotFound)?;
        Ok(Self { kind: None, office, clinician: None, order: None, sensitive: visit.sensitive })
    }
}

fn visible_of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, sensitive: bool) -> Select<visit_request::Entity> {
    let charts = with_merged(grant.patient().0).into_query();
    let all = visit_request::Entity::find().filter(visit_request::Column::PatientId.in_subquery(charts));
    if sensitive { all } else { all.filter(visit_request::Column::Sensitive.eq(false)) }
}

/// Asks for the requests about a chart that the caller may see, the newest first.
pub fn ask_of_chart(
    batch: &mut Batch,
    grant: &Grant<ViewVisits>,
) -> impl FnOnce(&mut Rows) -> Result<Vec<visit_request::Model>, DbErr> + use<> {
    let all = batch.ask(visible_of(grant, grant.sees_sensitive()));
    move |answers| {
        let mut requests = answers.take(all)?;
        requests.sort_by_key(|request| Reverse((request.requested_at, request.id)));
        Ok(requests)
    }
}

/// A request with the times that were offered to it, the earliest first.
///
/// # Errors
/// `NotFound` when there is no such request in this chart.
pub async fn one(grant: &Grant<ViewVisits>, id: Uuid) -> Result<(visit_request::Model, Vec<visit_offer::Model>), Error> {
    let found = visible_of(grant, grant.sees_sensitive()).filter(visit_request::Column::Id.eq(id)).one(grant.db()).await?;
    let found = found.ok_or(Error::NotFound)?;
    let offers = visit_offer::Entity::find().filter(visit_offer::Column::RequestId.eq(id)).order_by_asc(visit_offer::Column::StartsAt);
    Ok((found, offers.all(grant.db()).await?))
}

/// Takes a request back that is open; the times that were offered are free again.
///
/// # Errors
/// `NotFound` when there is no such request in this chart; `Invalid` when it is over.
pub async fn withdraw(grant: &Grant<BookVisits>, id: Uuid) -> Result<(), Error> {
    let found = visible_of(grant, grant.sees_sensitive()).filter(visit_request::Column::Id.eq(id)).one(grant.db()).await?;
    let (found, now, actor) = (found.ok_or(Error::NotFound)?, grant.now().instant, Actor::patients_side(grant)?);
    let tx = grant.begin().await?;
    lock_request(&tx, Some(id)).await?;
    let withdrawn = visit_request::ActiveModel {
        state: Set(RequestState::Withdrawn),
        decided_at: Set(Some(now)),
        decided_by: Set(Some(actor.name)),
        decided_role: Set(actor.role),
        ..Default::default()
    };
    let done = visit_request::Entity::update_many()
        .set(withdrawn)
        .filter(visit_request::Column::Id.eq(found.id))
        .filter(visit_request::Column::State.is_in([RequestState::Requested, RequestState::Offered]))
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let open = visit_offer::Entity::find()
        .filter(visit_offer::Column::RequestId.eq(id))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .all(&tx)
        .await?;
    for offer in open {
        ending::end(&tx, &offer, OfferState::Withdrawn, None, now).await?;
    }
    announce(&tx, ActKind::VisitRequest, id, now).await?;
    tx.commit().await?;
    Ok(())
}
