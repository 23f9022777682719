use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::bills_of::title_of;
use crate::{
    access::{Grant, Permission, allow, policy::UseBilling},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        money::price,
    },
    desk::billing::{
        attempts::attempt_of,
        entity::{payment_attempt, payment_refund},
        methods,
        model::{AttemptState, RefundState},
        pay::{self, refresh},
        payer::Payer,
        processor::CardEntry,
        reading,
        store::{self, Shown},
        till::Till,
        words,
    },
    features::billing::api,
    view::{
        Notice,
        document::{Document, Part},
        fields::Checkbox,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{PrintButton, QuietButton, Section},
    },
};

/// A payment: looked at once more before it is made, while it is checked, and its receipt.
///
/// # Errors
/// `NotFound` for somebody else's payment.
pub async fn payment(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (payer, till) = (store::payer_of_attempt(&grant, id).await?, Till::of(&grant)?);
    let found = Payment::of(&grant, &till, &payer, id).await?;
    let bills = reading::bills(grant.db(), &found.bills()).await?;
    let shown = store::shown(&grant, &payer.guarantor, bills).await?;
    let t = grant.texts();
    let lines = found.lines(|bill| shown.iter().find(|shown| shown.bill.id == bill).map(|shown| for_whom(t, shown)).unwrap_or_default());
    Ok(found.page(&grant, &Way::SIGNED_IN, lines, "/billing"))
}

fn for_whom(t: Texts, shown: &Shown) -> String {
    t.billing_named_short(param::Name(&shown.given_name), param::Title(&title_of(t, shown)))
}

/// How the two ways of paying differ.
pub struct Way {
    pub base: &'static str,
    pay: &'static str,
    stop: &'static str,
    use_card: &'static str,
    keeps: bool,
}

impl Way {
    pub const SIGNED_IN: Way =
        Way { base: "/billing/payments", pay: api::PayNow::PATH, stop: api::Stop::PATH, use_card: api::UseCard::PATH, keeps: true };
    pub const GUEST: Way = Way {
        base: "/pay/payments",
        pay: api::PayAsGuest::PATH,
        stop: api::StopAsGuest::PATH,
        use_card: api::UseCardAsGuest::PATH,
        keeps: false,
    };
}

/// A payment with everything that its page tells.
pub struct Payment {
    attempt: payment_attempt::Model,
    parts: Vec<(Uuid, i64)>,
    refunds: Vec<payment_refund::Model>,
    method: Option<String>,
}

impl Payment {
    /// Asks the processor how it stands where that is not known.
    ///
    /// # Errors
    /// `NotFound` when it is not the payer's.
    pub async fn of<P: Permission>(grant: &Grant<P>, till: &Till, payer: &Payer, id: Uuid) -> Result<Self, Error> {
        let (mut attempt, parts) = attempt_of(till, payer, id).await?;
        if matches!(attempt.state, AttemptState::Asked | AttemptState::NeedsAction) {
            refresh(till, &attempt).await?;
            attempt = attempt_of(till, payer, id).await?.0;
        }
        let kept = match attempt.method_id {
            Some(method) => methods::one(till, method).await?,
            None => None,
        };
        Ok(Self {
            parts: parts.into_iter().map(|part| (part.bill_id, part.cents)).collect(),
            refunds: methods::refunds_of(till, id).await?,
            method: kept.map(|kept| words::method(grant.texts(), &kept)),
            attempt,
        })
    }

    pub fn bills(&self) -> Vec<Uuid> {
        self.parts.iter().map(|(bill, _)| *bill).collect()
    }

    pub fn lines(&self, name: impl Fn(Uuid) -> String) -> Vec<(String, String)> {
        self.parts.iter().map(|(bill, cents)| (name(*bill), price(*cents))).collect()
    }

    pub fn page<P: Permission>(self, grant: &Grant<P>, way: &'static Way, lines: Vec<(String, String)>, back: &'static str) -> Page {
        let (t, zone, attempt) = (grant.texts(), grant.zone(), &self.attempt);
        let returned = words::returned(&self.refunds);
        let tag = words::attempt_tag(t, attempt, returned);
        let amount = price(attempt.cents);
        let title = match attempt.state {
            AttemptState::Created => t.billing_review(),
            AttemptState::Asked | AttemptState::NeedsAction => t.billing_not_finished(),
            AttemptState::Paid => t.billing_receipt(),
            AttemptState::Declined | AttemptState::Abandoned => t.billing_not_paid(),
        };
        let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| t.date_and_time(at, &zone));
        let refunds = self.refunds.iter().filter(|refund| refund.state == RefundState::Done);
        let refunds = refunds.map(|refund| (t.billing_refunded_on(&at(refund.settled_at).unwrap_or_default()), price(refund.cents)));
        let facts = Part::facts([
            (t.billing_with_what(), self.method.clone()),
            (t.billing_paid_at(), at(attempt.settled_at.filter(|_| attempt.state == AttemptState::Paid))),
            (t.billing_receipt_number(), (attempt.state == AttemptState::Paid).then(|| attempt.receipt.clone())),
        ]);
        let parts: Vec<(String, String)> = lines.into_iter().chain(refunds).collect();
        let total = amount.clone();
        let id = attempt.id;
        let says = self.says(t);
        let has_card = attempt.token.is_some();
        let hidden = move || vec![("id", id.to_string())];
        let card = format!("{}/{id}/card", way.base);
        let next = attempt.next_url.clone().filter(|_| attempt.state == AttemptState::NeedsAction);
        let script = attempt.client_secret.clone().filter(|_| attempt.state == AttemptState::NeedsAction && next.is_none());
        let again = matches!(attempt.state, AttemptState::Declined | AttemptState::Abandoned);
        let (state, submit) = (attempt.state, t.billing_pay_now(&amount));
        let back_to = if way.keeps { (back, t.billing_title()) } else { (back, t.billing_guest_bills()) };
        let here = format!("{}/{id}", way.base);
        Page::new(title, amount).narrow().back(back_to.0, back_to.1).body(view! {
            <Section>
                <div>{tag.draw()}</div>
                {says.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
                {(state == AttemptState::Created && has_card).then(|| view! { <PostForm action=way.pay submit hidden=hidden()/> })}
                {(state == AttemptState::Created).then(|| view! { <QuietButton href=card label=t.billing_other_card()/> })}
                {next.map(|href| view! { <div class="acts"><a class="btn" href=href rel="external">{t.billing_to_the_bank()}</a></div> })}
                {script.map(|secret| view! { <ExtraStep secret/> })}
                {matches!(state, AttemptState::NeedsAction).then(|| view! { <PostForm action=way.stop submit=t.billing_stop() quiet=true hidden=hidden()/> })}
                {matches!(state, AttemptState::Asked).then(|| view! { <QuietButton href=here label=t.billing_look_again()/> })}
                {again.then(|| view! { <QuietButton href=back label=t.billing_try_again()/> })}
                <Document parts=vec![facts]/>
                <dl class="sums">
                    {parts.into_iter().map(|(name, sum)| view! { <div><dt>{name}</dt><dd>{sum}</dd></div> }).collect_view()}
                    <div class="is-total"><dt>{t.billing_amount()}</dt><dd>{total}</dd></div>
                </dl>
                {(state == AttemptState::Paid).then(|| view! { <PrintButton label=t.billing_print()/> })}
            </Section>
        })
    }

    /// What it means for whoever pays.
    fn says(&self, t: Texts) -> Vec<String> {
        match self.attempt.state {
            AttemptState::Created if self.attempt.token.is_none() => vec![t.billing_no_card_yet().to_owned()],
            AttemptState::Created => vec![t.billing_review_says().to_owned()],
            AttemptState::Asked => vec![t.billing_unknown_yet().to_owned(), t.billing_do_not_pay_again().to_owned()],
            AttemptState::NeedsAction => vec![t.billing_bank_asks().to_owned(), t.billing_do_not_pay_again().to_owned()],
            AttemptState::Paid => vec![t.billing_thank_you().to_owned()],
            AttemptState::Declined => {
                let code = self.attempt.decline.as_deref().unwrap_or_default();
                vec![words::declined(t, code).to_owned(), t.billing_nothing_charged().to_owned()]
            }
            AttemptState::Abandoned => vec![t.billing_nothing_charged().to_owned()],
        }
    }
}

/// The bank's question, asked by the processor's script.
#[component]
fn ExtraStep(secret: String) -> impl IntoView {
    let t = texts();
    let settings = pay::card_script();
    settings.map(|(script, key)| {
        view! {
            <div class="card-entry" data-bank-question=secret data-script=script data-key=key data-problem=t.billing_bank_problem()>
                <button class="btn" type="button" disabled>{t.billing_answer_the_bank()}</button>
                <p class="problem" role="alert"></p>
                <noscript><p class="text">{t.billing_needs_script()}</p></noscript>
            </div>
            <script src="/card.js"></script>
        }
    })
}

/// Typing a card at the processor, and coming back with it.
///
/// # Errors
/// `NotFound` for somebody else's payment.
pub async fn card(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (payer, till) = (store::payer_of_attempt(&grant, id).await?, Till::of(&grant)?);
    enter_card(&grant, &till, &payer, id, &request, &Way::SIGNED_IN).await
}

/// The same for guests.
///
/// # Errors
/// `NotFound` for another payment.
pub async fn enter_card<P: Permission>(
    grant: &Grant<P>,
    till: &Till,
    payer: &Payer,
    id: Uuid,
    request: &PageRequest,
    way: &'static Way,
) -> Result<Page, Error> {
    let t = grant.texts();
    let (attempt, _) = attempt_of(till, payer, id).await?;
    let here = format!("{}/{id}", way.base);
    let page = Page::new(t.billing_new_card(), price(attempt.cents)).narrow().back(here.clone(), t.billing_the_payment());
    if attempt.state != AttemptState::Created {
        return Ok(page.body(view! { <Section><p class="text">{t.billing_sent_already()}</p><QuietButton href=here label=t.billing_see_payment()/></Section> }));
    }
    let came_back = request.query("setup_intent");
    let typed = match &came_back {
        Some(setup) => till.processor.card_of(setup, id).await.ok().flatten(),
        None => None,
    };
    let hidden = vec![("id", id.to_string())];
    if let (Some(setup), Some(card)) = (came_back, typed) {
        let named = t.billing_ending(param::Brand(&card.brand), param::Digits(&card.last4));
        let hidden = [hidden, vec![("setup_intent", setup)]].concat();
        return Ok(page.body(view! {
            <Section heading=t.billing_card_typed()>
                <p class="text">{named}</p>
                <PostForm action=way.use_card submit=t.billing_use_card() hidden>
                    {way.keeps.then(|| view! { <Checkbox name="keep" label=t.billing_keep_card()/> })}
                </PostForm>
            </Section>
        }));
    }
    let entry = pay::begin_card(till, id, &grant.link(&format!("{here}/card"))).await;
    let phone = crate::platform::request::context::<crate::base::boot::Boot>()?.brand.support_phone;
    let (keeps, use_card) = (way.keeps, way.use_card);
    Ok(page.body(view! {
        <Section heading=t.billing_new_card()>
            <p class="text">{t.billing_card_says()}</p>
            {match entry {
                Err(_) => view! { <Notice warn=true><p class="text">{t.billing_not_reached()}</p></Notice> }.into_any(),
                Ok(pay::Entry { at: CardEntry::Page(_), url, .. }) => {
                    view! { <div class="acts"><a class="btn" href=url rel="external">{t.billing_to_card_page()}</a></div> }.into_any()
                }
                Ok(pay::Entry { at: CardEntry::Script(script), key, secret, .. }) => view! {
                    <PostForm action=use_card submit=t.billing_use_card() hidden own_buttons=true>
                        <div class="card-entry" data-card=secret data-script=script data-key=key data-problem=t.billing_card_problem()>
                            <div class="card-entry__field" aria-label=t.billing_card_field()></div>
                            <p class="problem" role="alert"></p>
                            <input type="hidden" name="setup_intent" value=""/>
                            {keeps.then(|| view! { <Checkbox name="keep" label=t.billing_keep_card()/> })}
                            <button class="btn" type="submit" disabled>{t.billing_use_card()}</button>
                        </div>
                    </PostForm>
                    <script src="/card.js"></script>
                    <noscript><p class="text">{t.billing_needs_script()}</p></noscript>
                }
                .into_any(),
            }}
            <p class="text">{t.billing_or_call(&phone)}</p>
        </Section>
    }))
}
