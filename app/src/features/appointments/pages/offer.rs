use chrono::{DateTime, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{before_booking, for_whom};
use crate::{
    access::{Grant, allow, policy::BookVisits},
    base::{
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::scheduling::{
        act::visit_of,
        entity::{fast_pass_entry, visit_offer},
        fair::ASK_AFTER,
        kinds,
        model::OfferState,
        offers::{offer_of, viewed},
    },
    features::appointments::api,
    record::{
        care_team::entity::{clinician, department},
        visit::entity::{visit, visit_clinician},
    },
    view::{
        Notice,
        document::Document,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{MainButton, QuietButton, Section},
    },
};

/// When, with whom and where.
struct Side {
    heading: &'static str,
    when: String,
    who: Option<String>,
    place: Option<String>,
    address: Option<String>,
}

async fn side(
    grant: &Grant<BookVisits>,
    heading: &'static str,
    at: DateTime<Utc>,
    clinician: Option<Uuid>,
    place: Option<Uuid>,
) -> Result<Side, Error> {
    use sea_orm::EntityTrait;
    let who = match clinician {
        Some(id) => clinician::Entity::find_by_id(id).one(grant.db()).await?.map(|found| found.name),
        None => None,
    };
    let place = match place {
        Some(id) => department::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let when = grant.texts().date_and_time(at, &grant.zone());
    Ok(Side { heading, when, who, address: place.as_ref().and_then(|place| place.address.clone()), place: place.map(|place| place.name) })
}

/// The visit that an offer is about.
async fn about(
    grant: &Grant<BookVisits>,
    offer: &visit_offer::Model,
) -> Result<(visit::Model, Option<Uuid>, fast_pass_entry::Model), Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let entry = offer.entry_id.ok_or(Error::NotFound)?;
    let entry = fast_pass_entry::Entity::find_by_id(entry).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let (visit, _) = visit_of(grant, entry.visit_id).await?;
    let with = visit_clinician::Entity::find()
        .filter(visit_clinician::Column::VisitId.eq(visit.id))
        .order_by_asc(visit_clinician::Column::Position)
        .one(grant.db())
        .await?;
    Ok((visit, with.map(|with| with.clinician_id), entry))
}

/// An earlier time beside the time of the visit, until when it is held, and what can be done; or what became of it.
///
/// # Errors
/// `NotFound` when the offer is not this person's.
pub async fn offer(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<BookVisits>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let found = offer_of(&grant, id).await?;
    viewed(&grant, &found).await?;
    let (visit, with, entry) = about(&grant, &found).await?;
    let state = found.state_at(now);
    let kind = kinds::kind(grant.db(), entry.kind_id).await?.ok_or(Error::NotFound)?;
    let office = kinds::office(grant.db(), found.department_id).await?;
    let new = side(&grant, t.appointments_earlier_time(), found.starts_at, Some(found.clinician_id), Some(found.department_id)).await?;
    let old = match visit.starts_at.filter(|_| state == OfferState::Open) {
        Some(at) => Some(side(&grant, t.appointments_your_time(), at, with, visit.department_id).await?),
        None => None,
    };
    let changes: Vec<&'static str> = old.as_ref().map_or_else(Vec::new, |old| {
        let who = (old.who != new.who).then(|| t.appointments_other_clinician());
        let place = (old.place != new.place).then(|| t.appointments_other_place());
        who.into_iter().chain(place).collect()
    });
    let gained = visit.starts_at.map(|at| (at - found.starts_at).num_days()).filter(|_| state == OfferState::Open);
    let name = kinds::name(t, &kind).to_owned();
    let lead = gained.map_or(name.clone(), |days| t.appointments_days_earlier(param::Days(&days.to_string()), param::Title(&name)));
    let until = t.date_and_time(found.until, &zone);
    let held = match (state, found.race) {
        (OfferState::Open, true) => t.appointments_race_until(&until),
        (OfferState::Open, false) => t.appointments_held_until(&until),
        (OfferState::Taken, _) => t.appointments_offer_is_taken().to_owned(),
        (OfferState::Declined, _) => t.appointments_offer_is_declined().to_owned(),
        (OfferState::RunOut, _) => t.appointments_offer_is_run_out(&until),
        (OfferState::Withdrawn, _) => t.appointments_offer_is_withdrawn().to_owned(),
    };
    let before = (state == OfferState::Open).then(|| before_booking(t, &kind, office.as_ref()));
    let to_visit = format!("/p/{patient}/visits/{}", visit.id);
    let (open, tired) = (state == OfferState::Open, entry.on && entry.declines >= ASK_AFTER && state == OfferState::Declined);
    let (whom, wishes) = (for_whom(&grant), format!("{to_visit}/earlier"));
    Ok(Page::new(t.appointments_offer_title(), lead).narrow().back(to_visit.clone(), t.appointments_the_visit()).body(view! {
        <Section>
            <Notice warn={!open && state != OfferState::Taken}><p class="text">{held}</p></Notice>
            <div class="two-up">
                {old.map(|side| view! { <Shown side new=false/> })}
                <Shown side=new new=true/>
            </div>
            {changes.into_iter().map(|words| view! { <p class="text"><strong>{words}</strong></p> }).collect_view()}
            {before.map(|facts| view! { <Document parts=vec![facts]/> })}
        </Section>
        {open.then(|| view! { <Answer patient id whom entry=entry.id visit=visit.id/> })}
        {tired.then(|| view! { <Section><p class="text">{t.appointments_stay()}</p><QuietButton href=wishes label=t.appointments_wishes()/></Section> })}
        {(!open).then(|| view! { <Section><MainButton href=to_visit label=t.appointments_see_visit()/></Section> })}
    }))
}

#[component]
fn Shown(side: Side, new: bool) -> impl IntoView {
    view! {
        <section class:is-new=new>
            <h2>{side.heading}</h2>
            <p><strong>{side.when}</strong></p>
            {[side.who, side.place, side.address].into_iter().flatten().map(|line| view! { <p class="meta">{line}</p> }).collect_view()}
        </section>
    }
}

#[component]
fn Answer(patient: PatientId, id: Uuid, whom: Option<String>, entry: Uuid, visit: Uuid) -> impl IntoView {
    let t = texts();
    let submit = whom.map_or_else(|| t.appointments_accept_own().to_owned(), |given| t.appointments_accept_for(&given));
    let hidden = move || vec![("patient", patient.to_string()), ("id", id.to_string())];
    let leave = vec![("patient", patient.to_string()), ("visit", visit.to_string()), ("entry", entry.to_string())];
    view! {
        <Section heading=t.appointments_your_choice()>
            <p class="text">{t.appointments_accept_says()}</p>
            <PostForm action=api::AcceptOffer::PATH submit hidden=hidden()/>
            <PostForm action=api::DeclineOffer::PATH submit=t.appointments_keep_mine() quiet=true hidden=hidden()/>
            <PostForm action=api::LeaveFastPass::PATH submit=t.appointments_leave_list() quiet=true hidden=leave/>
        </Section>
    }
}
