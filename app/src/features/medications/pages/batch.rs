use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Track, details, kind, refused, state};
use crate::{
    access::{
        allow,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::office::due::due_at,
    features::medications::{
        api,
        asking::batch as of_batch,
        model::RequestState,
        store::{Medicine, medicines},
    },
    view::{
        Notice,
        document::Document,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, KeptNames, QuietButton, Section, Tag},
    },
};

/// What will be requested, to be looked over; afterwards what was requested, of each medicine by itself.
///
/// # Errors
/// `NotFound` when there is no such thing of the caller in this chart.
pub async fn batch(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<RequestMedicine>(patient).await?;
    let chart = allow::<ViewHealthSummary>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let found = of_batch(&grant, id).await?;
    let all = medicines(&chart).await?;
    let person = grant.person()?;
    let (name, given) = (person.full_name.clone(), person.given_name.clone());
    let sent = found.iter().any(|request| request.state != RequestState::Prepared);
    let of = |request: &crate::features::medications::entity::refill_request::Model| -> Option<&Medicine> {
        all.iter().find(|medicine| medicine.item.id == request.prescription_id)
    };
    let first = found.first().cloned();
    let items: Vec<_> = found
        .into_iter()
        .map(|request| {
            let medicine = of(&request);
            let call = medicine.and_then(|medicine| medicine.responsible.as_ref()).and_then(|office| office.department.phone.as_ref());
            let call = call.map(|phone| t.messages_call(phone)).unwrap_or_default();
            let not = match medicine.map(|medicine| (medicine, medicine.ask)) {
                Some((medicine, Err(why))) => refused(t, medicine, why, &zone),
                Some((_, Ok(_))) => None,
                None => Some(t.medications_gone().to_owned()),
            };
            let wanted = medicine.map(|medicine| kind(t, request.kind, &medicine.supply));
            let office = medicine.and_then(|medicine| medicine.responsible.as_ref()).map(|office| office.department.name.clone());
            (request, not, wanted.into_iter().chain(office).collect::<Vec<String>>(), call)
        })
        .collect();
    let ready = items.iter().any(|(request, not, ..)| request.state == RequestState::Prepared && not.is_none());
    let page = if sent {
        Page::new(t.medications_requested_title(), t.medications_requested_lead(&name))
    } else {
        Page::new(t.medications_review_title(), t.medications_review_lead(&name))
    };
    // Whoever has less left than the office takes to answer calls.
    let office = first.as_ref().and_then(of).and_then(|medicine| medicine.responsible.as_ref());
    let soon = first.as_ref().zip(office).and_then(|(request, office)| {
        let due = request.due_at.unwrap_or_else(|| due_at(now, office.office.refill_days, &zone));
        let left = i64::from(request.days_left?);
        let call = office.department.phone.as_ref().map(|phone| t.messages_call(phone)).unwrap_or_default();
        let (days, due_words) = (left.to_string(), t.date_and_time(due, &zone));
        let runs_out = request.decided_at.is_none() && left < (due - now).num_days() + 1;
        runs_out.then(|| t.medications_call_now(param::Call(&call), param::Days(&days), param::Due(&due_words)).trim().to_owned())
    });
    let facts = first.map(|request| details(t, &request));
    let back = format!("/p/{patient}/medications");
    Ok(page.narrow().back(back.clone(), t.medications_title()).body(view! {
        {if sent {
            view! { <Notice><p class="text">{t.medications_sent_on()}</p></Notice> }.into_any()
        } else {
            view! { <Notice warn=true><p class="text">{t.medications_nothing_yet()}</p></Notice> }.into_any()
        }}
        {soon.map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> })}
        <Section heading=t.medications_which()>
            <KeptNames>
                {items.into_iter().map(|(request, not, lines, call)| {
                    let prepared = request.state == RequestState::Prepared;
                    let tag = match (prepared, &not) {
                        (true, Some(_)) => Tag::warning(t.medications_state_not_requested()),
                        (true, None) => Tag::neutral(t.medications_state_prepared()),
                        (false, _) => state(t, &request, now),
                    };
                    let (title, patient) = (request.medicine.clone(), given.clone());
                    view! {
                        <Item title tag=Some(tag) lines>
                            {(prepared && not.is_some()).then(|| view! { <p class="text">{not}</p> })}
                            {(!prepared).then(|| view! { <Track t request zone now patient call=Some(call)/> })}
                        </Item>
                    }
                }).collect_view()}
            </KeptNames>
        </Section>
        <Section heading=t.medications_where()>
            {facts.map(|facts| view! { <Document parts=vec![facts]/> })}
            {(!sent).then(|| view! { <QuietButton href=format!("/p/{patient}/medications/request") label=t.medications_change()/> })}
        </Section>
        {if sent {
            view! { <Section><QuietButton href=back label=t.medications_back()/></Section> }.into_any()
        } else {
            view! { <Section><SendForm patient batch=id ready/></Section> }.into_any()
        }}
    }))
}

#[component]
fn SendForm(patient: PatientId, batch: Uuid, ready: bool) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("batch", batch.to_string())];
    view! {
        {ready.then(|| view! { <PostForm action=api::Request::PATH submit=t.medications_send() hidden/> })}
        <PostForm action=api::Discard::PATH submit=t.medications_discard() quiet=true hidden=vec![("patient", patient.to_string())]/>
    }
}
