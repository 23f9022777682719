//! Accounts of people who were invited and are no patients here.

use super::invitations::open_invitation;
use crate::{
    access::{Grant, policy::SignUp, proxy::is_adult},
    base::{error::Error, text::date, why::Why},
    features::account::sign_up::store::{Begun, begin, throttle},
};

/// Begins an account for somebody who was invited and has no chart here.
///
/// # Errors
/// `Invalid` for a minor or a missing name; `NotFound` for an invitation that is over.
pub async fn begin_as_invited(grant: &Grant<SignUp>, token: &str, name: &str, birth_date: &str) -> Result<String, Error> {
    throttle(grant).await?;
    let birth_date = date("birth_date", birth_date)?;
    let found = open_invitation(grant, token).await?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::field("name", if name.is_empty() { Why::MISSING } else { Why::TOO_LONG }));
    }
    if !is_adult(birth_date, grant.now().today) {
        return Err(Error::field("birth_date", Why::UNDER_AGE));
    }
    begin(
        grant,
        Begun { code: None, invitation: Some(found.id), patient: None, name: name.to_owned(), birth_date, proved_email: Some(found.email) },
    )
    .await
}
