//! Reads demographics, from a grant for one chart.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    entity::{patient, related_person},
    wire::{PersonalInformation, Related},
};
use crate::{
    access::{Grant, Level, Standing, policy::ViewPersonalInformation, proxy},
    error::Error,
};

/// # Errors
/// When the database fails.
pub async fn read(grant: &Grant<ViewPersonalInformation>) -> Result<PersonalInformation, Error> {
    let found = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let related = related_person::Entity::find()
        .filter(related_person::Column::PatientId.eq(found.id))
        .order_by_asc(related_person::Column::Name)
        .all(grant.db())
        .await?;
    let city = [found.city, found.state].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let city = [city, found.postal_code.unwrap_or_default()].join(" ").trim().to_owned();
    Ok(PersonalInformation {
        full_name: format!("{} {}", found.given_name, found.family_name),
        birth_date: grant.texts().date(found.birth_date),
        age: proxy::age_on(found.birth_date, grant.now().today),
        sex: found.sex,
        record_number: found.mrn,
        marital_status: found.marital_status,
        language: found.language,
        address: found.address_line.into_iter().chain(Some(city)).filter(|line| !line.is_empty()).collect(),
        phone_home: found.phone_home,
        phone_mobile: found.phone_mobile,
        phone_work: found.phone_work,
        email: found.email,
        related: related
            .into_iter()
            .map(|person| Related { name: person.name, relationship: person.relationship, phone: person.phone })
            .collect(),
        demographics_only: grant.standing() == Standing::Proxy(Level::Demographics),
    })
}
