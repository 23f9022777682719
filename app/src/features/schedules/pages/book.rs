use chrono::{NaiveDate, TimeDelta};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy::ArrangeVisits},
    base::{clock::local_date, error::Error, i18n::texts, ids::PatientId},
    desk::scheduling::{
        book::slot_value,
        calendar::minute,
        entity::visit_kind,
        free::{At, Search, first_free},
        hours::{Slot, day, instant},
        kinds,
        staff::{departments, who},
        staff_visits,
    },
    features::schedules::api,
    people::patient,
    record::care_team::entity::{clinician, department},
    view::{
        Notice,
        fields::{Checkbox, Field, Input, Select},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{Disclosure, Section},
    },
};

/// So many free times are to choose from.
const TIMES: usize = 80;

/// Booking for a patient who calls or stands at the desk, or moving a visit: first what for and where, then a free time, or another one
/// knowingly.
///
/// # Errors
/// `NotFound` for a patient that there is not, and for a visit of other departments.
pub async fn book(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ArrangeVisits>(patient).await?;
    let t = grant.texts();
    let person = patient::current(grant.db(), patient.0).await?.ok_or(Error::NotFound)?;
    let id = |name: &str| request.query(name).and_then(|id| id.parse::<Uuid>().ok());
    let own = departments(&grant).await?;
    let places = department_choices(&grant, &own).await?;
    let moved = match id("moves") {
        Some(visit) => Some(staff_visits::visit_of(&grant, visit).await?),
        None => None,
    };
    let (moved, booking) = moved.unzip();
    let moved_place = moved.as_ref().and_then(|visit| visit.department_id);
    let place = id("place").or(moved_place).filter(|place| own.contains(place)).or(own.first().copied());
    let kinds = match place {
        Some(place) => kinds::of_department(grant.db(), place)
            .await?
            .into_iter()
            .filter(|kind| kinds::fits_age(kind, &person, grant.now().today))
            .collect(),
        None => Vec::new(),
    };
    let wanted = id("kind").or(booking.flatten().and_then(|booking| booking.kind_id));
    let kind = kinds.iter().find(|kind| Some(kind.id) == wanted).or(kinds.first()).cloned();
    let from: Option<NaiveDate> = request.query("from").and_then(|typed| day(&typed));
    let (times, at) = match (&kind, place) {
        (Some(kind), Some(place)) => times(&grant, kind, place, from).await?,
        _ => (Vec::new(), Vec::new()),
    };
    let people = people(&grant, &at).await?;
    let kind_choices = kinds.iter().map(|kind| (kind.id.to_string(), kinds::name(t, kind).to_owned())).collect::<Vec<_>>();
    let value = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let (place_value, kind_value) = (value(place), value(kind.as_ref().map(|kind| kind.id)));
    let day = from.unwrap_or(grant.now().today).to_string();
    let other = typed(&grant, &request, place, kind.as_ref());
    let none = times.is_empty();
    let title = format!("{} {}", person.given_name, person.family_name);
    let mut hidden = vec![("patient", patient.to_string()), ("kind", kind_value.clone())];
    hidden.extend(moved.as_ref().map(|visit| ("visit", visit.id.to_string())));
    let (has_kind, again, moves) = (kind.is_some(), hidden.clone(), moved.is_some());
    let page = match &moved {
        None => Page::new(t.schedules_book_title(), title).back("/staff/schedule", t.schedules_title()),
        Some(visit) => Page::new(t.schedules_move_title(), title).back(format!("/staff/visits/{}", visit.id), t.appointments_the_visit()),
    };
    let now_at = moved.as_ref().and_then(|visit| Some(t.appointments_move_asks(&t.date_and_time(visit.starts_at?, &grant.zone()))));
    let moved = moved.map(|visit| visit.id.to_string());
    Ok(page.narrow().body(view! {
        <Section>
            {now_at.map(|words| view! { <p class="text">{words}</p> })}
            <SearchForm submit=t.schedules_see_times()>
                {moved.map(|id| view! { <input type="hidden" name="moves" value=id/> })}
                <Select name="place" label=t.visits_department() choices=places value=place_value/>
                <Select name="kind" label=t.appointments_what() choices=kind_choices value=kind_value/>
                <Field name="from" label=t.appointments_from_day() input=Input::Date value=day/>
            </SearchForm>
        </Section>
        {has_kind.then(|| view! {
            <Section heading=t.appointments_free_times()>
                {none.then(|| view! { <p class="text">{t.appointments_no_times()}</p> })}
                {(!none).then(|| view! { <BookForm hidden times overbook=false moves/> })}
            </Section>
            <Section>
                <Disclosure summary=t.schedules_another_time()>
                    <Notice warn=true><p class="text">{t.schedules_overbook_says()}</p></Notice>
                    {if other.is_empty() {
                        view! { <OtherTime request=request.clone() people/> }.into_any()
                    } else {
                        view! { <BookForm hidden=again times=other overbook=true moves/> }.into_any()
                    }}
                </Disclosure>
            </Section>
        })}
    }))
}

async fn department_choices(grant: &Grant<ArrangeVisits>, own: &[Uuid]) -> Result<Vec<(String, String)>, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let places =
        department::Entity::find().filter(department::Column::Id.is_in(own.iter().copied())).order_by_asc(department::Column::Name);
    Ok(places.all(grant.db()).await?.into_iter().map(|place| (place.id.to_string(), place.name)).collect())
}

type Choices = Vec<(String, String)>;

async fn times(
    grant: &Grant<ArrangeVisits>,
    kind: &visit_kind::Model,
    place: Uuid,
    from: Option<NaiveDate>,
) -> Result<(Choices, Vec<At>), Error> {
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let at = who(grant, kind.id, place).await?;
    let from = from.and_then(|day| instant(day, 0, &zone)).unwrap_or(now).max(now + TimeDelta::minutes(5));
    let search = Search { kind: kind.id, minutes: kind.minutes, at: &at, from, until: from, except: None };
    let slots = first_free(grant.db(), search, now, zone, |_| true).await?;
    let people = people(grant, &at).await?;
    let words = |slot: &Slot| {
        let who = people.iter().find(|(id, _)| *id == slot.clinician.to_string()).map(|(_, name)| name.as_str()).unwrap_or_default();
        format!("{}, {} · {who}", t.day(local_date(slot.starts_at, &zone), false).long, t.time(slot.starts_at, &zone))
    };
    Ok((slots.iter().take(TIMES).map(|slot| (slot_value(slot), words(slot))).collect(), at))
}

async fn people(grant: &Grant<ArrangeVisits>, at: &[At]) -> Result<Choices, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let people = clinician::Entity::find()
        .filter(clinician::Column::Id.is_in(at.iter().map(|at| at.clinician)))
        .order_by_asc(clinician::Column::Name);
    Ok(people.all(grant.db()).await?.into_iter().map(|found| (found.id.to_string(), found.name)).collect())
}

/// The time that somebody typed beside the free ones, as the only one to choose from.
fn typed(grant: &Grant<ArrangeVisits>, request: &PageRequest, place: Option<Uuid>, kind: Option<&visit_kind::Model>) -> Choices {
    let (t, zone) = (grant.texts(), grant.zone());
    let read = || {
        let on = day(&request.query("day")?)?;
        let starts_at = instant(on, minute(&request.query("time")?)?, &zone)?;
        let clinician = request.query("who")?.parse().ok()?;
        let slot =
            Slot { starts_at, ends_at: starts_at + TimeDelta::minutes(kind?.minutes.into()), clinician, department: place?, slot_id: None };
        Some((slot_value(&slot), t.date_and_time(starts_at, &zone)))
    };
    read().into_iter().collect()
}

#[component]
fn BookForm(hidden: Vec<(&'static str, String)>, times: Vec<(String, String)>, overbook: bool, moves: bool) -> impl IntoView {
    let t = texts();
    let id = |name: &str| if overbook { format!("{name}-over") } else { name.to_owned() };
    let (slot_id, words_id) = (id("slot"), id("words"));
    let (action, submit, words) = match (moves, overbook) {
        (false, false) => (api::BookFor::PATH, t.schedules_book(), t.appointments_reason()),
        (false, true) => (api::BookFor::PATH, t.schedules_overbook(), t.appointments_reason()),
        (true, false) => (api::MoveFor::PATH, t.schedules_move(), t.schedules_cancel_words()),
        (true, true) => (api::MoveFor::PATH, t.schedules_move_over(), t.schedules_cancel_words()),
    };
    view! {
        <PostForm action submit hidden>
            <Select name="slot" label=t.appointments_when() choices=times id=slot_id/>
            <Field name="words" label=words id=words_id/>
            {overbook.then(|| view! { <Checkbox name="overbook" label=t.schedules_overbook_sure()/> })}
        </PostForm>
    }
}

/// Asks the same page for a time that is not among the free ones.
#[component]
fn OtherTime(request: PageRequest, people: Vec<(String, String)>) -> impl IntoView {
    let t = texts();
    let kept = ["place", "kind", "from", "moves"].into_iter().filter_map(|name| Some((name, request.query(name)?))).collect::<Vec<_>>();
    view! {
        <SearchForm submit=t.schedules_go_on() quiet=true>
            {kept.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()}
            <Select name="who" label=t.appointments_with_whom() choices=people/>
            <Field name="day" label=t.schedules_on() input=Input::Date/>
            <Field name="time" label=t.schedules_at() input=Input::Time/>
        </SearchForm>
    }
}
