use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy},
    base::{error::Error, i18n::texts, ids::PatientId},
    features::family::{
        api::{ForgetPhoto, KeepLook, KeepPhoto},
        appearance::of_person,
    },
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
    let chosen = of_person(&grant).await?;
    let holder = grant.holder()?;
    let mut people = holder.own_chart.iter().chain(holder.proxies.iter().map(|found| &found.person));
    let given_name = people.find(|person| person.patient == patient).ok_or(Error::NotFound)?.given_name.clone();
    let given_hue = holder.proxies.iter().find(|found| found.person.patient == patient).map_or(0, |found| found.hue);
    let hue = chosen.as_ref().and_then(|chosen| chosen.hue).unwrap_or(i32::from(given_hue)).to_string();
    let nickname = chosen.as_ref().and_then(|chosen| chosen.nickname.clone()).unwrap_or_default();
    let has_photo = chosen.is_some_and(|chosen| chosen.photo.is_some());
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
