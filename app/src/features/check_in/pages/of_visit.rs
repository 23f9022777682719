use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{done, done_tag, not_open, progress, staff_title};
use crate::{
    access::{
        allow,
        policy::{ArrangeVisits, OpenAnswers, OpenVisit, SeeMedicineRequests, SeeQueues, SeeSchedules},
    },
    base::{
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    desk::{
        check_in::{model::Step, staff, store::CheckIn},
        consents::asked::AskedDocument,
        scheduling::staff_visits,
    },
    features::check_in::api,
    people::patient,
    record::visit::model::{Kind, Status},
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Radios},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Item, Section, Tag},
    },
};

/// What somebody said before a visit of one's departments, and what the desk does with them.
///
/// # Errors
/// `NotFound` for a visit of other departments.
pub async fn of_visit(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = staff_visits::patient_of_visit(&allow::<SeeSchedules>(()).await?, id).await?;
    let grant = allow::<OpenVisit>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = staff::of_visit(&grant, id).await?;
    let person = patient::current(grant.db(), found.visit.patient_id).await?.ok_or(Error::NotFound)?;
    let steps: Vec<_> = found
        .steps
        .iter()
        .map(|of| {
            let (step, row) = (&of.step, of.done.as_ref());
            let tag = row.map_or_else(|| Tag::neutral(t.check_in_tag_step_open()), |row| done_tag(t, row, true));
            let line = row.map(|row| done(t, row, &person.given_name, &zone));
            let documents = if *step == Step::Consents { documents(t, &found, &zone) } else { Vec::new() };
            // Where what differs is decided about.
            let queue = row.filter(|row| row.told).and_then(|_| match step {
                Step::Personal | Step::Insurance if !grant.would_allow::<SeeQueues>(&()) => None,
                Step::Personal | Step::Insurance => Some(Link::new("/staff/queue", t.queue_title())),
                Step::Medications | Step::Allergies if !grant.would_allow::<SeeMedicineRequests>(&()) => None,
                Step::Medications | Step::Allergies => Some(Link::new("/staff/medications", t.medications_queue())),
                Step::Forms | Step::Consents | Step::Payment | Step::Plan => None,
            });
            let answers = (*step == Step::Forms && grant.would_allow::<OpenAnswers>(&patient))
                .then(|| Link::new(format!("/staff/patients/{patient}/questionnaires"), t.questionnaires_staff_of()));
            (
                staff_title(t, *step).to_owned(),
                tag,
                line.into_iter().chain(documents).collect::<Vec<_>>(),
                queue.into_iter().chain(answers).collect::<Vec<_>>(),
            )
        })
        .collect();
    let booked = found.booking.as_ref();
    let there = found.arrival.as_ref();
    let facts = Part::facts([
        (t.appointments_when(), found.visit.starts_at.map(|at| t.date_and_time(at, &zone))),
        (t.appointments_phone(), booked.and_then(|booking| booking.phone.clone())),
        (t.check_in_needs_of_theirs(), booked.and_then(|booking| booking.needs.clone())),
        (t.check_in_tag_here(), there.map(|row| t.time(row.arrived_at, &zone))),
        (t.check_in_called(), there.and_then(|row| Some(t.time(row.called_at?, &zone)))),
        (t.check_in_where_to(), there.and_then(|row| row.called_to.clone())),
    ]);
    let done_words = match request.query("done").as_deref() {
        Some("arrived") => Some(t.check_in_done_arrived()),
        Some("not_arrived") => Some(t.check_in_done_not_arrived()),
        Some("call_in") => Some(t.check_in_done_called()),
        Some("wait_again") => Some(t.check_in_done_wait_again()),
        Some("reopened") => Some(t.check_in_done_reopened()),
        _ => None,
    };
    // That the person is there stands above.
    let says = if found.is_waiting() { Vec::new() } else { not_open(t, found.window, None, &zone) };
    let arranges = grant.would_allow::<ArrangeVisits>(&patient);
    let today = found.visit.starts_at.is_some_and(|at| crate::base::clock::local_date(at, &zone) == grant.now().today);
    let name = format!("{} {}", person.given_name, person.family_name);
    let tag = if found.is_waiting() { Tag::good(t.check_in_tag_here()) } else { progress(t, found.progress()) };
    let back = match found.visit.department_id.zip(found.visit.starts_at) {
        Some((department, at)) => {
            format!("/staff/check-in?department={department}&day={}", crate::base::clock::local_date(at, &zone))
        }
        None => "/staff/check-in".to_owned(),
    };
    let acts = arranges.then(|| {
        let asked: Vec<Step> = found.steps.iter().map(|of| of.step).collect();
        let comes = found.visit.status == Status::Booked && found.visit.kind == Kind::Office && today;
        view! { <Acts patient id comes waits=found.is_waiting() called=there.is_some_and(|row| row.called_at.is_some()) reopens=found.is_open() asked/> }
    });
    Ok(Page::new(name, found.visit.title.clone()).narrow().back(back, t.check_in_staff_title()).body(view! {
        {done_words.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.appointments_the_visit()>
            <div>{tag.draw()}</div>
            <Document parts=vec![facts]/>
            {says.into_iter().map(|words| view! { <p class="meta">{words}</p> }).collect_view()}
            <Buttons links=vec![Link::new(format!("/staff/visits/{id}"), t.appointments_the_visit())]/>
            <div class="acts"><a class="btn quiet" href=format!("/files/check-in/{id}") rel="external">{t.check_in_on_paper()}</a></div>
        </Section>
        {acts}
        <Section heading=t.check_in_steps()>
            {steps.into_iter().map(|(title, tag, lines, links)| view! { <Item title tag=Some(tag) lines><Buttons links/></Item> }).collect_view()}
        </Section>
    }))
}

/// Each document that is asked, with what was decided, and why it was declined.
fn documents(t: Texts, found: &CheckIn, zone: &Tz) -> Vec<String> {
    let line = |asked: &AskedDocument| {
        let title = asked.document.title(t);
        let decided = asked.decided.as_ref().map(|row| {
            let what = if row.agreed { t.consents_tag_signed() } else { t.consents_tag_refused() };
            let why = row.words.as_ref().map(|words| format!(" “{words}”")).unwrap_or_default();
            format!("{title}: {what}, {}.{why}", t.date_and_time(row.at, zone))
        });
        decided.unwrap_or_else(|| format!("{title}: {}", t.check_in_tag_step_open()))
    };
    found.documents().iter().map(line).collect()
}

#[component]
fn Acts(patient: PatientId, id: Uuid, comes: bool, waits: bool, called: bool, reopens: bool, asked: Vec<Step>) -> impl IntoView {
    let t = texts();
    let hidden = move |what: &str| vec![("patient", patient.to_string()), ("visit", id.to_string()), ("what", what.to_owned())];
    let choices = [("all".to_owned(), t.check_in_all_steps().to_owned(), String::new())];
    let choices =
        choices.into_iter().chain(asked.into_iter().map(|step| (step.as_str().to_owned(), staff_title(t, step).to_owned(), String::new())));
    let choices: Vec<_> = choices.collect();
    view! {
        <Section heading=t.check_in_at_the_desk()>
            {comes.then(|| view! { <PostForm action=api::AtDesk::PATH submit=t.check_in_mark_here() hidden=hidden("arrived")/> })}
            {waits.then(|| view! {
                <PostForm action=api::AtDesk::PATH submit=t.check_in_call_in() hidden=hidden("call_in")>
                    <Field name="to" label=t.check_in_where_to() hint=t.check_in_where_to_hint() optional=true/>
                </PostForm>
                {called.then(|| view! {
                    <PostForm action=api::AtDesk::PATH submit=t.check_in_wait_again() quiet=true hidden=hidden("wait_again")/>
                })}
                <PostForm action=api::AtDesk::PATH submit=t.check_in_mark_not_here() quiet=true hidden=hidden("not_arrived")/>
            })}
            {reopens.then(|| view! {
                <Disclosure summary=t.check_in_ask_again()>
                    <PostForm action=api::Reopen::PATH submit=t.check_in_ask_again() quiet=true
                        hidden=vec![("patient", patient.to_string()), ("visit", id.to_string())]>
                        <Radios name="step" label=t.check_in_which() choices value="all"/>
                        <Field name="words" label=t.check_in_why() hint=t.check_in_why_hint()/>
                    </PostForm>
                </Disclosure>
            })}
        </Section>
    }
}
