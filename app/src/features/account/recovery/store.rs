//! From an address to a link, and from a link to a new password.

use chrono::Utc;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, sea_query::IntoCondition,
};

use super::{
    entity::mail_link,
    model::{Purpose, WRONG_TRIES},
};
use crate::{
    access::{
        Grant,
        entity::account_session,
        policy::{Permission, Recover},
    },
    base::{
        error::Error,
        ids::new_id,
        text::{answer_key, date, is_email, username_key},
        why::Why,
    },
    features::account::{
        core::{birth_date_of, free},
        email::{email_changed, email_proof, password_changed, recover},
        problem,
        second_step::{
            codes::accepts,
            entity::{sign_in_step, trusted_device},
        },
    },
    people::account,
    platform::{
        mail::store::{Recipient, organization_here, post},
        password_hash::Passwords,
        passwords,
        push::phone,
        throttle as attempts,
        throttle::{count_in_row, network},
        tokens::{hash, token},
    },
};

const PER_ADDRESS: i32 = 10;
/// Letters to one account within a quarter of an hour.
const MAILS: i32 = 3;

/// What somebody has lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Password,
    Username,
    Both,
}

impl Lost {
    pub fn from_form(text: &str) -> Option<Self> {
        match text {
            "password" => Some(Lost::Password),
            "username" => Some(Lost::Username),
            "both" => Some(Lost::Both),
            _ => None,
        }
    }
}

/// Mails what was lost to the account's address. A parent and a child may share one: the birth date tells them apart.
/// Says nothing about whether there is such an account.
///
/// # Errors
/// `Invalid` for what cannot be an address or a date; `TooManyTries`.
pub async fn ask(grant: &Grant<Recover>, lost: Lost, email: &str, birth_date: &str) -> Result<(), Error> {
    let db = grant.db();
    attempts::limit(db, &format!("recover:{}", network(grant.address())), PER_ADDRESS).await?;
    let email = email.trim();
    if !is_email(email) {
        return Err(Error::field("email", if email.is_empty() { Why::MISSING } else { Why::NOT_AN_EMAIL }));
    }
    let born = date("birth_date", birth_date)?;
    // Addresses are compared without case: the part after the @ has none, and nobody remembers the part before it.
    let lower = sea_orm::sea_query::Func::lower(sea_orm::sea_query::Expr::col(account::Column::Email));
    let found = account::Entity::find()
        .filter(Condition::all().add(ExprTrait::eq(sea_orm::sea_query::Expr::from(lower), email.to_lowercase())))
        .filter(account::Column::ClosedAt.is_null())
        .all(db)
        .await?;
    let (now, organization) = (grant.now().instant, organization_here()?);
    for account in found {
        if birth_date_of(db, &account).await? != Some(born) {
            continue;
        }
        // Whoever reads what comes to an address that nobody has proved is not known to be its owner.
        let Some(to) = account.recipient().filter(|_| account.email_verified_at.is_some()) else { continue };
        if !free(db, &format!("recover mail:{}", account.id), MAILS).await? {
            continue;
        }
        let tx = grant.begin().await?;
        let username = (lost != Lost::Password).then(|| account.username.clone());
        let link = if lost == Lost::Username { None } else { Some(password_link(&tx, grant, &account).await?) };
        post(&tx, &to, recover(username, link), &organization, now, grant.zone()).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn password_link(tx: &impl ConnectionTrait, grant: &Grant<Recover>, account: &account::Model) -> Result<String, Error> {
    let token = link(tx, account, Purpose::Password, None).await?;
    Ok(grant.link(&format!("/recover/link?token={token}")))
}

/// A link for one purpose; the ones made before it are over. Links live in real time, like sessions.
pub(crate) async fn link(
    tx: &impl ConnectionTrait,
    account: &account::Model,
    purpose: Purpose,
    email: Option<String>,
) -> Result<String, Error> {
    let now = Utc::now();
    end_links(tx, mail_link::Column::AccountId.eq(account.id).and(mail_link::Column::Purpose.eq(purpose))).await?;
    let token = token()?;
    mail_link::Entity::insert(mail_link::ActiveModel {
        id: Set(new_id()),
        token_hash: Set(hash(&token)),
        account_id: Set(account.id),
        purpose: Set(purpose),
        email: Set(email),
        created_at: Set(now),
        expires_at: Set(now + purpose.life()),
        wrong_tries: Set(0),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(token)
}

/// Ends links that nobody used; says how many.
async fn end_links(tx: &impl ConnectionTrait, which: impl IntoCondition) -> Result<u64, DbErr> {
    let over = mail_link::ActiveModel { used_at: Set(Some(Utc::now())), ..Default::default() };
    let unused = mail_link::Entity::update_many().set(over).filter(which).filter(mail_link::Column::UsedAt.is_null());
    Ok(unused.exec(tx).await?.rows_affected)
}

/// The account and the link behind a token, while the link is good.
async fn good_link(db: &impl ConnectionTrait, token: &str, purpose: Purpose) -> Result<Option<(mail_link::Model, account::Model)>, Error> {
    let found = mail_link::Entity::find().filter(mail_link::Column::TokenHash.eq(hash(token))).one(db).await?;
    let good = |link: &mail_link::Model| {
        link.purpose == purpose && link.used_at.is_none() && link.expires_at > Utc::now() && link.wrong_tries < WRONG_TRIES
    };
    let Some(link) = found.filter(good) else { return Ok(None) };
    let account = account::Entity::find_by_id(link.account_id).one(db).await?.filter(|account| account.closed_at.is_none());
    Ok(account.map(|account| (link, account)))
}

/// What somebody who holds a good link still has to prove.
pub struct Challenge {
    pub username: String,
    pub question: Option<String>,
    pub has_second_step: bool,
}

/// # Errors
/// When the database fails.
pub async fn challenge(grant: &Grant<Recover>, token: &str) -> Result<Option<Challenge>, Error> {
    let Some((_, account)) = good_link(grant.db(), token, Purpose::Password).await? else { return Ok(None) };
    Ok(Some(Challenge {
        has_second_step: account.totp_confirmed_at.is_some(),
        question: account.security_question.filter(|_| account.security_answer_hash.is_some()),
        username: account.username,
    }))
}

/// What somebody types who follows the link.
pub struct NewPassword {
    pub answer: String,
    pub code: String,
    pub password: String,
    pub repeat: String,
}

/// Takes a new password: a good link, and the answer to the question or a code of the second step. Every session ends, no device
/// is trusted any more, a lock is opened, and the owner is told.
///
/// # Errors
/// `Invalid`; the link is void after a few wrong answers.
pub async fn choose_password(grant: &Grant<Recover>, passwords: &Passwords, token: &str, typed: NewPassword) -> Result<(), Error> {
    let db = grant.db();
    let (link, account) = good_link(db, token, Purpose::Password).await?.ok_or(Error::form(Why::LINK_OVER))?;
    if let Some(why) = passwords::problem(&typed.password, &account.username) {
        return Err(Error::field("password", why));
    }
    if typed.password != typed.repeat {
        return Err(Error::field("repeat", problem::PASSWORDS_DIFFER));
    }
    let this = mail_link::Column::Id.eq(link.id);
    if !count_in_row::<mail_link::Entity>(db, this, mail_link::Column::WrongTries, WRONG_TRIES).await? {
        return Err(Error::form(Why::LINK_OVER));
    }
    let proved = if !typed.code.trim().is_empty() && account.totp_confirmed_at.is_some() {
        accepts(db, &account, &typed.code).await?
    } else if let Some(stored) = account.security_answer_hash.clone() {
        passwords.verify(answer_key(&typed.answer), Some(stored)).await?.matches
    } else {
        account.totp_confirmed_at.is_none()
    };
    if !proved {
        return Err(Error::field("answer", problem::ANSWER_WRONG));
    }
    let password_hash = passwords.hash(typed.password).await?;
    let tx = grant.begin().await?;
    // Of two at once, one finds the link used.
    if end_links(&tx, mail_link::Column::Id.eq(link.id)).await? == 0 {
        return Err(Error::form(Why::LINK_OVER));
    }
    set_password(&tx, grant, &account, password_hash, None).await?;
    attempts::reset(&tx, &format!("account:{}", username_key(&account.username))).await?;
    tx.commit().await?;
    Ok(())
}

/// Stores a new password, ends the sessions but one, the sign-ins that are half done and the links in e-mails, forgets the trusted
/// devices and tells the owner.
pub(crate) async fn set_password<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    account: &account::Model,
    password_hash: String,
    but: Option<uuid::Uuid>,
) -> Result<(), Error> {
    let changed = account::ActiveModel { password_hash: Set(password_hash), ..Default::default() };
    account::Entity::update_many().set(changed).filter(account::Column::Id.eq(account.id)).exec(tx).await?;
    let mut sessions = account_session::Entity::delete_many().filter(account_session::Column::AccountId.eq(account.id));
    if let Some(session) = but {
        sessions = sessions.filter(account_session::Column::Id.ne(session));
    }
    sessions.exec(tx).await?;
    phone::end_all(tx, account.id, but).await?;
    trusted_device::Entity::delete_many().filter(trusted_device::Column::AccountId.eq(account.id)).exec(tx).await?;
    sign_in_step::Entity::delete_many().filter(sign_in_step::Column::AccountId.eq(account.id)).exec(tx).await?;
    end_links(tx, mail_link::Column::AccountId.eq(account.id)).await?;
    if let Some(to) = account.recipient() {
        post(tx, &to, password_changed(), &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    Ok(())
}

/// Mails a link that proves an address.
pub(crate) async fn mail_proof<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    account: &account::Model,
    email: &str,
) -> Result<(), Error> {
    let token = link(tx, account, Purpose::Email, Some(email.to_owned())).await?;
    let link = grant.link(&format!("/recover/email?token={token}"));
    let locale = crate::base::i18n::Locale::from_tag(&account.locale).unwrap_or_default();
    let to = Recipient::address(email, locale);
    Ok(post(tx, &to, email_proof(link), &organization_here()?, grant.now().instant, grant.zone()).await?)
}

/// The address that a link proves; nothing when the link is over.
///
/// # Errors
/// When the database fails.
pub async fn address_to_prove(grant: &Grant<Recover>, token: &str) -> Result<Option<String>, Error> {
    Ok(good_link(grant.db(), token, Purpose::Email).await?.and_then(|(link, _)| link.email))
}

/// Takes an address as proved. The old address is told when it was another.
///
/// # Errors
/// `Invalid` when the link is over.
pub async fn prove_email(grant: &Grant<Recover>, token: &str) -> Result<(), Error> {
    let (link, account) = good_link(grant.db(), token, Purpose::Email).await?.ok_or(Error::form(Why::LINK_OVER))?;
    let now = Utc::now();
    let tx = grant.begin().await?;
    if end_links(&tx, mail_link::Column::Id.eq(link.id)).await? == 0 {
        return Err(Error::form(Why::LINK_OVER));
    }
    let proved = account::ActiveModel { email: Set(link.email.clone()), email_verified_at: Set(Some(now)), ..Default::default() };
    account::Entity::update_many().set(proved).filter(account::Column::Id.eq(account.id)).exec(&tx).await?;
    if account.email != link.email
        && let Some(to) = account.recipient()
    {
        post(&tx, &to, email_changed(), &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}
