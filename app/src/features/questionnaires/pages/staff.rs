use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::answers::shown;
use crate::{
    access::{
        allow,
        policy::{OpenAnswers, SeeAnswers, ViewPatientAccount},
    },
    base::{error::Error, i18n::param, ids::PatientId},
    desk::questionnaires::{alert_list, model::State, staff, store::active},
    features::questionnaires::{api, in_words::when_and_who},
    people::patient,
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section, Tag},
    },
};

/// The answers of which one's departments must hear at once.
///
/// # Errors
/// As the policy decides.
pub async fn alerts(request: PageRequest) -> Result<Page, Error> {
    let _ = request;
    let grant = allow::<SeeAnswers>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let rows: Vec<_> = alert_list::alerts(&grant)
        .await?
        .into_iter()
        .map(|(row, person)| {
            let tag = match (&row.seen_by, row.seen_at) {
                (Some(by), Some(at)) => Tag::good(t.questionnaires_staff_taken(param::At(&t.date_and_time(at, &zone)), param::By(by))),
                _ => Tag::warning(t.questionnaires_staff_open()),
            };
            let phone = person.phone_mobile.clone().or(person.phone_home.clone());
            let phone = phone.map(|phone| format!("{}: {phone}", t.questionnaires_staff_phone()));
            let lines: Vec<String> = [Some(t.date_and_time(row.at, &zone)), Some(format!("{}: {}", row.question, row.answer)), phone]
                .into_iter()
                .flatten()
                .collect();
            let name = format!("{} {}", person.given_name, person.family_name);
            let href = format!("/staff/patients/{}/questionnaires/{}", person.id, row.response_id);
            (name, tag, lines, href, row.seen_at.is_none().then(|| vec![("id", row.id.to_string())]))
        })
        .collect();
    let none = rows.is_empty();
    Ok(Page::new(t.questionnaires_staff_title(), t.questionnaires_staff_lead()).narrow().body(view! {
        <Section>
            {none.then(|| view! { <p class="text">{t.questionnaires_staff_none()}</p> })}
            {rows.into_iter().map(|(title, tag, lines, href, takes)| view! {
                <Item title tag=Some(tag) lines>
                    {takes.map(|hidden| view! { <PostForm action=api::TakeOnAnswer::PATH submit=t.questionnaires_staff_take() hidden/> })}
                    <QuietButton href label=t.questionnaires_staff_answers()/>
                </Item>
            }).collect_view()}
        </Section>
    }))
}

/// What a patient was asked and answered, and asking for another questionnaire.
///
/// # Errors
/// `NotFound` for a patient that there is not.
pub async fn of_patient(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<OpenAnswers>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (person, rows) = staff::of_patient(&grant).await?;
    let lines: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let tag = match row.state {
                State::Completed => Tag::good(t.questionnaires_staff_state_completed()),
                State::Begun => Tag::neutral(t.questionnaires_tag_begun()),
                State::Asked => Tag::neutral(t.questionnaires_staff_state_asked()),
                State::Withdrawn | State::Mistake => Tag::muted(t.questionnaires_staff_state_withdrawn()),
            };
            let asked = row.asked_by.as_deref().map(|by| t.questionnaires_asked_by(by));
            let due = row.due_on.map(|day| t.questionnaires_due(&t.date(day)));
            let done = (row.state == State::Completed).then(|| when_and_who(t, &zone, &row, &person.given_name));
            let lines: Vec<String> = [asked, due, done].into_iter().flatten().collect();
            let looks = row.body.is_some().then(|| format!("/staff/patients/{patient}/questionnaires/{}", row.id));
            let withdraws =
                (row.state.is_open() && row.asked_at.is_some()).then(|| vec![("patient", patient.to_string()), ("id", row.id.to_string())]);
            (row.title(t).to_owned(), tag, lines, looks, withdraws)
        })
        .collect();
    let forms: Vec<(String, String)> =
        active(grant.db()).await?.into_iter().map(|form| (form.id.to_string(), form.title(t).to_owned())).collect();
    let departments: Vec<(String, String)> =
        staff::own_offices(&grant).await?.into_iter().map(|office| (office.id.to_string(), office.name)).collect();
    let asks = !forms.is_empty() && !departments.is_empty() && !person.deceased;
    let (none, done) = (
        lines.is_empty(),
        match request.query("done").as_deref() {
            Some("asked") => Some(t.questionnaires_staff_sent()),
            Some("withdrawn") => Some(t.questionnaires_staff_withdrawn()),
            _ => None,
        },
    );
    let name = format!("{} {}", person.given_name, person.family_name);
    let page = Page::new(t.questionnaires_staff_of(), name.clone()).narrow();
    let page = match grant.would_allow::<ViewPatientAccount>(&patient) {
        true => page.back(format!("/staff/patients/{patient}"), name),
        false => page.back("/staff/questionnaires", t.questionnaires_staff_title()),
    };
    Ok(page.body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            {none.then(|| view! { <p class="text">{t.questionnaires_staff_nothing()}</p> })}
            {lines.into_iter().map(|(title, tag, lines, looks, withdraws)| view! {
                <Item title tag=Some(tag) lines>
                    {looks.map(|href| view! { <QuietButton href label=t.questionnaires_look()/> })}
                    {withdraws.map(|hidden| view! {
                        <PostForm action=api::WithdrawQuestionnaire::PATH submit=t.questionnaires_staff_withdraw() quiet=true hidden/>
                    })}
                </Item>
            }).collect_view()}
        </Section>
        {asks.then(|| view! {
            <Section heading=t.questionnaires_staff_ask()>
                <PostForm action=api::AskQuestionnaire::PATH submit=t.questionnaires_staff_send() hidden=vec![("patient", patient.to_string())]>
                    <Select name="form" label=t.questionnaires_staff_which() choices=forms/>
                    <Select name="department" label=t.questionnaires_staff_department() choices=departments/>
                    <Field name="due_on" label=t.questionnaires_staff_due() input=Input::Date/>
                    <Field name="note" label=t.questionnaires_staff_note() input=Input::Area optional=true/>
                </PostForm>
            </Section>
        })}
    }))
}

/// What a patient answered.
///
/// # Errors
/// `NotFound` for answers that do not concern one's departments.
pub async fn answers_of_patient(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<OpenAnswers>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let row = staff::one(&grant, id).await?;
    let person = patient::current(grant.db(), row.patient_id).await?.ok_or(Error::NotFound)?;
    let name = format!("{} {}", person.given_name, person.family_name);
    let about = format!("{name}. {}", when_and_who(t, &zone, &row, &person.given_name));
    let shown = shown(&grant, &row, &format!("/files/staff-answer/{patient}/{id}")).await?;
    Ok(Page::new(row.title(t), about)
        .narrow()
        .back(format!("/staff/patients/{patient}/questionnaires"), t.questionnaires_staff_of())
        .body(shown))
}
