use leptos::prelude::*;

use crate::{base::i18n::texts, desk::billing::pay};

/// The bank's question, asked by the processor's script.
#[component]
pub fn ExtraStep(secret: String) -> impl IntoView {
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
