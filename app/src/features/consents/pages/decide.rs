use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{
        allow,
        policy::{CheckIn as MayCheckIn, SignConsents},
    },
    base::{error::Error, i18n::param, ids::PatientId},
    desk::check_in::{model::Step, store::CheckIn},
    features::consents::api,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{QuietButton, Section},
    },
};

/// A document that is asked before a visit: its text, and signing it or not.
///
/// # Errors
/// `NotFound` for a visit of another chart, or a document that is not asked before it; `NotAllowed` for whoever may not sign.
pub async fn decide(request: PageRequest) -> Result<Page, Error> {
    let (patient, visit, id): (PatientId, Uuid, Uuid) = (request.id(0)?, request.id(1)?, request.id(2)?);
    let grant = allow::<MayCheckIn>(patient).await?;
    let found = CheckIn::of(&grant, visit).await?;
    let asked = found.steps.iter().any(|of| of.step == Step::Consents);
    let asked = found.documents().iter().find(|known| asked && known.document.id == id).cloned().ok_or(Error::NotFound)?;
    allow::<SignConsents>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (document, given, holder) = (&asked.document, grant.person()?.given_name.clone(), grant.holder()?.name.clone());
    let number = found.documents().iter().position(|known| known.document.id == id).unwrap_or_default() + 1;
    let lead = t.consents_lead(param::All(&found.documents().len().to_string()), param::Name(&given), param::Number(&number.to_string()));
    let back = format!("/p/{patient}/visits/{visit}/check-in/{}", Step::Consents.as_str());
    let decided = asked.decided.as_ref().map(|row| {
        let (at, name) = (t.date_and_time(row.at, &zone), row.typed_name.clone().unwrap_or_else(|| row.author.clone()));
        let words = if row.agreed {
            t.consents_signed(param::At(&at), param::Name(&name))
        } else {
            t.consents_refused(param::At(&at), param::Name(&name))
        };
        let href = format!("/p/{patient}/consents/{}", row.id);
        view! { <Notice><p class="text">{words}</p><QuietButton href label=t.consents_see()/></Notice> }
    });
    let hidden = vec![
        ("patient", patient.to_string()),
        ("visit", visit.to_string()),
        ("document", id.to_string()),
        ("version", document.version.to_string()),
    ];
    let choices = vec![
        ("agree".to_owned(), t.consents_agree().to_owned(), String::new()),
        ("refuse".to_owned(), t.consents_refuse().to_owned(), t.consents_refuse_says().to_owned()),
    ];
    let hint = t.consents_name_hint(&holder);
    let text = Part::text(document.text(t));
    let open = found.is_open();
    let version = t.consents_version(&document.version.to_string());
    let for_whom = grant.relationship().map(|_| t.consents_for(&given));
    let title = document.title(t).to_owned();
    Ok(Page::new(title, lead).narrow().back(back, t.check_in_step_consents()).body(view! {
        {decided}
        <Section heading=t.consents_text()>
            <Document parts=vec![text]/>
            <p class="meta">{version}</p>
        </Section>
        {open.then(|| view! {
            <Section heading=t.consents_decide()>
                {for_whom.map(|words| view! { <p class="text">{words}</p> })}
                <PostForm action=api::Decide::PATH submit=t.consents_save() hidden>
                    <Radios name="decision" label=t.consents_question() choices/>
                    <Field name="name" label=t.consents_name() hint autocomplete="name" optional=true/>
                    <Field name="words" label=t.consents_words() input=Input::Area optional=true/>
                </PostForm>
            </Section>
        })}
        {(!open).then(|| view! { <Section><p class="text">{t.consents_not_open()}</p></Section> })}
    }))
}
