//! Sign-ins that wait for their second step, and what somebody has set up for it.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::{passkey, recovery_code, sign_in_step, trusted_device},
    model::{CODE_LIFE, CODE_PAUSE, RECOVERY_CODES, STEP_LIFE, TRUST, WRONG_TRIES},
    secrets, totp,
};
use crate::{
    access::{
        Grant,
        entity::account_session,
        policy::{ManageOwnAccount, PassSecondStep, Permission},
        session,
    },
    base::{
        error::{Error, Why},
        ids::{AccountId, new_id},
    },
    features::account::sign_in::store::Opened,
    people::account,
    platform::{
        mail::{
            letter::Letter,
            store::{organization_here, post},
        },
        password_hash::Passwords,
        request::context,
        throttle as attempts,
        throttle::{Throttle, count_in_row},
        tokens::{hash, random_code, token},
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

/// Whether this browser was trusted by this account not long ago.
pub(crate) async fn is_trusted(db: &impl ConnectionTrait, account: Uuid, token: Option<&str>) -> Result<bool, DbErr> {
    let Some(token) = token else { return Ok(false) };
    let found = trusted_device::Entity::find().filter(trusted_device::Column::TokenHash.eq(hash(token))).one(db).await?;
    Ok(found.is_some_and(|device| device.account_id == account && device.expires_at > Utc::now()))
}

/// A sign-in that waits, with its account.
pub struct Waiting {
    row: sign_in_step::Model,
    account: account::Model,
}

impl Waiting {
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
pub async fn waiting(grant: &Grant<PassSecondStep>, token: Option<String>) -> Result<Option<Waiting>, Error> {
    let Some(token) = token else { return Ok(None) };
    let row = sign_in_step::Entity::find_by_id(hash(&token)).one(grant.db()).await?;
    let Some(row) = row.filter(|row| Utc::now() - row.created_at < STEP_LIFE && row.wrong_tries < WRONG_TRIES) else { return Ok(None) };
    let account = account::Entity::find_by_id(row.account_id).one(grant.db()).await?;
    Ok(account.map(|account| Waiting { row, account }))
}

/// Mails a code for this sign-in.
///
/// # Errors
/// `NotFound` when this account gets no codes by e-mail; `Invalid` when one was sent a moment ago.
pub async fn mail_code(grant: &Grant<PassSecondStep>, waiting: &Waiting) -> Result<(), Error> {
    if !waiting.has_email() {
        return Err(Error::NotFound);
    }
    let now = Utc::now();
    if waiting.row.code_sent_at.is_some_and(|at| now - at < CODE_PAUSE) {
        return Ok(());
    }
    let mut bytes = [0u8; 4];
    getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
    let code = format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000);
    let tx = grant.begin().await?;
    let sent = sign_in_step::ActiveModel {
        code_hash: Set(Some(hash(&format!("{}:{code}", waiting.row.token_hash)))),
        code_sent_at: Set(Some(now)),
        ..Default::default()
    };
    sign_in_step::Entity::update_many().set(sent).filter(sign_in_step::Column::TokenHash.eq(&waiting.row.token_hash)).exec(&tx).await?;
    if let Some(to) = waiting.account.recipient() {
        post(&tx, &to, &Letter::SignInCode { code }, &organization_here()?, grant.now().instant, grant.zone()).await?;
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
pub async fn pass(grant: &Grant<PassSecondStep>, waiting: Waiting, code: &str, trust: bool) -> Result<Passed, Error> {
    let Waiting { row, account } = waiting;
    let db = grant.db();
    // Counted before it is tried, so that many at once get no more than a few.
    let this = sign_in_step::Column::TokenHash.eq(&row.token_hash);
    let counted = count_in_row::<sign_in_step::Entity>(db, this, sign_in_step::Column::WrongTries, WRONG_TRIES).await?;
    let key = format!("second-step:{}", account.id);
    if !counted {
        return Err(Error::SignInNeeded);
    }
    if let Throttle::Limited { minutes } = attempts::count(db, &key, 2 * WRONG_TRIES).await? {
        return Err(Error::Locked { minutes });
    }
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let mailed = row.code_hash.as_deref() == Some(&*hash(&format!("{}:{digits}", row.token_hash)))
        && row.code_sent_at.is_some_and(|at| Utc::now() - at < CODE_LIFE);
    if !mailed && !accepts(db, &account, code).await? {
        return Err(Error::field("code", Why::CodeWrong));
    }
    let tx = grant.begin().await?;
    sign_in_step::Entity::delete_by_id(row.token_hash).exec(&tx).await?;
    attempts::reset(&tx, &key).await?;
    let trust = if trust { Some(trust_device(&tx, account.id, grant.device()).await?) } else { None };
    let token = session::open(&tx, AccountId(account.id), grant.device(), true).await?;
    tx.commit().await?;
    Ok(Passed { opened: Opened { token, locale: account.locale }, next: row.next, trust })
}

async fn trust_device(tx: &impl ConnectionTrait, account: Uuid, device: &str) -> Result<String, DbErr> {
    let (token, now) = (token()?, Utc::now());
    trusted_device::Entity::insert(trusted_device::ActiveModel {
        id: Set(new_id()),
        account_id: Set(account),
        token_hash: Set(hash(&token)),
        device: Set(device.to_owned()),
        created_at: Set(now),
        expires_at: Set(now + TRUST),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(token)
}

/// Whether a code of the app or a recovery code is right. Each is good once.
pub(crate) async fn accepts(db: &impl ConnectionTrait, account: &account::Model, code: &str) -> Result<bool, Error> {
    if account.totp_confirmed_at.is_some()
        && let Some(secret) = secrets::of(account)?
    {
        let now = u64::try_from(Utc::now().timestamp()).unwrap_or(0);
        if let Some(step) = totp::matching_step(&secret, code, now) {
            // Whoever looks over a shoulder comes too late: one code opens one session (RFC 6238, 5.2).
            return Ok(matches!(attempts::count(db, &format!("totp:{}:{step}", account.id), 1).await?, Throttle::Allowed { .. }));
        }
    }
    let typed: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect();
    let used = recovery_code::ActiveModel { used_at: Set(Some(Utc::now())), ..Default::default() };
    let used = recovery_code::Entity::update_many()
        .set(used)
        .filter(recovery_code::Column::AccountId.eq(account.id))
        .filter(recovery_code::Column::CodeHash.eq(hash(&format!("{}:{typed}", account.id))))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

/// What somebody has set up.
pub struct Setup {
    pub account: account::Model,
    pub passkeys: Vec<passkey::Model>,
    pub recovery_codes_left: u64,
}

/// # Errors
/// When the database fails.
pub async fn setup(grant: &Grant<ManageOwnAccount>) -> Result<Setup, Error> {
    let account = own(grant).await?;
    let passkeys = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(account.id))
        .order_by_asc(passkey::Column::CreatedAt)
        .all(grant.db())
        .await?;
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(account.id))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(grant.db())
        .await?;
    Ok(Setup { account, passkeys, recovery_codes_left: left })
}

/// The account of whoever asks.
pub(crate) async fn own<P: Permission>(grant: &Grant<P>) -> Result<account::Model, Error> {
    account::Entity::find_by_id(grant.holder()?.account.0).one(grant.db()).await?.ok_or(Error::NotFound)
}

/// The secret for an app that is being set up: the same until it is confirmed.
///
/// # Errors
/// When the database fails.
pub async fn secret_to_confirm(grant: &Grant<ManageOwnAccount>) -> Result<(account::Model, String), Error> {
    let account = own(grant).await?;
    if account.totp_confirmed_at.is_some() {
        return Err(Error::NotFound);
    }
    if let Some(secret) = secrets::of(&account)? {
        return Ok((account, secret));
    }
    let secret = totp::new_secret()?;
    let sealed = account::ActiveModel { totp_secret: Set(Some(secrets::sealed(&context()?, &secret)?)), ..Default::default() };
    change(grant.db(), account.id, sealed).await?;
    Ok((account, secret))
}

/// Switches the app on after its first code; returns fresh recovery codes.
///
/// # Errors
/// `Invalid` for a wrong code.
pub async fn confirm_app(grant: &Grant<ManageOwnAccount>, code: &str) -> Result<Vec<String>, Error> {
    let account = own(grant).await?;
    let now = Utc::now();
    let right = secrets::of(&account)?
        .is_some_and(|secret| totp::matching_step(&secret, code, u64::try_from(now.timestamp()).unwrap_or(0)).is_some());
    if !right || account.totp_confirmed_at.is_some() {
        return Err(Error::field("code", Why::CodeWrong));
    }
    let tx = grant.begin().await?;
    change(&tx, account.id, account::ActiveModel { totp_confirmed_at: Set(Some(now)), ..Default::default() }).await?;
    let codes = new_recovery_codes(&tx, account.id).await?;
    // Who has just shown a code has passed the second step in this session too.
    let second_step_passed = account_session::ActiveModel { second_step_passed: Set(true), ..Default::default() };
    account_session::Entity::update_many()
        .set(second_step_passed)
        .filter(account_session::Column::Id.eq(grant.holder()?.session))
        .exec(&tx)
        .await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Switches the app off, when the password is right.
///
/// # Errors
/// `Invalid` for a wrong password.
pub async fn remove_app(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, password: String) -> Result<(), Error> {
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    let tx = grant.begin().await?;
    let off = account::ActiveModel { totp_secret: Set(None), totp_confirmed_at: Set(None), ..Default::default() };
    change(&tx, account.id, off).await?;
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account.id)).exec(&tx).await?;
    trusted_device::Entity::delete_many().filter(trusted_device::Column::AccountId.eq(account.id)).exec(&tx).await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(())
}

/// Switches codes by e-mail on or off. The address must have been proved.
///
/// # Errors
/// `Invalid` without a proved address, or for a wrong password when it is switched off.
pub async fn set_email_code(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, on: bool, password: String) -> Result<(), Error> {
    let account = own(grant).await?;
    if on && account.email_verified_at.is_none() {
        return Err(Error::form(Why::NoContact));
    }
    if !on {
        check_password(grant, passwords, &account, password).await?;
    }
    let tx = grant.begin().await?;
    change(&tx, account.id, account::ActiveModel { email_code_on: Set(on), ..Default::default() }).await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(())
}

/// Fresh recovery codes; the ones before are over.
///
/// # Errors
/// When the database fails.
pub async fn renew_recovery_codes(grant: &Grant<ManageOwnAccount>) -> Result<Vec<String>, Error> {
    let account = own(grant).await?;
    let tx = grant.begin().await?;
    let codes = new_recovery_codes(&tx, account.id).await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn new_recovery_codes(tx: &impl ConnectionTrait, account: Uuid) -> Result<Vec<String>, Error> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account)).exec(tx).await?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let code = random_code(10)?;
        recovery_code::Entity::insert(recovery_code::ActiveModel {
            id: Set(new_id()),
            account_id: Set(account),
            code_hash: Set(hash(&format!("{account}:{code}"))),
            ..Default::default()
        })
        .exec_without_returning(tx)
        .await?;
        codes.push(crate::base::text::displayed(&code));
    }
    Ok(codes)
}

/// One browser that is signed in or trusted.
pub struct Device {
    pub id: Uuid,
    pub name: String,
    pub since: DateTime<Utc>,
    /// Of a session; a trusted device has an end instead.
    pub last_seen: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub here: bool,
}

/// Where somebody is signed in, and which devices are trusted.
///
/// # Errors
/// When the database fails.
pub async fn devices(grant: &Grant<ManageOwnAccount>) -> Result<(Vec<Device>, Vec<Device>), Error> {
    let holder = grant.holder()?;
    let sessions = account_session::Entity::find()
        .filter(account_session::Column::AccountId.eq(holder.account.0))
        .order_by_desc(account_session::Column::LastSeenAt)
        .all(grant.db())
        .await?;
    let trusted = trusted_device::Entity::find()
        .filter(trusted_device::Column::AccountId.eq(holder.account.0))
        .filter(trusted_device::Column::ExpiresAt.gt(Utc::now()))
        .order_by_desc(trusted_device::Column::CreatedAt)
        .all(grant.db())
        .await?;
    let sessions = sessions
        .into_iter()
        .map(|row| Device {
            id: row.id,
            name: row.device.unwrap_or_default(),
            since: row.created_at,
            last_seen: Some(row.last_seen_at),
            until: None,
            here: row.id == holder.session,
        })
        .collect();
    let trusted = trusted
        .into_iter()
        .map(|row| Device {
            id: row.id,
            name: row.device,
            since: row.created_at,
            last_seen: None,
            until: Some(row.expires_at),
            here: false,
        })
        .collect();
    Ok((sessions, trusted))
}

/// Ends one session or the trust in one device of one's own.
///
/// # Errors
/// `NotFound` for somebody else's.
pub async fn revoke_device(grant: &Grant<ManageOwnAccount>, id: Uuid) -> Result<(), Error> {
    let account = grant.holder()?.account.0;
    let sessions = account_session::Entity::delete_many()
        .filter(account_session::Column::Id.eq(id))
        .filter(account_session::Column::AccountId.eq(account))
        .exec(grant.db())
        .await?;
    let trusted = trusted_device::Entity::delete_many()
        .filter(trusted_device::Column::Id.eq(id))
        .filter(trusted_device::Column::AccountId.eq(account))
        .exec(grant.db())
        .await?;
    if sessions.rows_affected + trusted.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Compares the password of somebody who is signed in; failures count like those of signing in.
pub(crate) async fn check_password<P: Permission>(
    grant: &Grant<P>,
    passwords: &Passwords,
    account: &account::Model,
    password: String,
) -> Result<(), Error> {
    let key = format!("password:{}", account.id);
    if let Throttle::Limited { minutes } = attempts::count(grant.db(), &key, attempts::PER_ACCOUNT).await? {
        return Err(Error::Locked { minutes });
    }
    if !passwords.verify(password, Some(account.password_hash.clone())).await?.matches {
        return Err(Error::field("password", Why::PasswordWrong));
    }
    attempts::reset(grant.db(), &key).await?;
    Ok(())
}

pub(crate) async fn change(db: &impl ConnectionTrait, account: Uuid, row: account::ActiveModel) -> Result<(), DbErr> {
    account::Entity::update_many().set(row).filter(account::Column::Id.eq(account)).exec(db).await?;
    Ok(())
}

pub(crate) async fn tell<P: Permission>(tx: &impl ConnectionTrait, grant: &Grant<P>, account: &account::Model) -> Result<(), Error> {
    if let Some(to) = account.recipient() {
        post(tx, &to, &Letter::SecondStepChanged, &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    Ok(())
}
