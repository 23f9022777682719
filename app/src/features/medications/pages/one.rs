use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::{
    list::card,
    words::{Track, details, state},
};
use crate::{
    access::{
        allow,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    features::{
        health::added,
        medications::{api, model::RequestState, store::medicines},
    },
    record::{
        annotation::{correction_link, model::Place},
        item::model::State,
        prescription::{entity::dispense, model::DispenseState},
    },
    view::{
        document::{Document, Part},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Item, KeptNames, Section},
    },
};

/// A medicine with everything that the portal knows of it.
///
/// # Errors
/// `NotFound` when there is no such medicine in this chart.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let may_ask = grant.would_allow::<RequestMedicine>(&patient);
    let all = medicines(&grant).await?;
    let medicine = all.into_iter().find(|medicine| medicine.item.resources().contains(&id)).ok_or(Error::NotFound)?;
    let notes = added(&grant, [&medicine.item]).await?;
    let given = grant.person()?.given_name.clone();
    let call = medicine.responsible.as_ref().and_then(|office| office.department.phone.as_ref());
    let call = call.map(|phone| t.messages_call(phone)).unwrap_or_default();
    let fills: Vec<String> = medicine.dispenses.iter().filter_map(|found| fill(t, found, &zone)).collect();
    let requests: Vec<_> = medicine
        .requests
        .iter()
        .map(|found| {
            let title = found.requested_at.map(|at| t.medications_request_of(&t.date_and_time(at, &zone))).unwrap_or_default();
            let withdraw = may_ask && found.state == RequestState::Requested;
            (title, state(t, found, now), found.clone(), withdraw)
        })
        .collect();
    let (has_requests, has_fills) = (!requests.is_empty(), !fills.is_empty());
    let tell = |kind: &str| format!("/p/{patient}/medications/tell?kind={kind}&item={id}");
    let ways = if may_ask && medicine.item.state == State::Active {
        vec![Link::new(tell("differently"), t.medications_take_differently()), Link::new(tell("stopped"), t.medications_take_no_more())]
    } else {
        Vec::new()
    };
    let wrong = vec![correction_link(&grant, Place::item(medicine.item.id))];
    let title = medicine.item.title.clone();
    Ok(Page::new(title, t.medications_one_lead()).narrow().back(format!("/p/{patient}/medications"), t.medications_title()).body(view! {
        <Section><KeptNames>{card(&grant, &medicine, &notes, may_ask, true).ok()}</KeptNames></Section>
        {has_requests.then(|| view! {
            <Section heading=t.medications_requests()>
                {requests.into_iter().map(|(title, tag, request, withdraw)| {
                    let (parts, id, patient_name, call) = (vec![details(t, &request)], request.id, given.clone(), call.clone());
                    view! {
                        <Item title tag=Some(tag)>
                            <Track t request zone now patient=patient_name call=Some(call)/>
                            <Document parts/>
                            {withdraw.then(|| view! { <Withdraw patient id/> })}
                        </Item>
                    }
                }).collect_view()}
            </Section>
        })}
        {has_fills.then(|| view! { <Section heading=t.medications_fills()><Document parts=vec![Part::Lines(fills)]/></Section> })}
        <Section>
            {(!ways.is_empty()).then(|| view! { <Buttons links=ways/> })}
            <Document parts=wrong/>
        </Section>
    }))
}

/// "November 3, 2026: 30 tablet, Main Street Pharmacy".
fn fill(t: Texts, found: &dispense::Model, zone: &chrono_tz::Tz) -> Option<String> {
    let at = t.date_and_time(found.handed_over_at.or(found.prepared_at)?, zone);
    let state = match (found.state, found.handed_over_at) {
        (DispenseState::NotGiven, _) => t.medications_not_given(),
        (DispenseState::Completed, Some(_)) => t.medications_handed_over(),
        _ => t.medications_made_ready(),
    };
    let what: Vec<&str> = [Some(state), found.quantity.as_deref(), found.pharmacy.as_deref()].into_iter().flatten().collect();
    Some(t.medications_fill(param::At(&at), param::What(&what.join(", "))))
}

#[component]
fn Withdraw(patient: PatientId, id: Uuid) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    view! {
        <Disclosure summary=t.medications_withdraw()>
            <p class="text">{t.medications_withdraw_says()}</p>
            <PostForm action=api::Withdraw::PATH submit=t.medications_withdraw() quiet=true hidden/>
        </Disclosure>
    }
}
