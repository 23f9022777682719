use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{clock::local_date, error::Error, money::price},
    desk::billing::{
        estimates::versions,
        estimates_writing::{About, subject},
    },
    features::ledgers::api,
    view::{
        document::{Document, Part},
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Writing a good-faith estimate for the visit of a bill.
///
/// # Errors
/// `NotFound` when there is no such bill.
pub async fn of_bill(request: PageRequest) -> Result<Page, Error> {
    write(About::Bill(request.id(0)?)).await
}

/// The same for a visit to come.
///
/// # Errors
/// `NotFound` when there is no such visit.
pub async fn of_visit(request: PageRequest) -> Result<Page, Error> {
    write(About::Visit(request.id(0)?)).await
}

/// The same for what somebody asked.
///
/// # Errors
/// `NotFound` when there is no such request; `Invalid` when it was answered.
pub async fn of_request(request: PageRequest) -> Result<Page, Error> {
    write(About::Request(request.id(0)?)).await
}

async fn write(about: About) -> Result<Page, Error> {
    let grant = allow::<KeepLedgers>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = subject(&grant, about).await?;
    let versions = match found.visit {
        Some(visit) => versions(grant.db(), visit).await?,
        None => Vec::new(),
    };
    let before: Vec<String> = versions
        .iter()
        .map(|row| t.ledgers_version(&format!("{}: {}, {}", row.version, price(row.total_cents), t.date(local_date(row.made_at, &zone)))))
        .collect();
    let (name, id, back) = match about {
        About::Bill(id) => ("bill", id, (format!("/staff/billing/bills/{id}"), t.billing_bill())),
        About::Visit(id) => ("visit", id, ("/staff/billing".to_owned(), t.ledgers_title())),
        About::Request(id) => ("request", id, (format!("/staff/requests/{id}"), t.queue_title())),
    };
    let has_before = !before.is_empty();
    let hidden = vec![(name, id.to_string())];
    let asked = found.asked.filter(|words| !words.is_empty()).map(Part::Quote);
    Ok(Page::new(t.ledgers_write_estimate(), found.number).narrow().back(back.0, back.1).body(view! {
        {asked.map(|words| view! { <Section heading=t.ledgers_asked()><Document parts=vec![words]/></Section> })}
        {has_before.then(|| view! {
            <Section heading=t.ledgers_versions()><ul class="lines">{before.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul></Section>
        })}
        <Section>
            <p class="text">{t.ledgers_estimate_says()}</p>
            <PostForm action=api::WriteEstimate::PATH submit=t.ledgers_keep_estimate() hidden>
                <Field name="title" label=t.ledgers_estimate_title() value=found.title/>
                <Field name="lines" label=t.ledgers_estimate_lines() hint=t.ledgers_estimate_lines_hint() input=Input::Area/>
                <Field name="note" label=t.ledgers_estimate_note() input=Input::Area optional=true/>
            </PostForm>
        </Section>
    }))
}
