//! Reads and keeps what belongs to an account.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::model::{PersonCard, Session, Via, initials};
use crate::{
    access::{Grant, Person, entity::account, policy::UseOwnAccount, proxy},
    error::Error,
    i18n::Locale,
    personal_information::entity::patient,
};

/// The people whose charts are open right now; who has lost access is not among them.
///
/// # Errors
/// When the database fails.
pub async fn session(grant: &Grant<UseOwnAccount>, idle_seconds: u32) -> Result<Session, Error> {
    let holder = grant.holder()?;
    let now = grant.now();
    let mut people = Vec::new();
    if let Some(own) = &holder.own_chart {
        let born = patient::Entity::find_by_id(own.patient.0).one(grant.db()).await?.ok_or(Error::NotFound)?.birth_date;
        people.push(card(own, 0, proxy::age_on(born, now.today), Via::Own));
    }
    for found in &holder.proxies {
        if let Ok(level) = proxy::level(&found.facts, now) {
            let age = proxy::age_on(found.facts.birth_date, now.today);
            people.push(card(&found.person, found.hue, age, Via::Proxy(found.relationship, level)));
        }
    }
    Ok(Session { name: holder.name.clone(), staff: holder.staff, people, idle_seconds })
}

fn card(person: &Person, hue: u8, age: i32, via: Via) -> PersonCard {
    let family = person.full_name.rsplit(' ').next().filter(|family| *family != person.given_name).unwrap_or_default();
    PersonCard {
        patient: person.patient,
        given_name: person.given_name.clone(),
        full_name: person.full_name.clone(),
        initials: initials(&person.given_name, family),
        hue,
        age,
        via,
    }
}

/// Keeps the language with the account.
///
/// # Errors
/// When the database fails.
pub async fn keep_locale(grant: &Grant<UseOwnAccount>, locale: Locale) -> Result<(), Error> {
    let account = grant.holder()?.account;
    account::Entity::update_many()
        .set(account::ActiveModel { locale: Set(locale.tag().into()), ..Default::default() })
        .filter(account::Column::Id.eq(account.0))
        .exec(grant.db())
        .await?;
    Ok(())
}
