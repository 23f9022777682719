use leptos::prelude::*;

use super::words::{access_in_words, with_age};
use crate::{
    access::{
        allow,
        policy::{FindPatients, ManageOffice, ViewPatientAccount},
    },
    base::{error::Error, i18n::texts, ids::PatientId},
    features::staff::store::{self, FoundPatient},
    view::{
        fields::{Field, Input},
        form::SearchForm,
        page::{MOST_PAGES, Page, PageRequest},
        sections::{Facts, Item, QuietButton, Section, Tag},
    },
};

/// Finds a patient, and who has access to their chart.
///
/// # Errors
/// `NotFound` for whoever is no staff.
pub async fn patients(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<FindPatients>(()).await?;
    let t = grant.texts();
    let asked = request.query("query").unwrap_or_default();
    let number: u64 = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, MOST_PAGES);
    let found = store::find(&grant, &asked, number).await?;
    let nobody = found.patients.is_empty() && !asked.is_empty();
    let (more, others) = (found.more, found.more || number > 1);
    let to = |number: u64| {
        let query: String =
            form_urlencoded::Serializer::new(String::new()).append_pair("query", &asked).append_pair("page", &number.to_string()).finish();
        format!("/staff/patients?{query}")
    };
    let (before, after) = (to(number - 1), to(number + 1));
    let may_write = grant.would_allow::<ManageOffice>(&());
    let may_book = grant.would_allow::<crate::access::policy::SeeSchedules>(&());
    let found: Vec<(FoundPatient, bool, bool)> = found
        .patients
        .into_iter()
        .map(|patient| {
            let may_open = grant.would_allow::<ViewPatientAccount>(&PatientId(patient.id));
            (patient, may_open, may_write && !may_open)
        })
        .collect();
    Ok(Page::new(t.staff_title(), t.staff_lead()).narrow().body(view! {
        <Section>
            <SearchForm submit=t.staff_find()>
                <Field name="query" label=t.staff_query() input=Input::Search hint=t.staff_hint() value=asked optional=true/>
            </SearchForm>
        </Section>
        {nobody.then(|| view! { <Section><p class="text">{t.staff_nobody()}</p></Section> })}
        {(others && !nobody).then(|| view! { <Section><p class="text" role="status">{t.staff_many(&number.to_string())}</p></Section> })}
        {found.into_iter().map(|(patient, may_open, may_write)| view! { <Section><Found patient may_open may_write may_book/></Section> }).collect_view()}
        {others.then(|| view! {
            <Section>
                {(number > 1).then(|| view! { <QuietButton href=before label=t.staff_page_before()/> })}
                {more.then(|| view! { <QuietButton href=after label=t.staff_page_after()/> })}
            </Section>
        })}
    }))
}

#[component]
fn Found(
    patient: FoundPatient,
    /// The reader may open the patient's page.
    may_open: bool,
    /// The reader may write to patients of their own departments.
    may_write: bool,
    /// The reader books visits.
    may_book: bool,
) -> impl IntoView {
    let t = texts();
    let write = may_write.then(|| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", &patient.full_name).finish();
        (format!("/staff/messages/new?{query}"), t.messages_staff_write_to(&patient.full_name))
    });
    let asks =
        may_write.then(|| (format!("/staff/patients/{}/questionnaires", patient.id), t.questionnaires_staff_for(&patient.full_name)));
    let book =
        (may_book && !patient.deceased).then(|| (format!("/staff/patients/{}/book", patient.id), t.schedules_book_for(&patient.full_name)));
    let about = [Some(with_age(t, patient.birth_date, patient.age)), patient.record_number, patient.phone];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let lines = std::iter::once(about).chain(patient.emancipated.then(|| t.staff_emancipated().to_owned())).collect();
    let tag = if patient.deceased {
        Tag::muted(t.staff_deceased())
    } else if patient.has_account {
        Tag::good(t.staff_has_account())
    } else {
        Tag::muted(t.staff_no_account())
    };
    let open = t.staff_open(&patient.full_name);
    let proxies: Vec<(String, Option<String>)> =
        patient.proxies.into_iter().map(|proxy| (proxy.name, Some(access_in_words(t, proxy.level)))).collect();
    view! {
        <Item title=patient.full_name tag=Some(tag) lines>
            {(!proxies.is_empty()).then(|| view! { <Facts facts=proxies/> })}
            {may_open.then(|| view! { <QuietButton href=format!("/staff/patients/{}", patient.id) label=open/> })}
            {write.map(|(href, label)| view! { <QuietButton href label/> })}
            {asks.map(|(href, label)| view! { <QuietButton href label/> })}
            {book.map(|(href, label)| view! { <QuietButton href label/> })}
        </Item>
    }
}
