use leptos::prelude::*;
use leptos_meta::Title;

use super::{api::read_personal_information, wire::PersonalInformation};
use crate::{
    base::{
        boot::Boot,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    view::{
        Notice, PageHead,
        chart_page::{Asked, Part, chart_page},
    },
};

/// Who this is and how to reach them.
#[component]
pub fn PersonalInformationPage() -> impl IntoView {
    let t = texts();
    view! {
        <Title text=t.personal_title()/>
        <PageHead title=t.personal_title() lead=t.personal_lead()/>
        {chart_page(Signal::stored(String::new()), ask, show)}
    }
    .into_any()
}

fn ask(patient: PatientId, _key: String) -> Asked {
    Box::pin(async move { read_personal_information(patient).await.map(Part::PersonalInformation) })
}

fn show(part: Part, _key: String) -> AnyView {
    match part {
        Part::PersonalInformation(found) => view! { <Sections found/> }.into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn Sections(found: PersonalInformation) -> impl IntoView {
    let t = texts();
    let phone = expect_context::<Boot>().brand.support_phone;
    let patient = found.patient;
    let age = t.age(found.age);
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
                    <Row label=t.personal_birth_date() value=Some(format!("{} ({age})", found.birth_date))/>
                    <Row label=t.personal_sex() value=found.sex.and_then(|sex| sex_in_words(t, &sex))/>
                    <Row label=t.personal_language() value=found.language.map(|tag| language_in_words(t, &tag))/>
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

fn language_in_words(t: Texts, tag: &str) -> String {
    match tag {
        "en" => t.personal_english().to_owned(),
        "es" => t.personal_spanish().to_owned(),
        other => other.to_owned(),
    }
}
