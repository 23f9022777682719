use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    access::{AccessList, RecordForm, listed},
    account::{NewAccount, code_that_is_out},
    join::JoinedRecords,
    words::with_age,
};
use crate::{
    access::{
        Grant, allow,
        policy::{CreateAccounts, JoinRecords, OpenAnswers, RecordAccess, StartThread, ViewPatientAccount},
        proxy,
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    features::{
        account::core::may_hold_account,
        family::recorded::emancipations,
        staff::{
            api::{self, RecordEmancipation},
            joining::joined,
            store,
        },
    },
    people::{account, emancipation, patient},
    view::{
        Notice,
        document::{Document, Part},
        fields::{Checkbox, Field, Input},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, LinkList, QuietButton, Section, Tag},
    },
};

/// One patient: account, access, and what may be done.
///
/// # Errors
/// `NotFound` for whoever is no staff.
pub async fn patient(request: PageRequest) -> Result<Page, Error> {
    let done = request.query("done");
    let asked = allow::<ViewPatientAccount>(request.id(0)?).await?;
    let current = store::current(&asked).await?;
    let grant = if current == asked.patient() { asked } else { allow::<ViewPatientAccount>(current).await? };
    patient_page(&grant, done.as_deref()).await
}

/// # Errors
/// `NotFound` when there is no such patient.
pub(super) async fn patient_page(grant: &Grant<ViewPatientAccount>, done: Option<&str>) -> Result<Page, Error> {
    let (t, patient, today) = (grant.texts(), grant.patient(), grant.now().today);
    let (found, account) = store::one(grant).await?;
    let accesses = listed(grant).await?;
    let done = match done {
        Some("created") => Some(t.staff_done_created()),
        Some("written") => Some(t.staff_done_written()),
        Some("recorded") => Some(t.staff_done_recorded()),
        Some("recorded-demographics") => Some(t.staff_done_recorded_demographics()),
        Some("recorded-nothing") => Some(t.staff_done_recorded_nothing()),
        Some("completed") => Some(t.staff_done_completed()),
        Some("joined") => Some(t.staff_done_joined()),
        Some("separated") => Some(t.staff_done_separated()),
        Some("undone") => Some(t.staff_done_undone()),
        Some("ended") => Some(t.family_done_ended()),
        Some("emancipated") => Some(t.staff_done_emancipated()),
        _ => None,
    };
    let deceased = found.deceased.then(|| {
        let until = found.access_until.map(|day| t.long_date(day)).unwrap_or_default();
        view! { <p class="text">{t.staff_deceased_text(&until)}</p> }
    });
    let outstanding = match account {
        None => code_that_is_out(grant).await?,
        Some(_) => None,
    };
    let account_section = match &account {
        Some(account) => {
            let facts = account_facts(grant, account);
            view! {
                <Item title=t.staff_account() tag=Some(Tag::good(t.staff_has_account()))/>
                <Document parts=facts/>
                <p class="text">{t.staff_recover()}</p>
            }
            .into_any()
        }
        None if found.deceased => ().into_any(),
        None if found.born_by.is_some() => view! { <p class="text">{t.staff_no_account_yet()}</p> }.into_any(),
        None if may_hold_account(&found, today).is_err() => view! { <p class="text">{t.staff_minor()}</p> }.into_any(),
        None if grant.would_allow::<CreateAccounts>(&patient) => view! { <NewAccount patient outstanding/> }.into_any(),
        None => view! { <p class="text">{t.staff_no_account()}</p> }.into_any(),
    };
    let about = demographics(grant, &found);
    let may_record = grant.would_allow::<RecordAccess>(&patient);
    let may_emancipate = may_record && !proxy::is_adult(found.birth_date, today) && found.emancipated_on.is_none();
    let may_undo = may_record && found.emancipated_on.is_some();
    let history = history(grant, &emancipations(grant).await?);
    let zone = grant.zone();
    let may_join = grant.would_allow::<JoinRecords>(&patient);
    let joined = if may_join { joined(grant).await? } else { Vec::new() };
    let to_join = vec![(Link::new(format!("/staff/patients/{patient}/join"), t.staff_join_title()), t.staff_join_demo().to_owned())];
    let letter = vec![(Link::new("/help/new-experience", t.tour_new()), t.staff_letter_demo().to_owned())];
    let may_write = grant.would_allow::<StartThread>(&patient) && !found.deceased;
    let may_ask = grant.would_allow::<OpenAnswers>(&patient);
    let may_book = grant.would_allow::<crate::access::policy::ArrangeVisits>(&patient);
    let page = Page::new(format!("{} {}", found.given_name, found.family_name), t.staff_patient_lead());
    Ok(page.back("/staff/patients", t.staff_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.personal_about()>
            <Document parts=about/>
            {(may_record && found.born_by.is_some()).then(|| view! { <BirthDateForm patient/> })}
        </Section>
        <Section id="account" heading=t.staff_account()>
            {deceased}
            {account_section}
            {may_write.then(|| view! { <QuietButton href=format!("/staff/messages/new/{patient}") label=t.messages_staff_write_first()/> })}
            {may_ask.then(|| view! { <QuietButton href=format!("/staff/patients/{patient}/questionnaires") label=t.questionnaires_staff_of()/> })}
            {may_book.then(|| view! { <QuietButton href=format!("/staff/patients/{patient}/book") label=t.schedules_book_title()/> })}
        </Section>
        <Section heading=t.staff_access()><AccessList patient accesses/></Section>
        {may_record.then(|| view! { <Section heading=t.staff_record()><RecordForm patient/></Section> })}
        {may_emancipate.then(|| view! { <Section heading=t.staff_emancipation()><EmancipationForm patient/></Section> })}
        {(may_undo || !history.is_empty()).then(|| view! {
            <Section heading=t.staff_emancipated()>
                <Document parts=history/>
                {may_undo.then(|| view! { <UndoForm patient/> })}
            </Section>
        })}
        {may_join.then(|| view! {
            <Section heading=t.staff_records()>
                <JoinedRecords patient joined zone/>
                <LinkList links=to_join/>
            </Section>
        })}
        <Section heading=t.staff_letter_next()><LinkList links=letter/></Section>
    }))
}

fn demographics(grant: &Grant<ViewPatientAccount>, found: &patient::Model) -> Vec<Part> {
    let t = grant.texts();
    let age = found.known_birth_date().map(|born| proxy::age_on(born, grant.now().today));
    vec![Part::facts([
        (t.personal_birth_date(), Some(with_age(t, t.when_as_said(&found.born()), age))),
        (t.personal_record_number(), found.mrn.clone()),
        (t.personal_address(), Some(found.address().join(", ")).filter(|address| !address.is_empty())),
        (t.personal_phone_mobile(), found.phone_mobile.clone()),
        (t.personal_phone_home(), found.phone_home.clone()),
        (t.personal_email(), found.email.clone()),
        (t.staff_emancipated(), found.emancipated_on.map(|day| t.date(day))),
    ])]
}

fn account_facts(grant: &Grant<ViewPatientAccount>, account: &account::Model) -> Vec<Part> {
    let t: Texts = grant.texts();
    let second_step = if account.totp_confirmed_at.is_some() { t.second_on() } else { t.second_off() };
    vec![Part::facts([
        (t.staff_since(), Some(t.date_and_time(account.created_at, &grant.zone()))),
        (t.second_settings_title(), Some(second_step.to_owned())),
    ])]
}

/// Who recorded an emancipation, and who undid it and why.
fn history(grant: &Grant<ViewPatientAccount>, recorded: &[emancipation::Model]) -> Vec<Part> {
    let (t, zone) = (grant.texts(), grant.zone());
    let lines = recorded.iter().flat_map(|row| {
        let undone = row.undone_at.map(|at| {
            let (by, reason) = (row.undone_by.as_deref().unwrap_or_default(), row.reason.as_deref().unwrap_or_default());
            t.staff_emancipation_undone_by(param::At(&t.date_and_time(at, &zone)), param::By(by), param::Reason(reason))
        });
        std::iter::once(t.staff_emancipation_by(param::At(&t.date_and_time(row.recorded_at, &zone)), param::By(&row.recorded_by)))
            .chain(undone)
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { Vec::new() } else { vec![Part::Lines(lines)] }
}

#[component]
fn BirthDateForm(patient: PatientId) -> impl IntoView {
    let t = texts();
    view! {
        <Notice><p class="text">{t.staff_birth_date_text()}</p></Notice>
        <PostForm action=api::CompleteBirthDate::PATH submit=t.staff_birth_date_submit() hidden=vec![("patient", patient.to_string())]>
            <Field name="birth_date" label=t.personal_birth_date() input=Input::Date id="whole-birth-date"/>
            <Checkbox name="photo_id" label=t.staff_check_photo() id="whole-birth-date-photo-id"/>
        </PostForm>
    }
}

#[component]
fn UndoForm(patient: PatientId) -> impl IntoView {
    let t = texts();
    view! {
        <Disclosure summary=t.staff_undo_emancipation()>
            <p class="text">{t.staff_undo_emancipation_text()}</p>
            <PostForm action=api::UndoEmancipation::PATH submit=t.staff_undo_emancipation() quiet=true hidden=vec![("patient", patient.to_string())]>
                <Field name="reason" label=t.queue_reason() id="undo-reason"/>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn EmancipationForm(patient: PatientId) -> impl IntoView {
    let t = texts();
    view! {
        <p class="text">{t.staff_emancipation_text()}</p>
        <PostForm action=RecordEmancipation::PATH submit=t.staff_emancipate() quiet=true hidden=vec![("patient", patient.to_string())]>
            <Checkbox name="papers_seen" label=t.staff_emancipate_papers()/>
        </PostForm>
    }
}
