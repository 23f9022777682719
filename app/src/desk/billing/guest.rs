//! Paying without an account: by the number of the account and the last name, or by the code of a printed letter and the birth date.
//! Whoever knows these sees amounts, due days and the house: no patient, no service, no day of a visit, no department, no insurer.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor, guest_code, guest_visit},
    payer::Payer,
    problem,
};
use crate::{
    access::{Grant, policy::PayAsGuest},
    base::{
        error::{Error, Problem},
        text::date,
        why::Why,
    },
    people::folding::{folded, number_key},
    platform::{
        request::{context, cookie, keep_cookie},
        throttle::{guarded, network},
        tokens::{hash, token},
    },
};

/// What was opened is closed again after so long.
const VISIT: TimeDelta = TimeDelta::minutes(30);
/// A letter's code opens its bill for so long.
pub const CODE_LIFE: TimeDelta = TimeDelta::days(90);
/// The letters of a code: none that is taken for another.
const LETTERS: &[u8; 30] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";
/// So many letters has a code.
const CODE_LENGTH: usize = 12;
/// So many tries a code or a number, and an address, in a window of the throttle.
const PER_KEY: i32 = 5;
const PER_ADDRESS: i32 = 20;
const PER_KEY_EVERYWHERE: i32 = 100;
const COOKIE: &str = "guest_pay";

/// Whether this portal takes payments of guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestPay(pub bool);

impl GuestPay {
    /// # Errors
    /// `NotFound` where it is switched off.
    pub fn here() -> Result<(), Error> {
        if context::<GuestPay>()?.0 { Ok(()) } else { Err(Error::NotFound) }
    }
}

/// The code of a letter, as "K7MN-3PQR-9XYZ".
///
/// # Errors
/// When the database fails, or the system gives no random numbers.
pub async fn new_code(tx: &impl ConnectionTrait, bill: Uuid, by: &str, now: DateTime<Utc>) -> Result<String, DbErr> {
    let mut code = String::new();
    while code.len() < CODE_LENGTH {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| DbErr::Custom(format!("no randomness: {error}")))?;
        // Bytes beyond a multiple of the letters would make some of them likelier.
        let fair = bytes.iter().filter(|byte| usize::from(**byte) < 256 / LETTERS.len() * LETTERS.len());
        let letters = fair.map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
        code.extend(letters.take(CODE_LENGTH - code.len()));
    }
    let row = guest_code::ActiveModel {
        code_hash: Set(hash(&code)),
        bill_id: Set(bill),
        made_at: Set(now),
        expires_at: Set(now + CODE_LIFE),
        made_by: Set(by.chars().take(200).collect()),
        revoked_at: Set(None),
    };
    guest_code::Entity::insert(row).exec_without_returning(tx).await?;
    Ok([&code[..4], &code[4..8], &code[8..]].join("-"))
}

/// Opens what is due by the number of the account and the last name.
///
/// # Errors
/// `Invalid` when these open nothing; `TooManyTries`.
pub async fn by_number(grant: &Grant<PayAsGuest>, number: &str, family_name: &str) -> Result<(), Error> {
    GuestPay::here()?;
    let mut problems = Vec::new();
    for (field, typed) in [("number", number), ("family_name", family_name)] {
        if typed.trim().is_empty() {
            problems.push(Problem { field: field.into(), why: Why::MISSING });
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let key = number_key(number);
    tried(grant, &key, find_number(grant, &key, family_name)).await
}

async fn find_number(grant: &Grant<PayAsGuest>, key: &str, family_name: &str) -> Result<(), Error> {
    // Numbers are compared as people type them: without blanks and hyphens, in any case.
    let found = guarantor::Entity::find().filter(guarantor::Column::FoldedFamily.eq(folded(family_name.trim()))).all(grant.db()).await?;
    let meant = found.into_iter().find(|row| number_key(&row.number) == key);
    let guarantor = meant.ok_or(Error::form(problem::NO_BILL))?;
    open(grant, guarantor.id, None).await
}

/// Opens one bill by the code of its letter and the birth date of whoever is responsible.
///
/// # Errors
/// `Invalid` when these open nothing; `TooManyTries`.
pub async fn by_code(grant: &Grant<PayAsGuest>, code: &str, birth_date: &str) -> Result<(), Error> {
    GuestPay::here()?;
    let born = date("birth_date", birth_date)?;
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    if code.is_empty() {
        return Err(Error::field("letter_code", Why::MISSING));
    }
    tried(grant, &code, find_code(grant, &code, born)).await
}

async fn find_code(grant: &Grant<PayAsGuest>, code: &str, born: NaiveDate) -> Result<(), Error> {
    let now = grant.now().instant;
    let found = guest_code::Entity::find_by_id(hash(code)).filter(guest_code::Column::RevokedAt.is_null()).one(grant.db()).await?;
    let found = found.filter(|found| found.expires_at > now).ok_or(Error::form(problem::NO_BILL))?;
    let bill = bill::Entity::find_by_id(found.bill_id).one(grant.db()).await?;
    let payer = match bill.and_then(|bill| bill.guarantor_id) {
        Some(id) => guarantor::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let payer = payer.filter(|payer| payer.birth_date == Some(born)).ok_or(Error::form(problem::NO_BILL))?;
    open(grant, payer.id, Some(found.bill_id)).await
}

/// Counts what opens nothing: for an address, for a code or a number from there, and for it from everywhere, so that nobody who knows a
/// number keeps whoever pays away from it.
async fn tried(grant: &Grant<PayAsGuest>, key: &str, find: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let (db, network) = (grant.db(), network(grant.address()));
    let everywhere = format!("guest-pay-key:{key}");
    let find = guarded(db, &everywhere, PER_KEY_EVERYWHERE, find);
    let here = format!("guest-pay-key:{key}:{network}");
    let find = guarded(db, &here, PER_KEY, find);
    guarded(db, &format!("guest-pay:{network}"), PER_ADDRESS, find).await
}

async fn open(grant: &Grant<PayAsGuest>, guarantor: Uuid, bill: Option<Uuid>) -> Result<(), Error> {
    let token = token()?;
    let row = guest_visit::ActiveModel {
        token_hash: Set(hash(&token)),
        guarantor_id: Set(guarantor),
        bill_id: Set(bill),
        expires_at: Set(grant.now().instant + VISIT),
    };
    guest_visit::Entity::insert(row).exec_without_returning(grant.db()).await?;
    keep_cookie(COOKIE, &token, VISIT.num_seconds())
}

/// The guest of this browser.
///
/// # Errors
/// `NotFound` when nothing is open, or it is closed again.
pub async fn payer(grant: &Grant<PayAsGuest>) -> Result<Payer, Error> {
    GuestPay::here()?;
    let token = cookie(COOKIE).ok_or(Error::NotFound)?;
    let visit = guest_visit::Entity::find_by_id(hash(&token)).one(grant.db()).await?;
    let visit = visit.filter(|visit| visit.expires_at > grant.now().instant).ok_or(Error::NotFound)?;
    let guarantor = guarantor::Entity::find_by_id(visit.guarantor_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    Ok(Payer { guarantor, account: None, only: visit.bill_id, by: "Guest".to_owned() })
}
