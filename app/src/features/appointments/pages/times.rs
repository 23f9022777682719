use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{before_booking, closed, day_words, for_whom};
use crate::{
    access::{Grant, allow, policy::BookVisits},
    base::{
        clock::local_date,
        error::Error,
        i18n::{Texts, param},
        ids::PatientId,
    },
    desk::scheduling::{
        act::{at_the_time, next_of_kind},
        book::slot_value,
        change::movable,
        free::{HORIZON_DAYS, Search, first_free},
        holding::own_hold,
        hours::{Slot, day, instant},
        kinds::{KindFor, kind_for, name},
        model::DayPart,
        words::{about_kind, part, part_of},
    },
    features::appointments::api,
    view::{
        Notice,
        choice_buttons::{ButtonGroup, ChoiceButtons},
        document::Document,
        fields::{Field, Input, Select},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{Disclosure, Item, QuietButton, Section},
    },
};

/// So many days with free times stand on a page.
const DAYS: usize = 4;

/// What is chosen of the times.
struct Filter {
    place: Option<Uuid>,
    who: Option<Uuid>,
    part: Option<DayPart>,
    from: Option<NaiveDate>,
}

impl Filter {
    fn of(request: &PageRequest) -> Self {
        let id = |name: &str| request.query(name).and_then(|id| id.parse().ok());
        let wanted = request.query("part").unwrap_or_default();
        Self {
            place: id("place"),
            who: id("who"),
            part: DayPart::ALL.iter().copied().find(|part| part.as_str() == wanted),
            from: request.query("from").and_then(|typed| day(&typed)),
        }
    }
}

/// The free times of a kind of visit, by day and part of the day, at all places side by side; and who is only asked.
///
/// # Errors
/// `NotFound` for a kind that the person cannot have, or a visit that is not theirs.
pub async fn times(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<BookVisits>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = kind_for(&grant, request.id(1)?).await?;
    let (moves, order) = (request.query("moves"), request.query("order"));
    let moved = match moves.as_deref().map(str::parse::<Uuid>) {
        Some(id) => match movable(&grant, id.map_err(|_| Error::NotFound)?).await {
            Ok((visit, _)) => visit.starts_at,
            Err(Error::Invalid(_)) => return Err(Error::NotFound),
            Err(error) => return Err(error),
        },
        None => None,
    };
    let moving: Option<Uuid> = moves.as_deref().and_then(|id| id.parse().ok());
    let already = if moves.is_none() { next_of_kind(&grant, found.kind.id).await? } else { None };
    let already = already.map(|(id, at)| (t.appointments_already(&t.date_and_time(at, &zone)), format!("/p/{patient}/visits/{id}")));
    let filter = Filter::of(&request);
    let slots = search(&grant, &found, &filter, moving).await?;
    let next = slots.last().map(|slot| (local_date(slot.starts_at, &zone) + TimeDelta::days(1)).to_string());
    let none = slots.is_empty();
    let groups = groups(&grant, &found, &slots);
    let by_request: Vec<_> = found
        .offered
        .iter()
        .filter_map(|offered| {
            let why = closed(t, offered.direct.err()?, &offered.clinician.name);
            let moves = moves.as_ref().map(|id| format!("&moves={id}")).unwrap_or_default();
            let order = order.as_ref().map(|id| format!("&order={id}")).unwrap_or_default();
            let (clinician, place) = (offered.clinician.id, offered.department.id);
            let href = format!("/p/{patient}/visits/request?kind={}&who={clinician}&place={place}{moves}{order}", found.kind.id);
            let title = format!("{} · {}", offered.clinician.name, offered.department.name);
            Some((title, why, href, offered.clinician.name.clone()))
        })
        .collect();
    let direct = !found.direct().is_empty();
    let (places, who) = choices(t, &found);
    let parts = std::iter::once((String::new(), t.appointments_any_part().to_owned()))
        .chain(DayPart::ALL.iter().map(|found| (found.as_str().to_owned(), part(t, *found).to_owned())))
        .collect::<Vec<_>>();
    let hidden: Vec<(&'static str, String)> = [
        Some(("patient", patient.to_string())),
        Some(("kind", found.kind.id.to_string())),
        moves.clone().map(|id| ("moves", id)),
        order.clone().map(|id| ("order", id)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let kept = own_hold(&grant).await?.is_some_and(|held| !held.reason.is_empty());
    let office = found.offered.iter().find(|offered| filter.place.is_none_or(|place| offered.department.id == place));
    let facts = before_booking(t, &found.kind, office.map(|offered| &offered.office));
    let lead = match (for_whom(&grant), moved) {
        (_, Some(at)) => t.appointments_times_move(&t.date_and_time(at, &zone)),
        (Some(given), None) => t.appointments_times_for(&given),
        (None, None) if found.direct().is_empty() => t.appointments_times_ask().to_owned(),
        (None, None) => t.appointments_times_lead().to_owned(),
    };
    let kept_query = [("moves", moves), ("order", order)];
    let value = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let (place, chosen, when) = (value(filter.place), value(filter.who), filter.from.map(|day| day.to_string()).unwrap_or_default());
    let part_value = filter.part.map(DayPart::as_str).unwrap_or_default();
    let later = next.map(|from| later(&request, &from));
    let filtered = filter.place.is_some() || filter.who.is_some() || filter.part.is_some() || filter.from.is_some();
    let has_request = !by_request.is_empty();
    Ok(Page::new(name(t, &found.kind).to_owned(), lead).narrow().back(format!("/p/{patient}/visits/book"), t.appointments_book_title()).body(view! {
        {already.map(|(words, href)| view! { <Notice><p class="text">{words}</p><QuietButton href label=t.appointments_see_visit()/></Notice> })}
        <Section><p class="meta">{about_kind(t, &found.kind)}</p><Document parts=vec![facts]/></Section>
        {direct.then(|| view! {
            <Section heading=t.appointments_free_times()>
                <Disclosure summary=t.appointments_filter() open=filtered>
                    <SearchForm submit=t.messages_show() quiet=true>
                    {kept_query.into_iter().filter_map(|(name, id)| Some(view! { <input type="hidden" name=name value=id?/> })).collect_view()}
                    <Select name="place" label=t.visits_department() choices=places value=place optional=true/>
                    <Select name="who" label=t.appointments_with_whom() choices=who value=chosen optional=true/>
                    <Select name="part" label=t.appointments_part() choices=parts value=part_value optional=true/>
                    <Field name="from" label=t.appointments_from_day() input=Input::Date value=when optional=true/>
                </SearchForm>
                </Disclosure>
                {kept.then(|| view! { <Notice><p class="text">{t.appointments_words_kept()}</p></Notice> })}
                {none.then(|| view! { <p class="text">{t.appointments_no_times()}</p> })}
                {(!none).then(|| view! {
                    <p class="meta">{t.appointments_zone()}</p>
                    <PostForm action=api::Hold::PATH submit="" own_buttons=true problem_at="slot" hidden>
                        <ChoiceButtons name="slot" label=t.appointments_free_times() groups/>
                    </PostForm>
                })}
                {later.map(|href| view! { <QuietButton href label=t.appointments_later()/> })}
            </Section>
        })}
        {has_request.then(|| view! {
            <Section heading=t.appointments_by_request_title()>
                {by_request.into_iter().map(|(title, why, href, clinician)| {
                    let words = t.appointments_ask_who(&clinician);
                    view! { <Item title lines=vec![why]><QuietButton href label=words/></Item> }
                }).collect_view()}
            </Section>
        })}
    }))
}

/// The address of the same page from a later day on.
fn later(request: &PageRequest, from: &str) -> String {
    let kept = ["place", "who", "part", "moves", "order"].into_iter().filter_map(|name| Some(format!("{name}={}", request.query(name)?)));
    let query: Vec<String> = kept.chain([format!("from={from}")]).collect();
    format!("{}?{}", request.path(), query.join("&"))
}

async fn search(grant: &Grant<BookVisits>, found: &KindFor, filter: &Filter, moves: Option<Uuid>) -> Result<Vec<Slot>, Error> {
    let (now, zone) = (grant.now().instant, grant.zone());
    let mut at = found.direct();
    at.retain(|at| filter.place.is_none_or(|place| at.department == place) && filter.who.is_none_or(|who| at.clinician == who));
    let earliest = now + TimeDelta::hours(found.kind.lead_hours.into());
    let from = filter.from.and_then(|day| instant(day, 0, &zone)).unwrap_or(earliest).max(earliest);
    let except = own_hold(grant).await?.map(|held| held.id);
    let search = Search { kind: found.kind.id, minutes: found.kind.minutes, at: &at, from, until: from, except };
    let elsewhere = at_the_time(grant.db(), grant.patient().0, (from, now + TimeDelta::days(HORIZON_DAYS)), moves).await?;
    let is_there = |slot: &Slot| elsewhere.iter().any(|(begins, ends)| *begins < slot.ends_at && slot.starts_at < *ends);
    let wanted = |slot: &Slot| !is_there(slot) && filter.part.is_none_or(|part| part_of(slot.starts_at, &zone) == part);
    let mut slots = first_free(grant.db(), search, now, zone, wanted).await?;
    let mut days: Vec<NaiveDate> = slots.iter().map(|slot| local_date(slot.starts_at, &zone)).collect();
    days.dedup();
    if let Some(last) = days.get(DAYS) {
        slots.retain(|slot| local_date(slot.starts_at, &zone) < *last);
    }
    Ok(slots)
}

/// Times by day, then by part of the day, clinician and place.
fn groups(grant: &Grant<BookVisits>, found: &KindFor, slots: &[Slot]) -> Vec<ButtonGroup> {
    let (t, zone) = (grant.texts(), grant.zone());
    type Row = (DayPart, String);
    let mut days: BTreeMap<NaiveDate, BTreeMap<Row, Vec<&Slot>>> = BTreeMap::new();
    for slot in slots {
        let Some(who) = found.who(slot.clinician, slot.department) else { continue };
        let row = (part_of(slot.starts_at, &zone), format!("{} · {}", who.clinician.name, who.department.name));
        days.entry(local_date(slot.starts_at, &zone)).or_default().entry(row).or_default().push(slot);
    }
    let button = |slot: &Slot, who: &str| {
        let time = t.time(slot.starts_at, &zone);
        let spoken = t.appointments_spoken(param::At(&t.date_and_time(slot.starts_at, &zone)), param::Who(who));
        (slot_value(slot), time, spoken)
    };
    let group = |(_, rows): (NaiveDate, BTreeMap<Row, Vec<&Slot>>)| {
        let first: Option<DateTime<Utc>> = rows.values().flatten().map(|slot| slot.starts_at).next();
        ButtonGroup {
            heading: first.map(|at| day_words(t, at, &zone)).unwrap_or_default(),
            rows: rows
                .into_iter()
                .map(|((found, who), slots)| {
                    let buttons = slots.into_iter().map(|slot| button(slot, &who)).collect();
                    (format!("{} · {who}", part(t, found)), buttons)
                })
                .collect(),
        }
    };
    days.into_iter().map(group).collect()
}

type Choices = Vec<(String, String)>;

/// The places and people to choose from; the first is all of them.
fn choices(t: Texts, found: &KindFor) -> (Choices, Choices) {
    let direct = || found.offered.iter().filter(|offered| offered.direct.is_ok());
    let places: BTreeMap<String, String> =
        direct().map(|offered| (offered.department.name.clone(), offered.department.id.to_string())).collect();
    let people: BTreeMap<String, String> =
        direct().map(|offered| (offered.clinician.name.clone(), offered.clinician.id.to_string())).collect();
    let list = |first: &str, found: BTreeMap<String, String>| {
        std::iter::once((String::new(), first.to_owned())).chain(found.into_iter().map(|(name, id)| (id, name))).collect()
    };
    (list(t.visits_all_departments(), places), list(t.appointments_first_available(), people))
}
