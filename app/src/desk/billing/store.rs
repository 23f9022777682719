//! Whose bills somebody sees, and what they read of them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::UnionType,
};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor, payment_attempt, payment_plan},
    model::BillState,
    payer::{Payer, due},
    plans::not_planned,
};
use crate::{
    access::{
        Grant, Permission, allow,
        policy::{KeepLedgers, PayBills, UseBilling, ViewBills, ViewSummaries},
        proxy::is_adult,
    },
    base::{error::Error, ids::PatientId},
    people::patient::{self, with_merged_of},
    platform::batch::{Batch, Rows},
    record::visit::entity::visit,
};

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
    looked_at(grant, &found).await?;
    Ok(found)
}

/// Looking at somebody's bills stands in the log of their chart.
///
/// # Errors
/// What the policy refuses.
pub async fn looked_at(grant: &Grant<UseBilling>, guarantor: &guarantor::Model) -> Result<(), Error> {
    if let Some(chart) = chart_of(grant.db(), guarantor).await? {
        allow::<ViewBills>(PatientId(chart)).await?;
    }
    Ok(())
}

/// Asks for the charts of several guarantors, as they are now.
pub fn ask_charts(batch: &mut Batch, guarantors: &[guarantor::Model]) -> impl FnOnce(&mut Rows) -> Result<Vec<PatientId>, DbErr> + use<> {
    let ids: Vec<Uuid> = guarantors.iter().filter_map(|row| row.patient_id).collect();
    let people = (!ids.is_empty()).then(|| batch.ask(patient::Entity::find().filter(patient::Column::Id.is_in(ids))));
    move |answers| Ok(answers.take(people)?.into_iter().map(|person| PatientId(person.merged_into.unwrap_or(person.id))).collect())
}

/// Looking at the bills of several stands in the logs of their charts.
///
/// # Errors
/// What the policy refuses.
pub async fn looked_at_all(charts: Vec<PatientId>) -> Result<(), Error> {
    for chart in charts {
        allow::<ViewBills>(chart).await?;
    }
    Ok(())
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
    shown_of(grant, bills.into_iter().map(|bill| (guarantor, bill)).collect()).await
}

/// The same of the bills of several accounts.
///
/// # Errors
/// When the database fails.
pub async fn shown_of(grant: &Grant<UseBilling>, bills: Vec<(&guarantor::Model, bill::Model)>) -> Result<Vec<Shown>, Error> {
    Ok(with_people(grant.db(), bills, |guarantor, person, confidential| reads(grant, guarantor, person, confidential)).await?)
}

/// What the person responsible reads of bills that the office writes to them about.
///
/// # Errors
/// When the database fails.
pub async fn written(grant: &Grant<KeepLedgers>, guarantor: &guarantor::Model, bills: Vec<bill::Model>) -> Result<Vec<Shown>, Error> {
    let (bills, today) = (bills.into_iter().map(|bill| (guarantor, bill)).collect(), grant.now().today);
    let reads = |guarantor: &guarantor::Model, person: &patient::Model, confidential| payer_reads(guarantor, person, confidential, today);
    Ok(with_people(grant.db(), bills, reads).await?)
}

async fn with_people(
    db: &impl ConnectionTrait,
    bills: Vec<(&guarantor::Model, bill::Model)>,
    reads: impl Fn(&guarantor::Model, &patient::Model, bool) -> Reads,
) -> Result<Vec<Shown>, DbErr> {
    let ids: HashSet<Uuid> = bills.iter().map(|(_, bill)| bill.patient_id).collect();
    let visits: HashSet<Uuid> = bills.iter().filter_map(|(_, bill)| bill.visit_id).collect();
    let mut batch = Batch::default();
    let people = (!ids.is_empty()).then(|| batch.ask(patient::Entity::find().filter(patient::Column::Id.is_in(ids))));
    let sensitive = (!visits.is_empty())
        .then(|| batch.ask(visit::Entity::find().filter(visit::Column::Id.is_in(visits)).filter(visit::Column::Sensitive.eq(true))));
    let mut answers = batch.read(db).await?;
    let people: HashMap<Uuid, patient::Model> = answers.take(people)?.into_iter().map(|row| (row.id, row)).collect();
    let sensitive: HashSet<Uuid> = answers.take(sensitive)?.into_iter().map(|visit| visit.id).collect();
    let mut all = Vec::new();
    for (guarantor, bill) in bills {
        let Some(person) = people.get(&bill.patient_id) else { continue };
        let confidential = bill.confidential || bill.visit_id.is_some_and(|visit| sensitive.contains(&visit));
        let reads = reads(guarantor, person, confidential && bill.agreed_at.is_none());
        all.push(Shown { given_name: person.given_name.clone(), reads, bill });
    }
    Ok(all)
}

/// Who reads what: whoever reads the chart reads of it here; the person responsible reads what was done for a minor, unless it is
/// confidential; of everybody else they read that there was a visit.
fn reads(grant: &Grant<UseBilling>, guarantor: &guarantor::Model, person: &patient::Model, confidential: bool) -> Reads {
    let chart = PatientId(person.merged_into.unwrap_or(person.id));
    let own = grant.holder().is_ok_and(|holder| holder.own_chart.as_ref().is_some_and(|own| own.patient == chart));
    if own || grant.would_allow::<ViewSummaries>(&chart) && (!confidential || sees_sensitive(grant, chart)) {
        return Reads::All;
    }
    // Whoever acts for the person responsible reads by their own level.
    let is_payer = grant.holder().is_ok_and(|holder| {
        guarantor.account_id == Some(holder.account.0)
            || holder.own_chart.as_ref().is_some_and(|own| guarantor.patient_id.is_some_and(|id| own.patient.0 == id))
    });
    if is_payer { payer_reads(guarantor, person, confidential, grant.now().today) } else { Reads::Visit }
}

/// Whether the caller sees of a chart what is sensitive.
pub fn sees_sensitive<P: Permission>(grant: &Grant<P>, chart: PatientId) -> bool {
    let Ok(holder) = grant.holder() else { return false };
    holder.own_chart.as_ref().is_some_and(|own| own.patient == chart)
        || holder.proxy(chart, grant.now()).is_some_and(|(_, level)| level.is_ok_and(|level| level.sees_sensitive()))
}

/// What the person responsible reads who does not read the chart.
fn payer_reads(guarantor: &guarantor::Model, person: &patient::Model, confidential: bool, today: NaiveDate) -> Reads {
    let themselves = guarantor.patient_id.is_some_and(|id| id == person.id || person.merged_into == Some(id));
    let minor = person.known_birth_date().is_some_and(|born| !is_adult(born, today));
    if !confidential && (themselves || minor) { Reads::Services } else { Reads::Visit }
}

/// What somebody responsible has to pay.
pub struct Due {
    pub of: guarantor::Model,
    pub cents: i64,
    /// Of the earliest bill.
    pub on: NaiveDate,
}

/// Asks what is due of everybody whose bills the caller may see.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn ask_due(batch: &mut Batch, grant: &Grant<UseBilling>) -> Result<impl FnOnce(&mut Rows) -> Result<Vec<Due>, DbErr> + use<>, Error> {
    let mine = mine(charts(grant)?, grant.holder()?.account.0);
    let open = bill::Entity::find()
        .join(
            JoinType::InnerJoin,
            bill::Entity::belongs_to(guarantor::Entity).from(bill::Column::GuarantorId).to(guarantor::Column::Id).into(),
        )
        .filter(bill::Column::IsOpen.eq(true))
        .filter(bill::Column::State.eq(BillState::Open))
        .filter(bill::Column::BalanceCents.gt(0))
        .filter(not_planned())
        .filter(mine.clone());
    let (open, guarantors) = (batch.ask(open), batch.ask(guarantor::Entity::find().filter(mine)));
    Ok(move |answers: &mut Rows| {
        let (mut open, guarantors) = (answers.take(open)?, answers.take(guarantors)?);
        open.sort_by_key(|bill| (bill.due_on, bill.id));
        let mut all: Vec<Due> = Vec::new();
        for bill in open.iter().filter(|bill| due(bill) > 0) {
            match all.iter_mut().find(|known| Some(known.of.id) == bill.guarantor_id) {
                Some(known) => known.cents += due(bill),
                None => {
                    let of = guarantors.iter().find(|row| Some(row.id) == bill.guarantor_id).cloned();
                    all.extend(of.map(|of| Due { of, cents: due(bill), on: bill.due_on }));
                }
            }
        }
        Ok(all)
    })
}

/// Guarantors who are this account, or of these charts. A union, as PostgreSQL reads the whole table for an `OR` with a subquery.
fn mine(charts: Vec<Uuid>, account: Uuid) -> Condition {
    let ids = || guarantor::Entity::find().select_only().column(guarantor::Column::Id);
    let mut found = ids().filter(guarantor::Column::AccountId.eq(account)).into_query();
    if charts.is_empty() {
        return Condition::all().add(guarantor::Column::Id.in_subquery(found));
    }
    let with_merged = with_merged_of(charts).into_query();
    found.union(UnionType::Distinct, ids().filter(guarantor::Column::PatientId.in_subquery(with_merged)).into_query());
    Condition::all().add(guarantor::Column::Id.in_subquery(found))
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
