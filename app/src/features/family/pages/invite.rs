use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    levels::{Levels, MayShare},
    own_chart::own_chart,
};
use crate::{
    access::{allow, policy::ManageAccess},
    base::error::Error,
    features::family::{api::DraftInvitation, words::relationship_in_words},
    people::relation::Relationship,
    view::{
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Whom to invite, and to what.
///
/// # Errors
/// `NotFound` for whoever has no chart of their own.
pub async fn invite(_: PageRequest) -> Result<Page, Error> {
    let own = own_chart().await?;
    let t = allow::<ManageAccess>(own).await?.texts();
    let relationships = [Relationship::Spouse, Relationship::Child, Relationship::Parent, Relationship::Caregiver];
    let relationships = std::iter::once((String::new(), t.signup_choose().to_owned()))
        .chain(relationships.map(|found| (found.as_str().to_owned(), relationship_in_words(t, found).to_owned())))
        .collect();
    Ok(Page::new(t.family_invite(), t.family_invite_lead()).narrow().back("/sharing", t.family_title()).body(view! {
        <Section>
            <PostForm action=DraftInvitation::PATH submit=t.family_see_preview() hidden=vec![("patient", own.to_string())]>
                <Field name="name" label=t.family_their_name()/>
                <Field name="email" label=t.family_their_email() input=Input::Email hint=t.family_their_email_hint()/>
                <Select name="relationship" label=t.family_relationship() choices=relationships/>
                <Levels id="level"/>
                <MayShare id="may-share"/>
                <Field name="until" label=t.family_until() input=Input::Date hint=t.family_until_hint() optional=true/>
            </PostForm>
        </Section>
    }))
}
