//! The record as a file: what there is, and a new one.

use leptos::{prelude::*, server_fn::ServerFn};

use super::sections::{SectionFields, sections_in_words};
use crate::{
    access::{Grant, allow, policy::ViewShares},
    base::{error::Error, i18n::texts, ids::PatientId},
    features::sharing::{
        api::{DeleteFile, TakeAlong},
        export::{self, Order},
        model::State,
    },
    record::chapter::RecordSection,
    view::{
        Notice,
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, MainButton, Progress, QuietButton, Section, Tag},
    },
};

/// The record as a file: what there is, and a new one.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn export(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewShares>(patient).await?;
    let t = grant.texts();
    let orders = export::list(&grant).await?;
    let page = Page::new(t.take_title(), t.take_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/health"), t.health_title()).body(view! {
        {request.query("done").map(|_| view! { <Notice><h2>{t.take_ordered()}</h2><p class="text">{t.take_ordered_text()}</p></Notice> })}
        {(!orders.is_empty()).then(|| view! {
            <Section heading=t.take_files()>{orders.iter().map(|order| entry(&grant, order)).collect_view()}</Section>
        })}
        <Section heading=t.take_new()>
            <p class="text">{t.take_what()}</p>
            <NewExport patient/>
        </Section>
    }))
}

fn entry(grant: &Grant<ViewShares>, order: &Order) -> AnyView {
    let (t, patient) = (grant.texts(), grant.patient());
    let mut lines = vec![t.take_ordered_at(&t.date_and_time(order.created_at, &grant.zone()))];
    let (tag, state) = match order.state {
        State::Ready => {
            lines.push(t.take_until(&t.date_and_time(order.expires_at, &grant.zone())));
            let file = format!("/files/take-along/{patient}/{}", order.id);
            (Tag::good(t.take_ready()), view! { <MainButton href=file label=t.take_fetch()/> }.into_any())
        }
        State::Failed => (Tag::muted(t.take_failed()), view! { <p class="text">{t.take_failed_text()}</p> }.into_any()),
        State::Waiting | State::Working => {
            let label = t.take_progress(&order.percent.to_string());
            let progress = view! {
                <Progress label percent=order.percent/>
                <QuietButton href=format!("/p/{patient}/take-along") label=t.take_look_again()/>
            };
            (Tag::neutral(t.take_working()), progress.into_any())
        }
    };
    let sections = sections_in_words(t, &order.sections);
    let hidden = vec![("patient", patient.to_string()), ("id", order.id.to_string())];
    view! {
        <Item title=t.portable_document() tag=Some(tag) lines>
            <p class="meta">{sections}</p>
            {state}
            <PostForm action=DeleteFile::PATH submit=t.take_delete() quiet=true hidden/>
        </Item>
    }
    .into_any()
}

#[component]
fn NewExport(patient: PatientId) -> impl IntoView {
    let t = texts();
    view! {
        <PostForm action=TakeAlong::PATH submit=t.take_make() hidden=vec![("patient", patient.to_string())]>
            <SectionFields ticked=RecordSection::ALL/>
            <Field name="since" label=t.take_since() input=Input::Date hint=t.take_since_hint() optional=true/>
            <Field name="until" label=t.take_until_day() input=Input::Date optional=true/>
            <Field name="password" label=t.take_password() input=Input::Password hint=t.take_password_hint() optional=true/>
            <Field name="repeat" label=t.take_repeat() input=Input::Password optional=true/>
        </PostForm>
    }
}
