//! Bills, payments and insurances as they are read. Whoever calls it knows whose they are.

use std::cmp::Reverse;

use chrono::{DateTime, Months, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{benefit, benefit_line, bill, bill_line, coverage, ledger_entry, payment_attempt},
    model::{AttemptState, BillState, EntryKind},
};
use crate::{
    people::patient,
    platform::batch::{Batch, Rows, alone},
};

/// Months for which bills that are paid, and statements, are shown.
pub const SHOWN_MONTHS: Months = Months::new(18);
/// So many bills that are paid are shown at once.
pub const SHOWN: u64 = 100;

/// The bills of a guarantor of which something is due, waited for or checked, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open(db: &impl ConnectionTrait, guarantor: Uuid) -> Result<Vec<bill::Model>, DbErr> {
    alone(db, |batch| ask_open(batch, &[guarantor])).await
}

/// Asks for those of several guarantors.
pub fn ask_open(batch: &mut Batch, guarantors: &[Uuid]) -> impl FnOnce(&mut Rows) -> Result<Vec<bill::Model>, DbErr> + use<> {
    let of_guarantors = bill::Entity::find().filter(bill::Column::GuarantorId.is_in(guarantors.iter().copied()));
    let open = batch.ask(of_guarantors.filter(bill::Column::IsOpen.eq(true)));
    move |answers| {
        let mut open = answers.take(open)?;
        open.sort_by_key(|bill| (bill.issued_on, bill.id));
        Ok(open)
    }
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

/// Asks for those for visits of one person: the open ones and those of the last 18 months, the newest first.
pub fn ask_of_patient(
    batch: &mut Batch,
    guarantor: Uuid,
    patient: Uuid,
    today: NaiveDate,
) -> impl FnOnce(&mut Rows) -> Result<Vec<bill::Model>, DbErr> + use<> {
    let since = today.checked_sub_months(SHOWN_MONTHS).unwrap_or(today);
    let newest = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(guarantor))
        .filter(bill::Column::PatientId.in_subquery(patient::with_merged(patient).into_query()))
        .filter(Condition::any().add(bill::Column::IsOpen.eq(true)).add(bill::Column::IssuedOn.gte(since)))
        .order_by_desc(bill::Column::IsOpen)
        .order_by_desc(bill::Column::IssuedOn)
        .order_by_desc(bill::Column::Id)
        .limit(SHOWN);
    let newest = batch.ask(newest);
    move |answers| {
        let mut bills = answers.take(newest)?;
        bills.sort_by_key(|bill| Reverse((bill.is_open, bill.issued_on, bill.id)));
        Ok(bills)
    }
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

/// What the office entered as paid by phone, by mail or at the desk, of the last 18 months, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn recorded(db: &impl ConnectionTrait, guarantor: Uuid, now: DateTime<Utc>) -> Result<Vec<ledger_entry::Model>, DbErr> {
    let bills = bill::Entity::find().select_only().column(bill::Column::Id).filter(bill::Column::GuarantorId.eq(guarantor));
    ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.in_subquery(bills.into_query()))
        .filter(ledger_entry::Column::At.gte(now.checked_sub_months(SHOWN_MONTHS).unwrap_or(now)))
        .filter(ledger_entry::Column::Kind.eq(EntryKind::PatientPayment))
        .filter(ledger_entry::Column::AttemptId.is_null())
        .filter(ledger_entry::Column::By.is_not_null())
        .order_by_desc(ledger_entry::Column::At)
        .limit(SHOWN)
        .all(db)
        .await
}

/// Bills by their ids, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn bills(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<bill::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
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

impl Whole {
    /// The sum of entries of these kinds.
    pub fn sum(&self, kinds: &[EntryKind]) -> i64 {
        self.entries.iter().filter(|entry| kinds.contains(&entry.kind)).map(|entry| entry.cents).sum()
    }
}

/// # Errors
/// When the database fails.
pub async fn whole(db: &impl ConnectionTrait, bill: &bill::Model) -> Result<Whole, DbErr> {
    let lines = bill_line::Entity::find().filter(bill_line::Column::BillId.eq(bill.id)).order_by_asc(bill_line::Column::Position);
    let lines = lines.all(db).await?;
    let benefits = benefits_of(db, bill, &lines).await?;
    let benefit_lines = match benefits.last() {
        Some(newest) => lines_of(db, newest.id).await?,
        None => Vec::new(),
    };
    Ok(Whole { lines, entries: entries_of(db, bill.id).await?, benefits, benefit_lines })
}

/// The entries of a bill, the oldest first; what came at once in the order in which it is read: first the charge.
///
/// # Errors
/// When the database fails.
pub async fn entries_of(db: &impl ConnectionTrait, bill: Uuid) -> Result<Vec<ledger_entry::Model>, DbErr> {
    let all = ledger_entry::Entity::find().filter(ledger_entry::Column::BillId.eq(bill));
    let mut entries = all.order_by_asc(ledger_entry::Column::Id).all(db).await?;
    entries.sort_by_key(|row| (row.at, row.kind));
    Ok(entries)
}

/// What the plan says of a bill, the newest last. Of several bills of one visit, an answer is for the one that it names, or whose
/// charges it has.
///
/// # Errors
/// When the database fails.
pub async fn benefits_of(db: &impl ConnectionTrait, bill: &bill::Model, lines: &[bill_line::Model]) -> Result<Vec<benefit::Model>, DbErr> {
    let (mut either, mut alone) = (Condition::any().add(benefit::Column::Number.eq(bill.number.clone())), true);
    if let Some(visit) = bill.visit_id {
        either = either.add(benefit::Column::VisitId.eq(visit));
        let others = bill::Entity::find()
            .filter(bill::Column::VisitId.eq(visit))
            .filter(bill::Column::Id.ne(bill.id))
            .filter(bill::Column::State.ne(BillState::Cancelled))
            .filter(bill::Column::MovedFrom.is_null());
        alone = others.one(db).await?.is_none();
    }
    let charged: i64 = lines.iter().map(|line| line.charged_cents).sum();
    let mut found = benefit::Entity::find()
        .filter(benefit::Column::PatientId.eq(bill.patient_id))
        .filter(benefit::Column::Cancelled.eq(false))
        .filter(either)
        .order_by_asc(benefit::Column::CreatedOn)
        .order_by_asc(benefit::Column::Id)
        .all(db)
        .await?;
    found.retain(|found| match &found.number {
        Some(number) => *number == bill.number,
        None => alone || found.charged_cents == Some(charged),
    });
    Ok(found)
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
