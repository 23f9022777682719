//! The forms for a share code and for a SMART Health Link.

use leptos::{prelude::*, server_fn::ServerFn};

use super::sections::{SectionFields, Sensitive, USUAL};
use crate::{
    access::{
        allow,
        policy::{ShareRecord, ViewShares},
    },
    base::{error::Error, ids::PatientId},
    features::sharing::{
        api::{MakeLink, Share},
        model::{CODE_MINUTES, LINK_DAYS},
    },
    view::{
        fields::{Field, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// The form for a code.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn new_code(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewShares>(patient).await?;
    if !grant.would_allow::<ShareRecord>(&patient) {
        return Err(Error::NotFound);
    }
    let (t, sensitive) = (grant.texts(), grant.sees_sensitive());
    let minutes = CODE_MINUTES.map(|minutes| (minutes.to_string(), t.share_minutes(&minutes.to_string()))).to_vec();
    let page = Page::new(t.share_code(), t.share_code_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/share"), t.share_title()).body(view! {
        <Section>
            <PostForm action=Share::PATH submit=t.share_make_code() hidden=vec![("patient", patient.to_string())]>
                <Field name="recipient" label=t.share_recipient() hint=t.share_recipient_hint()/>
                <SectionFields ticked=USUAL/>
                {sensitive.then(|| view! { <Sensitive/> })}
                <Select name="minutes" label=t.share_for() choices=minutes value="60"/>
            </PostForm>
            <p class="meta">{t.share_rule()}</p>
        </Section>
    }))
}

/// The form for a SMART Health Link.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn new_link(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewShares>(patient).await?;
    if !grant.would_allow::<ShareRecord>(&patient) {
        return Err(Error::NotFound);
    }
    let (t, sensitive) = (grant.texts(), grant.sees_sensitive());
    let days = LINK_DAYS
        .map(|days| (days.to_string(), if days == 1 { t.share_day().to_owned() } else { t.share_days(&days.to_string()) }))
        .to_vec();
    let page = Page::new(t.share_link(), t.share_link_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/share"), t.share_title()).body(view! {
        <Section>
            <PostForm action=MakeLink::PATH submit=t.share_make_link() hidden=vec![("patient", patient.to_string())]>
                <Field name="recipient" label=t.share_recipient() hint=t.share_label_hint()/>
                <SectionFields ticked=USUAL/>
                {sensitive.then(|| view! { <Sensitive/> })}
                <Select name="days" label=t.share_for() choices=days value="1"/>
                <Field name="passcode" label=t.share_passcode() hint=t.share_passcode_hint() optional=true/>
            </PostForm>
            <p class="meta">{t.share_rule()}</p>
        </Section>
    }))
}
