//! Sign-ins that wait for their second step.

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    codes::accepts,
    devices::trust_device,
    entity::sign_in_step,
    model::{CODE_LIFE, CODE_PAUSE, STEP_LIFE, WRONG_TRIES},
};
use crate::{
    access::{Grant, policy::PassSecondStep, session},
    base::{error::Error, ids::AccountId},
    features::account::{core::Opened, email, problem},
    people::account,
    platform::{
        mail::store::{organization_here, post},
        throttle as attempts,
        throttle::{Throttle, count_in_row},
        tokens::{hash, token},
    },
};

/// Whether signing in with a password needs a second step.
pub fn is_needed(account: &account::Model) -> bool {
    account.totp_confirmed_at.is_some() || account.email_code_on || (account.staff_role.is_some() && mails_code(account))
}

/// Whether a code may be mailed: to an address that was proved, when its owner wants it or is staff.
fn mails_code(account: &account::Model) -> bool {
    let wanted = account.email_code_on || (account.staff_role.is_some() && account.totp_confirmed_at.is_none());
    wanted && account.email.is_some() && account.email_verified_at.is_some()
}

/// Remembers that the password was right, until the second step. Returns the token for the cookie.
pub(crate) async fn begin(tx: &impl ConnectionTrait, account: Uuid, next: &str) -> Result<String, DbErr> {
    let now = Utc::now();
    sign_in_step::Entity::delete_many().filter(sign_in_step::Column::CreatedAt.lt(now - STEP_LIFE)).exec(tx).await?;
    let token = token()?;
    sign_in_step::Entity::insert(sign_in_step::ActiveModel {
        token_hash: Set(hash(&token)),
        account_id: Set(account),
        next: Set(next.to_owned()),
        wrong_tries: Set(0),
        created_at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(token)
}

/// A sign-in that waits, with its account.
pub struct PendingStep {
    row: sign_in_step::Model,
    account: account::Model,
}

impl PendingStep {
    pub fn has_app(&self) -> bool {
        self.account.totp_confirmed_at.is_some()
    }

    pub fn has_email(&self) -> bool {
        mails_code(&self.account)
    }

    /// A code was mailed in this sign-in.
    pub fn was_mailed(&self) -> bool {
        self.row.code_sent_at.is_some()
    }

    /// "m…@example.org".
    pub fn hidden_email(&self) -> Option<String> {
        let (name, host) = self.account.email.as_deref()?.rsplit_once('@')?;
        Some(format!("{}…@{host}", name.chars().next()?))
    }
}

/// The sign-in that waits in this browser.
///
/// # Errors
/// When the database fails.
pub async fn pending(grant: &Grant<PassSecondStep>, token: Option<String>) -> Result<Option<PendingStep>, Error> {
    let Some(token) = token else { return Ok(None) };
    let row = sign_in_step::Entity::find_by_id(hash(&token)).one(grant.db()).await?;
    let Some(row) = row.filter(|row| Utc::now() - row.created_at < STEP_LIFE && row.wrong_tries < WRONG_TRIES) else { return Ok(None) };
    let account = account::Entity::find_by_id(row.account_id).one(grant.db()).await?;
    Ok(account.map(|account| PendingStep { row, account }))
}

/// Mails a code for this sign-in, unless one was sent a moment ago.
///
/// # Errors
/// `NotFound` when this account gets no codes by e-mail.
pub async fn mail_code(grant: &Grant<PassSecondStep>, pending: &PendingStep) -> Result<(), Error> {
    if !pending.has_email() {
        return Err(Error::NotFound);
    }
    let now = Utc::now();
    if pending.row.code_sent_at.is_some_and(|at| now - at < CODE_PAUSE) {
        return Ok(());
    }
    let mut bytes = [0u8; 4];
    getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
    let code = format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000);
    let tx = grant.begin().await?;
    let sent = sign_in_step::ActiveModel {
        code_hash: Set(Some(hash(&format!("{}:{code}", pending.row.token_hash)))),
        code_sent_at: Set(Some(now)),
        ..Default::default()
    };
    sign_in_step::Entity::update_many().set(sent).filter(sign_in_step::Column::TokenHash.eq(&pending.row.token_hash)).exec(&tx).await?;
    if let Some(to) = pending.account.recipient() {
        post(&tx, &to, email::sign_in_code(code), &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What came of a second step.
pub struct Passed {
    pub opened: Opened,
    pub next: String,
    /// For the cookie of a device that is trusted from now on.
    pub trust: Option<String>,
}

/// Takes a code of the app, from the e-mail or of the recovery codes, and opens the session.
///
/// # Errors
/// `Invalid` for a wrong code; after a few, sign-in starts anew.
pub async fn pass(grant: &Grant<PassSecondStep>, pending: PendingStep, code: &str, trust: bool) -> Result<Passed, Error> {
    let PendingStep { row, account } = pending;
    let db = grant.db();
    // Counted before it is tried, so that many at once get no more than a few.
    let this = sign_in_step::Column::TokenHash.eq(&row.token_hash);
    let counted = count_in_row::<sign_in_step::Entity>(db, this, sign_in_step::Column::WrongTries, WRONG_TRIES).await?;
    let key = format!("second-step:{}", account.id);
    if !counted {
        return Err(Error::SignInNeeded);
    }
    let last = match attempts::count(db, &key, 2 * WRONG_TRIES).await? {
        Throttle::Limited { minutes } => return Err(Error::Locked { minutes }),
        Throttle::Allowed { last } => last,
    };
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let mailed = row.code_hash.as_deref() == Some(&*hash(&format!("{}:{digits}", row.token_hash)))
        && row.code_sent_at.is_some_and(|at| Utc::now() - at < CODE_LIFE);
    if !mailed && !accepts(db, &account, code).await? {
        if last {
            attempts::lock(db, &key).await?;
        }
        return Err(Error::field("code", problem::CODE_WRONG));
    }
    let tx = grant.begin().await?;
    sign_in_step::Entity::delete_by_id(row.token_hash).exec(&tx).await?;
    attempts::reset(&tx, &key).await?;
    let trust = if trust { Some(trust_device(&tx, account.id, grant.device()).await?) } else { None };
    let token = session::open(&tx, AccountId(account.id), grant.device(), true).await?;
    tx.commit().await?;
    Ok(Passed { opened: Opened { token, locale: account.locale }, next: row.next, trust })
}
