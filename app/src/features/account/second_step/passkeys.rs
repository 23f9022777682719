//! Passkeys (WebAuthn): registered once, then one touch signs in, and that is both steps.

use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Webauthn, WebauthnBuilder,
};

use super::{
    entity::{passkey, passkey_challenge},
    setup::tell,
};
use crate::{
    access::{
        Grant,
        entity::account_session,
        policy::{ManageOwnAccount, PassSecondStep, Permission},
        session,
    },
    base::{
        error::Error,
        ids::{AccountId, new_id},
        why::Why,
    },
    features::account::core::{Opened, check_password, own},
    people::account,
    platform::password_hash::Passwords,
};

/// A question is answered within so long, or not at all.
const LIFE: TimeDelta = TimeDelta::minutes(5);

/// What stands in place of a question, under the id of a session, when the password was given in it.
const PERMIT: &str = "password given";

/// Lets whoever gave the password add a passkey in this session, for [`LIFE`].
///
/// # Errors
/// `Invalid` for a wrong password.
pub async fn allow_new(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, password: String) -> Result<(), Error> {
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    permit(grant, grant.holder()?.session, account.id).await
}

/// The password was given in this session.
pub(super) async fn permit<P: Permission>(grant: &Grant<P>, session: Uuid, account: Uuid) -> Result<(), Error> {
    let tx = grant.begin().await?;
    passkey_challenge::Entity::delete_by_id(session).exec(&tx).await?;
    insert(&tx, session, Some(account), PERMIT.to_owned()).await?;
    Ok(tx.commit().await?)
}

/// Whether the password was given in this session a moment ago.
///
/// # Errors
/// When the database fails.
pub async fn may_add(grant: &Grant<ManageOwnAccount>) -> Result<bool, Error> {
    let given = passkey_challenge::Entity::find_by_id(grant.holder()?.session).one(grant.db()).await?;
    Ok(given.is_some_and(|row| row.body == PERMIT && Utc::now() - row.created_at < LIFE))
}

/// Asks for a new passkey that the device can find by itself when somebody signs in.
///
/// # Errors
/// `NotAllowed` when the password was not given a moment ago.
pub async fn start_new(grant: &Grant<ManageOwnAccount>) -> Result<(Uuid, String), Error> {
    if !may_add(grant).await? {
        return Err(Error::NotAllowed);
    }
    let account = own(grant).await?;
    let known = passkeys(grant.db(), account.id).await?;
    let known = known.iter().filter_map(|row| serde_json::from_str::<Passkey>(&row.body).ok()).map(|key| key.cred_id().clone()).collect();
    let (question, state) = webauthn(grant)?
        .start_passkey_registration(account.id, &account.username, &account.display_name, Some(known))
        .map_err(|error| Error::unexpected("passkey", &error))?;
    let mut question = serde_json::to_value(question).map_err(|error| Error::unexpected("passkey", &error))?;
    let selection = &mut question["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = json!("required");
    selection["requireResidentKey"] = json!(true);
    keep(grant.db(), Some(account.id), &state, question).await
}

/// Stores a new passkey.
pub async fn finish_new(grant: &Grant<ManageOwnAccount>, challenge: Uuid, credential: &str) -> Result<(), Error> {
    let account = own(grant).await?;
    let state: PasskeyRegistration = take(grant.db(), challenge, Some(account.id)).await?;
    let credential: RegisterPublicKeyCredential = serde_json::from_str(credential).map_err(|_| Error::NotFound)?;
    let key = webauthn(grant)?.finish_passkey_registration(&credential, &state).map_err(|_| Error::NotFound)?;
    let tx = grant.begin().await?;
    let id = hex(key.cred_id());
    if passkey::Entity::find().filter(passkey::Column::CredentialId.eq(&id)).count(&tx).await? > 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    passkey::Entity::insert(passkey::ActiveModel {
        id: Set(new_id()),
        account_id: Set(account.id),
        credential_id: Set(id),
        name: Set(grant.device().to_owned()),
        body: Set(serde_json::to_string(&key).map_err(|error| Error::unexpected("passkey", &error))?),
        created_at: Set(Utc::now()),
        ..Default::default()
    })
    .exec_without_returning(&tx)
    .await?;
    let second_step_passed = account_session::ActiveModel { second_step_passed: Set(true), ..Default::default() };
    account_session::Entity::update_many()
        .set(second_step_passed)
        .filter(account_session::Column::Id.eq(grant.holder()?.session))
        .exec(&tx)
        .await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks whichever passkey the device has for this site.
pub async fn start_sign_in(grant: &Grant<PassSecondStep>) -> Result<(Uuid, String), Error> {
    let (question, state) = webauthn(grant)?.start_discoverable_authentication().map_err(|error| Error::unexpected("passkey", &error))?;
    let mut question = serde_json::to_value(question).map_err(|error| Error::unexpected("passkey", &error))?;
    // Asked for by a button, not by the form's suggestions.
    if let Some(question) = question.as_object_mut() {
        question.remove("mediation");
    }
    keep(grant.db(), None, &state, question).await
}

/// Opens a session for the owner of a passkey.
pub async fn finish_sign_in(grant: &Grant<PassSecondStep>, challenge: Uuid, credential: &str) -> Result<Opened, Error> {
    let db = grant.db();
    let state: DiscoverableAuthentication = take(db, challenge, None).await?;
    let credential: PublicKeyCredential = serde_json::from_str(credential).map_err(|_| Error::NotFound)?;
    let webauthn = webauthn(grant)?;
    let (owner, credential_id) = webauthn.identify_discoverable_authentication(&credential).map_err(|_| Error::NotFound)?;
    let row = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(owner))
        .filter(passkey::Column::CredentialId.eq(hex(credential_id)))
        .one(db)
        .await?
        .ok_or(Error::NotFound)?;
    let mut key: Passkey = serde_json::from_str(&row.body).map_err(|error| Error::unexpected("passkey", &error))?;
    let result =
        webauthn.finish_discoverable_authentication(&credential, state, &[DiscoverableKey::from(&key)]).map_err(|_| Error::NotFound)?;
    let account = account::Entity::find_by_id(owner).one(db).await?.filter(|account| account.closed_at.is_none()).ok_or(Error::NotFound)?;
    key.update_credential(&result);
    let tx = grant.begin().await?;
    let used = passkey::ActiveModel {
        body: Set(serde_json::to_string(&key).map_err(|error| Error::unexpected("passkey", &error))?),
        last_used_at: Set(Some(Utc::now())),
        ..Default::default()
    };
    passkey::Entity::update_many().set(used).filter(passkey::Column::Id.eq(row.id)).exec(&tx).await?;
    let token = session::open(&tx, AccountId(account.id), grant.device(), true).await?;
    tx.commit().await?;
    Ok(Opened { token, locale: account.locale })
}

/// Removes a passkey of one's own.
pub async fn remove(grant: &Grant<ManageOwnAccount>, id: Uuid) -> Result<(), Error> {
    let account = own(grant).await?;
    let tx = grant.begin().await?;
    let removed = passkey::Entity::delete_many()
        .filter(passkey::Column::Id.eq(id))
        .filter(passkey::Column::AccountId.eq(account.id))
        .exec(&tx)
        .await?;
    if removed.rows_affected == 0 {
        return Err(Error::NotFound);
    }
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(())
}

async fn passkeys(db: &impl ConnectionTrait, account: Uuid) -> Result<Vec<passkey::Model>, Error> {
    Ok(passkey::Entity::find().filter(passkey::Column::AccountId.eq(account)).all(db).await?)
}

/// Whether browsers have passkeys for the portal's address: for names of hosts, and for no numbers (W3C Web Authentication,
/// 5.4.2: a valid domain).
pub fn are_possible<P: Permission>(grant: &Grant<P>) -> bool {
    Url::parse(&grant.link("")).is_ok_and(|origin| origin.domain().is_some())
}

/// Passkeys belong to the host in the portal's address.
fn webauthn<P: Permission>(grant: &Grant<P>) -> Result<Webauthn, Error> {
    let origin = Url::parse(&grant.link("")).map_err(|error| Error::unexpected("public URL", &error))?;
    let host = origin.host_str().unwrap_or_default().to_owned();
    WebauthnBuilder::new(&host, &origin)
        .and_then(|builder| builder.rp_name("MyChart").build())
        .map_err(|error| Error::unexpected("passkeys", &error))
}

async fn keep(
    db: &impl ConnectionTrait,
    account: Option<Uuid>,
    state: &impl serde::Serialize,
    question: Value,
) -> Result<(Uuid, String), Error> {
    let id = Uuid::new_v4();
    insert(db, id, account, serde_json::to_string(state).map_err(|error| Error::unexpected("passkey", &error))?).await?;
    Ok((id, question.to_string()))
}

async fn insert(db: &impl ConnectionTrait, id: Uuid, account: Option<Uuid>, body: String) -> Result<(), Error> {
    let now = Utc::now();
    passkey_challenge::Entity::delete_many().filter(passkey_challenge::Column::CreatedAt.lt(now - LIFE)).exec(db).await?;
    let row = passkey_challenge::ActiveModel { id: Set(id), account_id: Set(account), body: Set(body), created_at: Set(now) };
    passkey_challenge::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// A question is answered once.
async fn take<T: serde::de::DeserializeOwned>(db: &impl ConnectionTrait, id: Uuid, account: Option<Uuid>) -> Result<T, Error> {
    let found = passkey_challenge::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let removed = passkey_challenge::Entity::delete_by_id(id).exec(db).await?;
    if removed.rows_affected == 0 || found.account_id != account || Utc::now() - found.created_at >= LIFE {
        return Err(Error::NotFound);
    }
    serde_json::from_str(&found.body).map_err(|error| Error::unexpected("passkey", &error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
