use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::words::staff_title;
use crate::{
    access::{allow, policy::ManageCalendars},
    base::{error::Error, i18n::Texts, locale::Locale},
    desk::{
        check_in::{model::Step, offices},
        scheduling::{keepers::changes, staff::departments},
    },
    features::check_in::api,
    record::care_team::entity::department,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Checkbox, Field, Input},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{LinkList, PrintButton, Section},
    },
};

/// How a department wants people to check in and to arrive, and the code for its door.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn office(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<ManageCalendars>(()).await?;
    if !departments(&grant).await?.contains(&id) {
        return Err(Error::NotFound);
    }
    let t = grant.texts();
    let place = department::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let office = offices::office(grant.db(), Some(id)).await?;
    let (after_en, after_es) = office.words();
    let (rules, must_pay) = (office.rules, office.must_pay());
    let may = changes(&grant, id).await?;
    let done = (request.query("done").as_deref() == Some("kept")).then(|| t.check_in_done_kept());
    let door = grant.link(&format!("/arrive/{id}"));
    let code = Part::Code { text: door.clone(), alt: t.check_in_door_alt(&place.name) };
    let hidden = vec![("department", id.to_string())];
    let asked = office.steps.clone();
    let steps = Step::ALL.iter().map(move |step| {
        let name = format!("steps[{}]", step.as_str());
        let ticked = asked.contains(step);
        view! { <Checkbox name label=staff_title(t, *step) checked=ticked id=format!("step-{}", step.as_str())/> }
    });
    Ok(Page::new(t.check_in_settings(), place.name.clone())
        .narrow()
        .back(format!("/staff/check-in?department={id}"), t.check_in_staff_title())
        .body(view! {
            {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
            {may.then(|| view! {
                <div class="no-print"><Section heading=t.check_in_settings()>
                    <PostForm action=api::KeepOffice::PATH submit=t.check_in_keep() hidden problem_at="is-on">
                        <Checkbox name="is_on" label=t.check_in_is_on() checked=rules.is_on/>
                        <Field name="opens_days" label=t.check_in_opens_days() input=Input::Digits value=rules.opens_days.to_string()/>
                        <fieldset class="field" id="steps"><legend>{t.check_in_which_steps()}</legend>{steps.collect_view()}</fieldset>
                        <Checkbox name="must_pay" label=t.check_in_must_pay() checked=must_pay/>
                        <Field name="arrive_from" label=t.check_in_arrive_from() input=Input::Digits value=rules.arrive_from.to_string()/>
                        <Field name="arrive_until" label=t.check_in_arrive_until() input=Input::Digits value=rules.arrive_until.to_string()/>
                        <Field name="after_en" label=t.check_in_after_en() hint=t.check_in_after_hint() input=Input::Area value=after_en optional=true/>
                        <Field name="after_es" label=t.check_in_after_es() input=Input::Area value=after_es optional=true/>
                    </PostForm>
                </Section></div>
            })}
            <div class="no-print"><Section heading=t.check_in_asked()>
                <LinkList links=vec![
                    (Link::new(format!("/staff/check-in/{id}/questionnaires"), t.questionnaires_office_title()), t.questionnaires_office_lead().to_owned()),
                    (Link::new(format!("/staff/check-in/{id}/documents"), t.consents_office_title()), t.consents_office_lead().to_owned()),
                ]/>
            </Section></div>
            <Section heading=t.check_in_door_sign()>
                <p class="text">{Texts(Locale::En).check_in_door_sign_says()}</p>
                <p class="text" lang="es">{Texts(Locale::Es).check_in_door_sign_says()}</p>
                <Document parts=vec![code]/>
                <p class="meta">{door}</p>
                <p class="text no-print">{t.check_in_door_says()}</p>
                <PrintButton label=t.billing_print()/>
            </Section>
        }))
}
