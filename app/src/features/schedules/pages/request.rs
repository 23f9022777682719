use chrono::{DateTime, TimeDelta, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{
        Grant, allow,
        policy::{ArrangeVisits, OpenVisit, SeeSchedules},
    },
    base::{clock::local_date, error::Error, i18n::texts, ids::PatientId},
    desk::{
        office::words::{about, author},
        scheduling::{
            book::slot_value,
            entity::{visit_offer, visit_request},
            free::{Search, first_free},
            hours::Slot,
            kinds,
            model::{DayPart, OfferState},
            staff, staff_visits,
            windows::windows_of,
            words::{asked, part_of, request_state},
        },
    },
    features::schedules::api,
    people::patient,
    record::care_team::entity::clinician,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section, Tag},
    },
};

/// So many free times are to choose from.
const TIMES: usize = 60;

/// A request with what is needed to answer it.
///
/// # Errors
/// `NotFound` for a request of other departments.
pub async fn request(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = staff::patient_of_request(&allow::<SeeSchedules>(()).await?, id).await?;
    let grant = allow::<OpenVisit>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let (found, offers) = staff::open(&grant, id).await?;
    let person = patient::current(grant.db(), found.patient_id).await?.ok_or(Error::NotFound)?;
    let kind = match found.kind_id {
        Some(id) => kinds::kind(grant.db(), id).await?,
        None => None,
    };
    let done = match request.query("done").as_deref() {
        Some("offered") => Some(t.schedules_done_offered()),
        Some("declined") => Some(t.schedules_done_declined()),
        _ => None,
    };
    let [born, language] = about(t, &person, now.today);
    let by = author(t, &found.author, found.role.as_deref(), &person.given_name);
    let who = Part::facts([
        born,
        language,
        (t.medications_asked_by(), Some(by)),
        (t.schedules_asked_on(), Some(t.date_and_time(found.requested_at, &zone))),
        (t.schedules_due(), Some(t.date_and_time(found.due_at, &zone)).filter(|_| found.state.is_open())),
    ]);
    let moved = match found.moves {
        Some(id) => staff_visits::visit_of(&grant, id).await.ok(),
        None => None,
    };
    let instead = moved.as_ref().map(|(visit, _)| {
        let at = visit.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
        (format!("{} · {at}", visit.title), format!("/staff/visits/{}", visit.id))
    });
    let wanted: Option<Uuid> = request.query("kind").and_then(|id| id.parse().ok()).or(found.kind_id);
    let choices = if found.state.is_open() { kind_choices(&grant, &found).await? } else { Vec::new() };
    let times = match wanted.filter(|_| found.state.is_open()) {
        Some(kind) => times(&grant, &found, kind).await?,
        None => Vec::new(),
    };
    let shown = offers.into_iter().map(|offer| offered(&grant, offer, now.instant)).collect::<Vec<_>>();
    let title = format!("{} {}", person.given_name, person.family_name);
    let lead = kind.as_ref().map_or_else(|| t.appointments_ask_move().to_owned(), |kind| kinds::name(t, kind).to_owned());
    let (open, tag, facts) = (found.state.is_open(), request_state(t, &found, now.instant), asked(t, &found, true));
    let answer = found.answer.clone();
    let has_offers = !shown.is_empty();
    let may = grant.would_allow::<ArrangeVisits>(&patient);
    let needs_kind = found.kind_id.is_none();
    Ok(Page::new(title, lead).back("/staff/visit-requests", t.schedules_requests()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.appointments_request_title()>
            <div>{tag.draw()}</div>
            {instead.map(|(words, href)| view! { <p class="text">{t.schedules_instead(&words)}</p><QuietButton href label=t.appointments_see_visit()/> })}
            <Document parts=vec![who, facts]/>
            {answer.map(|words| view! { <blockquote class="quote">{words}</blockquote> })}
        </Section>
        {has_offers.then(|| view! {
            <Section heading=t.schedules_offered_times()>
                {shown.into_iter().map(|(title, tag, lines)| view! { <Item title tag=Some(tag) lines/> }).collect_view()}
            </Section>
        })}
        {(open && may).then(|| view! { <Answer patient id choices wanted times needs_kind/> })}
    }))
}

fn offered(grant: &Grant<OpenVisit>, offer: visit_offer::Model, now: DateTime<Utc>) -> (String, Tag, Vec<String>) {
    let (t, zone) = (grant.texts(), grant.zone());
    let tag = match offer.state_at(now) {
        OfferState::Open => Tag::warning(t.schedules_offer_open()),
        OfferState::Taken => Tag::good(t.appointments_offer_taken()),
        OfferState::Declined => Tag::muted(t.appointments_offer_declined()),
        OfferState::RunOut => Tag::muted(t.appointments_offer_run_out()),
        OfferState::Withdrawn => Tag::muted(t.appointments_offer_withdrawn()),
    };
    let until = (offer.state_at(now) == OfferState::Open).then(|| t.schedules_held(&t.date_and_time(offer.until, &zone)));
    (t.date_and_time(offer.starts_at, &zone), tag, until.into_iter().collect())
}

/// The kinds that the department has.
async fn kind_choices(grant: &Grant<OpenVisit>, found: &visit_request::Model) -> Result<Vec<(String, String)>, Error> {
    let t = grant.texts();
    let all = kinds::of_department(grant.db(), found.department_id).await?;
    Ok(all.iter().map(|kind| (kind.id.to_string(), kinds::name(t, kind).to_owned())).collect())
}

/// Free times; those that the patient wished first.
async fn times(grant: &Grant<OpenVisit>, found: &visit_request::Model, kind: Uuid) -> Result<Vec<(String, String)>, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let kind = kinds::kind(grant.db(), kind).await?.ok_or(Error::NotFound)?;
    let mut at = staff::who(grant, kind.id, found.department_id).await?;
    if let Some(clinician) = found.clinician_id
        && at.iter().any(|at| at.clinician == clinician)
    {
        at.retain(|at| at.clinician == clinician);
    }
    let from = now + TimeDelta::hours(3);
    let search = Search { kind: kind.id, minutes: kind.minutes, at: &at, from, until: from, except: None };
    let mut slots = first_free(grant.db(), search, now, zone, |_| true).await?;
    let windows = windows_of(found);
    for window in &windows {
        let Some(from) = crate::desk::scheduling::hours::instant(window.from, 0, &zone) else { continue };
        let until =
            crate::desk::scheduling::hours::instant(window.until, crate::desk::scheduling::hours::DAY_MINUTES, &zone).unwrap_or(from);
        let search =
            Search { kind: kind.id, minutes: kind.minutes, at: &at, from: from.max(now + TimeDelta::hours(3)), until, except: None };
        slots.extend(crate::desk::scheduling::free::free(grant.db(), &search, now, zone).await?);
    }
    slots.sort();
    slots.dedup();
    let part = |slot: &Slot| -> DayPart { part_of(slot.starts_at, &zone) };
    let wished = |slot: &Slot| {
        let day = local_date(slot.starts_at, &zone);
        windows.iter().any(|window| window.from <= day && day <= window.until && window.part.is_none_or(|wanted| wanted == part(slot)))
    };
    let people = clinician::Entity::find().filter(clinician::Column::Id.is_in(at.iter().map(|at| at.clinician))).all(grant.db()).await?;
    let words = |slot: &Slot| {
        let who = people.iter().find(|found| found.id == slot.clinician).map(|found| found.name.as_str()).unwrap_or_default();
        let day = t.day(local_date(slot.starts_at, &zone), false).long;
        let at = format!("{day}, {} · {who}", t.time(slot.starts_at, &zone));
        if wished(slot) { t.schedules_wished(&at) } else { at }
    };
    slots.sort_by_key(|slot| (!wished(slot), slot.starts_at));
    Ok(slots.iter().take(TIMES).map(|slot| (slot_value(slot), words(slot))).collect())
}

#[component]
fn Answer(
    patient: PatientId,
    id: Uuid,
    choices: Vec<(String, String)>,
    wanted: Option<Uuid>,
    times: Vec<(String, String)>,
    needs_kind: bool,
) -> impl IntoView {
    let t = texts();
    let hidden = move || vec![("patient", patient.to_string()), ("id", id.to_string())];
    let with_kind = move || hidden().into_iter().chain(wanted.map(|kind| ("kind", kind.to_string()))).collect::<Vec<_>>();
    let list: Vec<(String, String)> = std::iter::once((String::new(), t.schedules_no_time().to_owned())).chain(times.clone()).collect();
    let none = times.is_empty();
    let value = wanted.map(|kind| kind.to_string()).unwrap_or_default();
    view! {
        <Section heading=t.schedules_offer_title()>
            {needs_kind.then(|| view! {
                <crate::view::form::SearchForm submit=t.schedules_see_times()><Select name="kind" label=t.appointments_what() choices value/></crate::view::form::SearchForm>
            })}
            {(none && wanted.is_some()).then(|| view! { <p class="text">{t.appointments_no_times()}</p> })}
            {(!none).then(|| view! {
                <PostForm action=api::Offer::PATH submit=t.schedules_offer() hidden=with_kind()>
                    <Select name="time1" label=t.schedules_time("1") choices=list.clone()/>
                    <Select name="time2" label=t.schedules_time("2") choices=list.clone() optional=true/>
                    <Select name="time3" label=t.schedules_time("3") choices=list.clone() optional=true/>
                    <Field name="words" label=t.schedules_words() input=Input::Area optional=true/>
                </PostForm>
            })}
        </Section>
        <Section heading=t.schedules_decline_title()>
            <PostForm action=api::Decline::PATH submit=t.schedules_decline() quiet=true hidden=hidden()>
                <Field name="words" label=t.schedules_decline_words() input=Input::Area id="decline-words"/>
            </PostForm>
        </Section>
    }
}
