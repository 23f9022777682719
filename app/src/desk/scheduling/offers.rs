//! Taking an offered time, or leaving it.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use super::{
    act::{Actor, at_words, first_name, kind_of, lock, lock_request, overlaps, visit_of},
    email,
    ending::end,
    entity::{fast_pass_entry, opening, visit_kind, visit_offer, visit_request},
    free::Open,
    kinds,
    known::known,
    model::{Happened, OfferState, Owner, RequestState},
    problem,
    put::{self, Details, New},
    waiting,
};
use crate::{
    access::{Grant, Level, Permission, policy::BookVisits},
    base::{
        error::Error,
        ids::{PatientId, new_id},
    },
    desk::{
        office::tell::tell_readers,
        outgoing::{model::ActKind, store::announce},
    },
    people::patient::with_merged,
    record::visit::{entity::visit, taken},
};

/// An offer to this person.
///
/// # Errors
/// `NotFound` when there is none in this chart.
pub async fn offer_of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<visit_offer::Model, Error> {
    let offers =
        visit_offer::Entity::find_by_id(id).filter(visit_offer::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()));
    let offer = offers.one(grant.db()).await?.filter(|offer| grant.sees_sensitive() || !offer.sensitive);
    offer.ok_or(Error::NotFound)
}

/// Takes an offered time, in one transaction: the new time is the visit's, the old one is free, other offers end. Twice is once.
///
/// # Errors
/// `NotFound` when the offer is not this person's; `Invalid` when it is over.
pub async fn accept(grant: &Grant<BookVisits>, id: Uuid) -> Result<Uuid, Error> {
    let (offer, now) = (offer_of(grant, id).await?, grant.now().instant);
    if let Some(visit) = booked_by(grant, &offer).await? {
        return Ok(visit);
    }
    let actor = Actor::patients_side(grant)?;
    let wanted = Wanted::of(grant, &offer).await?;
    let tx = grant.begin().await?;
    let old = wanted.moves.as_ref().map(|(_, booking)| booking.clinician_id);
    lock_request(&tx, offer.request_id).await?;
    lock(&tx, &[Some(offer.clinician_id), old].into_iter().flatten().collect::<Vec<_>>()).await?;
    if !end(&tx, &offer, OfferState::Taken, Some(&actor.name), now).await? {
        return Err(Error::form(problem::OFFER_OVER));
    }
    let slot = offer.slot();
    if overlaps(&tx, grant.patient().0, &slot, wanted.moves.as_ref().map(|(visit, _)| visit.id)).await? {
        return Err(Error::form(problem::OVERLAPS));
    }
    // Of several who are asked at once, the first has it.
    if offer.race && !taken::take(&tx, slot.stretch(), offer.id, None, now).await? {
        return Err(Error::form(problem::OFFER_OVER));
    }
    let office = kinds::office(&tx, offer.department_id).await?.ok_or(Error::NotFound)?;
    // Time that was blocked since it was offered is nobody's.
    if office.owner == Owner::Portal
        && !Open::of(&tx, offer.clinician_id, offer.department_id, (offer.starts_at, offer.ends_at), grant.zone()).await?.has(&slot)
    {
        return Err(Error::form(problem::OFFER_OVER));
    }
    let visit = wanted.moves.as_ref().map_or_else(new_id, |(visit, _)| visit.id);
    let new = New {
        visit,
        patient: grant.patient().0,
        kind: &wanted.kind,
        office: &office,
        slot,
        from: offer.id,
        details: wanted.details,
        request: offer.request_id,
        overbooked: false,
    };
    let what = if offer.entry_id.is_some() { Happened::MovedEarlier } else { Happened::Moved };
    let sensitive = match &wanted.moves {
        Some((found, booking)) => put::change(&tx, found, booking, &new, (what, None), &actor, now).await?,
        None => put::insert(&tx, &new, &actor, now).await?,
    };
    settle(&tx, &offer, visit, &actor, now).await?;
    waiting::look_anew(&tx, new.patient, visit, now).await?;
    let (zone, link) = (grant.zone(), grant.link(&format!("/p/{}/visits/{visit}", grant.patient())));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let (after, whose) = (at_words(slot.starts_at, zone), first_name(&tx, new.patient).await?);
    match wanted.moves.as_ref().and_then(|(found, _)| found.starts_at) {
        Some(before) => {
            tell_readers(&tx, grant, new.patient, opens, email::moved(whose.clone(), at_words(before, zone), after, link)).await?
        }
        None => tell_readers(&tx, grant, new.patient, opens, email::booked(whose.clone(), after, link)).await?,
    }
    tx.commit().await?;
    Ok(visit)
}

/// What an offer leads to.
struct Wanted {
    kind: visit_kind::Model,
    moves: Option<(visit::Model, super::entity::booking::Model)>,
    details: Details,
}

impl Wanted {
    async fn of(grant: &Grant<BookVisits>, offer: &visit_offer::Model) -> Result<Self, Error> {
        let (db, now) = (grant.db(), grant.now().instant);
        let request = match offer.request_id {
            Some(id) => visit_request::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let entry = match offer.entry_id {
            Some(id) => fast_pass_entry::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let moved = request.as_ref().and_then(|request| request.moves).or(entry.as_ref().map(|entry| entry.visit_id));
        let moves = match moved {
            Some(id) => {
                let (visit, booking) = visit_of(grant, id).await?;
                if visit.starts_at.is_some_and(|at| at <= now) {
                    return Err(Error::form(problem::CHANGED));
                }
                let booking = known(db, &visit, booking, now).await?;
                Some((visit, booking))
            }
            None => None,
        };
        let kind = match offer.kind_id {
            Some(id) => kinds::kind(db, id).await?,
            None => kind_of(db, moves.as_ref().map(|(_, booking)| booking)).await?,
        };
        let details = request.map_or_else(Details::default, |request| Details {
            reason: Some(request.reason),
            needs: Some(request.needs).filter(|needs| !needs.is_empty()),
            phone: Some(request.contact).filter(|contact| !contact.is_empty()),
            order: request.order_id,
            ..Details::default()
        });
        Ok(Self { kind: kind.ok_or(Error::form(problem::OFFER_OVER))?, moves, details })
    }
}

/// The visit that an offer has become, when it was taken.
async fn booked_by(grant: &Grant<BookVisits>, offer: &visit_offer::Model) -> Result<Option<Uuid>, Error> {
    if offer.state != OfferState::Taken {
        return Ok(None);
    }
    if let Some(id) = offer.entry_id {
        return Ok(fast_pass_entry::Entity::find_by_id(id).one(grant.db()).await?.map(|entry| entry.visit_id));
    }
    let Some(id) = offer.request_id else { return Ok(None) };
    Ok(visit_request::Entity::find_by_id(id).one(grant.db()).await?.and_then(|request| request.visit_id))
}

/// What else ends with it: the other times of a request, the others who were told at once, the place on the list.
async fn settle(
    tx: &impl ConnectionTrait,
    offer: &visit_offer::Model,
    visit: Uuid,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut others = visit_offer::Entity::find().filter(visit_offer::Column::State.eq(OfferState::Open));
    if let Some(request) = offer.request_id {
        others = others.filter(visit_offer::Column::RequestId.eq(request));
        let booked = visit_request::ActiveModel {
            state: Set(RequestState::Booked),
            visit_id: Set(Some(visit)),
            decided_at: Set(Some(now)),
            decided_by: Set(Some(actor.name.clone())),
            decided_role: Set(actor.role.clone()),
            ..Default::default()
        };
        visit_request::Entity::update_many().set(booked).filter(visit_request::Column::Id.eq(request)).exec(tx).await?;
        announce(tx, ActKind::VisitRequest, request, now).await?;
    } else {
        others = others.filter(visit_offer::Column::OpeningId.eq(offer.opening_id)).filter(visit_offer::Column::Race.eq(true));
    }
    for other in others.all(tx).await? {
        end(tx, &other, OfferState::Withdrawn, None, now).await?;
    }
    if let Some(entry) = offer.entry_id {
        fast_pass_entry::Entity::update_many()
            .col_expr(fast_pass_entry::Column::On, Expr::value(false))
            .filter(fast_pass_entry::Column::Id.eq(entry))
            .exec(tx)
            .await?;
    }
    if let Some(id) = offer.opening_id {
        let filled = opening::ActiveModel { filled_at: Set(Some(now)), ..Default::default() };
        opening::Entity::update_many().set(filled).filter(opening::Column::Id.eq(id)).exec(tx).await?;
    }
    Ok(())
}

/// Leaves an offered time: the visit stays as it is, and the next person is asked.
///
/// # Errors
/// `NotFound` when the offer is not this person's; `Invalid` when it is over.
pub async fn decline(grant: &Grant<BookVisits>, id: Uuid) -> Result<visit_offer::Model, Error> {
    let (offer, now) = (offer_of(grant, id).await?, grant.now().instant);
    if offer.state == OfferState::Declined {
        return Ok(offer);
    }
    let actor = Actor::patients_side(grant)?;
    let tx = grant.begin().await?;
    lock_request(&tx, offer.request_id).await?;
    lock(&tx, &[offer.clinician_id]).await?;
    if !end(&tx, &offer, OfferState::Declined, Some(&actor.name), now).await? {
        return Err(Error::form(problem::OFFER_OVER));
    }
    if let Some(entry) = offer.entry_id {
        fast_pass_entry::Entity::update_many()
            .col_expr(fast_pass_entry::Column::Declines, Expr::col(fast_pass_entry::Column::Declines).add(1))
            .filter(fast_pass_entry::Column::Id.eq(entry))
            .exec(&tx)
            .await?;
    }
    if let Some(request) = offer.request_id {
        waiting::without_offers(&tx, request, now).await?;
    }
    tx.commit().await?;
    Ok(offer)
}

/// Writes down that somebody looked at an offer.
///
/// # Errors
/// When the database fails.
pub async fn viewed<P: Permission<Scope = PatientId>>(grant: &Grant<P>, offer: &visit_offer::Model) -> Result<(), Error> {
    if offer.viewed_at.is_none() {
        visit_offer::Entity::update_many()
            .col_expr(visit_offer::Column::ViewedAt, Expr::value(Some(grant.now().instant)))
            .filter(visit_offer::Column::Id.eq(offer.id))
            .exec(grant.db())
            .await?;
    }
    Ok(())
}
