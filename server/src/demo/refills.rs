//! What the household asked for more of, and what became of it.

use app::{
    access::System,
    desk::office::due::due_at,
    features::medications::{
        entity::{medicine_proposal, refill_request},
        model::{Kind, ProposalKind, ProposalState, RequestState},
    },
    people::{account, proxy_grant},
    record::item::entity::health_item,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::household::{patient_row, resource};

#[derive(Deserialize)]
struct Refills {
    requests: Vec<Request>,
    proposals: Vec<Proposal>,
}

#[derive(Deserialize)]
struct Request {
    patient: Uuid,
    prescription: Uuid,
    department: Uuid,
    kind: Kind,
    /// The user name of whoever asked.
    by: String,
    pharmacy: String,
    days_left: Option<i32>,
    comment: Option<String>,
    hours_ago: i64,
    seen: Option<Seen>,
    decided: Option<Decided<RequestState>>,
    sent_hours_ago: Option<i64>,
}

#[derive(Deserialize)]
struct Seen {
    by: String,
    hours_ago: i64,
}

#[derive(Deserialize)]
struct Decided<S> {
    by: String,
    hours_ago: i64,
    state: S,
    refills: Option<i32>,
    answer: Option<String>,
}

#[derive(Deserialize)]
struct Proposal {
    patient: Uuid,
    department: Uuid,
    kind: ProposalKind,
    item: Option<Uuid>,
    title: String,
    words: String,
    by: String,
    hours_ago: i64,
    decided: Option<Decided<ProposalState>>,
}

/// Writes the requests, as old as they are to be at `now`.
pub async fn write(system: &System, now: DateTime<Utc>, zone: Tz) -> Result<(), DbErr> {
    let all: Refills =
        serde_json::from_str(include_str!("refills.json")).map_err(|error| DbErr::Custom(format!("refills.json: {error}")))?;
    let tx = system.begin().await?;
    let accounts = account::Entity::find().all(&tx).await?;
    let of = |username: &str| {
        accounts.iter().find(|account| account.username == username).ok_or_else(|| DbErr::RecordNotFound(username.to_owned()))
    };
    let ago = |hours: i64| now - TimeDelta::hours(hours);
    for request in all.requests {
        let patient = patient_row(&tx, request.patient).await?.id;
        let prescription = resource(&tx, "MedicationRequest", request.prescription).await?;
        let medicine = health_item::Entity::find_by_id(prescription).one(&tx).await?;
        let (by, at) = (of(&request.by)?, ago(request.hours_ago));
        let state = request.decided.as_ref().map_or(RequestState::Requested, |decided| decided.state);
        let (decided_by, seen) = (request.decided.as_ref().map(|decided| of(&decided.by)).transpose()?, request.seen);
        refill_request::Entity::insert(refill_request::ActiveModel {
            id: Set(Uuid::now_v7()),
            batch: Set(Uuid::now_v7()),
            patient_id: Set(patient),
            prescription_id: Set(prescription),
            open_for: Set(Some(prescription).filter(|_| state.is_open())),
            medicine: Set(medicine.map(|item| item.title).unwrap_or_default()),
            kind: Set(request.kind),
            state: Set(state),
            sensitive: Set(false),
            department_id: Set(resource(&tx, "Location", request.department).await?),
            clinician_id: Set(None),
            pharmacy_id: Set(None),
            pharmacy: Set(request.pharmacy),
            delivery: Set(false),
            days_left: Set(request.days_left),
            comment: Set(request.comment),
            account_id: Set(by.id),
            author: Set(by.display_name.clone()),
            role: Set(proxy_role(&tx, by.id, patient).await?),
            prepared_at: Set(at),
            requested_at: Set(Some(at)),
            due_at: Set(Some(due_at(at, 3, &zone))),
            seen_at: Set(seen.as_ref().map(|seen| ago(seen.hours_ago))),
            seen_by: Set(seen.map(|seen| of(&seen.by)).transpose()?.map(|by| by.display_name.clone())),
            decided_at: Set(request.decided.as_ref().map(|decided| ago(decided.hours_ago))),
            decided_by: Set(decided_by.map(|by| by.display_name.clone())),
            decided_role: Set(decided_by.and_then(|by| by.staff_role).map(|role| role.as_str().to_owned())),
            refills: Set(request.decided.as_ref().and_then(|decided| decided.refills)),
            answer: Set(request.decided.and_then(|decided| decided.answer)),
            sent_at: Set(request.sent_hours_ago.map(ago)),
            ..Default::default()
        })
        .exec_without_returning(&tx)
        .await?;
    }
    for proposal in all.proposals {
        let patient = patient_row(&tx, proposal.patient).await?.id;
        let (by, at) = (of(&proposal.by)?, ago(proposal.hours_ago));
        let item = match proposal.item {
            Some(id) => Some(resource(&tx, "MedicationRequest", id).await?),
            None => None,
        };
        let decided_by = proposal.decided.as_ref().map(|decided| of(&decided.by)).transpose()?;
        medicine_proposal::Entity::insert(medicine_proposal::ActiveModel {
            id: Set(Uuid::now_v7()),
            patient_id: Set(patient),
            item_id: Set(item),
            kind: Set(proposal.kind),
            title: Set(proposal.title),
            words: Set(proposal.words),
            state: Set(proposal.decided.as_ref().map_or(ProposalState::Unreviewed, |decided| decided.state)),
            sensitive: Set(false),
            department_id: Set(resource(&tx, "Location", proposal.department).await?),
            account_id: Set(by.id),
            author: Set(by.display_name.clone()),
            role: Set(proxy_role(&tx, by.id, patient).await?),
            made_at: Set(at),
            due_at: Set(due_at(at, 3, &zone)),
            decided_at: Set(proposal.decided.as_ref().map(|decided| ago(decided.hours_ago))),
            decided_by: Set(decided_by.map(|by| by.display_name.clone())),
            decided_role: Set(decided_by.and_then(|by| by.staff_role).map(|role| role.as_str().to_owned())),
            answer: Set(proposal.decided.and_then(|decided| decided.answer)),
        })
        .exec_without_returning(&tx)
        .await?;
    }
    tx.commit().await
}

/// What an account is to a patient, as it is stored; nothing for their own chart.
pub(super) async fn proxy_role(tx: &impl ConnectionTrait, account: Uuid, patient: Uuid) -> Result<Option<String>, DbErr> {
    let found = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::AccountId.eq(account))
        .filter(proxy_grant::Column::PatientId.eq(patient))
        .one(tx)
        .await?;
    Ok(found.map(|grant| grant.relationship.as_str().to_owned()))
}
