use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{Grant, Level, allow, policy::ReadInvitation},
    base::{error::Error, i18n::texts},
    features::{
        account::sign_up::fields::BirthDate,
        family::{
            api::{AcceptInvitation, BeginAsInvited, DeclineInvitation},
            entity::invitation,
            invitations::invited_by,
            words::{last_day_in_words, level_in_words},
        },
    },
    view::{
        document::{Document, Part},
        fields::{Checkbox, Field},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{MainButton, QuietButton, Section},
    },
};

/// Behind the link of an invitation.
///
/// # Errors
/// When the database fails.
pub async fn invitation(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<ReadInvitation>(()).await?;
    let t = grant.texts();
    let token = request.query("token").unwrap_or_default();
    let (row, patient) = match invited_by(&grant, &token).await {
        Err(Error::Invalid(_)) => {
            let page = Page::new(t.family_over_title(), t.family_over_lead()).narrow();
            return Ok(page.body(view! { <Section><QuietButton href="/help" label=t.help_title()/></Section> }));
        }
        other => other?,
    };
    let about = about(&grant, &row);
    let anonymous = grant.holder().is_err();
    let hidden = vec![("token", token.clone())];
    let page = Page::new(t.family_invited_title(&patient), t.family_invited_lead(&patient)).narrow();
    Ok(page.body(view! {
        {if anonymous {
            view! { <WithoutSession about token name=row.name/> }.into_any()
        } else {
            view! { <Acceptance about token patient/> }.into_any()
        }}
        <Section heading=t.family_not_for_you()>
            <PostForm action=DeclineInvitation::PATH submit=t.family_decline() quiet=true hidden/>
        </Section>
    }))
}

fn about(grant: &Grant<ReadInvitation>, row: &invitation::Model) -> Vec<Part> {
    let t = grant.texts();
    vec![Part::facts([
        (t.family_what(), Some(level_in_words(t, Level::Adult(row.level)))),
        (t.family_until(), row.access_until.map(|at| last_day_in_words(t, at, &grant.zone()))),
        (t.family_may_share_of(), Some(if row.may_share { t.family_yes() } else { t.family_no() }.to_owned())),
    ])]
}

/// For somebody who is not signed in: with an account, or without one.
#[component]
fn WithoutSession(
    about: Vec<Part>,
    token: String,
    /// As the invitation says it.
    name: String,
) -> impl IntoView {
    let t = texts();
    let sign_in = format!("/sign-in?next=/invitation%3Ftoken%3D{token}");
    view! {
        <Section heading=t.family_have_account()>
            <Document parts=about/>
            <p class="text">{t.family_have_account_text()}</p>
            <MainButton href=sign_in label=t.sign_in_title()/>
        </Section>
        <Section heading=t.family_no_account()>
            <p class="text">{t.family_no_account_text()}</p>
            <PostForm action=BeginAsInvited::PATH submit=t.signup_finish() hidden=vec![("token", token)]>
                <Field name="name" label=t.family_your_name() value=name autocomplete="name"/>
                <BirthDate hint=t.family_your_birth_date_hint()/>
            </PostForm>
        </Section>
    }
}

/// The terms, and the patient's birth date.
#[component]
fn Acceptance(about: Vec<Part>, token: String, patient: String) -> impl IntoView {
    let t = texts();
    view! {
        <Section heading=t.family_terms()>
            <Document parts=about/>
            <ul class="ticks"><li>{t.family_terms_1()}</li><li>{t.family_terms_2()}</li><li>{t.family_terms_3()}</li></ul>
            <PostForm action=AcceptInvitation::PATH submit=t.family_accept() hidden=vec![("token", token)]>
                <BirthDate hint=t.family_birth_date_of(&patient)/>
                <Checkbox name="terms" label=t.family_terms_accept()/>
            </PostForm>
        </Section>
    }
}

/// After declining.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn invitation_declined(_: PageRequest) -> Result<Page, Error> {
    let t = allow::<ReadInvitation>(()).await?.texts();
    Ok(Page::new(t.family_declined_title(), t.family_declined_lead()).narrow())
}
