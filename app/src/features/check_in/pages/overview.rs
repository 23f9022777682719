use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{about, done, done_tag, not_open, progress};
use crate::{
    access::{allow, policy::CheckIn as MayCheckIn},
    base::{error::Error, i18n::param, ids::PatientId},
    desk::{
        check_in::{
            answering::may,
            handing::handed,
            model::{Arriving, Progress, Step, Window, arriving},
            store::CheckIn,
            words::title,
        },
        office::words::author,
        questionnaires::model::State,
    },
    features::check_in::api,
    record::visit::model::Kind,
    view::{
        Notice,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, MainButton, QuietButton, Section, Tag},
    },
};

/// How far a check-in is, step by step; before it opens and after it closed, why, and what to do instead.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart.
pub async fn overview(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<MayCheckIn>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let found = CheckIn::of(&grant, id).await?;
    let (name, place, when) = about(&grant, &found).await?;
    let given = grant.person()?.given_name.clone();
    let phone = place.and_then(|place| place.phone);
    let says = not_open(t, found.window, phone.as_deref(), &zone);
    let (open, state) = (found.is_open(), found.progress());
    let page = format!("/p/{patient}/visits/{id}/check-in");
    let next = found.steps.iter().find(|of| of.done.is_none() && may(&grant, of.step)).map(|of| of.step);
    // The reason may say more than the schedule: it is for whoever can answer.
    let reopened = found.steps.iter().filter(|of| open && may(&grant, of.step));
    let reopened: Vec<String> =
        reopened.filter_map(|of| Some(t.check_in_again_step(param::Step(title(t, of.step)), param::Why(of.again.as_ref()?)))).collect();
    let handed = handed(&grant, id).await?;
    let own = grant.holder()?.account.0;
    let is_open = |step| found.steps.iter().any(|of| of.step == step && of.done.is_none());
    let asked: Vec<String> = handed
        .iter()
        .filter(|row| open && row.account_id == own && is_open(row.step))
        .map(|row| t.check_in_asks_you(param::By(&author(t, &row.author, row.role.as_deref(), &given)), param::Step(title(t, row.step))))
        .collect();
    let next = handed.iter().find(|row| row.account_id == own && is_open(row.step)).map(|row| row.step).or(next);
    let steps: Vec<_> = found
        .steps
        .iter()
        .map(|of| {
            let (step, row) = (&of.step, of.done.as_ref());
            let (mine, href) = (may(&grant, *step), format!("{page}/{}", step.as_str()));
            let begun = match step {
                Step::Forms => {
                    found.forms().iter().any(|form| form.done.is_some() || form.begun.as_ref().is_some_and(|row| row.state == State::Begun))
                }
                Step::Consents => found.documents().iter().any(|asked| asked.decided.is_some()),
                _ => false,
            };
            let tag = match row {
                Some(row) => done_tag(t, row, false),
                None if mine && begun => Tag::warning(t.check_in_form_begun()),
                None if mine => Tag::warning(t.check_in_tag_step_open()),
                None => Tag::muted(t.check_in_tag_step_other()),
            };
            let line = match row {
                Some(row) => done(t, row, &given, &zone),
                None if mine => String::new(),
                None => t.check_in_step_other(&given),
            };
            let to = handed.iter().find(|handed| handed.step == *step && row.is_none());
            let to = to.map(|handed| t.check_in_handed_to(param::At(&t.date_and_time(handed.handed_at, &zone)), param::Name(&handed.name)));
            let lines: Vec<String> = [line].into_iter().chain(to).filter(|line| !line.is_empty()).collect();
            // What is done can be changed until it closes; what somebody else does is not shown.
            let label = if row.is_some() { t.check_in_change_step(title(t, *step)) } else { t.check_in_do_step(title(t, *step)) };
            (title(t, *step).to_owned(), tag, lines, (mine && open).then_some((href, label)))
        })
        .collect();
    let until = match found.window {
        Window::Open(until) if found.visit.kind == Kind::Office => Some(t.check_in_until(&t.date_and_time(until, &zone))),
        Window::Open(until) => Some(t.check_in_until_video(&t.date_and_time(until, &zone))),
        _ => None,
    };
    let saved = request.query("done").as_deref() == Some("saved");
    let said = match (state, saved) {
        (Progress::Done, _) if open => Some(t.check_in_all_done().to_owned()),
        (_, true) if next.is_none() => Some(t.check_in_your_part().to_owned()),
        (_, true) => Some(t.check_in_saved().to_owned()),
        _ if request.query("done").as_deref() == Some("handed") => Some(t.check_in_handed().to_owned()),
        _ => None,
    };
    let arrive = match arriving(&found.facts(), &found.office.rules, now) {
        Arriving::Open | Arriving::Closed(crate::desk::check_in::model::Closed::Arrived) => {
            Some(format!("/p/{patient}/visits/{id}/arrive"))
        }
        _ => None,
    };
    let go_on = next.filter(|_| open).map(|step| {
        let label = if state == Progress::Open { t.check_in_begin() } else { t.check_in_go_on() };
        (format!("{page}/{}", step.as_str()), label)
    });
    let tag = open.then(|| progress(t, state));
    Ok(Page::new(t.check_in_title(&name), when).narrow().back(format!("/p/{patient}/visits/{id}"), t.appointments_the_visit()).body(
        view! {
            {said.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
            {asked.into_iter().map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> }).collect_view()}
        {reopened.into_iter().map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> }).collect_view()}
            <Section heading=t.check_in_whose(&given)>
                {tag.map(|tag| view! { <div>{tag.draw()}</div> })}
                {says.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
                {until.map(|words| view! { <p class="text">{words}</p> })}
                {go_on.map(|(href, label)| view! { <MainButton href label/> })}
                {arrive.map(|href| view! { <QuietButton href label=t.check_in_here()/> })}
            </Section>
            {open.then(|| view! {
                <Section heading=t.check_in_steps()>
                    {steps.into_iter().map(|(title, tag, lines, link)| view! {
                        <Item title tag=Some(tag) lines>{link.map(|(href, label)| view! { <QuietButton href label/> })}</Item>
                    }).collect_view()}
                </Section>
            })}
        },
    ))
}

/// The form that asks a step anew.
#[component]
pub fn Undo(patient: PatientId, visit: Uuid, step: &'static str) -> impl IntoView {
    let t = crate::base::i18n::texts();
    let hidden = vec![("patient", patient.to_string()), ("visit", visit.to_string()), ("step", step.to_owned())];
    view! { <PostForm action=api::Undo::PATH submit=t.check_in_undo() quiet=true hidden/> }
}
