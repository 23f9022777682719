use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{
        allow,
        policy::{PayBills, UseBilling, ViewInsurance},
    },
    base::{
        clock::local_date,
        error::Error,
        i18n::{Texts, param},
        ids::PatientId,
        money::{price, price_or_dash},
    },
    desk::billing::{
        entity::{benefit, bill},
        estimates,
        model::{BillState, EntryKind},
        payer::due,
        plans,
        reading::{self, Whole},
        store::{self, Reads, Shown},
        till::Till,
        words::{bill_tag, entry, plan_codes, problem, title_of, why_owed},
    },
    view::{
        Notice,
        document::{Document, Part},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, MainButton, QuietButton, Section, Table, Tag},
    },
};

/// One bill: why somebody owes what they owe, in sentences first, then what was done and every entry of the ledger.
///
/// # Errors
/// `NotFound` for a bill that is not the caller's to see.
pub async fn bill(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (t, today) = (grant.texts(), grant.now().today);
    let (guarantor, shown) = store::bill_of(&grant, id).await?;
    let whole = reading::whole(grant.db(), &shown.bill).await?;
    let bill = &shown.bill;
    let estimate = estimates::of_visit(grant.db(), bill).await?;
    let chart = store::chart_of(grant.db(), &guarantor).await?;
    let pays = Till::of(&grant)?.processor.is_there() && chart.is_none_or(|chart| grant.would_allow::<PayBills>(&PatientId(chart)));
    let visit = bill.visit_id.filter(|_| shown.reads == Reads::All).map(|visit| format!("/p/{}/visits/{visit}", bill.patient_id));
    let sentences = sentences(t, &shown, &whole);
    let plan = plans::of_bill(grant.db(), id).await?.filter(|_| due(bill) > 0);
    let facts = Part::facts([
        (t.billing_whom(), Some(shown.given_name.clone())),
        (t.billing_service_day(), bill.service_on.map(|day| t.long_date(day))),
        (t.billing_bill_number(), Some(bill.number.clone())),
        (t.billing_issued(), Some(t.long_date(bill.issued_on))),
        (t.billing_due_day(), (due(bill) > 0 && plan.is_none()).then(|| t.long_date(bill.due_on))),
    ]);
    let above = estimate
        .as_ref()
        .and_then(|estimate| estimates::above(estimate, &whole.lines))
        .map(|above| t.billing_above_estimate(&price(above)));
    let estimated = estimate.map(|found| {
        (
            t.billing_estimated(param::Amount(&price(found.total_cents)), param::Day(&t.date(local_date(found.made_at, &grant.zone())))),
            above,
        )
    });
    let sums = sums(t, bill, &whole);
    let confidential = shown.reads == Reads::Visit;
    let codes = if confidential { None } else { codes(t, &whole.benefits) };
    let lines = services(t, &shown, &whole);
    let entries = entries(t, &whole, confidential, &grant.zone());
    let (title, tag) = (title_of(t, &shown), bill_tag(t, bill, today));
    let pay = (pays && due(bill) > 0).then(|| format!("/billing/of/{}/pay?bill={id}", guarantor.id));
    let insure = (whole.benefits.is_empty() && bill.moved_from.is_none() && bill.balance_cents > 0)
        .then_some(PatientId(bill.patient_id))
        .filter(|patient| grant.would_allow::<ViewInsurance>(patient))
        .map(|patient| format!("/p/{patient}/insurance"));
    let ask = Link::new(format!("/billing/bills/{id}/ask"), t.billing_ask());
    let plan = plan.map(|plan| (t.billing_in_plan(&price(due(bill))), format!("/billing/plans/{}", plan.id)));
    let lead = match due(bill) {
        open if open > 0 && plan.is_none() => t.billing_due_by(param::Amount(&price(open)), param::Day(&t.long_date(bill.due_on))),
        _ => String::new(),
    };
    let tag = if plan.is_some() { Tag::good(t.billing_tag_plan()) } else { tag };
    let done = (request.query("done").as_deref() == Some("asked")).then(|| t.billing_done_asked());
    Ok(Page::new(title, lead).narrow().back("/billing", t.billing_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.billing_owed_title()>
            <div>{tag.draw()}</div>
            {sentences.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
            {plan.map(|(words, href)| view! { <Notice><p class="text">{words}</p><QuietButton href label=t.billing_see_plan()/></Notice> })}
            {pay.map(|href| view! { <MainButton href label=t.billing_pay_this()/> })}
            {insure.map(|href| view! { <QuietButton href label=t.billing_insurance_title()/> })}
            {visit.map(|href| view! { <QuietButton href label=t.billing_see_visit()/> })}
            <Document parts=vec![facts]/>
        </Section>
        {estimated.map(|(words, above)| view! {
            <Section heading=t.billing_estimate()>
                <p class="text">{words}</p>
                {above.map(|words| view! { <Notice warn=true><p class="text">{words}</p><p class="text">{t.billing_dispute()}</p></Notice> })}
            </Section>
        })}
        <Section heading=t.billing_how_it_adds_up()>
            {sums}
            {confidential.then(|| view! { <p class="text">{t.billing_confidential()}</p> })}
            {lines}
            <Disclosure summary=t.billing_every_entry()>{entries}</Disclosure>
        </Section>
        {codes}
        <Section heading=t.billing_questions()>
            <p class="text">{t.billing_questions_says()}</p>
            <Buttons links=vec![ask]/>
        </Section>
    }))
}

/// Why somebody owes what they owe.
fn sentences(t: Texts, shown: &Shown, whole: &Whole) -> Vec<String> {
    let bill = &shown.bill;
    match bill.state {
        BillState::Checking => {
            vec![t.billing_checking_long().to_owned(), problem(t, bill.problem.as_deref().unwrap_or_default()).to_owned()]
        }
        BillState::Waiting => vec![t.billing_waiting_long().to_owned()],
        BillState::Cancelled => {
            let credit = (bill.balance_cents < 0).then(|| t.billing_credit_long(&price(-bill.balance_cents)));
            let pending = (bill.pending_cents > 0).then(|| t.billing_on_its_way(&price(bill.pending_cents)));
            [Some(t.billing_cancelled_long().to_owned()), pending, credit].into_iter().flatten().collect()
        }
        BillState::Open => {
            let mut all = Vec::new();
            let paid = -whole.sum(&[EntryKind::PatientPayment, EntryKind::Refund]);
            if let Some(newest) = whole.benefits.last() {
                all.extend(why_owed(t, newest));
            } else if bill.moved_from.is_some() {
                all.push(t.billing_moved_here().to_owned());
            } else if bill.balance_cents > 0 {
                all.push(t.billing_no_plan().to_owned());
            }
            let moved = -whole.sum(&[EntryKind::Transfer]);
            if moved > 0 {
                all.push(t.billing_moved_away(&price(moved)));
            }
            if paid > 0 {
                all.push(t.billing_you_paid(&price(paid)));
            }
            if bill.pending_cents > 0 {
                all.push(t.billing_on_its_way(&price(bill.pending_cents)));
            }
            all.push(match due(bill) {
                0 if bill.pending_cents > 0 => t.billing_debit_nothing_to_do().to_owned(),
                0 if bill.balance_cents < 0 => t.billing_credit_long(&price(-bill.balance_cents)),
                0 => t.billing_all_paid().to_owned(),
                cents => t.billing_left(&price(cents)),
            });
            all
        }
    }
}

/// Charged, taken off, paid by the plan, paid by you, left: the sums of the ledger.
fn sums(t: Texts, bill: &bill::Model, whole: &Whole) -> AnyView {
    use EntryKind as K;
    let rows = [
        (t.billing_sum_charged(), whole.sum(&[K::Charge])),
        (t.billing_sum_agreed(), whole.sum(&[K::InsuranceAdjustment])),
        (t.billing_sum_plan(), whole.sum(&[K::InsurancePayment])),
        (t.billing_sum_office(), whole.sum(&[K::WriteOff, K::Adjustment, K::Transfer])),
        (t.billing_sum_paid(), whole.sum(&[K::PatientPayment, K::Refund])),
        (t.billing_sum_on_its_way(), -bill.pending_cents),
    ];
    let rows: Vec<_> = rows.into_iter().filter(|(_, cents)| *cents != 0).map(|(words, cents)| (words, price(cents), false)).collect();
    let asked =
        if bill.state == BillState::Open { price(bill.balance_cents - bill.pending_cents) } else { t.billing_nothing_now().to_owned() };
    let left = (t.billing_sum_left(), asked, true);
    let rows =
        rows.into_iter().chain([left]).map(|(words, sum, last)| view! { <div class:is-total=last><dt>{words}</dt><dd>{sum}</dd></div> });
    view! { <dl class="sums">{rows.collect_view()}</dl> }.into_any()
}

/// What was done, with codes on demand.
fn services(t: Texts, shown: &Shown, whole: &Whole) -> Option<AnyView> {
    if shown.reads == Reads::Visit || whole.lines.is_empty() {
        return None;
    }
    let allowed = |index: usize| whole.benefit_lines.get(index).filter(|_| whole.benefit_lines.len() == whole.lines.len());
    let rows: Vec<Vec<String>> = whole
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let told = allowed(index);
            vec![
                line.title.clone(),
                price(line.charged_cents + line.adjusted_cents),
                price_or_dash(told.and_then(|told| told.allowed_cents)),
                price_or_dash(told.and_then(|told| told.paid_cents)),
                price_or_dash(told.and_then(|told| told.owed_cents)),
            ]
        })
        .collect();
    let head = [t.billing_service(), t.billing_sum_charged(), t.billing_allowed(), t.billing_sum_plan(), t.billing_your_part()];
    let codes: Vec<(String, String)> = whole.lines.iter().filter_map(|line| Some((line.title.clone(), line.code.clone()?))).collect();
    let has_codes = !codes.is_empty();
    Some(
        view! {
            <Table caption=t.billing_services() head=head.map(str::to_owned).into() rows/>
            {has_codes.then(|| view! {
                <Disclosure summary=t.billing_codes()><Document parts=vec![Part::Facts(codes)]/></Disclosure>
            })}
        }
        .into_any(),
    )
}

/// What the codes of the newest answer of the plan mean.
fn codes(t: Texts, benefits: &[benefit::Model]) -> Option<AnyView> {
    let told = plan_codes(t, benefits.last()?);
    (!told.is_empty())
        .then(|| view! { <Section heading=t.billing_plan_words()><Document parts=vec![Part::Facts(told)]/></Section> }.into_any())
}

/// Every entry, with the words of the office: of a confidential visit without them.
fn entries(t: Texts, whole: &Whole, confidential: bool, zone: &chrono_tz::Tz) -> AnyView {
    let rows = whole
        .entries
        .iter()
        .map(|row| {
            let day = t.date(local_date(row.at, zone));
            let words =
                row.words.clone().filter(|_| row.by.is_some() && !confidential).map(|words| format!("{}: {words}", entry(t, row.kind)));
            vec![day, words.unwrap_or_else(|| entry(t, row.kind).to_owned()), price(row.cents)]
        })
        .collect();
    let head = [t.billing_day(), t.billing_entry(), t.billing_amount()].map(str::to_owned).into();
    view! { <Table caption=t.billing_every_entry() head rows/> }.into_any()
}
