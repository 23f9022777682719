//! Reads who is signed in.

use super::model::{PersonCard, Session, Via, initials};
use crate::{
    access::{Grant, Holder, Person, policy::UseOwnAccount, proxy},
    base::error::Error,
};

/// The people whose charts are open right now; who has lost access is not among them.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn session(grant: &Grant<UseOwnAccount>, idle_seconds: u32) -> Result<Session, Error> {
    let holder = grant.holder()?;
    let now = grant.now();
    let mut people = Vec::new();
    if let Some(own) = &holder.own_chart {
        people.push(card(holder, own, 0, proxy::age_on(own.birth_date, now.today), Via::Own));
    }
    for (found, level) in holder.acts_for(now) {
        if let Ok(level) = level {
            let age = proxy::age_on(found.facts.birth_date, now.today);
            people.push(card(holder, &found.person, found.hue, age, Via::Proxy(found.relationship, level)));
        }
    }
    Ok(Session { name: holder.name.clone(), staff: holder.staff, second_step_passed: holder.second_step_passed, people, idle_seconds })
}

fn card(holder: &Holder, person: &Person, hue: u8, age: i32, via: Via) -> PersonCard {
    let family = person.full_name.rsplit(' ').next().filter(|family| *family != person.given_name).unwrap_or_default();
    let look = holder.appearances.iter().find(|look| look.patient == person.patient);
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
