use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{
        allow,
        policy::{ArrangeVisits, OpenAnswers, OpenVisit, SeeSchedules},
    },
    base::{error::Error, i18n::texts, ids::PatientId},
    desk::{
        office::words::{about, author},
        scheduling::{act::May, staff_visits, waiting::entry_of},
    },
    features::schedules::api,
    people::patient,
    record::{
        care_team::entity::{clinician, department},
        visit::{entity::visit_clinician, model::Status},
    },
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Section, Tag},
    },
};

/// A visit of one's departments: what the patient said, and calling it off.
///
/// # Errors
/// `NotFound` for a visit of other departments.
pub async fn visit(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
    let id: Uuid = request.id(0)?;
    let patient = staff_visits::patient_of_visit(&allow::<SeeSchedules>(()).await?, id).await?;
    let grant = allow::<OpenVisit>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let (visit, booking) = staff_visits::visit_of(&grant, id).await?;
    let person = patient::current(grant.db(), visit.patient_id).await?.ok_or(Error::NotFound)?;
    let with = visit_clinician::Entity::find()
        .select_only()
        .column(visit_clinician::Column::ClinicianId)
        .filter(visit_clinician::Column::VisitId.eq(id))
        .into_query();
    let people = clinician::Entity::find().filter(clinician::Column::Id.in_subquery(with)).all(grant.db()).await?;
    let place = match visit.department_id {
        Some(id) => department::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let done = match request.query("done").as_deref() {
        Some("cancelled") => Some(t.schedules_done_cancelled()),
        Some("booked") => Some(t.schedules_done_booked()),
        Some("moved") => Some(t.schedules_done_moved()),
        Some("urgent") => Some(t.schedules_done_urgent()),
        _ => None,
    };
    let [born, language] = about(t, &person, now.today);
    let known = booking.as_ref();
    let by =
        known.filter(|booking| booking.made_here).map(|booking| author(t, &booking.author, booking.role.as_deref(), &person.given_name));
    let changed = known.is_some_and(|booking| booking.insurance_same == Some(false));
    let facts = Part::facts([
        (t.appointments_when(), visit.starts_at.map(|at| t.date_and_time(at, &zone))),
        (t.appointments_with_whom(), Some(people.into_iter().map(|found| found.name).collect::<Vec<_>>().join(", "))),
        (t.appointments_where(), place.map(|place| place.name)),
        (t.appointments_reason(), visit.reason.clone()),
        born,
        language,
        (t.schedules_booked_by(), by),
        (t.appointments_phone(), known.and_then(|booking| booking.phone.clone())),
        (t.appointments_interpreter(), known.and_then(|booking| booking.interpreter.clone())),
        (t.check_in_needs_of_theirs(), known.and_then(|booking| booking.needs.clone())),
        (t.appointments_insurance(), changed.then(|| t.appointments_insurance_changed().to_owned())),
        (t.visits_cancelled(), visit.cancel_reason.clone()),
    ]);
    let tag = match visit.status {
        Status::Cancelled => Tag::muted(t.visits_cancelled()),
        Status::Requested => Tag::warning(t.appointments_tag_pending()),
        Status::Finished => Tag::muted(t.check_in_tag_over()),
        _ if known.is_some_and(|booking| booking.confirmed_at.is_some()) => Tag::good(t.appointments_tag_confirmed()),
        Status::Booked => Tag::neutral(t.visits_booked()),
        _ => Tag::neutral(t.visits_arrived()),
    };
    let may = May::of(&visit, known, None, now.instant, zone).cancel && grant.would_allow::<ArrangeVisits>(&patient);
    let entry = entry_of(grant.db(), id).await?.filter(|entry| entry.on);
    let urgent = entry.as_ref().and_then(|entry| Some(t.schedules_is_urgent(entry.urgent_reason.as_ref()?)));
    let waits = entry.is_some();
    let title = format!("{} {}", person.given_name, person.family_name);
    let back = visit
        .starts_at
        .map_or_else(|| "/staff/schedule".to_owned(), |at| format!("/staff/schedule?day={}", crate::base::clock::local_date(at, &zone)));
    let book = format!("/staff/patients/{patient}/book");
    let links = may.then(|| Link::new(format!("{book}?moves={id}"), t.schedules_move_title()));
    let check_in = Link::new(format!("/staff/visits/{id}/check-in"), t.check_in_staff_title());
    let asks = grant
        .would_allow::<OpenAnswers>(&patient)
        .then(|| Link::new(format!("/staff/patients/{patient}/questionnaires"), t.questionnaires_staff_of()));
    let links = links.into_iter().chain([check_in]).chain(asks).chain([Link::new(book, t.schedules_book_another())]).collect();
    Ok(Page::new(title, visit.title.clone()).narrow().back(back, t.schedules_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.appointments_the_visit()>
            <div>{tag.draw()}</div>
            <Document parts=vec![facts]/>
            <Buttons links/>
        </Section>
        {(waits && may).then(|| view! { <Urgent patient id urgent/> })}
        {may.then(|| view! {
            <Section heading=t.appointments_cancel()>
                <p class="text">{t.schedules_cancel_says()}</p>
                <PostForm action=api::Cancel::PATH submit=t.schedules_cancel() hidden=vec![("patient", patient.to_string()), ("visit", id.to_string())]>
                    <Field name="words" label=t.schedules_cancel_words() input=Input::Area/>
                </PostForm>
            </Section>
        })}
    }))
}

#[component]
fn Urgent(patient: PatientId, id: Uuid, urgent: Option<String>) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
    view! {
        <Section heading=t.appointments_fast_pass()>
            <p class="text">{t.schedules_waits()}</p>
            {urgent.map(|words| view! { <p class="text">{words}</p> })}
            <PostForm action=api::MarkUrgent::PATH submit=t.schedules_mark_urgent() quiet=true hidden>
                <Field name="words" label=t.schedules_urgent_words() id="urgent-words"/>
            </PostForm>
        </Section>
    }
}
