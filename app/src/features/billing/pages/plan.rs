use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::UseBilling},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        money::{cents, price},
    },
    desk::billing::{
        entity::plan_payment,
        methods,
        model::{PLAN_LEAST, PLAN_MONTHLY, PLAN_MONTHS, PlanPaymentState, PlanState, Schedule, monthly_for},
        payer::due,
        plans, store,
        till::Till,
        words::{self, title_of},
    },
    features::billing::api,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Checkbox, Field, Input, Radios},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{Disclosure, QuietButton, Section, Table, Tag},
    },
};

/// What paying month by month would be: by the months or by the sum, and the whole schedule before anybody consents.
///
/// # Errors
/// `NotFound` for bills that are not the caller's to pay.
pub async fn what_if(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (t, payer, till) = (grant.texts(), store::payer(&grant, id).await?, Till::of(&grant)?);
    let bills = plans::without_plan(&till, &payer).await?;
    let ids: Vec<Uuid> = bills.iter().map(|bill| bill.id).collect();
    let total: i64 = bills.iter().map(due).sum();
    // Half a year, or as long as the least sum a month allows.
    let usual = (total / PLAN_MONTHLY).clamp(1, 6).to_string();
    let months = request.query("months").unwrap_or_else(|| if request.query("sum").is_some() { String::new() } else { usual });
    let sum = request.query("sum").unwrap_or_default();
    let day = request.query("day").unwrap_or_else(|| "1".to_owned());
    let monthly = match (sum.trim(), months.trim().parse::<i64>()) {
        ("", Ok(months)) if (1..=PLAN_MONTHS).contains(&months) => Some(monthly_for(total, months)),
        ("", Ok(_)) => None,
        ("", Err(_)) => None,
        (typed, _) => cents(typed),
    };
    let asked: Option<(i64, u32)> = monthly.zip(day.trim().parse().ok());
    let found: Option<Schedule> = match asked {
        Some((monthly, day)) => plans::what_if(&till, &payer, &ids, monthly, day).await?.1,
        None => None,
    };
    let kept = methods::ready_of_account(&till, grant.holder()?.account.0).await?;
    let choices: Vec<(String, String, String)> =
        kept.iter().map(|method| (method.id.to_string(), words::method(t, method), String::new())).collect();
    let shown = store::shown(&grant, &payer.guarantor, bills).await?;
    let lines: Vec<String> =
        shown.iter().map(|shown| format!("{} · {} · {}", title_of(t, shown), shown.given_name, price(due(&shown.bill)))).collect();
    let too_little = total < PLAN_LEAST;
    let rules = t.billing_plan_rules(
        param::Least(&price(PLAN_LEAST)),
        param::Monthly(&price(PLAN_MONTHLY)),
        param::Months(&PLAN_MONTHS.to_string()),
    );
    let hidden = asked.map(|(monthly, day)| {
        let bills = ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ");
        vec![("guarantor", id.to_string()), ("bills", bills), ("monthly", monthly.to_string()), ("day", day.to_string())]
    });
    let none = found.is_none() && !too_little;
    let (no_card, banks) = (choices.is_empty(), till.processor.takes_bank_accounts());
    Ok(Page::new(t.billing_plan_title(), t.billing_plan_lead(&price(total))).narrow().back("/billing", t.billing_title()).body(view! {
        <Section heading=t.billing_plan_what_if()>
            <p class="text">{rules}</p>
            <Disclosure summary=t.billing_plan_bills()><ul class="lines">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul></Disclosure>
            {too_little.then(|| view! { <Notice><p class="text">{t.billing_plan_too_little()}</p></Notice> })}
            {(!too_little).then(|| view! {
                <SearchForm submit=t.billing_plan_show()>
                    <Field name="months" label=t.billing_plan_months() input=Input::Digits value=months optional=true/>
                    <Field name="sum" label=t.billing_plan_sum() hint=t.billing_plan_sum_hint() value=sum optional=true/>
                    <Field name="day" label=t.billing_plan_day() hint=t.billing_plan_day_hint() input=Input::Digits value=day/>
                </SearchForm>
            })}
            {none.then(|| view! { <Notice warn=true><p class="text">{t.billing_why_no_plan()}</p></Notice> })}
        </Section>
        {found.zip(hidden).map(|(found, hidden)| view! {
            <Section heading=t.billing_plan_schedule()>
                <Payments rows=found.into_iter().map(|(on, cents)| (t.long_date(on), price(cents), None)).collect()/>
                {if no_card {
                    view! { <Notice><p class="text">{t.billing_plan_needs_card()}</p><QuietButton href="/billing/cards/new" label=t.billing_add_card()/>{banks.then(|| view! { <QuietButton href="/billing/cards/new-bank" label=t.billing_add_bank()/> })}</Notice> }.into_any()
                } else {
                    view! {
                        <PostForm action=api::BeginPlan::PATH submit=t.billing_plan_begin() hidden>
                            <Radios name="method" label=t.billing_with_what() value=choices[0].0.clone() choices=choices.clone()/>
                            <Checkbox name="agreed" label=t.billing_plan_agree() hint=t.billing_plan_agree_says()/>
                        </PostForm>
                    }.into_any()
                }}
            </Section>
        })}
    }))
}

#[component]
fn Payments(rows: Vec<(String, String, Option<Tag>)>) -> impl IntoView {
    let t = texts();
    let rows = rows.into_iter().map(|(day, sum, tag)| vec![day, sum, tag.map(|tag| tag.text).unwrap_or_default()]).collect::<Vec<_>>();
    let has_state = rows.iter().any(|row| !row[2].is_empty());
    let rows = rows.into_iter().map(|row| if has_state { row } else { row[..2].to_vec() }).collect();
    let mut head = vec![t.billing_day().to_owned(), t.billing_amount().to_owned()];
    head.extend(has_state.then(|| t.billing_state().to_owned()));
    view! { <Table caption=t.billing_plan_schedule() head rows/> }
}

fn state_of(t: Texts, row: &plan_payment::Model) -> Tag {
    match row.state {
        PlanPaymentState::Planned if row.attempt_id.is_some() => Tag::neutral(t.billing_plan_on_its_way()),
        PlanPaymentState::Planned if row.tries > 0 => Tag::warning(t.billing_plan_tried()),
        PlanPaymentState::Planned => Tag::neutral(t.billing_plan_planned()),
        PlanPaymentState::Paid => Tag::good(t.billing_tag_paid()),
        PlanPaymentState::Missed => Tag::warning(t.billing_plan_missed()),
        PlanPaymentState::Skipped => Tag::muted(t.billing_plan_skipped()),
        PlanPaymentState::Dropped => Tag::muted(t.billing_plan_dropped()),
    }
}

/// A plan: what is paid when, and what can be changed.
///
/// # Errors
/// `NotFound` for somebody else's plan.
pub async fn plan(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (t, payer, till) = (grant.texts(), store::payer_of_plan(&grant, id).await?, Till::of(&grant)?);
    let (plan, payments) = plans::plan_of(&till, &payer, id).await?;
    let method = methods::one(&till, plan.method_id).await?.map(|method| words::method(t, &method));
    let kept = methods::ready_of_account(&till, grant.holder()?.account.0).await?;
    let choices: Vec<(String, String, String)> =
        kept.iter().map(|method| (method.id.to_string(), words::method(t, method), String::new())).collect();
    let tag = words::plan_tag(t, plan.state);
    let says = match plan.state {
        PlanState::Active => None,
        PlanState::PaidOff => Some(t.billing_plan_paid_off_says()),
        PlanState::Failed => Some(t.billing_plan_failed_says()),
        PlanState::Cancelled => Some(t.billing_plan_cancelled_says()),
    };
    let active = plan.state == PlanState::Active;
    let may_skip = active && !payments.iter().any(|row| row.state == PlanPaymentState::Skipped);
    let paid = plans::paid_since(grant.db(), &plan).await?;
    let facts = Part::facts([
        (t.billing_plan_total(), Some(price(plan.total_cents))),
        (t.billing_plan_paid_so_far(), Some(price(paid))),
        (t.billing_plan_monthly(), Some(price(plan.monthly_cents))),
        (t.billing_plan_day(), Some(plan.day.to_string())),
        (t.billing_with_what(), method),
    ]);
    let rows = payments.iter().map(|row| (t.long_date(row.due_on), price(row.cents), Some(state_of(t, row)))).collect();
    let done = match request.query("done").as_deref() {
        Some("begun") => Some(t.billing_plan_begun()),
        Some("day" | "method") => Some(t.billing_plan_changed()),
        Some("skip") => Some(t.billing_plan_skip_done()),
        Some("end") => Some(t.billing_plan_end_done()),
        _ => None,
    };
    let hidden = move |what: &str| vec![("id", id.to_string()), ("what", what.to_owned())];
    let pay = format!("/billing/of/{}/pay?plan={id}", plan.guarantor_id);
    let other_card = choices.len() > 1;
    Ok(Page::new(t.billing_plan_title(), t.billing_plan_of(&price(plan.monthly_cents))).narrow().back("/billing", t.billing_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.billing_plan_state()>
            <div>{tag.draw()}</div>
            {says.map(|words| view! { <p class="text">{words}</p> })}
            <Document parts=vec![facts]/>
            <Payments rows/>
        </Section>
        {active.then(|| view! {
            <Section heading=t.billing_plan_change()>
                <QuietButton href=pay label=t.billing_plan_pay_off()/>
                <Disclosure summary=t.billing_plan_other_day()>
                    <PostForm action=api::ChangePlan::PATH submit=t.billing_plan_move() quiet=true hidden=hidden("day")>
                        <Field name="day" label=t.billing_plan_day() hint=t.billing_plan_day_hint() input=Input::Digits value=plan.day.to_string()/>
                    </PostForm>
                </Disclosure>
                {other_card.then(|| view! {
                    <Disclosure summary=t.billing_plan_other_method()>
                        <PostForm action=api::ChangePlan::PATH submit=t.billing_plan_use_it() quiet=true hidden=hidden("method")>
                            <Radios name="method" label=t.billing_with_what() value=plan.method_id.to_string() choices=choices.clone()/>
                        </PostForm>
                    </Disclosure>
                })}
                {may_skip.then(|| view! {
                    <Disclosure summary=t.billing_plan_skip()>
                        <p class="text">{t.billing_plan_skip_says()}</p>
                        <PostForm action=api::ChangePlan::PATH submit=t.billing_plan_skip() quiet=true hidden=hidden("skip")/>
                    </Disclosure>
                })}
                <Disclosure summary=t.billing_plan_end()>
                    <p class="text">{t.billing_plan_end_says()}</p>
                    <PostForm action=api::ChangePlan::PATH submit=t.billing_plan_end() quiet=true hidden=hidden("end")/>
                </Disclosure>
            </Section>
        })}
    }))
}
