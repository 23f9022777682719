//! How to get help.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{boot::Boot, i18n::texts, ui::PageHead};

/// Help for everybody, signed in or not.
#[component]
pub fn PublicHelpPage() -> impl IntoView {
    view! { <main id="main" class="page wrap" tabindex="-1"><HelpPage/></main> }
}

/// Whom to call for what.
#[component]
pub fn HelpPage() -> impl IntoView {
    let t = texts();
    let brand = expect_context::<Boot>().brand;
    let number = format!("tel:{}", brand.support_phone);
    view! {
        <Title text=t.help_title()/>
            <PageHead title=t.help_title() lead=t.help_lead(&brand.product)/>
            <div class="sheets">
                <section class="sheet stack">
                    <h2>{t.help_technical()}</h2>
                    <p>{t.help_technical_text(&brand.product)}</p>
                    <p><a class="btn" href=number>{t.help_call(&brand.support_phone)}</a></p>
                    <p class="meta">{t.help_hours()}</p>
                </section>
                <section class="sheet stack">
                    <h2>{t.help_health()}</h2>
                    <p>{t.help_health_text()}</p>
                </section>
                <section class="sheet stack">
                    <h2>{t.help_notes()}</h2>
                    <p>{t.help_notes_what()}</p>
                    <h3>{t.help_notes_phone()}</h3>
                    <ol><li>{t.help_notes_phone_1(&brand.product)}</li><li>{t.help_notes_2()}</li></ol>
                    <h3>{t.help_notes_desktop()}</h3>
                    <ol><li>{t.help_notes_desktop_1(&brand.product)}</li><li>{t.help_notes_2()}</li></ol>
                </section>
                <section class="sheet stack">
                    <h2>{t.help_proxy()}</h2>
                    <ul class="ticks">
                        <li>{t.help_proxy_child()}</li>
                        <li>{t.help_proxy_teen()}</li>
                        <li>{t.help_proxy_adult()}</li>
                    </ul>
                    <p>{t.help_proxy_eighteen()}</p>
                </section>
            </div>
    }
    .into_any()
}
