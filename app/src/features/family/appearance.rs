//! How the people whose charts are open to somebody look to them: a colour, a nickname, a photo.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{
    access::{Grant, policy::OpenChart},
    base::{error::Error, why::Why},
    people::person_look,
};

/// The photo that the caller gave one person.
///
/// # Errors
/// `NotFound` without one.
pub async fn photo(grant: &Grant<OpenChart>) -> Result<Vec<u8>, Error> {
    let look = person_look::Entity::find_by_id((grant.holder()?.account.0, grant.patient().0)).one(grant.db()).await?;
    look.and_then(|look| look.photo).ok_or(Error::NotFound)
}

/// Keeps a colour and a nickname; `photo` is left as it is when nothing is given.
///
/// # Errors
/// `Invalid` for a nickname that is too long.
pub async fn keep(
    grant: &Grant<OpenChart>,
    hue: Option<i32>,
    nickname: Option<String>,
    photo: Option<Option<Vec<u8>>>,
) -> Result<(), Error> {
    if nickname.as_ref().is_some_and(|name| name.chars().count() > 30) {
        return Err(Error::field("nickname", Why::TOO_LONG));
    }
    let mut columns = vec![person_look::Column::Hue, person_look::Column::Nickname];
    let mut row = person_look::ActiveModel {
        account_id: Set(grant.holder()?.account.0),
        patient_id: Set(grant.patient().0),
        hue: Set(hue.filter(|hue| (0..8).contains(hue))),
        nickname: Set(nickname.filter(|name| !name.is_empty())),
        photo: Set(None),
    };
    if let Some(photo) = photo {
        row.photo = Set(photo);
        columns = vec![person_look::Column::Photo];
    }
    person_look::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([person_look::Column::AccountId, person_look::Column::PatientId]).update_columns(columns).to_owned(),
        )
        .exec_without_returning(grant.db())
        .await?;
    Ok(())
}
