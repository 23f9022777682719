use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{clock::local_date, error::Error, i18n::param, money::price},
    desk::billing::{
        methods,
        model::AttemptState,
        payer::due,
        plans, reading,
        staff::account as account_of,
        statements::months,
        till::Till,
        words::{attempt_tag, bill_tag, declined, payer, plan_tag, returned},
    },
    features::ledgers::api,
    people::patient,
    view::{
        Notice,
        document::{Document, Part},
        fields::Field,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, QuietButton, Section, Tag},
    },
};

/// An account: whose it is, its bills, payments and plans.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn account(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let id: Uuid = request.id(0)?;
    let grant = allow::<KeepLedgers>(()).await?;
    let (t, zone, today, till) = (grant.texts(), grant.zone(), grant.now().today, Till::of(&grant)?);
    let (found, bills) = account_of(&grant, id).await?;
    let people =
        patient::Entity::find().filter(patient::Column::Id.is_in(bills.iter().map(|bill| bill.patient_id))).all(grant.db()).await?;
    let planned = plans::in_plans(grant.db(), id).await?;
    let lines: Vec<_> = bills
        .iter()
        .map(|bill| {
            let name = people
                .iter()
                .find(|person| person.id == bill.patient_id)
                .map(|person| format!("{} {}", person.given_name, person.family_name));
            let sums = t.ledgers_balance(&price(bill.balance_cents));
            let on_its_way = (bill.pending_cents > 0).then(|| t.billing_on_its_way(&price(bill.pending_cents)));
            let lines: Vec<String> =
                [name, bill.title.clone(), bill.service_on.map(|day| t.date(day)), Some(sums), on_its_way].into_iter().flatten().collect();
            let in_plan = due(bill) > 0 && planned.contains(&bill.id);
            let tag = if in_plan { Tag::good(t.billing_tag_plan()) } else { bill_tag(t, bill, today) };
            (t.billing_bill_no(&bill.number), tag, lines, format!("/staff/billing/bills/{}", bill.id))
        })
        .collect();
    let mut payments = Vec::new();
    for attempt in reading::payments(grant.db(), id, grant.now().instant).await? {
        let back = returned(&methods::refunds_of(&till, attempt.id).await?);
        let day = t.date(local_date(attempt.settled_at.unwrap_or(attempt.made_at), &zone));
        let title = t.billing_paid_on(param::Amount(&price(attempt.cents)), param::Day(&day));
        let receipt = (attempt.state == AttemptState::Paid).then(|| t.billing_receipt_is(&attempt.receipt));
        let why = attempt.decline.as_deref().filter(|_| attempt.state == AttemptState::Declined).map(|code| declined(t, code).to_owned());
        let receipt = receipt.or(why);
        payments.push((title, attempt_tag(t, &attempt, back), receipt.into_iter().chain([payer(t, &attempt)]).collect::<Vec<_>>()));
    }
    let recorded: Vec<(String, Vec<String>)> = reading::recorded(grant.db(), id, grant.now().instant)
        .await?
        .into_iter()
        .map(|row| {
            let day = t.date(local_date(row.at, &zone));
            let title = t.billing_paid_on(param::Amount(&price(-row.cents)), param::Day(&day));
            (title, [row.words, row.by].into_iter().flatten().collect())
        })
        .collect();
    let plans: Vec<String> = plans::of_guarantor(&till, id)
        .await?
        .iter()
        .map(|plan| format!("{}: {}", t.billing_plan_of(&price(plan.monthly_cents)), plan_tag(t, plan.state).text))
        .collect();
    let statements: Vec<(String, String)> = months(grant.db(), id, grant.now().instant, zone)
        .await?
        .into_iter()
        .map(|month| (t.month(month), format!("/files/posted-statement/{id}/{month}")))
        .collect();
    let total: i64 = bills.iter().map(due).sum();
    let facts = Part::facts([
        (t.billing_account_number(), Some(found.number.clone())),
        (t.ledgers_birth_date(), found.birth_date.map(|day| t.date(day))),
        (t.ledgers_address(), found.address.clone()),
        (t.billing_paperless(), found.paperless.then(|| t.ledgers_yes().to_owned())),
        (t.ledgers_total(), Some(price(total))),
    ]);
    let done = (request.query("done").as_deref() == Some("connected")).then(|| t.ledgers_done_connected());
    let is_patient = found.patient_id.is_some();
    let connected = found.account_id.is_some();
    let (no_bills, no_payments, has_plans) = (lines.is_empty(), payments.is_empty() && recorded.is_empty(), !plans.is_empty());
    let has_statements = !statements.is_empty();
    let name = format!("{} {}", found.given_name, found.family_name);
    let csv = format!("/files/ledger/{id}");
    let hidden = vec![("id", id.to_string())];
    Ok(Page::new(name, t.billing_account_number_is(&found.number)).back("/staff/billing", t.ledgers_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.ledgers_account()>
            <Document parts=vec![facts]/>
            <div class="acts"><a class="btn quiet" href=csv rel="external">{t.ledgers_csv()}</a></div>
            {(!is_patient).then(|| view! {
                <Disclosure summary=if connected { t.ledgers_connected() } else { t.ledgers_connect_title() }>
                    <p class="text">{t.ledgers_connect_says()}</p>
                    <PostForm action=api::Connect::PATH submit=t.ledgers_connect() quiet=true hidden>
                        <Field name="username" label=t.sign_in_username()/>
                    </PostForm>
                </Disclosure>
            })}
        </Section>
        <Section heading=t.ledgers_bills()>
            {no_bills.then(|| view! { <p class="text">{t.ledgers_no_bills()}</p> })}
            {lines.into_iter().map(|(title, tag, lines, href)| {
                let words = t.billing_see(&title);
                view! { <Item title tag=Some(tag) lines><QuietButton href label=words/></Item> }
            }).collect_view()}
        </Section>
        <Section heading=t.billing_payments()>
            {no_payments.then(|| view! { <p class="text">{t.billing_no_payments()}</p> })}
            {payments.into_iter().map(|(title, tag, lines)| view! { <Item title tag=Some(tag) lines/> }).collect_view()}
            {recorded.into_iter().map(|(title, lines)| view! { <Item title lines/> }).collect_view()}
        </Section>
        {has_statements.then(|| view! {
            <Section heading=t.ledgers_statements()>
                <p class="text">{t.ledgers_statements_says()}</p>
                <Disclosure summary=t.ledgers_statements_show()>
                    <ul class="ways">{statements.into_iter().map(|(label, href)| view! { <li><a href=href rel="external"><b>{label}</b></a></li> }).collect_view()}</ul>
                </Disclosure>
            </Section>
        })}
        {has_plans.then(|| view! {
            <Section heading=t.billing_plans()><ul class="lines">{plans.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul></Section>
        })}
    }))
}
