use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::payment::{Way, organisation};
use crate::{
    access::{Grant, Permission, allow, policy::UseBilling},
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, param, texts},
        money::price,
    },
    desk::billing::{
        attempts::own_attempt,
        model::{AttemptState, MethodKind},
        pay,
        payer::Payer,
        processor::{CardEntry, Typed},
        store,
        till::Till,
        words::ending,
    },
    features::billing::api,
    platform::request::context,
    view::{
        Notice,
        fields::{Checkbox, Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{QuietButton, Section},
    },
};

/// Typing a card at the processor, and coming back with it.
///
/// # Errors
/// `NotFound` for somebody else's payment.
pub async fn card(request: PageRequest) -> Result<Page, Error> {
    pay_with(&request, MethodKind::Card).await
}

/// Choosing a bank account there.
///
/// # Errors
/// `NotFound` for somebody else's payment.
pub async fn bank(request: PageRequest) -> Result<Page, Error> {
    pay_with(&request, MethodKind::Bank).await
}

async fn pay_with(request: &PageRequest, kind: MethodKind) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let (payer, till) = (store::payer_of_attempt(&grant, id).await?, Till::of(&grant)?);
    let bank_of = match kind {
        MethodKind::Bank if !till.processor.takes_bank_accounts() => return Err(Error::NotFound),
        MethodKind::Bank => Some(Holder::of(&grant)?),
        MethodKind::Card => None,
    };
    enter(&grant, &till, &payer, (id, bank_of), request, &Way::SIGNED_IN).await
}

/// What is typed for a payment: a card, or the bank account of whoever is signed in.
///
/// # Errors
/// `NotFound` for another payment.
pub async fn enter<P: Permission>(
    grant: &Grant<P>,
    till: &Till,
    payer: &Payer,
    (id, bank_of): (Uuid, Option<Holder>),
    request: &PageRequest,
    way: &'static Way,
) -> Result<Page, Error> {
    let t = grant.texts();
    let (attempt, _) = own_attempt(till, payer, id).await?;
    let here = format!("{}/{id}", way.base);
    let words = Words::of(t, bank_of.is_some());
    let page = Page::new(words.title, price(attempt.cents)).narrow().back(here.clone(), t.billing_the_payment());
    if attempt.state != AttemptState::Created {
        return Ok(page.body(view! { <Section><p class="text">{t.billing_sent_already()}</p><QuietButton href=here label=t.billing_see_payment()/></Section> }));
    }
    let hidden = vec![("id", id.to_string())];
    if let Some((setup, typed)) = came_back(till, request, id).await {
        let keeps = way.keeps && typed.method.kind == MethodKind::Card;
        let hidden = [hidden, vec![("setup_intent", setup)]].concat();
        return Ok(page.body(view! { <Chosen typed action=way.use_card submit=words.use_it hidden keeps/> }));
    }
    let kind = if bank_of.is_some() { "bank" } else { "card" };
    let entry = pay::begin_entry(till, id, bank_of.as_ref().map(|holder| holder.account), &grant.link(&format!("{here}/{kind}"))).await;
    let phone = context::<Boot>()?.brand.support_phone;
    Ok(page.body(view! {
        <Section heading=words.title>
            <p class="text">{words.says}</p>
            <Enter entry action=way.use_card submit=words.use_it hidden keeps=way.keeps bank_of/>
            <p class="text">{t.billing_or_call(&phone)}</p>
        </Section>
    }))
}

/// Keeping a card without paying anything now, such as for a plan.
///
/// # Errors
/// `NotFound` where nothing is paid here.
pub async fn new_card(request: PageRequest) -> Result<Page, Error> {
    keep(&request, MethodKind::Card).await
}

/// Keeping a bank account without paying anything now.
///
/// # Errors
/// `NotFound` where nothing is paid here.
pub async fn new_bank(request: PageRequest) -> Result<Page, Error> {
    keep(&request, MethodKind::Bank).await
}

async fn keep(request: &PageRequest, kind: MethodKind) -> Result<Page, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, till, holder) = (grant.texts(), Till::of(&grant)?, Holder::of(&grant)?);
    let (account, is_bank) = (holder.account, kind == MethodKind::Bank);
    if !till.processor.is_there() || is_bank && !till.processor.takes_bank_accounts() {
        return Err(Error::NotFound);
    }
    let words = Words::of(t, is_bank);
    let page = Page::new(words.keep, words.says).narrow().back("/billing/cards", t.billing_cards_title());
    if let Some((setup, typed)) = came_back(&till, request, account).await {
        let hidden = vec![("setup_intent", setup)];
        return Ok(page.body(view! { <Chosen typed action=api::KeepCard::PATH submit=words.keep_it hidden keeps=false/> }));
    }
    let path = if is_bank { "/billing/cards/new-bank" } else { "/billing/cards/new" };
    let bank_of = is_bank.then_some(holder);
    let entry = pay::begin_entry(&till, account, bank_of.as_ref().map(|holder| holder.account), &grant.link(path)).await;
    Ok(page.body(view! {
        <Section>
            <p class="text">{t.billing_add_card_says()}</p>
            <Enter entry action=api::KeepCard::PATH submit=words.keep_it hidden=Vec::new() keeps=false bank_of/>
        </Section>
    }))
}

/// Whose bank account is typed.
pub struct Holder {
    account: Uuid,
    name: String,
}

impl Holder {
    fn of(grant: &Grant<UseBilling>) -> Result<Self, Error> {
        let holder = grant.holder()?;
        Ok(Self { account: holder.account.0, name: holder.name.clone() })
    }
}

/// How the two kinds are spoken of.
struct Words {
    title: &'static str,
    keep: &'static str,
    says: &'static str,
    use_it: &'static str,
    keep_it: &'static str,
}

impl Words {
    fn of(t: Texts, is_bank: bool) -> Self {
        if is_bank {
            Self {
                title: t.billing_new_bank(),
                keep: t.billing_add_bank(),
                says: t.billing_bank_says(),
                use_it: t.billing_use_bank(),
                keep_it: t.billing_keep_this_bank(),
            }
        } else {
            Self {
                title: t.billing_new_card(),
                keep: t.billing_add_card(),
                says: t.billing_card_says(),
                use_it: t.billing_use_card(),
                keep_it: t.billing_keep_this_card(),
            }
        }
    }
}

/// What was typed on the processor's own page, from which somebody comes back.
async fn came_back(till: &Till, request: &PageRequest, of: Uuid) -> Option<(String, Typed)> {
    let setup = request.query("setup_intent")?;
    let typed = till.processor.typed(&setup, of).await.ok().flatten()?;
    Some((setup, typed))
}

/// What was typed is taken, or another one.
#[component]
fn Chosen(
    typed: Typed,
    action: &'static str,
    submit: &'static str,
    hidden: Vec<(&'static str, String)>,
    /// Whether it is asked if the card is kept.
    keeps: bool,
) -> impl IntoView {
    let (t, method) = (texts(), typed.method);
    let is_bank = method.kind == MethodKind::Bank;
    let heading = if is_bank { t.billing_bank_typed() } else { t.billing_card_typed() };
    view! {
        <Section heading>
            <p class="text">{ending(t, method.kind, &method.brand, &method.last4)}</p>
            {(!typed.ready).then(|| view! { <Notice><p class="text">{t.billing_verify_says()}</p></Notice> })}
            <PostForm action submit hidden>
                {keeps.then(|| view! { <Checkbox name="keep" label=t.billing_keep_card()/> })}
                {is_bank.then(|| view! { <Authorization submit/> })}
            </PostForm>
        </Section>
    }
}

/// What whoever gives a bank account consents to. Source: Nacha Operating Rules, authorization of debits by consumers: clear terms, for
/// what, how it is revoked.
#[component]
fn Authorization(submit: &'static str) -> impl IntoView {
    let t = texts();
    let terms = organisation().map(|house| t.billing_bank_authorize(param::Button(submit), param::Organisation(&house)));
    view! {
        <p class="text">{t.billing_bank_kept()}</p>
        {terms.ok().map(|terms| view! { <p class="text">{terms}</p> })}
    }
}

/// The field of the processor's script, or the way to its page.
#[component]
fn Enter(
    entry: Result<pay::Entry, Error>,
    action: &'static str,
    submit: &'static str,
    hidden: Vec<(&'static str, String)>,
    /// Whether it is asked if the card is kept.
    keeps: bool,
    /// Whose bank account it is; of a card it is not asked.
    bank_of: Option<Holder>,
) -> impl IntoView {
    let t = texts();
    match (entry, bank_of) {
        (Err(_), _) => view! { <Notice warn=true><p class="text">{t.billing_not_reached()}</p></Notice> }.into_any(),
        (Ok(pay::Entry { at: CardEntry::Page(_), url, .. }), _) => {
            view! { <div class="acts"><a class="btn" href=url rel="external">{t.billing_to_card_page()}</a></div> }.into_any()
        }
        (Ok(pay::Entry { at: CardEntry::Script(script), key, secret, .. }), None) => view! {
            <PostForm action submit hidden own_buttons=true>
                <div class="card-entry" data-card=secret data-script=script data-key=key data-problem=t.billing_card_problem()>
                    <div class="card-entry__field" aria-label=t.billing_card_field()></div>
                    <p class="problem" role="alert"></p>
                    <input type="hidden" name="setup_intent" value=""/>
                    {keeps.then(|| view! { <Checkbox name="keep" label=t.billing_keep_card()/> })}
                    <button class="btn" type="submit" disabled>{submit}</button>
                </div>
            </PostForm>
            <script src="/card.js"></script>
            <noscript><p class="text">{t.billing_needs_script()}</p></noscript>
        }
        .into_any(),
        (Ok(pay::Entry { at: CardEntry::Script(script), key, secret, .. }), Some(holder)) => view! {
            <PostForm action submit hidden own_buttons=true>
                <div
                    class="card-entry stack"
                    data-bank=secret
                    data-script=script
                    data-key=key
                    data-problem=t.billing_bank_entry_problem()
                    data-stopped=t.billing_bank_stopped()
                >
                    <Field name="account_holder" label=t.billing_bank_holder() value=holder.name autocomplete="name"/>
                    <Field
                        name="account_email"
                        label=t.billing_bank_email()
                        hint=t.billing_bank_email_hint()
                        input=Input::Email
                        optional=true
                        autocomplete="email"
                    />
                    <Authorization submit/>
                    <p class="problem" role="alert"></p>
                    <input type="hidden" name="setup_intent" value=""/>
                    <button class="btn" type="submit" disabled>{submit}</button>
                </div>
            </PostForm>
            <script src="/card.js"></script>
            <noscript><p class="text">{t.billing_bank_needs_script()}</p></noscript>
        }
        .into_any(),
    }
}
