use chrono::{DateTime, TimeDelta, Utc};
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Track, proposal, proposal_state, refused, state, supply};
use crate::{
    access::{
        Grant, allow,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    desk::office::words::author,
    features::{
        health::entry,
        medications::{
            api, asking,
            entity::refill_request,
            model::RequestState,
            proposals,
            store::{Medicine, ask_medicines, medicines_of},
            tracker::Steps,
        },
    },
    platform::batch::Batch,
    record::{
        annotation::{self, Added},
        item::model::{State, What},
    },
    view::{
        Notice,
        document::{Document, Part},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{AsideLink, Buttons, Item, KeptNames, QuietButton, Section, Tag},
    },
};

/// So many past medicines are shown; all of them stand in the health summary.
const PAST: usize = 10;

/// The medicines of a person: what was asked for, what is taken, what was taken.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn list(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let (t, may_ask) = (grant.texts(), grant.would_allow::<RequestMedicine>(&patient));
    let mut batch = Batch::default();
    let (said, told, added) =
        (ask_medicines(&mut batch, &grant), proposals::ask_told(&mut batch, &grant), batch.ask(annotation::of_chart(&grant)));
    let prepared = if may_ask { Some(batch.ask(asking::prepared(&grant)?)) } else { None };
    let mut answers = batch.read(grant.db()).await?;
    let all = medicines_of(&grant, said(&mut answers)?).await?;
    let told = told(&mut answers)?;
    let prepared = answers.take(prepared)?.pop().map(|found| found.batch);
    let notes = annotation::added_of(&grant, answers.take(added)?, all.iter().flat_map(|medicine| medicine.item.resources())).await?;
    let done = match request.query("done").as_deref() {
        Some("withdrawn") => Some(t.medications_done_withdrawn()),
        Some("discarded") => Some(t.medications_done_discarded()),
        Some("told") => Some(t.medications_done_told()),
        _ => None,
    };
    let group_of = |medicine: &Medicine| match medicine.item.state {
        _ if medicine.request().is_some_and(|request| request.state.is_open()) => 0,
        State::Planned => 2,
        State::Past | State::NotDone => 3,
        _ => 1,
    };
    let headings = [t.medications_under_way(), t.health_current(), t.health_planned(), t.health_past()];
    let several = all.iter().filter(|medicine| medicine.ask.is_ok()).count();
    let mut groups: Vec<(&'static str, Vec<AnyView>)> = Vec::new();
    for (number, heading) in headings.into_iter().enumerate() {
        let most = if number == 3 { PAST } else { usize::MAX };
        let of_group = all.iter().filter(|medicine| group_of(medicine) == number).take(most);
        let cards: Vec<AnyView> = of_group.map(|medicine| card(&grant, medicine, &notes, may_ask, false)).collect::<Result<_, _>>()?;
        groups.extend((!cards.is_empty()).then_some((heading, cards)));
    }
    let ways = [
        (may_ask && several > 0).then(|| Link::new(format!("/p/{patient}/medications/request"), t.medications_need_more())),
        may_ask.then(|| Link::new(format!("/p/{patient}/medications/tell"), t.medications_tell())),
        Some(Link::new(format!("/p/{patient}/health/medications"), t.medications_all())),
    ];
    let ways: Vec<Link> = ways.into_iter().flatten().collect();
    let (main, none) = (several > 0 && may_ask, all.is_empty());
    let (zone, name) = (grant.zone(), grant.person()?.given_name.clone());
    let told: Vec<_> = told
        .into_iter()
        .map(|told| {
            let said = t.medications_said_by(
                param::At(&t.date_and_time(told.made_at, &zone)),
                param::Name(&author(t, &told.author, told.role.as_deref(), &name)),
            );
            let decided = told.decided_by.as_deref().map(|by| author(t, by, told.decided_role.as_deref(), &name));
            (proposal(t, &told), proposal_state(t, &told), vec![said], told.words, decided.zip(told.answer))
        })
        .collect();
    let has_told = !told.is_empty();
    Ok(Page::new(t.medications_title(), t.medications_lead()).narrow().body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        {prepared.map(|batch| view! { <Prepared patient batch/> })}
        <Section>
            <Buttons links=ways main/>
        </Section>
        {none.then(|| view! { <Section><p class="text">{t.health_no_medications()}</p></Section> })}
        {groups.into_iter().map(|(heading, cards)| view! { <Section heading><KeptNames>{cards}</KeptNames></Section> }).collect_view()}
        {has_told.then(|| view! {
            <Section heading=t.medications_told() id="told">
                <p class="meta">{t.medications_told_says()}</p>
                {told.into_iter().map(|(title, tag, lines, words, answer)| view! {
                    <Item title tag=Some(tag) lines>
                        {(!words.is_empty()).then(|| view! { <blockquote class="quote">{words}</blockquote> })}
                        {answer.map(|(by, words)| view! { <p class="text">{format!("{by}: {words}")}</p> })}
                    </Item>
                }).collect_view()}
            </Section>
        })}
    }))
}

/// A medicine with its dose, what is left of it, its request, and the way to more.
pub(super) fn card(
    grant: &Grant<ViewHealthSummary>,
    medicine: &Medicine,
    notes: &Added,
    may_ask: bool,
    on_its_page: bool,
) -> Result<AnyView, Error> {
    let (t, zone, now, patient) = (grant.texts(), grant.zone(), grant.now().instant, grant.patient());
    // How many are left is told instead of how many were allowed.
    let mut item = medicine.item.clone();
    item.facts.retain(|fact| fact.what != What::RefillsLeft || medicine.supply.refills_left.is_none());
    let Part::Entry { title, tag, lines, parts } = entry(grant, &item, notes) else { return Ok(().into_any()) };
    let parts: Vec<Part> = parts.into_iter().filter(|part| !matches!(part, Part::Aside(_))).chain([supply(t, medicine)]).collect();
    let id = medicine.item.id;
    let open = medicine.request().filter(|request| request.state.is_open());
    let tag = match (open, medicine.request()) {
        (Some(request), _) => Some(state(t, request, now)),
        (None, Some(request)) if medicine.item.state == State::Active => tag.or_else(|| recent(t, request, now)),
        _ => tag,
    };
    let call = medicine.responsible.as_ref().and_then(|office| office.department.phone.as_ref());
    let call = call.map(|phone| t.messages_call(phone)).unwrap_or_default();
    let name = grant.person()?.given_name.clone();
    let track = open.filter(|_| !on_its_page).map(|request| {
        view! { <Track t request=request.clone() zone now patient=name call=Some(call.clone())/> }
    });
    // What was said to the last request stands where the next one begins.
    let said = medicine
        .request()
        .filter(|request| !on_its_page && open.is_none() && recent(t, request, now).is_some())
        .filter(|request| matches!(request.state, RequestState::Declined | RequestState::NeedsVisit))
        .map(|request| {
            let visit = (request.state == RequestState::NeedsVisit).then(|| t.medications_make_visit(&call).trim().to_owned());
            (request.answer.clone(), visit)
        });
    let said = said.map(|(words, visit)| {
        view! {
            {words.map(|words| view! { <blockquote class="quote">{words}</blockquote> })}
            {visit.map(|words| view! { <p class="text">{words}</p> })}
        }
    });
    let more = (may_ask && medicine.ask.is_ok()).then(|| {
        let label = t.medications_need_more_of(&title);
        view! { <QuietButton href=format!("/p/{patient}/medications/request?which={id}") label/> }
    });
    let why = medicine.ask.err().filter(|_| may_ask && open.is_none()).and_then(|why| refused(t, medicine, why, &zone));
    let details = (!on_its_page).then(|| Link::new(format!("/p/{patient}/medications/{id}"), t.medications_details(&title)));
    let is_past = matches!(medicine.item.state, State::Past | State::NotDone);
    Ok(view! {
        <Item title tag lines>
            <Document parts/>
            {track}
            {said}
            {why.map(|words| view! { <p class="meta">{words}</p> })}
            {more}
            {details.map(|link| {
                if is_past { view! { <AsideLink href=link.href label=link.label/> }.into_any() } else { view! { <Buttons links=vec![link]/> }.into_any() }
            })}
        </Item>
    }
    .into_any())
}

/// The last word on a request, for a month.
fn recent(t: Texts, request: &refill_request::Model, now: DateTime<Utc>) -> Option<Tag> {
    let steps = Steps::of(request);
    let last = [steps.requested, steps.decided, steps.done, steps.withdrawn].into_iter().flatten().max()?;
    (now - last < TimeDelta::days(30)).then(|| state(t, request, now))
}

/// Whoever looked at a request and left is told that nothing was requested.
#[component]
fn Prepared(patient: PatientId, batch: Uuid) -> impl IntoView {
    let t = texts();
    view! {
        <Notice warn=true>
            <p class="text">{t.medications_nothing_requested()}</p>
            <QuietButton href=format!("/p/{patient}/medications/requests/{batch}") label=t.medications_go_on()/>
            <PostForm action=api::Discard::PATH submit=t.medications_discard() quiet=true hidden=vec![("patient", patient.to_string())]/>
        </Notice>
    }
}
