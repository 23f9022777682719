use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{allow, policy::SeeSchedules},
    base::{
        clock::local_date,
        error::Error,
        i18n::{Texts, param},
    },
    desk::scheduling::{
        asking::{Waiting, waiters},
        entity::{fast_pass_entry, opening, visit_kind, visit_kind_clinician, visit_offer},
        fair::Passed,
        figures::figures,
        kinds,
        model::OfferState,
        staff::departments,
    },
    people::patient,
    record::care_team::entity::clinician,
    view::{
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section, Tag},
    },
};

/// The figures are of so many days.
const DAYS: i64 = 90;

/// Who waits for an earlier time, in which order and why; what is free; and how it does.
///
/// # Errors
/// `NotFound` for whoever keeps no calendar.
pub async fn earlier(_: PageRequest) -> Result<Page, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let grant = allow::<SeeSchedules>(()).await?;
    let (t, zone, now, db) = (grant.texts(), grant.zone(), grant.now().instant, grant.db());
    let own = departments(&grant).await?;
    let offered =
        visit_kind_clinician::Entity::find().filter(visit_kind_clinician::Column::DepartmentId.is_in(own.iter().copied())).all(db).await?;
    let mut ids: Vec<Uuid> = offered.iter().map(|row| row.kind_id).collect();
    ids.sort();
    ids.dedup();
    let all = visit_kind::Entity::find().filter(visit_kind::Column::Id.is_in(ids)).order_by_asc(visit_kind::Column::NameEn).all(db).await?;
    let openings = opening::Entity::find()
        .filter(opening::Column::DepartmentId.is_in(own.iter().copied()))
        .filter(opening::Column::Open.eq(true))
        .filter(opening::Column::EndsAt.gt(now))
        .order_by_asc(opening::Column::StartsAt)
        .all(db)
        .await?;
    // Why each of them is not asked about each free time.
    let mut reasons: HashMap<Uuid, BTreeMap<&'static str, usize>> = HashMap::new();
    let mut free = Vec::new();
    let people = clinician::Entity::find().filter(clinician::Column::Id.is_in(openings.iter().map(|row| row.clinician_id))).all(db).await?;
    let offers = visit_offer::Entity::find()
        .filter(visit_offer::Column::OpeningId.is_in(openings.iter().map(|row| row.id)))
        .filter(visit_offer::Column::State.eq(OfferState::Open))
        .filter(visit_offer::Column::Until.gt(now))
        .all(db)
        .await?;
    for row in &openings {
        let waiting = Waiting::of(db, row, now, zone).await?;
        for (entry, why) in waiting.next(now, zone).1 {
            *reasons.entry(entry).or_default().entry(passed(t, why)).or_default() += 1;
        }
        let who = people.iter().find(|found| found.id == row.clinician_id).map(|found| found.name.clone()).unwrap_or_default();
        let offer = offers.iter().find(|offer| offer.opening_id == Some(row.id));
        let tag = match offer {
            Some(offer) => Tag::warning(t.schedules_held(&t.date_and_time(offer.until, &zone))),
            None => Tag::muted(t.schedules_nobody_fits()),
        };
        free.push((t.date_and_time(row.starts_at, &zone), tag, vec![who]));
    }
    let mut lists = Vec::new();
    for kind in all.into_iter().filter(|kind| kind.fast_pass) {
        let waiters = waiters(db, &[kind.id], now).await?;
        let entries = fast_pass_entry::Entity::find()
            .filter(fast_pass_entry::Column::Id.is_in(waiters.iter().map(|found| found.entry)))
            .all(db)
            .await?;
        let people = patient::Entity::find().filter(patient::Column::Id.is_in(waiters.iter().map(|found| found.patient))).all(db).await?;
        let item = |(place, waiter): (usize, &crate::desk::scheduling::fair::Waiter)| {
            let entry = entries.iter().find(|entry| entry.id == waiter.entry)?;
            let person = people.iter().find(|person| person.id == waiter.patient)?;
            let since = t.schedules_waits_since(
                param::Day(&t.date(local_date(waiter.since, &zone))),
                param::Visit(&t.date_and_time(waiter.starts_at, &zone)),
            );
            let why = reasons.get(&waiter.entry).map(|found| found.keys().copied().collect::<Vec<_>>().join("; "));
            let urgent = entry.urgent_reason.as_ref().map(|reason| t.schedules_is_urgent(reason));
            let tag = if waiter.has_offer {
                Some(Tag::warning(t.schedules_has_offer()))
            } else if waiter.urgent {
                Some(Tag::warning(t.schedules_urgent()))
            } else {
                None
            };
            let lines: Vec<String> = [Some(since), urgent, why.filter(|_| !waiter.has_offer).map(|why| t.schedules_not_asked(&why))]
                .into_iter()
                .flatten()
                .collect();
            let title = format!("{}. {} {}", place + 1, person.given_name, person.family_name);
            let words = t.messages_open(&format!("{} {}", person.given_name, person.family_name));
            Some((title, tag, lines, format!("/staff/visits/{}", entry.visit_id), words))
        };
        let items: Vec<_> = waiters.iter().enumerate().filter_map(item).collect();
        if !items.is_empty() {
            lists.push((kinds::name(t, &kind).to_owned(), items));
        }
    }
    let found = figures(db, own, now - TimeDelta::days(DAYS)).await?;
    let facts = Part::facts([
        (t.schedules_figure_openings(), Some(found.openings.to_string())),
        (t.schedules_figure_filled(), Some(found.filled.to_string())),
        (t.schedules_figure_gained(), found.days_gained.map(|days| days.to_string())),
        (t.schedules_figure_accepted(), Some(found.accepted.to_string())),
        (t.schedules_figure_declined(), Some(found.declined.to_string())),
        (t.schedules_figure_ran_out(), Some(found.ran_out.to_string())),
    ]);
    let (none, no_free) = (lists.is_empty(), free.is_empty());
    Ok(Page::new(t.schedules_earlier(), t.schedules_earlier_lead()).back("/staff/schedule", t.schedules_title()).body(view! {
        {none.then(|| view! { <Section><p class="text">{t.schedules_nobody_waits()}</p></Section> })}
        {lists.into_iter().map(|(heading, items)| view! {
            <Section heading>
                {items.into_iter().map(|(title, tag, lines, href, words)| {
                    view! { <Item title tag lines><QuietButton href label=words/></Item> }
                }).collect_view()}
            </Section>
        }).collect_view()}
        <Section heading=t.schedules_free()>
            {no_free.then(|| view! { <p class="text">{t.schedules_no_free()}</p> })}
            {free.into_iter().map(|(title, tag, lines)| view! { <Item title tag=Some(tag) lines/> }).collect_view()}
        </Section>
        <Section heading=t.schedules_figures()><Document parts=vec![facts]/></Section>
    }))
}

/// Why somebody is not asked.
fn passed(t: Texts, why: Passed) -> &'static str {
    match why {
        Passed::Paused => t.schedules_passed_paused(),
        Passed::HasOffer => t.schedules_has_offer(),
        Passed::WasAsked => t.schedules_passed_asked(),
        Passed::SawIt => t.schedules_passed_saw(),
        Passed::VisitIsSoon => t.schedules_passed_soon(),
        Passed::NotEarlier => t.schedules_passed_not_earlier(),
        Passed::TooSoon => t.schedules_passed_notice(),
        Passed::Weekday => t.schedules_passed_weekday(),
        Passed::Hours => t.schedules_passed_hours(),
        Passed::Place => t.schedules_passed_place(),
        Passed::Night => t.schedules_passed_night(),
        Passed::NoRoom => t.schedules_passed_room(),
    }
}
