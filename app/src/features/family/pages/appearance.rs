use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy},
    base::{error::Error, i18n::texts, ids::PatientId},
    features::family::api::{ForgetPhoto, KeepLook, KeepPhoto},
    view::{
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// How one person is shown to me.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn appearance(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<policy::OpenChart>(patient).await?;
    let t = grant.texts();
    let holder = grant.holder()?;
    let given_name = grant.person()?.given_name.clone();
    let chosen = holder.appearances.iter().find(|appearance| appearance.patient == patient);
    let given_hue = holder.proxy(patient, grant.now()).map_or(0, |(found, _)| found.hue);
    let hue = chosen.and_then(|chosen| chosen.hue).unwrap_or(given_hue).to_string();
    let nickname = chosen.and_then(|chosen| chosen.nickname.clone()).unwrap_or_default();
    let has_photo = chosen.is_some_and(|chosen| chosen.has_photo);
    let hues =
        [t.look_hue_0(), t.look_hue_1(), t.look_hue_2(), t.look_hue_3(), t.look_hue_4(), t.look_hue_5(), t.look_hue_6(), t.look_hue_7()];
    let hues = hues.into_iter().enumerate().map(|(index, words)| (index.to_string(), words.to_owned())).collect();
    let page = Page::new(t.look_title(&given_name), t.look_lead()).narrow();
    Ok(page.back("/people", t.people_title()).body(view! {
        <Section heading=t.look_color()>
            <PostForm action=KeepLook::PATH submit=t.family_save() hidden=vec![("patient", patient.to_string())]>
                <Select name="hue" label=t.look_hue() choices=hues value=hue/>
                <Field name="nickname" label=t.look_nickname() hint=t.look_nickname_hint() value=nickname optional=true/>
            </PostForm>
        </Section>
        <Section heading=t.look_photo()><Photo patient given_name has_photo/></Section>
    }))
}

#[component]
fn Photo(patient: PatientId, given_name: String, has_photo: bool) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string())];
    let accept = "image/jpeg,image/png,image/webp";
    let shown = has_photo.then(|| {
        view! {
            <img class="picture" src=format!("/files/photo/{patient}") alt=t.look_photo_of(&given_name)/>
            <PostForm action=ForgetPhoto::PATH submit=t.look_photo_remove() quiet=true hidden=hidden.clone()/>
        }
    });
    view! {
        {shown}
        <PostForm action=KeepPhoto::PATH submit=t.look_photo_keep() quiet=true files=true hidden>
            <Field name="photo" label=t.look_photo() input=Input::File { accept } hint=t.look_photo_hint()/>
        </PostForm>
    }
}
