//! What became of the household's bills: a kept card, a plan that goes on, an estimate that a bill exceeds, and whose account pays.

use app::{
    access::System,
    base::ids::new_id,
    desk::{
        billing::{
            entity::{bill, bill_line, guarantor, payment_attempt, payment_method, payment_part, payment_plan, plan_bill, plan_payment},
            estimates,
            ledger::{self, New},
            model::{AttemptState, CURRENCY, EntryKind, MethodKind, PlanPaymentState, PlanState},
        },
        outgoing::entity as outgoing,
    },
    people::account,
};
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::household::patient_row;

/// The card that the demo's bank keeps for Maria.
pub(super) const KEPT_CARD: &str = "pm_demo_maria";
pub(super) const CUSTOMER: &str = "cus_demo_maria";
/// What she pays a month, in cents.
pub(super) const MONTHLY: i64 = 4_000;
/// On which day of the month.
const DAY: u32 = 5;

const HAROLD: Uuid = Uuid::from_u128(0xe96677dd_53e6_57dc_b956_6d84b8bc34d2);

/// The name of a payment of the plan at the demo's bank.
pub(super) fn charge_name(number: i64) -> String {
    format!("pi_demo_plan_{number}")
}

/// # Errors
/// When the household has no such bills.
pub async fn write(system: &System, now: DateTime<Utc>, today: NaiveDate) -> Result<(), DbErr> {
    let tx = system.begin().await?;
    // The portal's office knows which account is that of somebody who is no patient.
    let daniel = account_of(&tx, "daniel").await?;
    let linked = guarantor::ActiveModel { account_id: Set(Some(daniel.id)), ..Default::default() };
    guarantor::Entity::update_many().set(linked).filter(guarantor::Column::Number.eq("1002003")).exec(&tx).await?;
    // He tells his birth date when his account is made; the letter asks for it.
    let born = guarantor::ActiveModel { birth_date: Set(NaiveDate::from_ymd_opt(1980, 5, 17)), ..Default::default() };
    guarantor::Entity::update_many().set(born).filter(guarantor::Column::Number.eq("1002003")).exec(&tx).await?;
    let maria = account_of(&tx, "maria").await?;
    let method = new_id();
    let card = payment_method::ActiveModel {
        id: Set(method),
        account_id: Set(maria.id),
        kind: Set(MethodKind::Card),
        brand: Set("visa".into()),
        last4: Set("4242".into()),
        expires: Set(Some("2034-12".into())),
        customer: Set(CUSTOMER.into()),
        token: Set(KEPT_CARD.into()),
        added_at: Set(now - chrono::TimeDelta::days(70)),
        removed_at: Set(None),
        unverified: Set(false),
        setup_id: Set(None),
        verify_url: Set(None),
        looked_at: Set(None),
        fingerprint: Set(Some("works".into())),
        forgotten: Set(true),
    };
    payment_method::Entity::insert(card).exec_without_returning(&tx).await?;
    plan(&tx, &maria, method, (now, today)).await?;
    estimate(&tx, now).await?;
    // What stands here from the beginning is no news for another system.
    outgoing::Entity::delete_many().exec(&tx).await?;
    tx.commit().await
}

async fn account_of(tx: &DatabaseTransaction, username: &str) -> Result<account::Model, DbErr> {
    let found = account::Entity::find().filter(account::Column::Username.eq(username)).one(tx).await?;
    found.ok_or_else(|| DbErr::RecordNotFound(username.into()))
}

async fn bill_numbered(tx: &DatabaseTransaction, number: &str) -> Result<bill::Model, DbErr> {
    let found = bill::Entity::find().filter(bill::Column::Number.eq(number)).one(tx).await?;
    found.ok_or_else(|| DbErr::RecordNotFound(number.into()))
}

/// Her physical, month by month: what lies behind is paid.
async fn plan(
    tx: &DatabaseTransaction,
    maria: &account::Model,
    method: Uuid,
    (now, today): (DateTime<Utc>, NaiveDate),
) -> Result<(), DbErr> {
    let bill = bill_numbered(tx, "B-25-01244").await?;
    let guarantor = bill.guarantor_id.ok_or_else(|| DbErr::RecordNotFound("guarantor".into()))?;
    let (id, total) = (new_id(), bill.balance_cents);
    let first = today.with_day(DAY).and_then(|day| day.checked_sub_months(Months::new(2))).unwrap_or(today);
    let noon = |day: NaiveDate| day.and_time(NaiveTime::from_hms_opt(16, 0, 0).unwrap_or_default()).and_utc();
    let row = payment_plan::ActiveModel {
        id: Set(id),
        guarantor_id: Set(guarantor),
        account_id: Set(maria.id),
        method_id: Set(method),
        total_cents: Set(total),
        monthly_cents: Set(MONTHLY),
        day: Set(i32::try_from(DAY).unwrap_or(1)),
        state: Set(PlanState::Active),
        misses: Set(0),
        made_at: Set(noon(first) - chrono::TimeDelta::days(12)),
        ended_at: Set(None),
        ended_why: Set(None),
        by: Set(maria.display_name.clone()),
    };
    payment_plan::Entity::insert(row).exec_without_returning(tx).await?;
    plan_bill::Entity::insert(plan_bill::ActiveModel { plan_id: Set(id), bill_id: Set(bill.id) }).exec_without_returning(tx).await?;
    for number in 0..(total + MONTHLY - 1) / MONTHLY {
        let on = first.checked_add_months(Months::new(u32::try_from(number).unwrap_or(0))).unwrap_or(first);
        let cents = MONTHLY.min(total - number * MONTHLY);
        let paid = on < today && noon(on) < now;
        let attempt = new_id();
        let row = plan_payment::ActiveModel {
            plan_id: Set(id),
            due_on: Set(on),
            cents: Set(cents),
            state: Set(if paid { PlanPaymentState::Paid } else { PlanPaymentState::Planned }),
            tries: Set(i32::from(paid)),
            // On the very day it is begun by the job.
            try_on: Set((!paid).then_some(on.max(today + chrono::Days::new(u64::from(on.day() == today.day()))))),
            attempt_id: Set(paid.then_some(attempt)),
        };
        plan_payment::Entity::insert(row).exec_without_returning(tx).await?;
        if paid {
            payment(tx, maria, (attempt, id, on), (guarantor, bill.id, method), cents, (noon(on), number)).await?;
        }
    }
    Ok(())
}

async fn payment(
    tx: &DatabaseTransaction,
    maria: &account::Model,
    (id, plan, due_on): (Uuid, Uuid, NaiveDate),
    (guarantor, bill, method): (Uuid, Uuid, Uuid),
    cents: i64,
    (at, number): (DateTime<Utc>, i64),
) -> Result<(), DbErr> {
    let row = payment_attempt::ActiveModel {
        id: Set(id),
        guarantor_id: Set(guarantor),
        account_id: Set(Some(maria.id)),
        method_id: Set(Some(method)),
        token: Set(Some(KEPT_CARD.into())),
        plan_id: Set(Some(plan)),
        plan_due_on: Set(Some(due_on)),
        guest: Set(false),
        cents: Set(cents),
        currency: Set(CURRENCY.into()),
        state: Set(AttemptState::Paid),
        open_for: Set(None),
        processor_id: Set(Some(charge_name(number))),
        decline: Set(None),
        receipt: Set(format!("R00000000{number:02}")),
        tell: Set(None),
        next_url: Set(None),
        client_secret: Set(None),
        made_at: Set(at),
        asked_at: Set(Some(at)),
        settled_at: Set(Some(at)),
        raised_at: Set(None),
        by: Set(maria.display_name.clone()),
        looked_at: Set(None),
        kind: Set(Some(MethodKind::Card)),
        brand: Set(Some("visa".into())),
        last4: Set(Some("4242".into())),
    };
    payment_attempt::Entity::insert(row).exec_without_returning(tx).await?;
    let part = payment_part::ActiveModel { attempt_id: Set(id), bill_id: Set(bill), cents: Set(cents) };
    payment_part::Entity::insert(part).exec_without_returning(tx).await?;
    let entry = New {
        bill,
        kind: EntryKind::PatientPayment,
        cents: -cents,
        at,
        source_key: format!("payment:{id}:{bill}"),
        words: None,
        by: Some(maria.display_name.clone()),
        attempt: Some(id),
    };
    ledger::append(tx, entry).await?;
    Ok(())
}

/// Harold was told a price before his visit; the bill is far above it.
async fn estimate(tx: &DatabaseTransaction, now: DateTime<Utc>) -> Result<(), DbErr> {
    let (harold, bill) = (patient_row(tx, HAROLD).await?, bill_numbered(tx, "B-26-00044").await?);
    let charged: i64 =
        bill_line::Entity::find().filter(bill_line::Column::BillId.eq(bill.id)).all(tx).await?.iter().map(|line| line.charged_cents).sum();
    let lines = [("Office visit, knee pain".to_owned(), 26_000), ("X-ray of the knee".to_owned(), 19_000)];
    debug_assert!(charged > 45_000 + estimates::DISPUTED_FROM);
    let new = estimates::New {
        series: None,
        patient: harold.id,
        visit: bill.visit_id,
        title: "Office visit, knee pain",
        lines: &lines,
        note: None,
        by: "Dana Ortiz",
    };
    estimates::write(tx, &new, now - chrono::TimeDelta::days(40)).await?;
    Ok(())
}
