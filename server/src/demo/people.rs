//! The people of the household who sign in, and whose charts they see.

use app::{
    base::end_reason::EndReason,
    people::relation::{AdultLevel, Basis, Relationship, StaffRole},
};
use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct People {
    pub anchor: NaiveDate,
    pub birthdays: Vec<BirthdayRule>,
    pub accounts: Vec<AccountRow>,
    pub proxies: Vec<ProxyRow>,
    pub emancipated: Vec<EmancipatedRow>,
    pub without_account: Vec<WithoutAccount>,
}

#[derive(Deserialize)]
pub struct BirthdayRule {
    pub patient: Uuid,
    /// Turns this age ...
    pub turns: Option<i32>,
    /// ... in so many days.
    pub in_days: Option<i64>,
    /// Or is this age ...
    pub age: Option<i32>,
    /// ... since so many days.
    pub days_after_birthday: Option<i64>,
}

#[derive(Deserialize)]
pub struct AccountRow {
    pub username: String,
    pub name: String,
    pub locale: String,
    pub patient: Option<Uuid>,
    pub staff: Option<StaffRole>,
    /// For which departments they answer, by the ids of their Locations.
    #[serde(default)]
    pub departments: Vec<Uuid>,
    /// Which clinician they are.
    #[serde(default)]
    pub practitioner: Option<Uuid>,
    pub says: Says,
}

#[derive(Deserialize)]
pub struct Says {
    pub en: String,
    pub es: String,
}

#[derive(Deserialize)]
pub struct ProxyRow {
    pub account: String,
    pub patient: Uuid,
    pub basis: Basis,
    pub relationship: Relationship,
    pub level: Option<AdultLevel>,
    pub expires_in_days: Option<i64>,
    pub ended: Option<Ended>,
}

#[derive(Deserialize)]
pub struct Ended {
    pub reason: EndReason,
    pub days_ago: i64,
}

#[derive(Deserialize)]
pub struct EmancipatedRow {
    pub patient: Uuid,
    pub days_ago: i64,
}

#[derive(Deserialize)]
pub struct WithoutAccount {
    pub patient: Uuid,
    pub says: Says,
}

/// Everybody, as the file in this folder has them.
pub fn people() -> People {
    serde_json::from_str(include_str!("people.json")).expect("people.json is tested")
}
