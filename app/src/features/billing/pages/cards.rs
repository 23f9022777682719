use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::UseBilling},
    base::error::Error,
    desk::billing::{methods, till::Till, verifying, words},
    features::billing::api,
    view::{
        Notice,
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Item, Section, Tag},
    },
};

/// The cards and bank accounts that the processor keeps for the caller.
///
/// # Errors
/// `SignInNeeded`.
pub async fn cards(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let till = Till::of(&grant)?;
    let account = grant.holder()?.account.0;
    verifying::ask_of_account(&till, account).await?;
    let kept = methods::of_account(&till, account).await?;
    let lines: Vec<_> = kept
        .iter()
        .map(|method| {
            let added = t.billing_card_added(&t.date(crate::base::clock::local_date(method.added_at, &zone)));
            let waits = method.unverified.then(|| t.billing_verify_says().to_owned());
            let lines = [Some(added), waits].into_iter().flatten().collect::<Vec<_>>();
            let tag = method.unverified.then(|| Tag::warning(t.billing_tag_unverified()));
            (method.id, words::method(t, method), tag, lines, method.verify_url.clone().filter(|_| method.unverified))
        })
        .collect();
    let none = lines.is_empty();
    let done = match request.query("done").as_deref() {
        Some("forgotten") => Some(t.billing_card_forgotten()),
        Some("kept") => Some(t.billing_card_kept()),
        Some("verify-pay") => Some(t.billing_bank_not_paid_yet()),
        Some("verify") => Some(t.billing_bank_kept_to_verify()),
        _ => None,
    };
    let card = till.processor.is_there().then(|| Link::new("/billing/cards/new", t.billing_add_card()));
    let bank = till.processor.takes_bank_accounts().then(|| Link::new("/billing/cards/new-bank", t.billing_add_bank()));
    Ok(Page::new(t.billing_cards_title(), t.billing_cards_lead()).narrow().back("/billing", t.billing_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            {none.then(|| view! { <p class="text">{t.billing_no_cards()}</p> })}
            {lines.into_iter().map(|(id, title, tag, lines, verify)| {
                let (submit, words) = (t.billing_forget_card(&title), t.billing_verify(&title));
                view! {
                    <Item title tag lines>
                        {verify.map(|href| view! { <div class="acts"><a class="btn" href=href rel="external">{words}</a></div> })}
                        <PostForm action=api::ForgetCard::PATH submit quiet=true hidden=vec![("id", id.to_string())]/>
                    </Item>
                }
            }).collect_view()}
            <Buttons links=card.into_iter().chain(bank).collect()/>
        </Section>
    }))
}
