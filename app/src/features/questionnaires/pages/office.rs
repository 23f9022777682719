use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    access::{allow, policy::ManageCalendars},
    base::error::Error,
    desk::{
        questionnaires::{
            staff::of_office,
            store::{active, form},
        },
        scheduling::{keepers::changes, kinds},
    },
    features::questionnaires::api,
    record::care_team::entity::department,
    view::{
        Notice,
        fields::Select,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, Section, Tag},
    },
};

/// Which questionnaires a department asks before visits.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn office(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<ManageCalendars>(()).await?;
    let t = grant.texts();
    let asked = of_office(&grant, id).await?;
    let may = changes(&grant, id).await?;
    let place = department::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let mut kinds: Vec<(String, String)> = kinds::of_department(grant.db(), id)
        .await?
        .into_iter()
        .map(|kind| (kind.id.to_string(), kinds::name(t, &kind).to_owned()))
        .collect();
    kinds.insert(0, (String::new(), t.consents_all_kinds().to_owned()));
    let mut lines = Vec::new();
    for known in active(grant.db()).await? {
        let own = asked.iter().find(|(row, _)| row.questionnaire_id == known.id).map(|(row, _)| row.kind_id);
        let tag =
            if own.is_some() { Tag::good(t.questionnaires_office_asked()) } else { Tag::neutral(t.questionnaires_office_not_asked()) };
        let questions: Vec<String> = match form(grant.db(), known.id, grant.locale()).await? {
            Some(form) => {
                form.all().into_iter().filter(|item| !item.hidden && !item.text.is_empty()).map(|item| item.text.clone()).collect()
            }
            None => Vec::new(),
        };
        let kind = own.flatten().map(|kind| kind.to_string()).unwrap_or_default();
        let title = known.title(t).to_owned();
        lines.push((known.id, title, tag, own.is_some(), kind, known.version, questions));
    }
    let none = lines.is_empty();
    let done = (request.query("done").as_deref() == Some("kept")).then(|| t.questionnaires_office_done());
    let hidden = move |form: Uuid, asks: bool| vec![("department", id.to_string()), ("form", form.to_string()), ("asks", asks.to_string())];
    Ok(Page::new(t.questionnaires_office_title(), place.name)
        .narrow()
        .back(format!("/staff/check-in/{id}"), t.check_in_settings())
        .body(view! {
            {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
            <Section>
                <p class="text">{t.questionnaires_office_says()}</p>
                {none.then(|| view! { <p class="text">{t.questionnaires_office_none()}</p> })}
                {lines.into_iter().map(|(form, title, tag, is_asked, kind, version, questions)| {
                    let choices = kinds.clone();
                    let lines: Vec<String> = version.map(|version| t.consents_version(&version)).into_iter().collect();
                    let field = format!("kind-{form}");
                    view! {
                        <Item title tag=Some(tag) lines>
                            <Disclosure summary=t.questionnaires_preview()>
                                <ul class="plain">{questions.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul>
                            </Disclosure>
                            {may.then(|| view! {
                                <PostForm action=api::AskBeforeVisits::PATH submit=t.questionnaires_office_ask() quiet=true hidden=hidden(form, true)>
                                    <Select name="kind" label=t.questionnaires_office_kind() choices value=kind id=field optional=true/>
                                </PostForm>
                            })}
                            {(may && is_asked).then(|| view! {
                                <PostForm action=api::AskBeforeVisits::PATH submit=t.questionnaires_office_stop() quiet=true hidden=hidden(form, false)/>
                            })}
                        </Item>
                    }
                }).collect_view()}
            </Section>
        }))
}
