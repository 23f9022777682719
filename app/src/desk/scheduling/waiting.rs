//! Who waits for an earlier time, and what they wish.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Iterable, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    ending,
    entity::{fast_pass_entry, visit_kind, visit_offer, visit_request},
    fair::{self, Wishes},
    model::{OfferState, RequestState},
};
use crate::{
    access::{Grant, policy::BookVisits},
    base::{error::Error, ids::new_id},
    people::{
        account,
        patient::{self, with_merged},
    },
    platform::{
        batch::{Batch, Rows},
        mail::model::News,
    },
    record::visit::{entity::visit, model::Status},
};

impl fast_pass_entry::Model {
    pub fn wishes(&self) -> Wishes {
        Wishes {
            notice_hours: self.notice_hours,
            weekdays: self.weekdays,
            from_minute: self.from_minute,
            until_minute: self.until_minute,
            places: self.places.split_whitespace().filter_map(|id| id.parse().ok()).collect(),
            nights: self.nights,
            short_notice: self.short_notice,
        }
    }
}

/// Who waits for an earlier time of this visit.
///
/// # Errors
/// When the database fails.
pub async fn entry_of(db: &impl ConnectionTrait, visit: Uuid) -> Result<Option<fast_pass_entry::Model>, DbErr> {
    fast_pass_entry::Entity::find().filter(fast_pass_entry::Column::VisitId.eq(visit)).one(db).await
}

/// Puts a visit on the list with what is wished, or changes the wishes: whoever stays on it keeps their place.
///
/// # Errors
/// When the database fails.
pub async fn join(
    tx: &impl ConnectionTrait,
    (visit, patient, kind): (Uuid, Uuid, Uuid),
    account: Option<Uuid>,
    wishes: &Wishes,
    paused: bool,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let before = entry_of(tx, visit).await?;
    let stays = before.as_ref().filter(|entry| entry.on);
    let row = fast_pass_entry::Model {
        id: before.as_ref().map_or_else(new_id, |entry| entry.id),
        visit_id: visit,
        patient_id: patient,
        kind_id: kind,
        account_id: account,
        since: stays.map_or(now, |entry| entry.since),
        on: true,
        paused,
        notice_hours: wishes.notice_hours,
        weekdays: wishes.weekdays,
        from_minute: wishes.from_minute,
        until_minute: wishes.until_minute,
        places: wishes.places.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" "),
        video: true,
        nights: wishes.nights,
        short_notice: wishes.short_notice,
        declines: 0,
        urgent_by: stays.and_then(|entry| entry.urgent_by.clone()),
        urgent_reason: stays.and_then(|entry| entry.urgent_reason.clone()),
        urgent_at: stays.and_then(|entry| entry.urgent_at),
    };
    let columns = fast_pass_entry::Column::iter().filter(|column| !matches!(column, fast_pass_entry::Column::Id));
    let known = OnConflict::column(fast_pass_entry::Column::VisitId).update_columns(columns).to_owned();
    fast_pass_entry::Entity::insert(fast_pass_entry::ActiveModel::from(row)).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Whoever books a visit far enough ahead and gets letters about visits waits for an earlier time, unless they say otherwise.
///
/// # Errors
/// When the database fails.
pub async fn join_by_default(
    tx: &DatabaseTransaction,
    grant: &Grant<BookVisits>,
    visit: Uuid,
    kind: &visit_kind::Model,
) -> Result<(), Error> {
    let now = grant.now().instant;
    let account = account::Entity::find_by_id(grant.holder()?.account.0).one(tx).await?;
    let hears =
        account.as_ref().and_then(account::Model::recipient).is_some_and(|to| !to.off.iter().any(|off| off == News::Visits.as_str()));
    let found = visit::Entity::find_by_id(visit).one(tx).await?;
    let far = found.and_then(|visit| visit.starts_at).is_some_and(|at| at - now > fair::LEAST_AHEAD + fair::LEAST_GAIN);
    if kind.fast_pass && hears && far {
        let account = account.map(|account| account.id);
        join(tx, (visit, grant.patient().0, kind.id), account, &Wishes::EVERYTHING, false, now).await?;
    }
    Ok(())
}

/// Who waits for an earlier time of a visit, and the offer that is under way.
pub type Waiting = (Option<fast_pass_entry::Model>, Option<visit_offer::Model>);

/// Asks for them at a moment.
pub fn ask_waiting(batch: &mut Batch, visit: Uuid, now: DateTime<Utc>) -> impl FnOnce(&mut Rows) -> Result<Waiting, DbErr> + use<> {
    let entry = fast_pass_entry::Entity::find().filter(fast_pass_entry::Column::VisitId.eq(visit));
    let ids = entry.clone().select_only().column(fast_pass_entry::Column::Id).into_query();
    let open = visit_offer::Entity::find()
        .filter(visit_offer::Column::EntryId.in_subquery(ids))
        .filter(visit_offer::Column::State.eq(OfferState::Open));
    let (entry, open) = (batch.ask(entry), batch.ask(open));
    move |answers| {
        let offer = answers.take(open)?.into_iter().find(|offer| offer.until > now);
        Ok((answers.take(entry)?.pop(), offer))
    }
}

/// Takes a visit off the list; an offer that is under way is withdrawn.
///
/// # Errors
/// When the database fails.
pub async fn leave(tx: &impl ConnectionTrait, entry: &fast_pass_entry::Model, now: DateTime<Utc>) -> Result<(), DbErr> {
    fast_pass_entry::Entity::update_many()
        .col_expr(fast_pass_entry::Column::On, Expr::value(false))
        .filter(fast_pass_entry::Column::Id.eq(entry.id))
        .exec(tx)
        .await?;
    for offer in open_offers(tx, visit_offer::Column::EntryId, entry.id).await? {
        ending::end(tx, &offer, OfferState::Withdrawn, None, now).await?;
    }
    Ok(())
}

pub(super) async fn open_offers(
    db: &impl ConnectionTrait,
    column: visit_offer::Column,
    id: Uuid,
) -> Result<Vec<visit_offer::Model>, DbErr> {
    visit_offer::Entity::find().filter(column.eq(id)).filter(visit_offer::Column::State.eq(OfferState::Open)).all(db).await
}

/// Looks at the other offers of a person anew after a visit of theirs was booked, moved or called off: those that are no gain any
/// more, or are at the time of another visit, are withdrawn.
///
/// # Errors
/// When the database fails.
pub async fn look_anew(tx: &impl ConnectionTrait, patient: Uuid, changed: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let leader = patient::current(tx, patient).await?.map_or(patient, |person| person.id);
    let open = visit_offer::Entity::find()
        .filter(visit_offer::Column::PatientId.in_subquery(with_merged(leader).into_query()))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .all(tx)
        .await?;
    if open.is_empty() {
        return Ok(());
    }
    let visit = visit::Entity::find_by_id(changed).one(tx).await?;
    let on = visit.as_ref().filter(|visit| matches!(visit.status, Status::Booked | Status::Requested));
    for offer in open {
        let of_this = match offer.entry_id {
            Some(id) => fast_pass_entry::Entity::find_by_id(id).one(tx).await?.is_some_and(|entry| entry.visit_id == changed),
            None => false,
        };
        let gone = match on {
            None => of_this,
            Some(visit) => {
                let same_time =
                    visit.starts_at.is_some_and(|at| at < offer.ends_at) && visit.ends_at.is_some_and(|end| offer.starts_at < end);
                let no_gain = visit.starts_at.is_none_or(|at| at - offer.starts_at < fair::LEAST_GAIN);
                if of_this { no_gain } else { same_time }
            }
        };
        if gone {
            ending::end(tx, &offer, OfferState::Withdrawn, None, now).await?;
        }
    }
    Ok(())
}

/// A request of which no time is offered any more is the office's again.
///
/// # Errors
/// When the database fails.
pub async fn without_offers(tx: &impl ConnectionTrait, request: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    if open_offers(tx, visit_offer::Column::RequestId, request).await?.is_empty() {
        let again =
            visit_request::ActiveModel { state: Set(RequestState::Requested), due_at: Set(now + TimeDelta::days(1)), ..Default::default() };
        visit_request::Entity::update_many()
            .set(again)
            .filter(visit_request::Column::Id.eq(request))
            .filter(visit_request::Column::State.eq(RequestState::Offered))
            .exec(tx)
            .await?;
    }
    Ok(())
}
