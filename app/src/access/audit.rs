//! One row per decision about somebody who is signed in, allowed or refused. Append-only.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    caller::{Caller, Standing},
    entity::audit_event,
    grant::Access,
    policy::{Decision, Permission, Scope},
};
use crate::{
    base::{
        clock::Now,
        error::Error,
        ids::{self, AccountId, PatientId},
    },
    people::proxy_grant,
};

/// The actor of a line about somebody to whom a record was shared.
pub const RECIPIENT: &str = "recipient";

/// Nobody leaves no row here: requests without a session are counted by the throttle and the access log of the web server.
pub(super) async fn record<P: Permission>(access: &Access, scope: &P::Scope, now: Now, decision: Decision) -> Result<(), Error> {
    let Caller::Holder(holder) = &*access.caller else { return Ok(()) };
    let patient = scope.patient();
    let row = audit_event::ActiveModel {
        id: Set(ids::new_id()),
        at: Set(now.instant),
        account_id: Set(Some(holder.account.0)),
        patient_id: Set(patient.map(|patient| patient.0)),
        actor: Set(match patient.map(|patient| access.caller.standing(patient, now)) {
            Some(Standing::Own) => "patient",
            Some(Standing::Proxy(_)) => "proxy",
            Some(Standing::Ended(_)) => "former_proxy",
            Some(Standing::Nobody | Standing::Stranger) if holder.staff.is_some() && decision == Decision::Allow => "staff",
            Some(Standing::Nobody | Standing::Stranger) => "stranger",
            None if holder.staff.is_some() => "staff",
            None => "holder",
        }
        .into()),
        permission: Set(P::NAME.into()),
        outcome: Set(match decision {
            Decision::Allow => "allowed",
            Decision::SignInNeeded => "sign_in_needed",
            Decision::NotFound => "not_found",
            Decision::NotAllowed => "not_allowed",
            Decision::Ended(_) => "ended",
        }
        .into()),
        device: Set(Some(access.device.to_string()).filter(|device| !device.is_empty())),
    };
    audit_event::Entity::insert(row).exec_without_returning(&access.db.0).await?;
    if let Some(patient) = patient
        && decision == Decision::Allow
        && matches!(access.caller.standing(patient, now), Standing::Proxy(_))
    {
        keep_last_use(access, holder.account.0, patient.0, now).await?;
    }
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

/// When a proxy last opened the chart, for its owner to see; exact to the minute.
async fn keep_last_use(access: &Access, account: Uuid, patient: Uuid, now: Now) -> Result<(), Error> {
    let stale = Condition::any()
        .add(proxy_grant::Column::LastUsedAt.is_null())
        .add(proxy_grant::Column::LastUsedAt.lt(now.instant - TimeDelta::minutes(1)));
    proxy_grant::Entity::update_many()
        .set(proxy_grant::ActiveModel { last_used_at: Set(Some(now.instant)), ..Default::default() })
        .filter(proxy_grant::Column::AccountId.eq(account))
        .filter(proxy_grant::Column::PatientId.eq(patient))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .filter(stale)
        .exec(&access.db.0)
        .await?;
    Ok(())
}
