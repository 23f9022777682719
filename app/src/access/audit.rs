//! One row per decision about somebody who is signed in, allowed or refused. Append-only.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    caller::{AccessKind, Caller},
    context::Access,
    entity::audit_event,
    policy::{
        Decision, GatherHome, OpenChart, Permission, Scope, UseOwnAccount, UseVideoRoom, ViewHealthSummary, ViewNotes,
        ViewPersonalInformation, ViewResults, ViewSummaries, ViewVisits,
    },
};
use crate::base::{
    clock::Now,
    error::Error,
    ids::{self, AccountId, PatientId},
};

/// The actor of a line about somebody to whom a record was shared.
pub const RECIPIENT: &str = "recipient";

/// The outcome where a page was shown that offers to do something, and it was not done.
pub const LOOKED: &str = "looked";

/// The outcome where something was allowed and refused for another reason, such as a field that was left empty.
pub const NOT_DONE: &str = "not_done";

/// With these, something is looked at and nothing changed: their rows are written with the answer. The rows of all others are
/// written before anything is done.
const READS: [&str; 9] = [
    GatherHome::NAME,
    UseOwnAccount::NAME,
    OpenChart::NAME,
    ViewPersonalInformation::NAME,
    ViewVisits::NAME,
    ViewSummaries::NAME,
    ViewNotes::NAME,
    ViewHealthSummary::NAME,
    ViewResults::NAME,
];

/// "Last opened", as the chart's owner sees it, is exact to so many minutes.
const LAST_USE_MINUTES: i64 = 1;

/// Adds the decision to the request's trail.
///
/// Nobody leaves no row: requests without a session are counted by the throttle and the access log of the web server. Neither
/// does the use of one's own account: it is about no chart, and no page shows it. Of a visit by video it is written that somebody came in, and
/// not each word of their browser.
///
/// # Errors
/// `Busy` when the row of a permission that changes something cannot be written.
pub(super) async fn record<P: Permission>(access: &Access, scope: &P::Scope, now: Now, decision: Decision) -> Result<(), Error> {
    let Caller::Holder(holder) = &*access.caller else { return Ok(()) };
    let patient = scope.patient();
    let reads = READS.contains(&P::NAME);
    if reads {
        access.connection.hold();
    }
    if patient.is_none() && [UseOwnAccount::NAME, UseVideoRoom::NAME].contains(&P::NAME) {
        return Ok(());
    }
    let looks = access.trail.only_looks() && !reads;
    let row = audit_event::Model {
        id: ids::new_id(),
        at: now.instant,
        account_id: Some(holder.account.0),
        patient_id: patient.map(|patient| patient.0),
        actor: match patient.map(|patient| access.caller.access_kind(patient, now)) {
            Some(AccessKind::Own) => "patient",
            Some(AccessKind::Proxy(_)) => "proxy",
            Some(AccessKind::Ended(_)) => "former_proxy",
            Some(AccessKind::Nobody | AccessKind::Stranger) if holder.staff.is_some() && decision == Decision::Allow => "staff",
            Some(AccessKind::Nobody | AccessKind::Stranger) => "stranger",
            None if holder.staff.is_some() => "staff",
            None => "holder",
        }
        .into(),
        permission: P::NAME.into(),
        outcome: match decision {
            Decision::Allow if looks => LOOKED,
            Decision::Allow => "allowed",
            Decision::SignInNeeded => "sign_in_needed",
            Decision::NotFound => "not_found",
            Decision::NotAllowed => "not_allowed",
            Decision::Ended(_) => "ended",
        }
        .into(),
        device: Some(access.device.to_string()).filter(|device| !device.is_empty()),
    };
    access.trail.add(row);
    let used = patient.filter(|_| decision == Decision::Allow).and_then(|patient| holder.proxy(patient, now));
    if let Some((proxy, Ok(_))) = used
        && proxy.last_used_at.is_none_or(|at| now.instant - at > TimeDelta::minutes(LAST_USE_MINUTES))
    {
        access.trail.used(proxy.id, now.instant);
    }
    if looks || reads {
        return Ok(());
    }
    // Nobody waits for the log with a connection that others wait for.
    access.connection.release().await;
    access.trail.write().await
}

/// Writes down that what this request was allowed to do was not done: it was refused for another reason.
///
/// # Errors
/// When the database fails.
pub async fn not_done(access: &Access) -> Result<(), DbErr> {
    let is_deed = |row: &audit_event::Model| row.outcome == "allowed" && !READS.contains(&row.permission.as_str());
    let ids: Vec<Uuid> = access.trail.sent().into_iter().filter(is_deed).map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    audit_event::Entity::update_many()
        .set(audit_event::ActiveModel { outcome: Set(NOT_DONE.into()), ..Default::default() })
        .filter(audit_event::Column::Id.is_in(ids))
        .exec(&access.db.pool)
        .await?;
    Ok(())
}

/// Staff did something about a chart: written with what was done, or not at all.
pub async fn record_done<P: Permission<Scope = PatientId>>(
    tx: &DatabaseTransaction,
    access: &Access,
    patient: PatientId,
) -> Result<(), DbErr> {
    let row = audit_event::ActiveModel {
        id: Set(ids::new_id()),
        at: Set(access.clock.now().instant),
        account_id: Set(access.caller.holder().map(|holder| holder.account.0)),
        patient_id: Set(Some(patient.0)),
        actor: Set("staff".into()),
        permission: Set(P::NAME.into()),
        outcome: Set("allowed".into()),
        device: Set(Some(access.device.to_string()).filter(|device| !device.is_empty())),
    };
    audit_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Somebody without an account read what `sharer` shared with them.
pub async fn record_recipient(
    tx: &DatabaseTransaction,
    access: &Access,
    recipient: &str,
    sharer: AccountId,
    patient: PatientId,
) -> Result<(), DbErr> {
    let device = [recipient, &access.device].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    let row = audit_event::ActiveModel {
        id: Set(ids::new_id()),
        at: Set(access.clock.now().instant),
        account_id: Set(Some(sharer.0)),
        patient_id: Set(Some(patient.0)),
        actor: Set(RECIPIENT.into()),
        permission: Set("ReadShared".into()),
        outcome: Set("allowed".into()),
        device: Set(Some(device)),
    };
    audit_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
