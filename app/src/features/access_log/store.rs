//! Reads the audit log as the people of a chart may see it.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{
    model::{Filter, Line, Who},
    request_kind::QuestionedLine,
    words::{what_in_words, who_in_words},
};
use crate::{
    access::{AccessKind, Grant, LOOKED, NOT_DONE, RECIPIENT, entity::audit_event, policy::ViewAccessLog},
    base::error::Error,
    desk::requests::opening::open,
    people::{account, patient, relation::StaffRole},
};

/// A page of lines, the newest first: those before a line, or from the newest on.
///
/// # Errors
/// `NotFound` when the line before is not one that the caller may see.
pub async fn lines(grant: &Grant<ViewAccessLog>, filter: Filter, before: Option<Uuid>, most: u64) -> Result<Vec<Line>, Error> {
    let all = visible(grant, filter).await?;
    let mut query = all.clone().order_by_desc(audit_event::Column::At).order_by_desc(audit_event::Column::Id).limit(most);
    if let Some(before) = before {
        let last = all.filter(audit_event::Column::Id.eq(before)).one(grant.db()).await?.ok_or(Error::NotFound)?;
        let earlier = Condition::any()
            .add(audit_event::Column::At.lt(last.at))
            .add(audit_event::Column::At.eq(last.at).and(audit_event::Column::Id.lt(last.id)));
        // The first condition alone is one that an index serves.
        query = query.filter(audit_event::Column::At.lte(last.at)).filter(earlier);
    }
    let rows = query.all(grant.db()).await?;
    in_words(grant, rows).await
}

/// The patient sees everybody's lines; a proxy sees their own and the staff's, and of a teen's chart their own only: never another
/// proxy's.
async fn visible(grant: &Grant<ViewAccessLog>, filter: Filter) -> Result<Select<audit_event::Entity>, Error> {
    let me = grant.holder()?.account.0;
    let charts: Vec<Uuid> = patient::with_merged(grant.patient().0).into_tuple().all(grant.db()).await?;
    // One chart alone is read in the order of the index.
    let of_chart = match charts[..] {
        [one] => audit_event::Column::PatientId.eq(one),
        _ => audit_event::Column::PatientId.is_in(charts),
    };
    let mut query = audit_event::Entity::find()
        .filter(of_chart)
        // Who may look at this page, and drawing the frame around a page, are no access to the record.
        .filter(audit_event::Column::Permission.is_not_in(["ViewAccessLog", "OpenChart"]))
        .filter(audit_event::Column::Actor.ne("stranger"));
    let own_only = audit_event::Column::AccountId.eq(me).and(audit_event::Column::Actor.ne(RECIPIENT));
    let shared = audit_event::Column::AccountId.eq(me);
    match grant.access_kind() {
        AccessKind::Own => {}
        AccessKind::Proxy(level) if level.sees_clinical() => {
            query = query.filter(Condition::any().add(shared).add(audit_event::Column::Actor.eq("staff")));
        }
        _ => query = query.filter(own_only.clone()),
    }
    Ok(match filter {
        Filter::Everybody => query,
        Filter::Proxies => query.filter(audit_event::Column::Actor.is_in(["proxy", "former_proxy"])),
        Filter::Staff => query.filter(audit_event::Column::Actor.eq("staff")),
        Filter::Me => query.filter(own_only),
    })
}

async fn in_words(grant: &Grant<ViewAccessLog>, rows: Vec<audit_event::Model>) -> Result<Vec<Line>, Error> {
    let me = grant.holder()?.account.0;
    let ids: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.account_id).collect();
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(grant.db()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let account = accounts.iter().find(|account| Some(account.id) == row.account_id);
            let name = account.map(|account| account.display_name.clone()).unwrap_or_default();
            let who = match row.actor.as_str() {
                RECIPIENT => Who::Recipient((row.account_id != Some(me)).then_some(name)),
                _ if row.account_id == Some(me) => Who::You,
                "patient" => Who::Patient(name),
                "staff" => Who::Staff(name, account.and_then(|account| account.staff_role).unwrap_or(StaffRole::Support)),
                _ => Who::Proxy(name),
            };
            let (done, looked, not_done) = (row.outcome == "allowed", row.outcome == LOOKED, row.outcome == NOT_DONE);
            Line {
                id: row.id,
                at: row.at,
                who,
                what: row.permission,
                allowed: done || looked || not_done,
                not_done,
                looked,
                device: row.device,
            }
        })
        .collect())
}

/// Opens a case about a line that its reader may see.
///
/// # Errors
/// `NotFound` for another chart's line, or one the caller may not see.
pub async fn report(grant: &Grant<ViewAccessLog>, event: Uuid) -> Result<String, Error> {
    let found = visible(grant, Filter::Everybody).await?.filter(audit_event::Column::Id.eq(event)).all(grant.db()).await?;
    let line = in_words(grant, found).await?.pop().ok_or(Error::NotFound)?;
    let t = grant.texts();
    let question = QuestionedLine {
        event,
        who: who_in_words(t, &line.who),
        what: what_in_words(t, &line).to_owned(),
        when: t.date_and_time(line.at, &grant.zone()),
        device: line.device,
    };
    let name = grant.holder()?.name.clone();
    let row = open(grant, &name, None, Some(grant.patient().0), &question).await?;
    Ok(row.number)
}
