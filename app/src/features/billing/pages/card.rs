use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::payment::Way;
use crate::{
    access::{Grant, Permission, allow, policy::UseBilling},
    base::{
        boot::Boot,
        error::Error,
        i18n::{param, texts},
        money::price,
    },
    desk::billing::{attempts::attempt_of, model::AttemptState, pay, payer::Payer, processor::CardEntry, store, till::Till, words::brand},
    features::billing::api,
    platform::request::context,
    view::{
        Notice,
        fields::Checkbox,
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
        let named = t.billing_ending(param::Brand(&brand(&card.brand)), param::Digits(&card.last4));
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
    let phone = context::<Boot>()?.brand.support_phone;
    Ok(page.body(view! {
        <Section heading=t.billing_new_card()>
            <p class="text">{t.billing_card_says()}</p>
            <EnterCard entry action=way.use_card submit=t.billing_use_card() hidden keeps=way.keeps/>
            <p class="text">{t.billing_or_call(&phone)}</p>
        </Section>
    }))
}

/// Keeping a card without paying anything now, such as for a plan.
///
/// # Errors
/// `NotFound` where nothing is paid here.
pub async fn new_card(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, till, account) = (grant.texts(), Till::of(&grant)?, grant.holder()?.account.0);
    if !till.processor.is_there() {
        return Err(Error::NotFound);
    }
    let page = Page::new(t.billing_add_card(), t.billing_card_says()).narrow().back("/billing/cards", t.billing_cards_title());
    let came_back = request.query("setup_intent");
    let typed = match &came_back {
        Some(setup) => till.processor.card_of(setup, account).await.ok().flatten(),
        None => None,
    };
    if let (Some(setup), Some(card)) = (came_back, typed) {
        let named = t.billing_ending(param::Brand(&brand(&card.brand)), param::Digits(&card.last4));
        return Ok(page.body(view! {
            <Section heading=t.billing_card_typed()>
                <p class="text">{named}</p>
                <PostForm action=api::KeepCard::PATH submit=t.billing_keep_this_card() hidden=vec![("setup_intent", setup)]/>
            </Section>
        }));
    }
    let entry = pay::begin_card(&till, account, &grant.link("/billing/cards/new")).await;
    Ok(page.body(view! {
        <Section>
            <p class="text">{t.billing_add_card_says()}</p>
            <EnterCard entry action=api::KeepCard::PATH submit=t.billing_keep_this_card() hidden=Vec::new() keeps=false/>
        </Section>
    }))
}

/// The field of the processor's script, or the way to its page.
#[component]
fn EnterCard(
    entry: Result<pay::Entry, Error>,
    action: &'static str,
    submit: &'static str,
    hidden: Vec<(&'static str, String)>,
    /// Whether it is asked if the card is kept.
    keeps: bool,
) -> impl IntoView {
    let t = texts();
    match entry {
        Err(_) => view! { <Notice warn=true><p class="text">{t.billing_not_reached()}</p></Notice> }.into_any(),
        Ok(pay::Entry { at: CardEntry::Page(_), url, .. }) => {
            view! { <div class="acts"><a class="btn" href=url rel="external">{t.billing_to_card_page()}</a></div> }.into_any()
        }
        Ok(pay::Entry { at: CardEntry::Script(script), key, secret, .. }) => view! {
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
    }
}
