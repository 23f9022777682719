//! Statements: what was asked for, paid and left, month by month; on paper or not.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    email,
    entity::{bill, guarantor, ledger_entry},
    payer::Payer,
    reading::{self, SHOWN_MONTHS},
    till::Till,
};
use crate::{
    access::{Grant, policy::UseBilling},
    base::{clock::local_date, error::Error},
    people::account,
    platform::mail::store::post,
};

/// To so many is written in one go.
const AT_ONCE: u64 = 100;

/// Chooses whether statements come on paper.
///
/// # Errors
/// When the database fails.
pub async fn choose_paper(grant: &Grant<UseBilling>, payer: &Payer, paperless: bool) -> Result<(), Error> {
    // The statement of last month is there already: the first e-mail is of the next one.
    let told_month = this_month(grant.now().instant, grant.zone());
    let chosen = guarantor::ActiveModel { paperless: Set(paperless), told_month: Set(told_month), ..Default::default() };
    guarantor::Entity::update_many().set(chosen).filter(guarantor::Column::Id.eq(payer.guarantor.id)).exec(grant.db()).await?;
    Ok(())
}

/// Writes once a month to whoever chose statements without paper, when something happened in the month before or is still due.
///
/// # Errors
/// When the database fails.
pub(super) async fn tell_new(till: &Till) -> Result<(), Error> {
    let Some(this) = this_month(till.now, till.zone) else { return Ok(()) };
    let Some(last) = this.checked_sub_months(Months::new(1)) else { return Ok(()) };
    let untold = || Condition::any().add(guarantor::Column::ToldMonth.is_null()).add(guarantor::Column::ToldMonth.lt(this));
    let waiting = guarantor::Entity::find().filter(guarantor::Column::Paperless.eq(true)).filter(untold()).limit(AT_ONCE);
    for guarantor in waiting.all(till.db()).await? {
        let tx = till.begin().await?;
        let told = guarantor::ActiveModel { told_month: Set(Some(this)), ..Default::default() };
        let one = guarantor::Entity::update_many().set(told).filter(guarantor::Column::Id.eq(guarantor.id)).filter(untold());
        if one.exec(&tx).await?.rows_affected == 0 {
            // Another server told it.
            continue;
        }
        let statement = of_month(&tx, guarantor.id, last, till.zone).await?;
        if statement.is_some_and(|statement| !statement.entries.is_empty() || statement.after != 0) {
            let link = till.link(&format!("/billing/of/{}/history", guarantor.id));
            for to in accounts_of(&tx, &guarantor).await?.iter().filter_map(account::Model::recipient) {
                post(&tx, &to, email::statement(link.clone()), &till.organization, till.now, till.zone).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Whoever is responsible, when they sign in.
async fn accounts_of(db: &impl ConnectionTrait, guarantor: &guarantor::Model) -> Result<Vec<account::Model>, DbErr> {
    let mut theirs = Condition::any();
    if let Some(account) = guarantor.account_id {
        theirs = theirs.add(account::Column::Id.eq(account));
    }
    if let Some(chart) = guarantor.patient_id {
        theirs = theirs.add(account::Column::PatientId.eq(chart));
    }
    if theirs.is_empty() {
        return Ok(Vec::new());
    }
    account::Entity::find().filter(theirs).all(db).await
}

fn this_month(now: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    local_date(now, &zone).with_day(1)
}

/// A month of a guarantor's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its first day.
    pub month: NaiveDate,
    /// What was due before it, and after it.
    pub before: i64,
    pub after: i64,
    /// What is on its way from bank accounts now, in cents.
    pub on_its_way: i64,
    pub entries: Vec<(bill::Model, ledger_entry::Model)>,
}

/// The months of which there is a statement: from the first bill on, at most 18, the newest first; never the month that is under way.
///
/// # Errors
/// When the database fails.
pub async fn months(db: &impl ConnectionTrait, guarantor: Uuid, now: DateTime<Utc>, zone: Tz) -> Result<Vec<NaiveDate>, DbErr> {
    let Some(this) = this_month(now, zone) else { return Ok(Vec::new()) };
    let first: Option<NaiveDate> = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(guarantor))
        .select_only()
        .column_as(bill::Column::IssuedOn.min(), "first")
        .into_tuple()
        .one(db)
        .await?
        .flatten();
    let Some(first) = first.and_then(|first| first.with_day(1)) else { return Ok(Vec::new()) };
    let first = first.max(this.checked_sub_months(SHOWN_MONTHS).unwrap_or(first));
    let mut months = Vec::new();
    let mut month = this.checked_sub_months(Months::new(1));
    while let Some(found) = month.filter(|found| *found >= first) {
        months.push(found);
        month = found.checked_sub_months(Months::new(1));
    }
    Ok(months)
}

/// The statement of a month.
///
/// # Errors
/// When the database fails.
pub async fn of_month(db: &impl ConnectionTrait, guarantor: Uuid, month: NaiveDate, zone: Tz) -> Result<Option<Statement>, DbErr> {
    use crate::desk::scheduling::hours::instant;
    let (Some(month), true) = (month.with_day(1), month.day() == 1) else { return Ok(None) };
    let Some(next) = month.checked_add_months(Months::new(1)) else { return Ok(None) };
    let (Some(from), Some(until)) = (instant(month, 0, &zone), instant(next, 0, &zone)) else { return Ok(None) };
    let before: Option<i64> = ledger_entry::Entity::find()
        .of_guarantor(guarantor)
        .filter(ledger_entry::Column::At.lt(from))
        .select_only()
        .column_as(sum(), "sum")
        .into_tuple()
        .one(db)
        .await?
        .flatten();
    let entries = ledger_entry::Entity::find()
        .of_guarantor(guarantor)
        .filter(ledger_entry::Column::At.gte(from))
        .filter(ledger_entry::Column::At.lt(until))
        .order_by_asc(ledger_entry::Column::At)
        .order_by_asc(ledger_entry::Column::Id)
        .all(db)
        .await?;
    let bills = bill::Entity::find().filter(bill::Column::Id.is_in(entries.iter().map(|entry| entry.bill_id))).all(db).await?;
    let before = before.unwrap_or(0);
    let after = before + entries.iter().map(|entry| entry.cents).sum::<i64>();
    let of = |entry: ledger_entry::Model| Some((bills.iter().find(|bill| bill.id == entry.bill_id)?.clone(), entry));
    let mut entries: Vec<(bill::Model, ledger_entry::Model)> = entries.into_iter().filter_map(of).collect();
    // What came at once is told bill by bill, the charge first.
    entries.sort_by(|(one, a), (other, b)| (a.at, &one.number, a.kind).cmp(&(b.at, &other.number, b.kind)));
    let on_its_way = reading::open(db, guarantor).await?.iter().map(|bill| bill.pending_cents).sum();
    Ok(Some(Statement { month, before, after, on_its_way, entries }))
}

/// A sum of whole cents that both engines give as a whole number.
fn sum() -> sea_orm::sea_query::SimpleExpr {
    use sea_orm::sea_query::{Expr, Func};
    Func::cast_as(Func::coalesce([Expr::from(Func::sum(Expr::col(ledger_entry::Column::Cents))), Expr::value(0i64)]), "BIGINT").into()
}

trait OfGuarantor {
    fn of_guarantor(self, guarantor: Uuid) -> Self;
}

impl OfGuarantor for sea_orm::Select<ledger_entry::Entity> {
    /// Only entries of bills of this guarantor.
    fn of_guarantor(self, guarantor: Uuid) -> Self {
        use sea_orm::QueryTrait;
        let bills = bill::Entity::find().select_only().column(bill::Column::Id).filter(bill::Column::GuarantorId.eq(guarantor));
        self.filter(ledger_entry::Column::BillId.in_subquery(bills.into_query()))
    }
}
