//! The billing office: finding accounts and bills.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor, ledger_entry},
    reading::{self, SHOWN},
};
use crate::{
    access::{
        Grant, allow,
        policy::{KeepLedgers, OpenLedger},
    },
    base::{error::Error, ids::PatientId, text::username_key, why::Why},
    people::{
        account,
        folding::{folded, number_key},
    },
};

/// So many accounts are found at once.
pub const FOUND: u64 = 30;

/// Accounts by a number of an account or a bill, or by the beginning of a last name.
///
/// # Errors
/// When the database fails.
pub async fn find(grant: &Grant<KeepLedgers>, typed: &str) -> Result<Vec<guarantor::Model>, Error> {
    let (name, number) = (folded(typed), typed.trim());
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let of_bill: Vec<Uuid> = bill::Entity::find()
        .select_only()
        .column(bill::Column::GuarantorId)
        .filter(bill::Column::Number.eq(number))
        .filter(bill::Column::GuarantorId.is_not_null())
        .into_tuple()
        .all(grant.db())
        .await?;
    // The first letter after all names that begin so: an index serves a range.
    let mut end = name.clone();
    end.push(char::MAX);
    let either = Condition::any()
        .add(guarantor::Column::Number.eq(number))
        .add(guarantor::Column::Number.eq(number_key(number)))
        .add(guarantor::Column::Id.is_in(of_bill))
        .add(Condition::all().add(guarantor::Column::FoldedFamily.gte(name)).add(guarantor::Column::FoldedFamily.lt(end)));
    let found = guarantor::Entity::find().filter(either).order_by_asc(guarantor::Column::FoldedFamily).limit(FOUND);
    Ok(found.all(grant.db()).await?)
}

/// An account, for the office. Whose bills are on it is written into the logs of their charts.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn account(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<(guarantor::Model, Vec<bill::Model>), Error> {
    let found = guarantor::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let bills = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(id))
        .order_by_desc(bill::Column::IsOpen)
        .order_by_desc(bill::Column::IssuedOn)
        .limit(SHOWN)
        .all(grant.db())
        .await?;
    let mut people: Vec<Uuid> = bills.iter().map(|bill| bill.patient_id).collect();
    people.sort();
    people.dedup();
    for patient in people {
        allow::<OpenLedger>(PatientId(patient)).await?;
    }
    Ok((found, bills))
}

/// A bill with its entries, for the office.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn bill_of(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<(bill::Model, Vec<ledger_entry::Model>), Error> {
    let found = bill::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    allow::<OpenLedger>(PatientId(found.patient_id)).await?;
    let entries = reading::entries_of(grant.db(), id).await?;
    Ok((found, entries))
}

/// Every entry of an account with the number of its bill, the oldest first.
///
/// # Errors
/// `NotFound` when there is no such account.
pub async fn entries(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<Vec<(String, ledger_entry::Model)>, Error> {
    account(grant, id).await?;
    let numbers: BTreeMap<Uuid, String> = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(id))
        .all(grant.db())
        .await?
        .into_iter()
        .map(|bill| (bill.id, bill.number))
        .collect();
    let of = bill::Entity::find().select_only().column(bill::Column::Id).filter(bill::Column::GuarantorId.eq(id)).into_query();
    let rows = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.in_subquery(of))
        .order_by_asc(ledger_entry::Column::At)
        .order_by_asc(ledger_entry::Column::Id)
        .all(grant.db())
        .await?;
    Ok(rows.into_iter().map(|row| (numbers.get(&row.bill_id).cloned().unwrap_or_default(), row)).collect())
}

/// Connects the account of somebody who is no patient, so that they see their bills.
///
/// # Errors
/// `NotFound` when there is no such account; `Invalid` for a user name that there is not, or of somebody with a chart.
pub async fn connect(grant: &Grant<KeepLedgers>, id: Uuid, username: &str) -> Result<(), Error> {
    let found = guarantor::Entity::find_by_id(id).filter(guarantor::Column::PatientId.is_null()).one(grant.db()).await?;
    found.ok_or(Error::NotFound)?;
    let holder = account::Entity::find()
        .filter(account::Column::UsernameKey.eq(username_key(username)))
        .filter(account::Column::ClosedAt.is_null())
        .filter(account::Column::StaffRole.is_null())
        // Whoever has a chart pays as the guarantor that the record names.
        .filter(account::Column::PatientId.is_null())
        .one(grant.db())
        .await?;
    let holder = holder.ok_or(Error::field("username", Why::DETAILS_WRONG))?;
    let connected = guarantor::ActiveModel { account_id: Set(Some(holder.id)), ..Default::default() };
    guarantor::Entity::update_many().set(connected).filter(guarantor::Column::Id.eq(id)).exec(grant.db()).await?;
    Ok(())
}
