//! Reads who is signed in.

use sea_orm::EntityTrait;

use super::model::{PersonCard, Session, Via, initials};
use crate::{
    access::{Grant, Holder, Person, policy::UseOwnAccount, proxy},
    base::error::Error,
    people::patient,
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
        people.push(card(holder, own, 0, proxy::age_on(born, now.today), Via::Own));
    }
    for found in &holder.proxies {
        if let Ok(level) = proxy::level(&found.facts, now) {
            let age = proxy::age_on(found.facts.birth_date, now.today);
            people.push(card(holder, &found.person, found.hue, age, Via::Proxy(found.relationship, level)));
        }
    }
    Ok(Session { name: holder.name.clone(), staff: holder.staff, strong: holder.strong, people, idle_seconds })
}

fn card(holder: &Holder, person: &Person, hue: u8, age: i32, via: Via) -> PersonCard {
    let family = person.full_name.rsplit(' ').next().filter(|family| *family != person.given_name).unwrap_or_default();
    let look = holder.looks.iter().find(|look| look.patient == person.patient);
    PersonCard {
        patient: person.patient,
        given_name: person.given_name.clone(),
        nickname: look.and_then(|look| look.nickname.clone()),
        photo: look.is_some_and(|look| look.has_photo),
        full_name: person.full_name.clone(),
        initials: initials(&person.given_name, family),
        hue: look.and_then(|look| look.hue).unwrap_or(hue),
        age,
        via,
    }
}
