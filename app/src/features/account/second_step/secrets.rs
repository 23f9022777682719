//! The secrets of authenticator apps, as the database holds them: sealed, so that reading it alone passes nobody's second step.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    access::System,
    base::error::Error,
    people::account,
    platform::{request::context, secret::Secret},
};

/// What stands before a sealed secret. None in base 32 has a colon.
const SEALED: &str = "sealed:";

/// As it is stored.
///
/// # Errors
/// When the machine gives no randomness.
pub(super) fn sealed(secret: &Secret, totp: &str) -> Result<String, Error> {
    Ok(format!("{SEALED}{}", BASE64_URL_SAFE_NO_PAD.encode(secret.seal(totp.as_bytes())?)))
}

/// The secret of an account's app, if it has one.
///
/// # Errors
/// `Unexpected` when it was sealed with another secret.
pub(super) fn of(account: &account::Model) -> Result<Option<String>, Error> {
    let Some(stored) = &account.totp_secret else { return Ok(None) };
    // Stored by a server from before secrets were sealed; see `seal_all`.
    let Some(text) = stored.strip_prefix(SEALED) else { return Ok(Some(stored.clone())) };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| context::<Secret>().ok()?.open(&bytes));
    let opened = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    opened.map(Some).ok_or_else(|| Error::unexpected("second step", &"the app's secret was sealed with another secret"))
}

/// Seals the secrets that are stored as they are; returns how many.
///
/// # Errors
/// When the database fails.
pub async fn seal_all(system: &System, secret: &Secret) -> Result<usize, Error> {
    let open = account::Entity::find()
        .filter(account::Column::TotpSecret.is_not_null())
        .filter(account::Column::TotpSecret.not_like(format!("{SEALED}%")))
        .all(system.db())
        .await?;
    let mut count = 0;
    for row in open {
        let Some(stored) = row.totp_secret else { continue };
        let now_sealed = account::ActiveModel { totp_secret: Set(Some(sealed(secret, &stored)?)), ..Default::default() };
        account::Entity::update_many()
            .set(now_sealed)
            .filter(account::Column::Id.eq(row.id))
            .filter(account::Column::TotpSecret.eq(stored))
            .exec(system.db())
            .await?;
        count += 1;
    }
    Ok(count)
}
