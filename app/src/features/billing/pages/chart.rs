use leptos::prelude::*;
use uuid::Uuid;

use super::bills_of::Line;
use crate::{
    access::{
        allow,
        policy::{OpenChart, UseBilling, ViewInsurance},
    },
    base::{error::Error, ids::PatientId},
    desk::billing::{plans, reading, store},
    platform::batch::Batch,
    view::{
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Section},
    },
};

/// The bills for one person's visits, of those that the caller may see: a guarantor's account is no chart.
///
/// # Errors
/// What the policy refuses.
pub async fn of_chart(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let chart = allow::<OpenChart>(patient).await?;
    let grant = allow::<UseBilling>(()).await?;
    let (t, today, given) = (grant.texts(), grant.now().today, chart.person()?.given_name.clone());
    let accounts = store::guarantors(&grant).await?;
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.id).collect();
    let mut batch = Batch::default();
    let charts = store::ask_charts(&mut batch, &accounts);
    let bills: Vec<_> =
        accounts.iter().map(|account| (account, reading::ask_of_patient(&mut batch, account.id, patient.0, today))).collect();
    let planned = (!ids.is_empty()).then(|| batch.ask(plans::planned_of(&ids)));
    let mut answers = batch.read(grant.db()).await?;
    store::looked_at_all(charts(&mut answers)?).await?;
    let in_plan: Vec<Uuid> = answers.take(planned)?.into_iter().map(|row| row.bill_id).collect();
    let mut found = Vec::new();
    for (account, bills) in bills {
        found.extend(bills(&mut answers)?.into_iter().map(|bill| (account, bill)));
    }
    let lines: Vec<Line> = store::shown_of(&grant, found).await?.iter().map(|shown| Line::of(t, shown, &in_plan, today)).collect();
    let none = lines.is_empty();
    let insurance =
        grant.would_allow::<ViewInsurance>(&patient).then(|| Link::new(format!("/p/{patient}/insurance"), t.billing_insurance_title()));
    let estimates =
        grant.would_allow::<ViewInsurance>(&patient).then(|| Link::new(format!("/p/{patient}/estimates"), t.billing_estimates_title()));
    let links = [Link::new("/billing", t.billing_all())].into_iter().chain(insurance).chain(estimates).collect();
    Ok(Page::new(t.billing_title(), t.billing_chart_lead(&given)).narrow().body(view! {
        <Section>
            {none.then(|| view! { <p class="text">{t.billing_none_of(&given)}</p> })}
            {lines.into_iter().map(Line::draw).collect_view()}
            <Buttons links/>
        </Section>
    }))
}
