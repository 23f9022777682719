use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy},
    base::error::Error,
    features::family::api::BringPapers,
    view::{
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Papers are brought.
///
/// # Errors
/// `SignInNeeded`; `NotAllowed` for staff.
pub async fn papers(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<policy::ManageOwnAccount>(()).await?.texts();
    let kinds = [
        ("power_of_attorney", t.family_papers_attorney(), t.family_papers_attorney_says()),
        ("guardianship", t.family_papers_guardian(), t.family_papers_guardian_says()),
    ];
    let kinds = kinds.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).into();
    let accept = "application/pdf,image/jpeg,image/png";
    Ok(Page::new(t.family_papers(), t.family_papers_lead()).narrow().back("/sharing", t.family_title()).body(view! {
        <Section>
            <PostForm action=BringPapers::PATH submit=t.family_papers_submit() files=true>
                <Radios name="kind" label=t.family_papers_kind() choices=kinds/>
                <Field name="given_name" label=t.family_papers_given_name()/>
                <Field name="family_name" label=t.family_papers_family_name()/>
                <Field name="birth_date" label=t.family_papers_birth_date() input=Input::Date/>
                <Field name="until" label=t.family_papers_until() input=Input::Date hint=t.family_papers_until_hint() optional=true/>
                <Field name="file" label=t.family_papers_file() input=Input::File { accept } hint=t.family_papers_file_hint()/>
            </PostForm>
        </Section>
    }))
}
