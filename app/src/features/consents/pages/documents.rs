use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy::ManageCalendars},
    base::{error::Error, i18n::param, ids::new_id},
    desk::{
        consents::{
            entity::consent_document,
            staff::{earlier, of_office},
        },
        scheduling::{keepers::changes, kinds},
    },
    features::consents::api,
    record::care_team::entity::department,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Checkbox, Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, MainButton, QuietButton, Section},
    },
};

/// The documents that a department asks people to sign before visits.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn documents(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<ManageCalendars>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (all, before) = (of_office(&grant, id).await?, earlier(&grant, id).await?);
    let place = department::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let may = changes(&grant, id).await?;
    let done = match request.query("done").as_deref() {
        Some("kept") => Some(t.consents_done_kept()),
        Some("withdrawn") => Some(t.consents_done_withdrawn()),
        _ => None,
    };
    let none = all.is_empty();
    let version = |found: &consent_document::Model| {
        t.consents_version_by(
            param::At(&t.date_and_time(found.made_at, &zone)),
            param::By(&found.made_by),
            param::Number(&found.version.to_string()),
        )
    };
    let before: Vec<_> = before.iter().map(|found| (found.title(t).to_owned(), vec![version(found)], Part::text(found.text(t)))).collect();
    let lines: Vec<_> = all
        .into_iter()
        .map(|found| {
            let version = version(&found);
            let each = if found.each_visit { t.consents_each_visit() } else { t.consents_once() };
            let text = Part::text(found.text(t));
            (found.title(t).to_owned(), vec![version, each.to_owned()], text, format!("/staff/check-in/{id}/documents/{}", found.id))
        })
        .collect();
    Ok(Page::new(t.consents_office_title(), place.name).narrow().back(format!("/staff/check-in/{id}"), t.check_in_settings()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            <p class="text">{t.consents_office_says()}</p>
            {may.then(|| view! { <MainButton href=format!("/staff/check-in/{id}/documents/new") label=t.consents_new()/> })}
            {none.then(|| view! { <p class="text">{t.consents_office_none()}</p> })}
            {lines.into_iter().map(|(title, lines, text, href)| view! {
                <Item title lines>
                    <Disclosure summary=t.consents_text()><Document parts=vec![text]/></Disclosure>
                    {may.then(|| view! { <QuietButton href label=t.consents_write_version()/> })}
                </Item>
            }).collect_view()}
        </Section>
        {(!before.is_empty()).then(|| view! {
            <Section heading=t.consents_earlier()>
                {before.into_iter().map(|(title, lines, text)| view! {
                    <Item title lines><Disclosure summary=t.consents_text()><Document parts=vec![text]/></Disclosure></Item>
                }).collect_view()}
            </Section>
        })}
    }))
}

/// The kinds of visits that a department has, for a list to choose from.
async fn kinds_of(grant: &Grant<ManageCalendars>, department: Uuid) -> Result<Vec<(String, String)>, Error> {
    let t = grant.texts();
    let mut all: Vec<(String, String)> = kinds::of_department(grant.db(), department)
        .await?
        .into_iter()
        .map(|kind| (kind.id.to_string(), kinds::name(t, &kind).to_owned()))
        .collect();
    all.insert(0, (String::new(), t.consents_all_kinds().to_owned()));
    Ok(all)
}

/// Writing a document, or a new version of it.
///
/// # Errors
/// `NotFound` for a department or a document that the caller does not keep; `NotAllowed` for whoever changes nothing there.
pub async fn document(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<ManageCalendars>(()).await?;
    let t = grant.texts();
    let all = of_office(&grant, id).await?;
    if !changes(&grant, id).await? {
        return Err(Error::NotAllowed);
    }
    let place = department::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let known = match request.text(1) {
        "new" => None,
        text => {
            let document: Uuid = text.parse().map_err(|_| Error::NotFound)?;
            Some(all.into_iter().find(|found| found.id == document).ok_or(Error::NotFound)?)
        }
    };
    let of = |text: fn(&consent_document::Model) -> &String| known.as_ref().map(|known| text(known).clone()).unwrap_or_default();
    let (title_en, title_es, text_en, text_es) =
        (of(|row| &row.title_en), of(|row| &row.title_es), of(|row| &row.text_en), of(|row| &row.text_es));
    let (each, kind) = (known.as_ref().is_some_and(|known| known.each_visit), known.as_ref().and_then(|known| known.kind_id));
    let document = known.as_ref().map(|known| known.id);
    let kinds = kinds_of(&grant, id).await?;
    let version = known.as_ref().map(|known| known.version).unwrap_or_default();
    let hidden = vec![("department", id.to_string()), ("document", document.map(|id| id.to_string()).unwrap_or_default())];
    let (key, again) = (new_id().to_string(), known.is_some());
    let title = if known.is_some() { t.consents_write_version() } else { t.consents_new() };
    Ok(Page::new(title, place.name)
        .narrow()
        .back(format!("/staff/check-in/{id}/documents"), t.consents_office_title())
        .body(view! {
            <Section>
                <p class="text">{t.consents_write_says()}</p>
                {again.then(|| view! { <p class="text">{t.consents_write_again()}</p> })}
                <PostForm action=api::Write::PATH submit=t.consents_keep() hidden>
                    <Field name="title_en" label=t.consents_title_en() value=title_en/>
                    <Field name="text_en" label=t.consents_text_en() input=Input::Paste value=text_en/>
                    <Field name="title_es" label=t.consents_title_es() value=title_es/>
                    <Field name="text_es" label=t.consents_text_es() input=Input::Paste value=text_es/>
                    <Select name="kind" label=t.consents_kind() choices=kinds value=kind.map(|id| id.to_string()).unwrap_or_default() optional=true/>
                    <Checkbox name="each_visit" label=t.consents_each_visit() checked=each/>
                    {again.then(|| view! { <Checkbox name="one_language" label=t.consents_one_language()/> })}
                    <input type="hidden" name="version" value=version/>
                    <input type="hidden" name="key" value=key/>
                </PostForm>
            </Section>
            {document.map(|document| view! {
                <Section heading=t.consents_withdraw()>
                    <p class="text">{t.consents_withdraw_says()}</p>
                    <PostForm action=api::Withdraw::PATH submit=t.consents_withdraw() quiet=true
                        hidden=vec![("department", id.to_string()), ("document", document.to_string())]/>
                </Section>
            })}
        }))
}
