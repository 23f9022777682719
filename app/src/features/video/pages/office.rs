use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    access::{allow, policy::ManageCalendars},
    base::error::Error,
    desk::{
        scheduling::{keepers::changes, staff::departments},
        video::offices,
    },
    features::video::api,
    record::care_team::entity::department,
    view::{
        Notice,
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// How a department holds its visits by video.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `NotAllowed` for whoever changes nothing there.
pub async fn office(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<ManageCalendars>(()).await?;
    if !departments(&grant).await?.contains(&id) {
        return Err(Error::NotFound);
    }
    if !changes(&grant, id).await? {
        return Err(Error::NotAllowed);
    }
    let t = grant.texts();
    let place = department::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let office = offices::office(grant.db(), Some(id)).await?;
    let held = if office.in_portal == Some(false) { "outside" } else { "portal" };
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned(), String::new());
    let choices = vec![choice("portal", t.video_staff_held_portal()), choice("outside", t.video_staff_held_outside())];
    let done = (request.query("done").as_deref() == Some("kept")).then(|| t.video_staff_saved());
    let hidden = vec![("department", id.to_string())];
    Ok(Page::new(t.video_staff_settings(), place.name).narrow().back("/staff/video", t.video_staff_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            <PostForm action=api::KeepOffice::PATH submit=t.video_staff_keep() hidden problem_at="held">
                <Radios name="held" label=t.video_staff_held() choices value=held/>
                <Field name="opens_minutes" label=t.video_staff_opens() input=Input::Digits value=office.opens_minutes.to_string()/>
            </PostForm>
        </Section>
    }))
}
