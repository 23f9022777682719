//! What the ledger says of a bill from what came in: the difference to what it says already is entered.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    desk::billing::{
        entity::{benefit, bill, bill_line, claim_sent, ledger_entry, posted_payment},
        ledger::{self, New},
        model::{BillState, CURRENCY, EntryKind, Mismatch},
        plan_follows, reading,
    },
    record::import::Context,
};

/// The entries that come of the record bear keys that begin so.
const FROM_RECORD: &str = "fhir:";

/// Everything that came in about one bill.
struct Known {
    bill: bill::Model,
    lines: Vec<bill_line::Model>,
    benefits: Vec<benefit::Model>,
    claims: Vec<claim_sent::Model>,
    posted: Vec<posted_payment::Model>,
    /// Another bill of the patient bears the same number: an answer that names it may be for either.
    is_twin: bool,
}

/// # Errors
/// When the database fails.
pub async fn bill(context: &mut Context<'_>, id: Uuid) -> Result<(), DbErr> {
    let now = Utc::now();
    let bill = ledger::lock(context.tx, &[id]).await?.pop();
    let Some(bill) = bill.filter(|bill| bill.moved_from.is_none()) else { return Ok(()) };
    let known = Known::of(context.tx, bill).await?;
    let (state, problem) = known.state();
    let mut wanted = known.wanted();
    if state == BillState::Cancelled {
        wanted.clear();
    }
    let rows = ledger_entry::Entity::find().filter(ledger_entry::Column::BillId.eq(id)).order_by_asc(ledger_entry::Column::Id);
    let mut entered: BTreeMap<String, (i64, usize, EntryKind)> = BTreeMap::new();
    for row in rows.all(context.tx).await? {
        let Some(key) = row.source_key.strip_prefix(FROM_RECORD).and_then(|key| key.rsplit_once(':')).map(|(key, _)| key.to_owned()) else {
            continue;
        };
        let sum = entered.entry(key).or_insert((0, 0, row.kind));
        *sum = (sum.0 + row.cents, sum.1 + 1, row.kind);
    }
    for (key, (_, _, kind)) in &entered {
        wanted.entry(key.clone()).or_insert((*kind, 0));
    }
    for (key, (kind, cents)) in wanted {
        let (before, count, _) = entered.get(&key).copied().unwrap_or((0, 0, kind));
        if cents != before {
            let entry = New {
                bill: id,
                kind,
                cents: cents - before,
                at: known.at(now),
                source_key: format!("{FROM_RECORD}{key}:{count}"),
                words: None,
                by: None,
                attempt: None,
            };
            ledger::append(context.tx, entry).await?;
        }
    }
    let marked =
        bill::ActiveModel { state: Set(state), problem: Set(problem.map(|found| found.as_str().to_owned())), ..Default::default() };
    bill::Entity::update_many().set(marked).filter(bill::Column::Id.eq(id)).exec(context.tx).await?;
    ledger::mark_open(context.tx, id).await?;
    plan_follows::bill(context.tx, id, now).await
}

impl Known {
    async fn of(tx: &impl ConnectionTrait, bill: bill::Model) -> Result<Self, DbErr> {
        let id = bill.id;
        let lines =
            bill_line::Entity::find().filter(bill_line::Column::BillId.eq(id)).order_by_asc(bill_line::Column::Position).all(tx).await?;
        let benefits = reading::benefits_of(tx, &bill, &lines).await?;
        let by_number = claim_sent::Column::Number.eq(bill.number.clone());
        let either = match bill.visit_id {
            Some(visit) => Condition::any().add(by_number).add(claim_sent::Column::VisitId.eq(visit)),
            None => Condition::any().add(by_number),
        };
        let claims = claim_sent::Entity::find()
            .filter(claim_sent::Column::PatientId.eq(bill.patient_id))
            .filter(claim_sent::Column::Cancelled.eq(false))
            .filter(either)
            .all(tx)
            .await?;
        let of_claims = posted_payment::Column::ClaimId.is_in(claims.iter().map(|claim| claim.id));
        let posted = posted_payment::Entity::find()
            .filter(Condition::any().add(posted_payment::Column::BillId.eq(id)).add(of_claims))
            .filter(posted_payment::Column::Cancelled.eq(false))
            .all(tx)
            .await?;
        let twin = bill::Entity::find()
            .filter(bill::Column::Number.eq(bill.number.clone()))
            .filter(bill::Column::PatientId.eq(bill.patient_id))
            .filter(bill::Column::Id.ne(id))
            .filter(bill::Column::State.ne(BillState::Cancelled));
        let is_twin = twin.one(tx).await?.is_some();
        Ok(Self { bill, lines, benefits, claims, posted, is_twin })
    }

    fn charged(&self) -> i64 {
        self.lines.iter().map(|line| line.charged_cents).sum()
    }

    fn adjusted(&self) -> i64 {
        self.lines.iter().map(|line| line.adjusted_cents).sum()
    }

    /// The plan's answer that holds: the newest.
    fn answer(&self) -> Option<&benefit::Model> {
        self.benefits.last()
    }

    /// The bill took off what the plan pays already.
    fn is_after_plan(&self) -> bool {
        self.adjusted() != 0
    }

    /// What the record says of the ledger, by key.
    fn wanted(&self) -> BTreeMap<String, (EntryKind, i64)> {
        let mut wanted = BTreeMap::new();
        let id = self.bill.id.simple();
        if self.bill.currency != CURRENCY {
            return wanted;
        }
        wanted.insert(format!("{id}:charge"), (EntryKind::Charge, self.charged()));
        wanted.insert(format!("{id}:deduction"), (EntryKind::InsuranceAdjustment, self.adjusted()));
        if let Some(found) = self.answer().filter(|found| found.adds_up && !self.is_after_plan()) {
            let benefit = found.id.simple();
            // What the plan neither pays nor leaves to the patient is taken off: so what is due is what the plan says, to the cent.
            let agreed = found.owed_cents.unwrap_or(0) + found.paid_cents.unwrap_or(0) - self.charged();
            wanted.insert(format!("{id}:{benefit}:agreed"), (EntryKind::InsuranceAdjustment, agreed.min(0)));
            wanted.insert(format!("{id}:{benefit}:paid"), (EntryKind::InsurancePayment, -found.paid_cents.unwrap_or(0)));
        }
        for part in &self.posted {
            // What the plan says that it pays is entered with its answer.
            if !part.by_insurer {
                wanted.insert(format!("{id}:{}-{}:posted", part.id.simple(), part.position), (EntryKind::PatientPayment, -part.cents));
            }
        }
        wanted.retain(|_, (_, cents)| *cents != 0);
        wanted
    }

    fn state(&self) -> (BillState, Option<Mismatch>) {
        if self.bill.state == BillState::Cancelled {
            return (BillState::Cancelled, None);
        }
        match self.mismatch() {
            Some(found) => (BillState::Checking, Some(found)),
            None if self.answer().is_none() && !self.claims.is_empty() && !self.is_after_plan() => (BillState::Waiting, None),
            None => (BillState::Open, None),
        }
    }

    fn mismatch(&self) -> Option<Mismatch> {
        let (charged, adjusted) = (self.charged(), self.adjusted());
        if self.bill.currency != CURRENCY {
            return Some(Mismatch::Currency);
        }
        if self.bill.guarantor_id.is_none() {
            return Some(Mismatch::Nobody);
        }
        // A source's gross is before or after what the bill took off itself.
        let total = charged + adjusted;
        let net_differs = self.bill.net_cents.is_some_and(|net| net != total);
        let gross_differs = self.bill.gross_cents.is_some_and(|gross| gross != total && gross != charged);
        let returned: i64 = self.posted.iter().filter(|part| !part.by_insurer).map(|part| part.cents).sum();
        if net_differs || gross_differs || total < 0 || self.bill.unreadable || returned < 0 {
            return Some(Mismatch::Total);
        }
        let found = self.answer()?;
        if self.is_twin || !found.adds_up || found.currency != self.bill.currency {
            return Some(Mismatch::Plan);
        }
        let owed = found.owed_cents.unwrap_or(0);
        let asked = if self.is_after_plan() {
            charged + adjusted
        } else {
            let allowed = found.allowed_cents.unwrap_or(owed + found.paid_cents.unwrap_or(0));
            if allowed > charged {
                return Some(Mismatch::Plan);
            }
            allowed - found.paid_cents.unwrap_or(0)
        };
        ((asked - owed).abs() > self.lines.len() as i64 + 1).then_some(Mismatch::Plan)
    }

    /// When it was billed, for the entries of the record.
    fn at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let noon = self.bill.issued_on.and_hms_opt(17, 0, 0).map(|at| at.and_utc());
        noon.filter(|at| *at < now).unwrap_or(now)
    }
}
