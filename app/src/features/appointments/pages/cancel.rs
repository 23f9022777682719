use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::for_whom;
use crate::{
    access::{allow, policy::BookVisits},
    base::{error::Error, ids::PatientId},
    desk::scheduling::{
        act::{May, kind_of, visit_of},
        problem,
    },
    features::appointments::api,
    record::care_team::entity::department,
    view::{
        Notice,
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{QuietButton, Section},
    },
};

/// What cancelling means, and why somebody does it.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart; `Invalid` when it cannot be called off any more.
pub async fn cancel(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::EntityTrait;
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<BookVisits>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let (visit, booking) = visit_of(&grant, id).await?;
    let kind = kind_of(grant.db(), booking.as_ref()).await?;
    let may = May::of(&visit, booking.as_ref(), kind.as_ref(), now, zone);
    let place = match visit.department_id {
        Some(id) => department::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let call = place.and_then(|place| place.phone).map(|phone| t.messages_call(&phone));
    let cutoff = may.cutoff.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
    let means = if may.change { t.appointments_cancel_free(&cutoff) } else { t.appointments_cancel_late(&cutoff) };
    let when = visit.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
    let submit = for_whom(&grant).map_or_else(|| t.appointments_cancel_own().to_owned(), |given| t.appointments_cancel_for(&given));
    let reasons = [
        ("time", t.appointments_off_time()),
        ("better", t.appointments_off_better()),
        ("sick", t.appointments_off_sick()),
        ("elsewhere", t.appointments_off_elsewhere()),
        ("cost", t.appointments_off_cost()),
        ("other", t.appointments_off_other()),
    ];
    let reasons = reasons.map(|(value, words)| (value.to_owned(), words.to_owned(), String::new())).into();
    let back = format!("/p/{patient}/visits/{id}");
    let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
    let over = (!may.cancel).then(|| problem::CHANGED.sentence(t).to_owned());
    Ok(Page::new(t.appointments_cancel_title(), when).narrow().back(back.clone(), t.appointments_the_visit()).body(view! {
        {over.map(|words| view! { <Section><Notice warn=true><p class="text">{words}</p></Notice></Section> })}
        {may.cancel.then(|| view! {
            <Section>
                <Notice warn={!may.change}>
                    <p class="text">{means}</p>
                    {(!may.change).then_some(call).flatten().map(|call| view! { <p class="text">{call}</p> })}
                </Notice>
                <PostForm action=api::Cancel::PATH submit hidden>
                    <Radios name="reason" label=t.appointments_cancel_why() choices=reasons/>
                    <Field name="words" label=t.appointments_cancel_words() input=Input::Area optional=true/>
                </PostForm>
                <QuietButton href=back label=t.appointments_keep_visit()/>
            </Section>
        })}
    }))
}
