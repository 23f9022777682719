use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::UseBilling},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        money::{plain, price},
    },
    desk::billing::{
        attempts::{refused_lately, under_way},
        methods,
        model::MethodKind,
        payer::{due, field_of, payable},
        plans,
        store::{self, Reads},
        till::Till,
        words::{self, title_of},
    },
    features::billing::api,
    people::patient::with_merged,
    view::{
        Notice,
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, QuietButton, Section},
    },
};

/// What is paid, and with what: all, or a part of it.
///
/// # Errors
/// `NotFound` for bills that are not the caller's to pay.
pub async fn choose(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (t, payer, till) = (grant.texts(), store::payer(&grant, id).await?, Till::of(&grant)?);
    let bills = payable(&till, &payer).await?;
    let checked = under_way(&till, id).await?.map(|attempt| format!("/billing/payments/{}", attempt.id));
    let in_plan = plans::in_plans(grant.db(), id).await?;
    // What a plan pays is paid here only by whoever opens it, or has nothing else to pay.
    let planned = |bill: &Uuid| in_plan.contains(bill) && bills.iter().any(|bill| !in_plan.contains(&bill.id));
    let kept_for_plan: Vec<Uuid> = bills.iter().map(|bill| bill.id).filter(planned).collect();
    let total: i64 = bills.iter().filter(|bill| !kept_for_plan.contains(&bill.id)).map(due).sum();
    let only: Option<Uuid> = request.query("bill").and_then(|bill| bill.parse().ok());
    // The rest of a plan, paid at once.
    let of_plan: Vec<Uuid> = match request.query("plan").and_then(|plan| plan.parse().ok()) {
        Some(plan) => {
            plans::plan_of(&till, &payer, plan).await?;
            plans::bills_of(grant.db(), plan).await?
        }
        None => Vec::new(),
    };
    let shown = store::shown(&grant, &payer.guarantor, bills).await?;
    // The bills of one person, where somebody came for them.
    let charts: Vec<Uuid> = match request.query("for").and_then(|id| id.parse().ok()) {
        Some(person) => with_merged(person).into_tuple().all(grant.db()).await?,
        None => Vec::new(),
    };
    let theirs = || shown.iter().filter(|shown| charts.contains(&shown.bill.patient_id));
    let of_person: Vec<Uuid> = theirs().map(|shown| shown.bill.id).filter(|bill| !kept_for_plan.contains(bill)).collect();
    let given = theirs().next().map(|shown| shown.given_name.clone());
    let kept = methods::ready_of_account(&till, grant.holder()?.account.0).await?;
    let mut choices: Vec<(String, String, String)> =
        kept.iter().map(|method| (method.id.to_string(), words::method(t, method), String::new())).collect();
    // Not what the bank has just refused.
    let refused = refused_lately(&till, id).await?.and_then(|attempt| attempt.method_id).map(|method| method.to_string());
    let first = choices.iter().find(|(id, _, _)| Some(id) != refused.as_ref()).map_or_else(|| "new".to_owned(), |(id, _, _)| id.clone());
    let (has_card, has_bank) =
        (kept.iter().any(|kept| kept.kind == MethodKind::Card), kept.iter().any(|kept| kept.kind == MethodKind::Bank));
    let card = if has_card { t.billing_new_card() } else { t.billing_a_card() };
    choices.push(("new".to_owned(), card.to_owned(), t.billing_new_card_says().to_owned()));
    if till.processor.takes_bank_accounts() {
        let bank = if has_bank { t.billing_another_bank() } else { t.billing_new_bank() };
        choices.push(("bank".to_owned(), bank.to_owned(), t.billing_new_bank_says().to_owned()));
    }
    let lines: Vec<(Uuid, String, i64)> = shown.iter().map(|shown| (shown.bill.id, named(t, shown), due(&shown.bill))).collect();
    let one = only.filter(|only| lines.iter().any(|(bill, _, _)| bill == only));
    // Two forms with one action: what comes back with a problem says from which it is.
    let hidden_in = |form: &str| vec![("guarantor", id.to_string()), ("form", form.to_owned())];
    let nothing = lines.is_empty();
    let may = checked.is_none() && till.processor.is_there() && !nothing;
    // What is paid with the one button: the bill that was opened, or everything.
    let whole: Vec<(Uuid, i64)> = lines
        .iter()
        .filter(|(bill, _, _)| match one {
            Some(one) => one == *bill,
            None if !of_plan.is_empty() => of_plan.contains(bill),
            None if !of_person.is_empty() => of_person.contains(bill),
            None => !kept_for_plan.contains(bill),
        })
        .map(|(bill, _, due)| (*bill, *due))
        .collect();
    let sum: i64 = whole.iter().map(|(_, due)| due).sum();
    let submit = t.billing_go_on_with(&price(sum));
    let heading = match one {
        Some(_) => t.billing_this_bill().to_owned(),
        None if !of_plan.is_empty() => t.billing_plan_rest().to_owned(),
        None if !of_person.is_empty() => t.billing_bills_of(&given.unwrap_or_default()),
        None => t.billing_everything().to_owned(),
    };
    let several = lines.len() > 1;
    let empty: Vec<Uuid> = match of_plan.is_empty() {
        true => kept_for_plan.clone(),
        false => lines.iter().map(|(bill, _, _)| *bill).filter(|bill| !of_plan.contains(bill)).collect(),
    };
    let (hidden, again, other, other_first) = (hidden_in("all"), hidden_in("part"), choices.clone(), first.clone());
    Ok(Page::new(t.billing_pay(), t.billing_pay_lead(&price(total))).narrow().back("/billing", t.billing_title()).body(view! {
        {checked.map(|href| view! {
            <Notice warn=true><p class="text">{t.billing_being_checked()}</p><QuietButton href label=t.billing_see_payment()/></Notice>
        })}
        {nothing.then(|| view! { <Section><p class="text">{t.billing_nothing_due()}</p></Section> })}
        {may.then(|| view! {
            <Section heading>
                <p class="sum">{price(sum)}</p>
                <PostForm action=api::Prepare::PATH submit hidden>
                    {whole.into_iter().map(|(bill, due)| view! { <input type="hidden" name=field_of(bill) value=plain(due)/> }).collect_view()}
                    <Radios name="method" label=t.billing_with_what() choices value=first/>
                </PostForm>
            </Section>
            <Section>
                <Disclosure summary=if several { t.billing_a_part_or_some() } else { t.billing_a_part() }>
                    <PostForm action=api::Prepare::PATH submit=t.billing_go_on() quiet=true hidden=again>
                        <Amounts lines empty/>
                        <Radios name="method" label=t.billing_with_what() choices=other value=other_first id="method-part"/>
                    </PostForm>
                </Disclosure>
            </Section>
        })}
    }))
}

/// "Office visit, Emma, Oct 3"; a title that is the day already is not followed by it.
fn named(t: Texts, shown: &store::Shown) -> String {
    match shown.bill.service_on.filter(|_| shown.reads != Reads::Visit && shown.bill.title.is_some()) {
        Some(day) => t.billing_named(param::Day(&t.date(day)), param::Name(&shown.given_name), param::Title(&title_of(t, shown))),
        None => t.billing_named_short(param::Name(&shown.given_name), param::Title(&title_of(t, shown))),
    }
}

/// A sum beside each bill; an empty one is not paid now.
#[component]
pub fn Amounts(
    lines: Vec<(Uuid, String, i64)>,
    /// Bills of which nothing is paid unless somebody types it.
    #[prop(optional)]
    empty: Vec<Uuid>,
) -> impl IntoView {
    let t = texts();
    let fields = lines.into_iter().map(|(bill, name, due)| {
        let hint = t.billing_part_hint(&price(due));
        let (id, value) = (format!("amount-{bill}"), if empty.contains(&bill) { String::new() } else { plain(due) });
        view! { <Field name=field_of(bill) label=name hint value input=Input::Money optional=true id/> }
    });
    view! { <p class="text">{t.billing_parts_says()}</p>{fields.collect_view()} }
}
