use leptos::prelude::*;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::words::about;
use crate::{
    access::{
        allow,
        policy::{CheckIn as MayCheckIn, UseOwnAccount},
    },
    base::{error::Error, i18n::param, ids::PatientId},
    desk::check_in::{
        arriving::of_today,
        model::{Arriving, Closed, arriving},
    },
    record::care_team::entity::department,
    view::{
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section, Tag},
    },
};

/// Where the code at the door of a department leads: the visits of today of everybody for whom the caller comes, here first. One that is at
/// another place says where.
///
/// # Errors
/// `NotFound` for a department that there is not.
pub async fn door(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let own = allow::<UseOwnAccount>(()).await?;
    let (t, zone, now) = (own.texts(), own.zone(), own.now().instant);
    let here = department::Entity::find_by_id(id).one(own.db()).await?.ok_or(Error::NotFound)?;
    let holder = own.holder()?;
    let mut people: Vec<PatientId> = holder.own_chart.iter().map(|person| person.patient).collect();
    people.extend(holder.acts_for(own.now()).into_iter().filter(|(_, level)| level.is_ok()).map(|(found, _)| found.person.patient));
    let mut grants = Vec::new();
    for patient in people.into_iter().filter(|patient| own.would_allow::<MayCheckIn>(patient)) {
        grants.push(allow::<MayCheckIn>(patient).await?);
    }
    let mut lines = Vec::new();
    for (grant, found) in of_today(&grants).await? {
        let (name, place, _) = about(grant, &found).await?;
        let elsewhere = found.visit.department_id != Some(id);
        let time = found.visit.starts_at.map(|at| t.time(at, &zone)).unwrap_or_default();
        let who = grant.person()?.given_name.clone();
        let place = place.map(|place| [Some(place.name), place.address].into_iter().flatten().collect::<Vec<_>>().join(", "));
        let (tag, label) = match arriving(&found.facts(), &found.office.rules, now) {
            Arriving::Closed(Closed::Cancelled) => (Tag::muted(t.visits_cancelled()), t.check_in_see()),
            Arriving::Closed(Closed::Arrived) => (Tag::good(t.check_in_tag_here()), t.check_in_see()),
            _ if elsewhere => (Tag::warning(t.check_in_tag_elsewhere()), t.check_in_see()),
            Arriving::Open => (Tag::warning(t.check_in_tag_now()), t.check_in_here()),
            Arriving::TooEarly(from) => (Tag::neutral(t.check_in_tag_from(&t.time(from, &zone))), t.check_in_see()),
            Arriving::TooLate => (Tag::warning(t.check_in_tag_late()), t.check_in_see()),
            Arriving::NotInPerson | Arriving::Closed(_) => (Tag::muted(t.check_in_tag_not_here()), t.check_in_see()),
        };
        let lines_of = [Some(t.check_in_visit_of(param::At(&time), param::Name(&who))), place.filter(|_| elsewhere)];
        let href = format!("/p/{}/visits/{}/arrive", grant.patient(), found.visit.id);
        lines.push((elsewhere, name, tag, lines_of.into_iter().flatten().collect::<Vec<_>>(), href, label));
    }
    lines.sort_by_key(|(elsewhere, ..)| *elsewhere);
    let none = lines.is_empty();
    let call = here.phone.as_deref().map(|phone| t.check_in_call(phone));
    Ok(Page::new(t.check_in_door_title(), here.name.clone()).narrow().back("/home", t.home_title()).body(view! {
        <Section heading=t.check_in_today()>
            {none.then(|| view! { <p class="text">{t.check_in_none_today()}</p>{call.map(|words| view! { <p class="text">{words}</p> })} })}
            {lines.into_iter().map(|(_, title, tag, lines, href, label)| view! {
                <Item title tag=Some(tag) lines><QuietButton href label/></Item>
            }).collect_view()}
        </Section>
    }))
}
