//! Whose bills somebody sees, and what they read of them.

use std::collections::HashMap;

use chrono::{DateTime, Months, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{benefit, benefit_line, bill, bill_line, coverage, guarantor, ledger_entry, payment_attempt, payment_part, payment_plan},
    model::{AttemptState, BillState},
    pay::Payer,
};
use crate::{
    access::{
        Grant, allow,
        policy::{PayBills, UseBilling, ViewBills, ViewHealthSummary, ViewSummaries},
        proxy::is_adult,
    },
    base::{error::Error, ids::PatientId},
    people::patient,
    record::visit::entity::visit,
};

/// Months for which bills that are paid, and statements, are shown.
pub const SHOWN_MONTHS: Months = Months::new(18);
/// So many bills that are paid are shown at once.
pub const SHOWN: u64 = 100;

/// The charts whose bills the caller may see: their own, and of those for whom they act, whose level opens it.
fn charts(grant: &Grant<UseBilling>) -> Result<Vec<Uuid>, Error> {
    let holder = grant.holder()?;
    let others = holder.acts_for(grant.now()).into_iter().map(|(proxy, _)| proxy.person.patient);
    let all = holder.own_chart.iter().map(|own| own.patient).chain(others);
    Ok(all.filter(|patient| grant.would_allow::<ViewBills>(patient)).map(|patient| patient.0).collect())
}

/// Everybody whose bills the caller may see, themselves first.
///
/// # Errors
/// When the database fails.
pub async fn guarantors(grant: &Grant<UseBilling>) -> Result<Vec<guarantor::Model>, Error> {
    let (charts, account) = (charts(grant)?, grant.holder()?.account.0);
    let mut found = guarantor::Entity::find().filter(mine(charts, account)).order_by_asc(guarantor::Column::MadeAt).all(grant.db()).await?;
    let own = grant.holder()?.own_chart.as_ref().map(|own| own.patient.0);
    found.sort_by_key(|row| row.account_id != Some(account) && row.patient_id != own);
    Ok(found)
}

/// A guarantor whose bills the caller may see.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn guarantor(grant: &Grant<UseBilling>, id: Uuid) -> Result<guarantor::Model, Error> {
    let found = guarantors(grant).await?.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)?;
    // Looking at somebody's bills stands in the log of their chart.
    if let Some(chart) = chart_of(grant.db(), &found).await? {
        allow::<ViewBills>(PatientId(chart)).await?;
    }
    Ok(found)
}

/// The chart of a guarantor, as it is now.
///
/// # Errors
/// When the database fails.
pub async fn chart_of(db: &impl ConnectionTrait, guarantor: &guarantor::Model) -> Result<Option<Uuid>, DbErr> {
    match guarantor.patient_id {
        Some(id) => Ok(patient::current(db, id).await?.map(|person| person.id)),
        None => Ok(None),
    }
}

/// The caller as somebody who pays for a guarantor.
///
/// # Errors
/// `NotFound` or `NotAllowed` for whoever may not.
pub async fn payer(grant: &Grant<UseBilling>, id: Uuid) -> Result<Payer, Error> {
    let guarantor = guarantors(grant).await?.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)?;
    if let Some(chart) = chart_of(grant.db(), &guarantor).await? {
        allow::<PayBills>(PatientId(chart)).await?;
    }
    let holder = grant.holder()?;
    Ok(Payer { guarantor, account: Some(holder.account.0), only: None, by: holder.name.clone() })
}

/// The guarantor of something that bears an id of its own, such as a payment.
///
/// # Errors
/// `NotFound` for what is somebody else's.
pub async fn payer_of_attempt(grant: &Grant<UseBilling>, id: Uuid) -> Result<Payer, Error> {
    let found = payment_attempt::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    payer(grant, found.guarantor_id).await
}

/// The guarantor of a plan.
///
/// # Errors
/// `NotFound` for somebody else's.
pub async fn payer_of_plan(grant: &Grant<UseBilling>, id: Uuid) -> Result<Payer, Error> {
    let found = payment_plan::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    payer(grant, found.guarantor_id).await
}

/// How much of a bill somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// What was done, and where to read about the visit.
    All,
    /// What was done.
    Services,
    /// That there was a visit, on which day.
    Visit,
}

/// A bill as its reader sees it.
pub struct Shown {
    pub bill: bill::Model,
    /// Who was seen, by the first name.
    pub given_name: String,
    pub reads: Reads,
}

/// What the caller reads of bills, with whose they are.
///
/// # Errors
/// When the database fails.
pub async fn shown(grant: &Grant<UseBilling>, guarantor: &guarantor::Model, bills: Vec<bill::Model>) -> Result<Vec<Shown>, Error> {
    let db = grant.db();
    let ids: Vec<Uuid> = bills.iter().map(|bill| bill.patient_id).collect();
    let rows: HashMap<Uuid, patient::Model> =
        patient::Entity::find().filter(patient::Column::Id.is_in(ids)).all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let visits: Vec<Uuid> = bills.iter().filter_map(|bill| bill.visit_id).collect();
    let sensitive: Vec<Uuid> = visit::Entity::find()
        .filter(visit::Column::Id.is_in(visits))
        .filter(visit::Column::Sensitive.eq(true))
        .select_only()
        .column(visit::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut all = Vec::new();
    for bill in bills {
        let Some(person) = rows.get(&bill.patient_id) else { continue };
        let confidential = bill.confidential || bill.visit_id.is_some_and(|visit| sensitive.contains(&visit));
        let reads = reads(grant, guarantor, person, confidential && bill.agreed_at.is_none());
        all.push(Shown { given_name: person.given_name.clone(), reads, bill });
    }
    Ok(all)
}

/// Who reads what: whoever reads the chart reads of it here; the person responsible reads what was done for a minor, unless it is
/// confidential; of everybody else they read that there was a visit.
fn reads(grant: &Grant<UseBilling>, guarantor: &guarantor::Model, person: &patient::Model, confidential: bool) -> Reads {
    let chart = PatientId(person.merged_into.unwrap_or(person.id));
    let level = grant.holder().ok().and_then(|holder| holder.proxy(chart, grant.now()).and_then(|(_, level)| level.ok()));
    let own = grant.holder().is_ok_and(|holder| holder.own_chart.as_ref().is_some_and(|own| own.patient == chart));
    if own || grant.would_allow::<ViewSummaries>(&chart) && (!confidential || level.is_some_and(|level| level.sees_sensitive())) {
        return Reads::All;
    }
    if confidential {
        return Reads::Visit;
    }
    let themselves = guarantor.patient_id.is_some_and(|id| id == person.id || id == chart.0);
    let minor = person.known_birth_date().is_some_and(|born| !is_adult(born, grant.now().today));
    if themselves || minor { Reads::Services } else { Reads::Visit }
}

/// The bills of a guarantor of which something is due, waited for or checked, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open(db: &impl ConnectionTrait, guarantor: Uuid) -> Result<Vec<bill::Model>, DbErr> {
    bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(guarantor))
        .filter(bill::Column::IsOpen.eq(true))
        .order_by_asc(bill::Column::IssuedOn)
        .order_by_asc(bill::Column::Id)
        .all(db)
        .await
}

/// Those that are paid, of the last 18 months, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn paid(db: &impl ConnectionTrait, guarantor: Uuid, today: NaiveDate) -> Result<Vec<bill::Model>, DbErr> {
    let since = today.checked_sub_months(SHOWN_MONTHS).unwrap_or(today);
    bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(guarantor))
        .filter(bill::Column::IsOpen.eq(false))
        .filter(bill::Column::IssuedOn.gte(since))
        .order_by_desc(bill::Column::IssuedOn)
        .order_by_desc(bill::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await
}

/// Those for visits of one person: the open ones and those of the last 18 months, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, guarantor: Uuid, patient: Uuid, today: NaiveDate) -> Result<Vec<bill::Model>, DbErr> {
    let since = today.checked_sub_months(SHOWN_MONTHS).unwrap_or(today);
    bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(guarantor))
        .filter(bill::Column::PatientId.in_subquery(patient::with_merged(patient).into_query()))
        .filter(Condition::any().add(bill::Column::IsOpen.eq(true)).add(bill::Column::IssuedOn.gte(since)))
        .order_by_desc(bill::Column::IsOpen)
        .order_by_desc(bill::Column::IssuedOn)
        .order_by_desc(bill::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await
}

/// What is due of everybody whose bills the caller may see, and by when: one statement.
///
/// # Errors
/// When the database fails.
pub async fn due_by_account(grant: &Grant<UseBilling>) -> Result<Vec<(guarantor::Model, i64, NaiveDate)>, Error> {
    let (charts, account) = (charts(grant)?, grant.holder()?.account.0);
    let open = bill::Entity::find()
        .select_also(guarantor::Entity)
        .join(
            JoinType::InnerJoin,
            bill::Entity::belongs_to(guarantor::Entity).from(bill::Column::GuarantorId).to(guarantor::Column::Id).into(),
        )
        .filter(bill::Column::IsOpen.eq(true))
        .filter(bill::Column::State.eq(BillState::Open))
        .filter(bill::Column::BalanceCents.gt(0))
        .filter(mine(charts, account))
        .order_by_asc(bill::Column::DueOn)
        .all(grant.db())
        .await?;
    let mut all: Vec<(guarantor::Model, i64, NaiveDate)> = Vec::new();
    for (bill, guarantor) in open {
        let Some(guarantor) = guarantor else { continue };
        match all.iter_mut().find(|(known, ..)| known.id == guarantor.id) {
            Some((_, sum, _)) => *sum += bill.balance_cents,
            None => all.push((guarantor, bill.balance_cents, bill.due_on)),
        }
    }
    Ok(all)
}

/// Guarantors who are this account, or of these charts.
fn mine(charts: Vec<Uuid>, account: Uuid) -> Condition {
    let with_merged = patient::Entity::find()
        .select_only()
        .column(patient::Column::Id)
        .filter(Condition::any().add(patient::Column::Id.is_in(charts.clone())).add(patient::Column::MergedInto.is_in(charts)))
        .into_query();
    Condition::any().add(guarantor::Column::AccountId.eq(account)).add(guarantor::Column::PatientId.in_subquery(with_merged))
}

/// The payments of a guarantor of the last 18 months, the newest first; those that were never asked for are none.
///
/// # Errors
/// When the database fails.
pub async fn payments(db: &impl ConnectionTrait, guarantor: Uuid, now: DateTime<Utc>) -> Result<Vec<payment_attempt::Model>, DbErr> {
    payment_attempt::Entity::find()
        .filter(payment_attempt::Column::GuarantorId.eq(guarantor))
        .filter(payment_attempt::Column::State.is_not_in([AttemptState::Created, AttemptState::Abandoned]))
        .filter(payment_attempt::Column::MadeAt.gte(now.checked_sub_months(SHOWN_MONTHS).unwrap_or(now)))
        .order_by_desc(payment_attempt::Column::MadeAt)
        .limit(SHOWN)
        .all(db)
        .await
}

/// Bills by their ids, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn bills(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<bill::Model>, DbErr> {
    bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).order_by_asc(bill::Column::IssuedOn).all(db).await
}

/// The lines of what a plan says.
///
/// # Errors
/// When the database fails.
pub async fn lines_of(db: &impl ConnectionTrait, benefit: Uuid) -> Result<Vec<benefit_line::Model>, DbErr> {
    let lines = benefit_line::Entity::find().filter(benefit_line::Column::BenefitId.eq(benefit));
    lines.order_by_asc(benefit_line::Column::Position).all(db).await
}

/// A bill with everything that makes it up.
pub struct Whole {
    pub lines: Vec<bill_line::Model>,
    pub entries: Vec<ledger_entry::Model>,
    /// What the plan says, the newest last, and its lines.
    pub benefits: Vec<benefit::Model>,
    pub benefit_lines: Vec<benefit_line::Model>,
}

/// # Errors
/// When the database fails.
pub async fn whole(db: &impl ConnectionTrait, bill: &bill::Model) -> Result<Whole, DbErr> {
    let lines = bill_line::Entity::find().filter(bill_line::Column::BillId.eq(bill.id)).order_by_asc(bill_line::Column::Position);
    let entries = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.eq(bill.id))
        .order_by_asc(ledger_entry::Column::At)
        .order_by_asc(ledger_entry::Column::Id);
    let mut either = Condition::any().add(benefit::Column::Number.eq(bill.number.clone()));
    if let Some(visit) = bill.visit_id {
        either = either.add(benefit::Column::VisitId.eq(visit));
    }
    let benefits = benefit::Entity::find()
        .filter(benefit::Column::PatientId.eq(bill.patient_id))
        .filter(benefit::Column::Cancelled.eq(false))
        .filter(either)
        .order_by_asc(benefit::Column::CreatedOn)
        .order_by_asc(benefit::Column::Id)
        .all(db)
        .await?;
    let benefit_lines = match benefits.last() {
        Some(newest) => lines_of(db, newest.id).await?,
        None => Vec::new(),
    };
    Ok(Whole { lines: lines.all(db).await?, entries: entries.all(db).await?, benefits, benefit_lines })
}

/// A bill of somebody whose bills the caller may see.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn bill_of(grant: &Grant<UseBilling>, id: Uuid) -> Result<(guarantor::Model, Shown), Error> {
    let found = bill::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let guarantor = guarantor(grant, found.guarantor_id.ok_or(Error::NotFound)?).await?;
    let shown = shown(grant, &guarantor, vec![found]).await?.pop().ok_or(Error::NotFound)?;
    Ok((guarantor, shown))
}

/// What plans say of claims for which there is no bill, of the charts that the caller reads, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn explained(grant: &Grant<UseBilling>) -> Result<Vec<(benefit::Model, String)>, Error> {
    let holder = grant.holder()?;
    let others = holder.acts_for(grant.now()).into_iter().map(|(proxy, _)| &proxy.person);
    let people: Vec<_> =
        holder.own_chart.iter().chain(others).filter(|person| grant.would_allow::<ViewHealthSummary>(&person.patient)).collect();
    let mut all = Vec::new();
    for person in people {
        let sees = holder.own_chart.as_ref().is_some_and(|own| own.patient == person.patient)
            || holder.proxy(person.patient, grant.now()).is_some_and(|(_, level)| level.is_ok_and(|level| level.sees_sensitive()));
        let billed = bill::Entity::find()
            .select_only()
            .column(bill::Column::VisitId)
            .filter(bill::Column::PatientId.eq(person.patient.0))
            .filter(bill::Column::VisitId.is_not_null())
            .into_query();
        let mut found = benefit::Entity::find()
            .filter(benefit::Column::PatientId.in_subquery(patient::with_merged(person.patient.0).into_query()))
            .filter(benefit::Column::Cancelled.eq(false))
            .filter(Condition::any().add(benefit::Column::VisitId.is_null()).add(benefit::Column::VisitId.not_in_subquery(billed)))
            .order_by_desc(benefit::Column::CreatedOn)
            .order_by_desc(benefit::Column::Id)
            .limit(SHOWN);
        if !sees {
            found = found.filter(benefit::Column::Sensitive.eq(false));
        }
        all.extend(found.all(grant.db()).await?.into_iter().map(|row| (row, person.given_name.clone())));
    }
    Ok(all)
}

/// The insurances of a patient, those that hold first.
///
/// # Errors
/// When the database fails.
pub async fn coverages(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<coverage::Model>, DbErr> {
    coverage::Entity::find()
        .filter(coverage::Column::PatientId.in_subquery(patient::with_merged(patient).into_query()))
        .order_by_desc(coverage::Column::Active)
        .order_by_desc(coverage::Column::StartsOn)
        .order_by_asc(coverage::Column::Id)
        .all(db)
        .await
}

/// What of a payment was for which bill.
///
/// # Errors
/// When the database fails.
pub async fn parts(db: &impl ConnectionTrait, attempt: Uuid) -> Result<Vec<payment_part::Model>, DbErr> {
    payment_part::Entity::find().filter(payment_part::Column::AttemptId.eq(attempt)).all(db).await
}
