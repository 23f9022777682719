use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::UseBilling},
    base::error::Error,
    desk::billing::{methods, till::Till, words},
    features::billing::api,
    view::{
        Notice,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section},
    },
};

/// The cards that the processor keeps for the caller.
///
/// # Errors
/// `SignInNeeded`.
pub async fn cards(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let till = Till::of(&grant)?;
    let kept = methods::of_account(&till, grant.holder()?.account.0).await?;
    let lines: Vec<_> = kept
        .iter()
        .map(|method| {
            let added = t.billing_card_added(&t.date(crate::base::clock::local_date(method.added_at, &zone)));
            (method.id, words::method(t, method), added)
        })
        .collect();
    let none = lines.is_empty();
    let done = match request.query("done").as_deref() {
        Some("forgotten") => Some(t.billing_card_forgotten()),
        Some("kept") => Some(t.billing_card_kept()),
        _ => None,
    };
    let adds = till.processor.is_there();
    Ok(Page::new(t.billing_cards_title(), t.billing_cards_lead()).narrow().back("/billing", t.billing_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            {none.then(|| view! { <p class="text">{t.billing_no_cards()}</p> })}
            {lines.into_iter().map(|(id, title, added)| {
                let submit = t.billing_forget_card(&title);
                view! {
                    <Item title lines=vec![added]>
                        <PostForm action=api::ForgetCard::PATH submit quiet=true hidden=vec![("id", id.to_string())]/>
                    </Item>
                }
            }).collect_view()}
            {adds.then(|| view! { <QuietButton href="/billing/cards/new" label=t.billing_add_card()/> })}
        </Section>
    }))
}
