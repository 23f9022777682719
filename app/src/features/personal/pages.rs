//! Name, birth date, address, contact and language; and asking for a change of them.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    api::ChangeDetails,
    model::PersonalInformation,
    store::{self, Details},
};
use crate::{
    access::{allow, policy},
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
        terms::language,
    },
    view::{
        Notice, PageHead,
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Who this is and how to reach them.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn information(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ViewPersonalInformation>(request.id(0)?).await?;
    let t = grant.texts();
    let found = store::read(&grant).await?;
    Ok(Page::bare(t.personal_title()).body(view! {
        <PageHead title=t.personal_title() lead=t.personal_lead()/>
        <Information found/>
    }))
}

/// What is known, ready to be changed.
///
/// # Errors
/// `NotAllowed` for somebody who may see it only.
pub async fn change(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<policy::ChangePersonalInformation>(patient).await?;
    let t = grant.texts();
    let (name, known) = store::known(&grant).await?;
    let Details { address_line, city, state, postal_code, phone_mobile, phone_home } = known;
    let page = Page::new(t.personal_change(), t.personal_change_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/personal-information"), t.personal_title()).body(view! {
        <Section>
            <PostForm action=ChangeDetails::PATH submit=t.personal_change_submit(&name) hidden=vec![("patient", patient.to_string())]>
                <Field name="address_line" label=t.personal_address() value=address_line autocomplete="street-address" optional=true/>
                <Field name="city" label=t.personal_city() value=city autocomplete="address-level2" optional=true/>
                <Field name="state" label=t.personal_state() value=state autocomplete="address-level1" optional=true/>
                <Field name="postal_code" label=t.signup_zip() value=postal_code autocomplete="postal-code" optional=true/>
                <Field name="phone_mobile" label=t.personal_phone_mobile() input=Input::Phone value=phone_mobile autocomplete="tel"
                    optional=true/>
                <Field name="phone_home" label=t.personal_phone_home() input=Input::Phone value=phone_home optional=true/>
            </PostForm>
            <p class="meta">{t.personal_change_email()}</p>
        </Section>
    }))
}

#[component]
fn Information(found: PersonalInformation) -> impl IntoView {
    let t = texts();
    let phone = expect_context::<Boot>().brand.support_phone;
    let patient = found.patient;
    let born = match found.age {
        Some(age) => format!("{} ({})", found.birth_date, t.age(age)),
        None => found.birth_date,
    };
    let contact = [
        (t.personal_phone_mobile(), found.phone_mobile),
        (t.personal_phone_home(), found.phone_home),
        (t.personal_phone_work(), found.phone_work),
        (t.personal_email(), found.email),
    ];
    let related = found.related.into_iter().map(|person| {
        let detail = [person.relationship, person.phone].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        (person.name, Some(detail).filter(|detail| !detail.is_empty()))
    });
    view! {
        {found.demographics_only.then(|| view! {
            <Notice><h2>{t.personal_teen_title()}</h2><p>{t.personal_teen_text()}</p></Notice>
        })}
        <div class="sheets">
            <section class="sheet">
                <h2>{t.personal_about()}</h2>
                <dl class="list">
                    <Row label=t.personal_name() value=Some(found.full_name)/>
                    <Row label=t.personal_birth_date() value=Some(born)/>
                    <Row label=t.personal_sex() value=found.sex.and_then(|sex| sex_in_words(t, &sex))/>
                    <Row label=t.personal_language() value=found.language.map(|tag| language(t, &tag).to_owned())/>
                    <Row label=t.personal_marital_status() value=found.marital_status/>
                    <Row label=t.personal_record_number() value=found.record_number/>
                </dl>
            </section>
            <section class="sheet">
                <h2>{t.personal_contact()}</h2>
                <dl class="list">
                    {(!found.address.is_empty()).then(|| view! {
                        <div><dt>{t.personal_address()}</dt>
                            <dd>{found.address.into_iter().map(|line| view! { <span>{line}</span> }).collect_view()}</dd></div>
                    })}
                    {contact.map(|(label, value)| view! { <Row label value/> })}
                </dl>
            </section>
            <Related related=related.collect()/>
        </div>
        <div class="acts no-print">
            {found.may_change.then(|| view! { <a class="btn quiet" href=format!("/p/{patient}/personal-information/change")>{t.personal_change()}</a> })}
            <a class="btn quiet" href=format!("/p/{patient}/access-log")>{t.log_title()}</a>
        </div>
        <p class="meta">{t.personal_wrong(&phone)}</p>
    }
    .into_any()
}

#[component]
fn Related(
    /// Name, and relationship with phone.
    related: Vec<(String, Option<String>)>,
) -> impl IntoView {
    (!related.is_empty()).then(|| {
        view! {
            <section class="sheet">
                <h2>{texts().personal_related()}</h2>
                <ul class="lines">
                    {related.into_iter().map(|(name, detail)| view! {
                        <li><b>{name}</b>{detail.map(|detail| view! { <span>{detail}</span> })}</li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Row(label: &'static str, value: Option<String>) -> impl IntoView {
    value.map(|value| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
}

/// FHIR's administrative gender. Unknown says nothing.
fn sex_in_words(t: Texts, sex: &str) -> Option<String> {
    match sex {
        "female" => Some(t.personal_female().to_owned()),
        "male" => Some(t.personal_male().to_owned()),
        "other" => Some(t.personal_other_sex().to_owned()),
        _ => None,
    }
}
