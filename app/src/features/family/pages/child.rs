use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy},
    base::error::Error,
    features::family::api::AskForChild,
    view::{
        fields::{Checkbox, Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// A parent asks for a child's chart.
///
/// # Errors
/// `SignInNeeded`; `NotAllowed` for staff.
pub async fn child(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::ManageOwnAccount>(()).await?.texts();
    let relationships = [("parent", t.family_child_parent()), ("guardian", t.family_child_guardian())];
    let relationships = relationships.map(|(value, label)| (value.to_owned(), label.to_owned(), String::new())).into();
    Ok(Page::new(t.family_child(), t.family_child_lead()).narrow().back("/sharing", t.family_title()).body(view! {
        <Section>
            <PostForm action=AskForChild::PATH submit=t.family_child_submit()>
                <Field name="given_name" label=t.family_child_given_name()/>
                <Field name="family_name" label=t.family_child_family_name()/>
                <Field name="birth_date" label=t.family_child_birth_date() input=Input::Date/>
                <Radios name="relationship" label=t.family_child_relationship() choices=relationships/>
                <Checkbox name="attested" label=t.family_child_attest()/>
            </PostForm>
        </Section>
        <Section heading=t.family_child_rules()>
            <ul class="ticks"><li>{t.help_proxy_child()}</li><li>{t.help_proxy_teen()}</li></ul>
            <p class="text">{t.help_proxy_eighteen()}</p>
        </Section>
    }))
}
