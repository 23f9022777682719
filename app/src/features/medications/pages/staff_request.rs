use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Track, details, state};
use crate::{
    access::{
        allow,
        policy::{OpenMedicineRequest, SeeMedicineRequests},
    },
    base::{
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    desk::office::words::{about, author},
    features::medications::{
        api,
        deciding::{self, ToDecide},
        model::{Kind, MOST_REFILLS, MOST_REFILLS_CONTROLLED, RequestState},
        tracker::Steps,
    },
    features::results::newest_lines,
    people::relation::StaffRole,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Radios, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{KeptNames, Section},
    },
};

/// A request with everything that is needed to decide, and the decision.
///
/// # Errors
/// `NotFound` for a request of other departments.
pub async fn staff_request(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = deciding::patient_of(&allow::<SeeMedicineRequests>(()).await?, id).await?;
    let grant = allow::<OpenMedicineRequest>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let ToDecide {
        request: found,
        supply,
        repeats,
        dose,
        prescriber,
        patient: person,
        last_visit,
        allergies,
        medicines,
        earlier,
        schedule,
    } = deciding::open(&grant, id).await?;
    let done = match request.query("done").as_deref() {
        Some("decided") => Some(t.medications_done_decided()),
        Some("noted") => Some(t.medications_done_noted()),
        _ => None,
    };
    let [born, language] = about(t, &person, now.today);
    let visit = last_visit.map(|visit| {
        let day = visit.starts_at.map(|at| t.date_and_time(at, &zone));
        [day, Some(visit.title)].into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let list = |titles: Vec<String>| Some(titles.join("; ")).filter(|words| !words.is_empty());
    let kind = if found.kind == Kind::Refill { t.medications_refill_plain() } else { t.medications_renewal_short() };
    let facts = Part::facts([
        born,
        language,
        (t.medications_asks_for(), Some(kind.to_owned())),
        (t.medications_dose(), dose),
        (t.health_prescriber(), prescriber),
        (t.medications_asked_by(), Some(author(t, &found.author, found.role.as_deref(), &person.given_name))),
        (t.medications_refills_left(), supply.refills_left.map(|left| left.to_string())),
        (t.medications_last_given(), supply.given_on.map(|day| t.date(day))),
        (t.medications_lasts_until(), supply.until().map(|day| t.date(day))),
        (t.medications_last_visit(), visit),
        (t.medications_allergies(), list(allergies)),
        (t.medications_current(), list(medicines)),
    ]);
    let earlier: Vec<String> = earlier
        .iter()
        .filter_map(|old| {
            let at = t.date_and_time(old.requested_at?, &zone);
            Some(format!("{at}: {}", state(t, old, now.instant).text))
        })
        .collect();
    let (waits, approved) = (found.state == RequestState::Requested, found.state == RequestState::Approved);
    let controlled = schedule.is_some();
    let may_decide = !controlled || grant.holder()?.staff == Some(StaffRole::Clinician);
    let (tag, steps) = (state(t, &found, now.instant), Steps::of(&found));
    let title = format!("{} {}: {}", person.given_name, person.family_name, found.medicine);
    let asked = vec![details(t, &found)];
    let (given, most) = (person.given_name.clone(), if controlled { MOST_REFILLS_CONTROLLED } else { MOST_REFILLS });
    // As many as before, where it is a new prescription.
    let refills = (found.kind == Kind::Renewal).then(|| (most, repeats.unwrap_or(0).clamp(0, most)));
    let has_earlier = !earlier.is_empty();
    let newest = newest_lines(grant.db(), t, zone, person.id).await?;
    let has_newest = !newest.is_empty();
    Ok(Page::new(title, t.medications_request_lead()).back("/staff/medications", t.medications_queue()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.medications_request()>
            <div>{tag.draw()}</div>
            <KeptNames><Document parts=vec![facts]/></KeptNames>
            {has_newest.then(|| view! { <Document parts=vec![Part::Heading(t.medications_newest_results().to_owned()), Part::Lines(newest)]/> })}
            <p class="meta">{t.medications_without_sensitive()}</p>
            {has_earlier.then(|| view! { <Document parts=vec![Part::Heading(t.medications_earlier().to_owned()), Part::Lines(earlier)]/> })}
        </Section>
        <Section heading=t.medications_asked()>
            <Document parts=asked/>
            <Track t request=found.clone() zone now=now.instant patient=given call=None/>
        </Section>
        {waits.then(|| view! {
            <Section heading=t.medications_decide()>
                {controlled.then(|| view! { <Notice warn=true><p class="text">{t.medications_is_controlled()}</p></Notice> })}
                {may_decide.then(|| view! { <DecideForm patient id refills/> })}
            </Section>
        })}
        {approved.then(|| view! { <Section heading=t.medications_how_far()><Advance t patient id steps/></Section> })}
    }))
}

#[component]
fn DecideForm(patient: PatientId, id: Uuid, refills: Option<(i32, i32)>) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    let approve_says = if refills.is_some() { t.medications_approve_says() } else { "" };
    let choices = vec![
        ("approve".to_owned(), t.medications_approve().to_owned(), approve_says.to_owned()),
        ("visit".to_owned(), t.medications_visit().to_owned(), t.medications_visit_says().to_owned()),
        ("decline".to_owned(), t.medications_decline().to_owned(), t.medications_decline_says().to_owned()),
    ];
    let refills = refills.map(|(most, before)| {
        let counts: Vec<(String, String)> = (0..=most).map(|count| (count.to_string(), count.to_string())).collect();
        (counts, before.to_string())
    });
    view! {
        <PostForm action=api::Decide::PATH submit=t.medications_decide_send() hidden>
            <Radios name="decision" label=t.medications_decision() choices/>
            {refills.map(|(choices, value)| view! {
                <Select name="refills" label=t.medications_refills() choices value hint=t.medications_refills_hint()/>
            })}
            <Field name="words" label=t.medications_answer() input=Input::Area hint=t.medications_answer_hint() optional=true/>
        </PostForm>
    }
}

/// What was not noted yet.
#[component]
fn Advance(t: Texts, patient: PatientId, id: Uuid, steps: Steps) -> impl IntoView {
    let sent = (steps.sent.is_none() && steps.ready.is_none()).then_some(("sent", t.medications_note_sent()));
    let ready = steps.ready.is_none().then_some(("ready", t.medications_note_ready()));
    let forms = [sent, ready, Some(("done", t.medications_note_done()))].into_iter().flatten().map(|(step, submit)| {
        let hidden = vec![("patient", patient.to_string()), ("id", id.to_string()), ("step", step.to_owned())];
        view! { <PostForm action=api::Advance::PATH submit quiet=true hidden/> }
    });
    view! { <p class="meta">{t.medications_how_far_says()}</p> {forms.collect_view()} }
}
