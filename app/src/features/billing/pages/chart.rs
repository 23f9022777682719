use leptos::prelude::*;

use super::bills_of::Line;
use crate::{
    access::{
        allow,
        policy::{OpenChart, UseBilling, ViewInsurance},
    },
    base::{error::Error, ids::PatientId},
    desk::billing::{plans, reading, store},
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
    let mut lines = Vec::new();
    for account in store::guarantors(&grant).await? {
        store::looked_at(&grant, &account).await?;
        let found = reading::of_patient(grant.db(), account.id, patient.0, today).await?;
        let in_plan = plans::in_plans(grant.db(), account.id).await?;
        lines.extend(
            store::shown(&grant, &account, found).await?.iter().map(|shown| Line::of(t, shown, &in_plan, today)).collect::<Vec<_>>(),
        );
    }
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
