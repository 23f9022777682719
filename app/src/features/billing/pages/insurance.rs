use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{
        allow,
        policy::{TellInsurance, ViewInsurance},
    },
    base::{error::Error, i18n::texts, ids::PatientId},
    desk::{
        billing::{entity::coverage, reading},
        requests::{model::RequestState, store::open_of},
    },
    features::billing::{api, insurance_change::INSURANCE},
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, Section, Tag},
    },
};

/// The insurances of somebody, and telling about a change.
///
/// # Errors
/// What the policy refuses.
pub async fn insurance(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewInsurance>(patient).await?;
    let (t, given) = (grant.texts(), grant.person()?.given_name.clone());
    let known = reading::coverages(grant.db(), patient.0).await?;
    let told = open_of(&grant, INSURANCE.key).await?;
    let under_way: Vec<(String, Tag, Vec<Part>)> = told
        .iter()
        .filter(|row| row.state != RequestState::Accepted)
        .map(|row| {
            let title = t.billing_told_on(&t.date(crate::base::clock::local_date(row.created_at, &grant.zone())));
            let mut parts = (INSURANCE.describe)(t, row).unwrap_or_default();
            parts.extend(row.answer.clone().filter(|_| row.state == RequestState::Declined).map(Part::Quote));
            let tag = match row.state {
                RequestState::Open => Tag::neutral(t.billing_insurance_submitted()),
                RequestState::Review => Tag::neutral(t.billing_insurance_checked()),
                RequestState::Declined => Tag::warning(t.billing_insurance_refused()),
                _ => Tag::muted(t.requests_withdrawn()),
            };
            (title, tag, parts)
        })
        .collect();
    let tells = grant.would_allow::<TellInsurance>(&patient);
    let lines: Vec<_> = known.iter().map(|row| shown(t, row)).collect();
    let choices: Vec<(String, String, String)> = known
        .iter()
        .filter(|row| row.active)
        .map(|row| (row.id.to_string(), row.insurer.clone(), row.member_id.clone().unwrap_or_default()))
        .collect();
    let (none, has_some, has_told) = (lines.is_empty(), !choices.is_empty(), !under_way.is_empty());
    let done = (request.query("done").as_deref() == Some("told")).then(|| t.billing_insurance_told());
    let hidden = |what: &str| vec![("patient", patient.to_string()), ("what", what.to_owned())];
    let (new, correct, end) = (hidden("new"), hidden("correct"), hidden("end"));
    let other = choices.clone();
    Ok(Page::new(t.billing_insurance_title(), t.billing_insurance_lead(&given)).narrow().back("/billing", t.billing_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.billing_insurance_known()>
            {none.then(|| view! { <p class="text">{t.billing_no_insurance()}</p> })}
            {lines.into_iter().map(|(title, tag, facts)| view! { <Item title tag=Some(tag)><Document parts=vec![facts]/></Item> }).collect_view()}
        </Section>
        {has_told.then(|| view! {
            <Section heading=t.billing_insurance_under_way()>
                {under_way.into_iter().map(|(title, tag, parts)| view! { <Item title tag=Some(tag)><Document parts/></Item> }).collect_view()}
            </Section>
        })}
        {tells.then(|| view! {
            <Section heading=t.billing_insurance_change()>
                <p class="text">{t.billing_insurance_says()}</p>
                <Disclosure summary=t.billing_insurance_new() open=none>
                    <PostForm action=api::TellInsurance::PATH submit=t.billing_insurance_send() files=true hidden=new><Fields suffix="new"/></PostForm>
                </Disclosure>
                {has_some.then(|| view! {
                    <Disclosure summary=t.billing_insurance_correct()>
                        <PostForm action=api::TellInsurance::PATH submit=t.billing_insurance_send() files=true hidden=correct>
                            <Radios name="coverage" label=t.billing_insurance_which() choices id="coverage-correct"/>
                            <Fields suffix="correct"/>
                        </PostForm>
                    </Disclosure>
                    <Disclosure summary=t.billing_insurance_end()>
                        <PostForm action=api::TellInsurance::PATH submit=t.billing_insurance_send() files=true hidden=end>
                            <Radios name="coverage" label=t.billing_insurance_which() choices=other id="coverage-end"/>
                            <Field name="day" label=t.billing_insurance_until() input=Input::Date id="day-end"/>
                        </PostForm>
                    </Disclosure>
                })}
            </Section>
        })}
    }))
}

fn shown(t: crate::base::i18n::Texts, row: &coverage::Model) -> (String, Tag, Part) {
    let tag = if row.active { Tag::good(t.billing_insurance_active()) } else { Tag::muted(t.billing_insurance_over()) };
    let facts = Part::facts([
        (t.billing_plan_name(), row.plan_name.clone()),
        (t.billing_member_id(), row.member_id.clone()),
        (t.billing_group_id(), row.group_id.clone()),
        (t.billing_holder(), row.holder.clone()),
        (t.billing_relationship(), row.relationship.clone()),
        (t.billing_insurance_from(), row.starts_on.map(|day| t.date(day))),
        (t.billing_insurance_until(), row.ends_on.map(|day| t.date(day))),
    ]);
    (row.insurer.clone(), tag, facts)
}

#[component]
fn Fields(suffix: &'static str) -> impl IntoView {
    let t = texts();
    let id = |name: &str| format!("{name}-{suffix}");
    view! {
        <Field name="insurer" label=t.billing_insurer() id=id("insurer")/>
        <Field name="member_id" label=t.billing_member_id() hint=t.billing_member_id_hint() id=id("member-id")/>
        <Field name="group_id" label=t.billing_group_id() optional=true id=id("group-id")/>
        <Field name="holder" label=t.billing_holder() hint=t.billing_holder_hint() optional=true id=id("holder")/>
        <Field name="relationship" label=t.billing_relationship() optional=true id=id("relationship")/>
        <Field name="day" label=t.billing_insurance_from() input=Input::Date optional=true id=id("day")/>
        <Field name="file" label=t.billing_card_photo() hint=t.billing_card_photo_hint()
            input=Input::Photo { accept: "image/jpeg,image/png,application/pdf" } optional=true id=id("file")/>
    }
}
