use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{
        allow,
        policy::{OpenChart, TellInsurance, ViewInsurance, ViewSummaries},
    },
    base::{clock::local_date, error::Error, i18n::param, ids::PatientId, money::price},
    desk::{
        billing::{
            estimates::{AskedEstimate, of_chart, visits_to_come},
            store::sees_sensitive,
        },
        requests::{kind::RequestDetails, store::open_of},
    },
    features::billing::api,
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, Section},
    },
};

/// What visits may cost, as the office estimated it, and asking for an estimate.
///
/// # Errors
/// What the policy refuses.
pub async fn estimates(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let chart = allow::<OpenChart>(patient).await?;
    let grant = allow::<ViewInsurance>(patient).await?;
    let (t, zone, given) = (grant.texts(), grant.zone(), chart.person()?.given_name.clone());
    let sensitive = sees_sensitive(&grant, patient);
    // What is done at a visit stands in the chart: without it, they read when it is and what it may cost.
    let reads = grant.would_allow::<ViewSummaries>(&patient);
    let found: Vec<_> = of_chart(&grant, sensitive)
        .await?
        .into_iter()
        .map(|told| {
            let on = told.visit.as_ref().and_then(|visit| visit.starts_at).map(|at| local_date(at, &zone));
            let title = match on {
                Some(day) if !reads => t.billing_visit_on(&t.date(day)),
                None if !reads => t.billing_estimate().to_owned(),
                _ => told.estimate.title.clone(),
            };
            let day = t.date(local_date(told.estimate.made_at, &zone));
            let total = t.billing_estimated(param::Amount(&price(told.estimate.total_cents)), param::Day(&day));
            let version = (told.estimate.version > 1).then(|| t.billing_estimate_version(&told.estimate.version.to_string()));
            let when = on.filter(|_| reads).map(|day| t.billing_visit_on(&t.date(day)));
            let note = told.estimate.note.clone().filter(|_| reads);
            let lines: Vec<String> = [when, Some(total), version, note].into_iter().flatten().collect();
            let rows: Vec<(String, String)> =
                told.lines.iter().filter(|_| reads).map(|line| (line.title.clone(), price(line.cents))).collect();
            (title, lines, rows, price(told.estimate.total_cents))
        })
        .collect();
    let may_ask = grant.would_allow::<TellInsurance>(&patient);
    let visits = visits_to_come(&grant, sensitive).await?.into_iter().map(|visit| {
        let when = visit.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
        (visit.id.to_string(), if reads { format!("{}, {when}", visit.title) } else { when })
    });
    let visits: Vec<(String, String)> = visits.chain([(String::new(), t.billing_estimate_other().to_owned())]).collect();
    let asked: Vec<String> = open_of(&grant, AskedEstimate::KEY)
        .await?
        .into_iter()
        .filter(|row| row.state.is_pending())
        .map(|row| {
            let (day, due) = (t.date(local_date(row.created_at, &zone)), t.date(row.due_on));
            t.billing_estimate_waits(param::Day(&day), param::Due(&due))
        })
        .collect();
    let none = found.is_empty() && asked.is_empty();
    let hidden = vec![("patient", patient.to_string())];
    Ok(Page::new(t.billing_estimates_title(), t.billing_estimates_lead(&given)).narrow().back(format!("/p/{patient}/billing"), t.billing_title()).body(view! {
        <Section heading=t.billing_estimates_written()>
            {none.then(|| view! { <p class="text">{t.billing_estimates_none()}</p> })}
            {found.into_iter().map(|(title, lines, rows, total)| view! {
                <Item title lines>
                    <dl class="sums">
                        {rows.into_iter().map(|(name, sum)| view! { <div><dt>{name}</dt><dd>{sum}</dd></div> }).collect_view()}
                        <div class="is-total"><dt>{t.billing_estimate()}</dt><dd>{total}</dd></div>
                    </dl>
                </Item>
            }).collect_view()}
            {asked.into_iter().map(|words| view! { <Notice><p class="text">{words}</p></Notice> }).collect_view()}
            <p class="meta">{t.billing_dispute()}</p>
        </Section>
        {may_ask.then(|| view! {
            <Section heading=t.billing_estimate_ask()>
                <p class="text">{t.billing_estimate_ask_says()}</p>
                <PostForm action=api::AskEstimate::PATH submit=t.billing_estimate_send() hidden>
                    <Select name="visit" label=t.billing_estimate_for() choices=visits/>
                    <Field name="words" label=t.billing_estimate_words() hint=t.billing_estimate_words_hint() input=Input::Area optional=true/>
                </PostForm>
            </Section>
        })}
    }))
}
