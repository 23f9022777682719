use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Danger, closed, for_whom};
use crate::{
    access::{allow, policy::BookVisits},
    base::{
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::{
        office::due::due_at,
        scheduling::{
            act::{kind_of, visit_of},
            kinds::{self, kind_for, name},
            model::{DayPart, HowSoon},
            windows::WINDOWS,
            words::{how_soon, part},
        },
    },
    features::appointments::api,
    people::patient,
    record::care_team::entity::department,
    view::{
        Notice,
        fields::{Field, FieldGroup, Input, Radios, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Asking an office for a visit, or for another time of one.
///
/// # Errors
/// `NotFound` for a kind, a clinician or a visit that is not this person's.
pub async fn ask(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::EntityTrait;
    let patient: PatientId = request.id(0)?;
    let grant = allow::<BookVisits>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let id = |name: &str| request.query(name).map(|id| id.parse::<Uuid>().map_err(|_| Error::NotFound)).transpose();
    let (kind, who, place, moves, order) = (id("kind")?, id("who")?, id("place")?, id("moves")?, id("order")?);
    let moved = match moves {
        Some(id) => Some(visit_of(&grant, id).await?),
        None => None,
    };
    let of_visit = match &moved {
        Some((_, booking)) => kind_of(grant.db(), booking.as_ref()).await?.map(|kind| kind.id),
        None => None,
    };
    let (title, why, office) = match kind.or(of_visit) {
        Some(id) => {
            let found = kind_for(&grant, id).await?;
            let fits = |offered: &&kinds::Offered| {
                who.is_none_or(|who| offered.clinician.id == who) && place.is_none_or(|place| offered.department.id == place)
            };
            let offered = found.offered.iter().find(fits).ok_or(Error::NotFound)?;
            let why = offered.direct.err().map(|found| closed(t, found, &offered.clinician.name));
            (name(t, &found.kind).to_owned(), why, offered.office.clone())
        }
        None => {
            let (visit, _) = moved.as_ref().ok_or(Error::NotFound)?;
            let place = visit.department_id.ok_or(Error::NotFound)?;
            let Some(office) = kinds::office(grant.db(), place).await? else {
                // Nobody there answers here.
                let phone = department::Entity::find_by_id(place).one(grant.db()).await?.and_then(|place| place.phone);
                let call = phone.map(|phone| t.messages_call(&phone)).unwrap_or_default();
                let back = format!("/p/{patient}/visits/{}", visit.id);
                return Ok(Page::new(t.appointments_ask_move(), visit.title.clone()).narrow().back(back, t.appointments_the_visit()).body(
                    view! {
                        <Section><p class="text">{t.appointments_not_here()}</p><p class="text">{call}</p></Section>
                    },
                ));
            };
            (visit.title.clone(), None, office)
        }
    };
    let due = t.date_and_time(due_at(now.instant, office.request_days, &zone), &zone);
    let person = patient::current(grant.db(), patient.0).await?.ok_or(Error::NotFound)?;
    let contact = person.phone_mobile.clone().or(person.phone_home.clone()).or(person.email.clone()).unwrap_or_default();
    let moving = moved.and_then(|(visit, _)| visit.starts_at).map(|at| t.appointments_move_asks(&t.date_and_time(at, &zone)));
    let submit = for_whom(&grant).map_or_else(|| t.appointments_request_own().to_owned(), |given| t.appointments_request_for(&given));
    let hidden: Vec<(&'static str, String)> = [("kind", kind), ("who", who), ("place", place), ("moves", moves), ("order", order)]
        .into_iter()
        .filter_map(|(name, id)| Some((name, id?.to_string())))
        .chain([("patient", patient.to_string())])
        .collect();
    let days = t.appointments_request_days(param::Days(&office.request_days.to_string()), param::Due(&due));
    Ok(Page::new(t.appointments_request_title(), title)
        .narrow()
        .back(format!("/p/{patient}/visits/book"), t.appointments_book_title())
        .body(view! {
            <Section>
                <Notice>
                    {why.map(|words| view! { <p class="text">{words}</p> })}
                    {moving.map(|words| view! { <p class="text">{words}</p> })}
                    <p class="text">{days}</p>
                </Notice>
                <AskForm submit hidden contact/>
            </Section>
        }))
}

#[component]
fn AskForm(submit: String, hidden: Vec<(&'static str, String)>, contact: String) -> impl IntoView {
    let t = texts();
    let soon = HowSoon::ALL.iter().map(|found| (found.as_str().to_owned(), how_soon(t, *found).to_owned(), String::new())).collect();
    let parts: Vec<(String, String)> = std::iter::once((String::new(), t.appointments_any_part().to_owned()))
        .chain(DayPart::ALL.iter().map(|found| (found.as_str().to_owned(), part(t, *found).to_owned())))
        .collect();
    view! {
        <PostForm action=api::AskVisit::PATH submit hidden>
            <Danger action=api::AskVisit::PATH/>
            <Field name="reason" label=t.appointments_reason() input=Input::Area hint=t.appointments_reason_hint()/>
            <Radios name="how_soon" label=t.appointments_how_soon() choices=soon/>
            <FieldGroup label=t.appointments_windows()/>
            <p class="hint">{t.appointments_windows_hint()}</p>
            {(1..=WINDOWS).map(|number| {
                let count = number.to_string();
                view! {
                    <div class="two-up">
                        <Field name=format!("from{number}") label=t.appointments_window_from(&count) input=Input::Date optional=true/>
                        <Field name=format!("until{number}") label=t.appointments_window_until() input=Input::Date optional=true/>
                        <Select name=format!("part{number}") label=t.appointments_part() choices=parts.clone() optional=true/>
                    </div>
                }
            }).collect_view()}
            <Field name="contact" label=t.appointments_contact() hint=t.appointments_contact_hint() value=contact/>
            <Field name="needs" label=t.appointments_needs() hint=t.appointments_needs_hint() optional=true/>
        </PostForm>
    }
}
